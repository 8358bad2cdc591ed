"""The review page in a real browser, from the link to undo: a reviewer's whole way, without a fault on the console."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cli_child import cartridge_command

from review_browser import Opened, chromium, review_command

LIBRARY = """
    create table authors (author_id integer primary key, name varchar not null, country_code varchar);
    create table publishers (publisher_id integer primary key, name varchar not null);
    create table books (book_id integer primary key, author_id integer not null references authors (author_id),
        publisher_id integer references publishers (publisher_id), title varchar not null, price decimal(8, 2));
    create table members (member_id integer primary key, name varchar not null, email varchar, joined_on date);
    create table branches (branch_id integer primary key, name varchar not null, city varchar);
    create table copies (copy_id integer primary key, book_id integer not null references books (book_id),
        branch_id integer not null references branches (branch_id), bought_on date);
    create table loans (loan_id integer primary key, copy_id integer not null references copies (copy_id),
        member_id integer not null references members (member_id), lent_at timestamp not null, returned_at timestamp);
    create table fines (fine_id integer primary key, loan_id integer not null references loans (loan_id),
        amount decimal(8, 2) not null, paid_at timestamp);
    create table reservations (reservation_id integer primary key, book_id integer not null references books (book_id),
        member_id integer not null references members (member_id), reserved_at timestamp not null);
    create table visits (visit_id integer primary key, branch_id integer not null references branches (branch_id),
        member_id integer references members (member_id), visited_at timestamp not null);
    insert into authors values (1, 'Ann', 'GB'), (2, 'Bea', 'FR');
    insert into publishers values (1, 'Tea House');
    insert into books values (1, 1, 1, 'Tea', 4.5), (2, 2, null, 'Rain', 7);
    insert into members values (1, 'Cem', 'cem@example.org', '2024-01-05'), (2, 'Dai', null, '2024-02-07');
    insert into branches values (1, 'North', 'Leeds');
    insert into copies values (1, 1, 1, '2023-01-01'), (2, 2, 1, '2023-02-01');
    insert into loans values (1, 1, 1, '2024-03-01 10:00', '2024-03-09 11:00'), (2, 2, 2, '2024-03-02 09:00', null);
    insert into fines values (1, 1, 1.5, '2024-03-10 12:00');
    insert into reservations values (1, 1, 2, '2024-03-03 08:00');
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    with duckdb.connect(str(folder / "library.duckdb")) as connection:
        connection.execute(LIBRARY)
    done = cartridge_command("plan", "library.duckdb", "--project", "library", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert 20 <= len(json.loads((folder / "plan.json").read_text())["plan"]["actions"]) <= 26
    return folder


def opened(browser: Any, link: str, **context: Any) -> Opened:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, **context).new_page()
    seen = Opened(page, link.partition("#")[0]).watch()
    page.goto(link)
    page.locator(".node").first.wait_for(state="attached")
    return seen


def step(page: Any, name: str) -> Any:
    """The row of a step in the list."""
    return page.locator(".row", has=page.locator(".name", has_text=re.compile(f"^{name}$")))


def finish(page: Any, button: str, ended: str) -> str:
    """Press a button of the apply panel, wait until the work has ended, and see that it ended with these words."""
    page.get_by_role("button", name=button).click()
    page.locator(".done, .fault", has_text=re.compile(f"{ended}|Failed")).wait_for(timeout=900_000)
    said: str = page.locator(".panel").inner_text()
    assert re.search(ended, said), said
    return said


def test_a_reviewers_whole_way(browser: Any, desk: Path):
    with review_command(desk, "plan.json", "--project", "library") as link:
        seen = opened(browser, link)
        page = seen.page
        assert "#" not in page.url
        assert page.locator(".node").count() == page.locator(".row").count()
        seen.shoot("open-light-1280")

        page.keyboard.press("/")
        page.keyboard.type("loans fact")
        assert page.locator(".row").all_inner_texts() == ["fct_loans"], "by name and role"
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="fct_loans").wait_for()
        page.get_by_role("tab", name="Files").click()
        assert "ref('stg_library__loans')" in page.locator(".part pre").first.inner_text()
        assert page.locator(".part .hljs-keyword").count() > 5
        page.get_by_role("tab", name="Columns").click()
        assert "library.loans.lent_at" in page.locator("table").inner_text()
        page.get_by_role("tab", name="Tests").click()
        assert "unique" in page.locator(".part").inner_text()
        page.get_by_role("searchbox").fill("")

        # a name that is taken: the finding stands at the step, and nothing can be applied
        step(page, "stg_library__members").click()
        name = page.get_by_label("Name", exact=True)
        name.fill("stg_library__loans")
        name.press("Enter")
        finding = page.locator(".detail .findings .error").first
        finding.wait_for()
        assert "duplicate-name" in finding.inner_text()
        seen.shoot("finding-light-1280")
        page.get_by_role("button", name="Apply", exact=True).click()
        assert page.get_by_role("button", name=re.compile("^Write")).is_disabled()

        # mended: what reads it follows
        page.locator(".row:has(.badge.edited)").click()
        name = page.get_by_label("Name", exact=True)
        name.fill("stg_library__readers")
        name.press("Enter")
        step(page, "stg_library__readers").wait_for()
        page.locator(".detail .findings .error").first.wait_for(state="detached")
        page.locator(".neighbours").get_by_role("button", name="dim_members").click()
        page.get_by_role("tab", name="Files").click()
        added = page.locator(".diff .added").all_inner_texts()
        assert any("ref('stg_library__readers')" in line for line in added), added

        # left out, with what reads it
        step(page, "stg_library__fines").click()
        page.keyboard.press("x")
        page.locator(".row.gone", has_text="stg_library__fines").wait_for()
        assert page.locator(".row.gone").count() >= 2
        seen.shoot("changed-light-1280")

        page.get_by_role("button", name="Apply", exact=True).click()
        finish(page, "Write", r"\d+ files created")
        assert (desk / "library/models/staging/library/stg_library__readers.sql").is_file()
        assert not list((desk / "library").rglob("*fines*.sql"))
        assert page.get_by_label("Name", exact=True).count() == 0
        assert "✓ Proven" in finish(page, "Build with dbt", "dbt has ended")
        built = page.locator(".node.is-good").count()
        left_out = page.locator(".row.gone").count()
        assert built == page.locator(".row").count() - left_out - 1, "all but the source, which has no test of its own"
        seen.shoot("built-light-1280")
        step(page, "fct_copies").click()  # fct_loans went with the fines that it sums
        assert "passed" in page.locator(".results").inner_text()

        page.get_by_role("button", name="Applied").click()
        finish(page, "Undo", r"\d+ files removed")
        assert not [path for path in (desk / "library").rglob("*") if path.suffix in (".sql", ".yml")]
        assert page.get_by_role("button", name="Apply", exact=True).is_visible()
        assert seen.faults == []
