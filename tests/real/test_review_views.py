"""The review page at some twenty and at a thousand steps, light and dark, wide and narrow: usable by eye, keyboard and
screen reader. What each looks like is kept where CARTRIDGE_SCREENSHOTS says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cartridge.app.revise import unrevised
from cartridge.app.saved_plan import SavedPlan
from cartridge.review.page import BUILT, Page
from cartridge.review.static import static_page
from plan_sizes import thousand_steps, twenty_steps
from review_browser import Opened, chromium
from review_server import review_server

SIZES: dict[str, Callable[[], SavedPlan]] = {"20": twenty_steps, "1000": thousand_steps}


@pytest.fixture(scope="module")
def plans() -> dict[str, SavedPlan]:
    return {size: make() for size, make in SIZES.items()}


@pytest.fixture(scope="module")
def browser(plans: dict[str, SavedPlan]) -> Iterator[Any]:
    """Once it runs, a loop of its own runs in this thread: the plans are made before."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(
    browser: Any, plans: dict[str, SavedPlan], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Opened]]:
    """One open page of each size."""
    with ExitStack() as stack:
        found = {}
        for size, saved in plans.items():
            folder = tmp_path_factory.mktemp(f"of{size}")
            server = stack.enter_context(review_server(saved, folder, folder / "shop", built=BUILT))
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            found[size] = Opened(page, server.guard.link.partition("#")[0]).watch()
            page.goto(server.guard.link)
            page.locator(".node").first.wait_for()
        yield found


@pytest.fixture(params=SIZES)
def seen(pages: dict[str, Opened], request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The page of one size, as it is when it was just opened."""
    opened = pages[request.param]
    opened.size = request.param
    opened.page.emulate_media(color_scheme="light")
    opened.page.set_viewport_size({"width": 1280, "height": 800})
    opened.page.reload()
    opened.page.locator(".node").first.wait_for(state="attached")
    yield opened
    assert opened.faults == []


def first_mart(page: Any) -> Any:
    return page.locator(".row", has_text=re.compile("^fct_")).first


LOOKS = [
    pytest.param("light", 1280),
    pytest.param("dark", 390),
    pytest.param("dark", 1280, marks=pytest.mark.deep),
    pytest.param("light", 390, marks=pytest.mark.deep),
]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_it_is_readable_in_every_light_and_width(seen: Opened, theme: str, width: int):
    page = seen.page
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    look = f"{theme}-{width}-{seen.size}"
    seen.shoot(f"open-{look}")
    if width == 390:
        page.get_by_role("button", name="Steps", exact=True).click()
        seen.shoot(f"steps-{look}")
    first_mart(page).click()
    page.locator(".reasons").wait_for()
    seen.shoot(f"step-{look}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    assert seen.axe() == []
    page.get_by_role("button", name="Apply", exact=True).click()
    seen.shoot(f"apply-{look}")
    assert seen.axe() == []


def test_a_thousand_steps_are_gathered_and_opened(pages: dict[str, Opened]):
    page = pages["1000"].page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    page.locator(".node").first.wait_for()
    assert page.locator(".row").count() == 1000
    gathered = page.locator(".node").count()
    assert gathered <= 60
    page.locator(".node.cluster", has_text="system_03").click()
    page.locator(".node:not(.cluster)", has_text="stg_system_03").first.wait_for()
    pages["1000"].shoot("opened-light-1280-1000")
    page.get_by_role("button", name="Gather").click()
    page.locator(".node:not(.cluster)", has_text="stg_system_03").first.wait_for(state="detached")
    page.keyboard.press("/")
    page.keyboard.type("leases_03")
    assert 1 <= page.locator(".row").count() <= 30
    page.keyboard.press("Enter")
    page.locator(".detail .makes").wait_for()
    page.locator(".detail h2").click()
    page.keyboard.press("f")
    page.locator(".node.selected").wait_for()
    assert 2 <= page.locator(".node").count() <= 40, "its lineage alone"
    pages["1000"].shoot("focus-light-1280-1000")
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("")


def test_it_can_be_walked_through_by_keys_alone(pages: dict[str, Opened]):
    page = pages["20"].page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    page.locator(".node").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("stg_crm__tickets")
    page.locator(".row", has_text="stg_crm__customers").wait_for(state="detached")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="stg_crm__tickets").wait_for()
    page.locator(".node.selected").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".detail h2", has_text="stg_crm__tickets").wait_for(state="detached")
    assert page.evaluate("document.activeElement.classList.contains('selected')"), "the focus goes along"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert pages["20"].axe() == []
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")


def test_a_field_that_is_left_is_judged_and_can_be_reset(pages: dict[str, Opened]):
    page = pages["20"].page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    page.locator(".row", has_text="stg_crm__customers").click()
    description = page.get_by_label("Description")
    description.fill("Whoever calls us.")
    description.blur()
    page.get_by_label("Materialised").select_option("table")
    page.locator(".entry.changed").nth(1).wait_for()
    page.get_by_role("tab", name="Files").click()
    page.locator(".diff .added", has_text="materialized='table'").wait_for()
    page.get_by_label("File", exact=True).fill("models/../../up.sql")
    page.get_by_label("File", exact=True).press("Enter")
    page.locator(".findings .error").first.wait_for()
    assert pages["20"].axe() == []
    page.get_by_role("button", name="Reset file").click()
    page.locator(".findings .error").first.wait_for(state="detached")
    page.get_by_role("button", name="Discard").click()
    page.locator(".entry.changed").first.wait_for(state="detached")


def test_one_file_holds_the_page_and_asks_nobody(browser: Any, plans: dict[str, SavedPlan], tmp_path: Path):
    saved = plans["20"]
    file = tmp_path / "plan.html"
    file.write_text(static_page(Page(), saved, unrevised(saved)))
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    seen = Opened(page, file.as_uri()).watch()
    page.goto(file.as_uri())
    first_mart(page).click()
    page.get_by_role("tab", name="Files").click()
    assert "select" in page.locator(".part pre").first.inner_text()
    assert page.get_by_role("button", name="Apply").count() == 0
    assert page.get_by_role("button", name="Leave out").count() == 0
    assert seen.axe() == []
    seen.shoot("static-light-1280")
    assert seen.faults == []


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"`&<!--"])
def test_no_text_of_a_plan_becomes_markup(browser: Any, plans: dict[str, SavedPlan], tmp_path: Path, name: str):
    saved = plans["1000"]
    plan = saved.plan
    action = plan.actions[20].model_copy(update={"name": name, "description": name})
    hostile = plan.model_copy(update={"actions": [*plan.actions[:20], action, *plan.actions[21:30]]})
    file = tmp_path / "plan.html"
    changed = SavedPlan(hostile, saved.changes, saved.snapshot, saved.options)
    file.write_text(static_page(Page(), changed, unrevised(changed)))
    page = browser.new_page()
    seen = Opened(page, file.as_uri()).watch()
    page.goto(file.as_uri())
    page.locator(".row .name").first.wait_for()
    assert name in page.locator(".row .name").all_inner_texts()
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    assert seen.faults == []
