"""Diagrams through Mermaid itself, as npm has it: parsed and drawn in a browser, within its limits, every name whole;
and the page for a pull request as GitHub shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest

from cartridge.domain.plan import ExecutionPlan
from cartridge.domain.schema import ColumnMapping, Relationship, TableMapping
from cartridge.render.erd import Picture
from cartridge.render.erd import mermaid as erd
from cartridge.render.lineage import flowchart
from cartridge.render.markdown import markdown
from markdown_plans import STEERING, changes_of, plan_of
from review_browser import NODE_MODULES, Opened, chromium

MERMAID = NODE_MODULES / "mermaid" / "dist" / "mermaid.min.js"
DRAW = """async ([name, text]) => {
  const { diagramType } = await mermaid.parse(text);
  const { svg } = await mermaid.render(name, text);
  const drawn = document.createElement("div");
  drawn.innerHTML = svg;
  return {
    diagramType,
    labels: [...drawn.querySelectorAll(".node .nodeLabel")].map((label) => label.textContent),
    arrows: drawn.querySelectorAll(".edgePaths path").length,
    others: [...drawn.querySelectorAll("script, img, a, iframe, form, input")].map((found) => found.outerHTML),
  };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    """A page with Mermaid in it, its limits and its security as GitHub leaves them."""
    if not MERMAID.is_file():
        pytest.skip("Mermaid is not installed: make page")
    found = browser.new_page(viewport={"width": 1280, "height": 800})
    found.add_script_tag(path=str(MERMAID))
    found.evaluate("mermaid.initialize({startOnLoad: false})")
    return found


def drawn(page: Any, text: str) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(DRAW, ["diagram", text])
    return found


def labels(text: str) -> list[str]:
    """The label of each box of a flowchart, as it was meant."""
    quoted = re.findall(r"^ +n\d+\W+\"(.*)\"\W", text, re.MULTILINE)
    return [re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label) for label in quoted]


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_a_lineage_is_drawn_with_every_box_and_arrow(page: Any, count: int):
    text, _ = flowchart(plan_of(count))
    found = drawn(page, text)
    assert found["diagramType"].startswith("flowchart")
    assert sorted(found["labels"]) == sorted(labels(text)) != []
    assert found["arrows"] == text.count("-->") > 0


def test_a_lineage_of_wide_layers_stays_within_mermaids_limits(page: Any):
    """A thousand models in as many folders: gathered until Mermaid takes it."""
    plan = plan_of(1000)
    actions = [
        action.model_copy(update={"file_path": f"models/{action.step_id}/{action.name}.sql"}) for action in plan.actions
    ]
    text, remark = flowchart(ExecutionPlan(strategy="greenfield", actions=actions))
    assert "gathered" in remark
    assert sorted(drawn(page, text)["labels"]) == sorted(labels(text)) != []


def test_no_name_steers_the_drawing(page: Any):
    """Each name that tries is text in a box, and nothing else."""
    plan = plan_of(2 * len(STEERING), lambda number: STEERING[number % len(STEERING)] + str(number))
    text, _ = flowchart(plan)
    found = drawn(page, text)
    assert found["others"] == []
    assert len(found["labels"]) == len(labels(text))
    assert found["arrows"] == text.count("-->")


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_tables_are_drawn(page: Any, count: int):
    names = [f"{STEERING[number % len(STEERING)]}{number}" for number in range(count)]
    columns = [ColumnMapping("id", "integer", nullable=False), ColumnMapping("note; %%{x", "direction TB")]
    tables = [TableMapping(name, "main", columns=columns, primary_key_columns=["id"]) for name in names]
    edges = [Relationship(table.key, ("id",), tables[0].key, ("id",)) for table in tables[1:]]
    found = drawn(page, erd(Picture(tables, {table.key: ("id",) for table in tables}, relationships=edges)))
    assert found["diagramType"].startswith("er")
    assert found["others"] == []


@pytest.mark.parametrize("count", [pytest.param(10, marks=pytest.mark.deep), 100,
                                   pytest.param(1000, marks=pytest.mark.deep)])  # fmt: skip
def test_a_pull_request_shows_the_whole_page(browser: Any, page: Any, tmp_path: Path, count: int):
    """GitHub's Markdown with Mermaid over its fences: one diagram, no fault, nothing that sticks out."""
    plan = plan_of(count)
    text = markdown(plan, changes_of(plan), digest="sha256:0")
    body = cmarkgfm.github_flavored_markdown_to_html(text, options=cmarkgfm.Options.CMARK_OPT_UNSAFE)
    (text,) = re.findall(r'<pre lang="mermaid"><code>(.*?)</code></pre>', body, re.DOTALL)
    assert drawn(page, html.unescape(text))["labels"]
    file = tmp_path / "page.html"
    shown = body.replace('<pre lang="mermaid"><code>', '<pre class="mermaid">').replace("</code></pre>", "</pre>", 1)
    file.write_text(f'<!doctype html><meta charset="utf-8"><title>Pull request</title>{LOOK}<main>{shown}</main>')
    pull = browser.new_page(viewport={"width": 1000, "height": 1400})
    seen = Opened(pull, file.as_uri()).watch()
    pull.goto(file.as_uri())
    pull.add_script_tag(path=str(MERMAID))
    pull.evaluate("mermaid.run()")
    pull.locator(".mermaid svg .node").first.wait_for()
    assert pull.locator("details").count() >= 1
    assert not pull.locator("details[open]").count()
    seen.shoot(f"pull-request-{count}")
    pull.close()
    assert seen.faults == []


LOOK = """<style>
main { font: 16px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto }
pre, code { background: #f6f8fa; border-radius: 6px; font-size: 13px }
pre { padding: 12px; overflow: auto } table { border-collapse: collapse }
td, th { border: 1px solid #d0d7de; padding: 6px 12px }
pre.mermaid { background: none }
</style>"""
