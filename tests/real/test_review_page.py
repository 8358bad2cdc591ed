"""The review page in a real browser, from the link to undo: a reviewer's whole way, at some twenty and at a thousand
steps, without a fault on the console."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
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


TREES = (
    "acacia", "alder", "balsa", "birch", "cedar", "cherry", "damson", "dogwood", "ebony", "elm", "fig", "fir", "ginkgo",
    "grape", "hazel", "holly", "iris", "ivy", "jasmine", "juniper", "kapok", "kiwi", "larch", "laurel", "mango",
    "maple", "neem", "nutmeg", "oak", "olive", "palm", "pine", "quassia", "quince", "rose", "rowan", "spruce", "sumac",
    "teak", "tulip", "umbra", "upas", "vine", "violet", "walnut", "willow", "yew", "zelkova",
)  # fmt: skip
"""Depots of a firm, each with a schema of ten tables: 48 sources, 480 staging models, 481 marts."""
THINGS = ("customers", "suppliers", "branches", "machines")
EVENTS = ("orders", "visits", "repairs", "trips", "claims", "payments")


def depot(tree: str) -> str:
    """The tables of one schema: each event refers to one of the things."""
    made = [f"create schema {tree};"]
    for thing in THINGS:
        made.append(
            f"create table {tree}.{tree}_{thing} (id integer primary key, name varchar not null, city varchar);"
        )
    for number, event in enumerate(EVENTS):
        thing = THINGS[number % len(THINGS)]
        made.append(
            f"create table {tree}.{tree}_{event} (id integer primary key, happened_at timestamp not null, "
            f"amount decimal(8, 2), {tree}_{thing}_id integer not null references {tree}.{tree}_{thing} (id));"
        )
    return "\n".join(made)


@dataclass(frozen=True)
class Way:
    """What a reviewer does with a plan: seeks and reads a fact, calls a model after another one and then otherwise, and
    leaves one out."""

    tables: str
    steps: range
    sources: int
    sought: tuple[str, str]
    reads: str
    origin: str
    renamed: tuple[str, str, str]
    """Its name, one that is taken, and the new one."""
    reader: str
    rejected: str
    left: str
    """A model that stays."""


WAYS = {
    20: Way(
        LIBRARY, range(20, 27), 1, ("loans fact", "fct_loans"), "stg_library__loans", "library.loans.lent_at",
        ("stg_library__members", "stg_library__loans", "stg_library__readers"), "dim_members", "stg_library__fines",
        "fct_copies",
    ),
    1000: Way(
        "\n".join(map(depot, TREES)), range(1_000, 1_020), 48, ("oak_visits fact", "fct_oak_visits"),
        "stg_oak__oak_visits", "oak.oak_visits.happened_at",
        ("stg_oak__oak_customers", "stg_oak__oak_orders", "stg_oak__oak_clients"), "dim_oak_customers",
        "stg_oak__oak_trips", "fct_oak_visits",
    ),
}  # fmt: skip


def desk(folder: Path, way: Way) -> Path:
    """A folder with a database, and a plan of it for a project that is not there yet."""
    with duckdb.connect(str(folder / "library.duckdb")) as connection:
        connection.execute(way.tables)
    done = cartridge_command("plan", "library.duckdb", "--project", "library", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(json.loads((folder / "plan.json").read_text())["plan"]["actions"]) in way.steps
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
    page.locator(".done, .fault, .toast", has_text=re.compile(f"{ended}|Failed|Nothing")).wait_for(timeout=5_400_000)
    said: str = page.locator(".page").inner_text()
    assert re.search(ended, said), said
    return said


def proven(page: Any, button: str, ended: str) -> str:
    """The same of dbt, with its verdict."""
    finish(page, button, ended)
    verdict: str = page.locator(".verdict").inner_text()
    return verdict


@pytest.mark.parametrize(
    ("size", "dbt"),
    [
        pytest.param(20, False, id="20"),
        pytest.param(20, True, id="20-built", marks=pytest.mark.deep),
        pytest.param(1000, False, id="1000", marks=pytest.mark.deep),
        pytest.param(1000, True, id="1000-built", marks=pytest.mark.deep),
    ],
)
def test_a_reviewers_whole_way(browser: Any, tmp_path: Path, size: int, *, dbt: bool):
    way = WAYS[size]
    folder = desk(tmp_path, way)
    with review_command(folder, "plan.json", "--project", "library") as link:
        seen = opened(browser, link)
        page, shot = seen.page, f"light-1280-{size}"
        assert "#" not in page.url
        assert page.locator(".row").count() in way.steps
        seen.shoot(f"way-open-{shot}")
        seek_and_read(page, way)
        name_it_badly_and_mend(seen, way, shot)
        leave_one_out(seen, way, shot)
        assert seen.axe() == []
        page.get_by_role("button", name="Apply", exact=True).click()
        if dbt and size == 20:
            assert "✓ Proven in the sandbox" in proven(page, "Prove in a sandbox", "The sandbox has ended")
            assert not (folder / "library").exists()
        finish(page, "Write", r"[\d,]+ files created")
        assert list((folder / "library").rglob(f"{way.renamed[2]}.sql"))
        assert not list((folder / "library").rglob(f"*{way.rejected}.sql"))
        assert page.get_by_label("Name", exact=True).count() == 0
        if dbt:
            build_and_see(seen, way, shot)
        page.get_by_role("button", name="Applied").click()
        finish(page, "Undo", r"[\d,]+ files removed")
        assert not [path for path in (folder / "library").rglob("*") if path.suffix in (".sql", ".yml")]
        page.get_by_role("button", name="Apply", exact=True).wait_for()
        assert seen.faults == []


def seek_and_read(page: Any, way: Way) -> None:
    words, name = way.sought
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.locator(".row").nth(1).wait_for(state="detached")
    assert page.locator(".row").all_inner_texts() == [name], "by name and role"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=name).wait_for()
    page.get_by_role("tab", name="Files").click()
    assert f"ref('{way.reads}')" in page.locator(".part pre").first.inner_text()
    assert page.locator(".part .hljs-keyword").count() > 5
    page.get_by_role("tab", name="Columns").click()
    assert way.origin in page.locator("table").inner_text()
    page.get_by_role("tab", name="Tests").click()
    assert "unique" in page.locator(".part").inner_text()
    page.get_by_role("searchbox").fill("")


def name_it_badly_and_mend(seen: Opened, way: Way, shot: str) -> None:
    """A name that is taken is one finding, at the step, and nothing can be applied; mended, what reads it follows."""
    page, (planned, taken, new) = seen.page, way.renamed
    step(page, planned).click()
    name = page.get_by_label("Name", exact=True)
    name.fill(taken)
    name.press("Enter")
    finding = page.locator(".detail .findings .error")
    finding.first.wait_for()
    assert finding.count() == 1
    assert "duplicate-name" in finding.inner_text()
    assert page.locator(".row .badge.error").count() == 1
    seen.shoot(f"way-finding-{shot}")
    page.get_by_role("button", name="Apply", exact=True).click()
    assert page.get_by_role("button", name=re.compile("^Write")).is_disabled()

    page.locator(".row:has(.badge.edited)").click()
    name = page.get_by_label("Name", exact=True)
    name.fill(new)
    name.press("Enter")
    step(page, new).wait_for()
    page.locator(".detail .findings .error").first.wait_for(state="detached")
    page.locator(".neighbours").get_by_role("button", name=way.reader).click()
    page.get_by_role("tab", name="Files").click()
    page.locator(".diff .added", has_text=f"ref('{new}')").first.wait_for()


def leave_one_out(seen: Opened, way: Way, shot: str) -> None:
    """What reads it goes with it; the calendar, which spans others too, stays."""
    page = seen.page
    step(page, way.rejected).click()
    page.keyboard.press("x")
    page.locator(".row.gone", has_text=way.rejected).wait_for()
    page.get_by_role("button", name="Save").and_(page.locator(":enabled")).wait_for()
    gone = page.locator(".row.gone .name").all_inner_texts()
    assert len(gone) >= 2
    assert "dim_dates" not in gone
    seen.shoot(f"way-changed-{shot}")


def build_and_see(seen: Opened, way: Way, shot: str) -> None:
    """Every step that was applied bears dbt's result, sources aside: those have no test of their own."""
    page = seen.page
    assert "✓ Proven" in proven(page, "Build with dbt", "dbt has ended")
    assert page.locator(".node.is-good").count() >= 10
    applied = page.locator(".row:not(.gone)").count() - way.sources
    assert page.locator(".row .badge.good").count() == applied
    seen.shoot(f"way-built-{shot}")
    step(page, way.left).click()
    assert "passed" in page.locator(".results").inner_text()
