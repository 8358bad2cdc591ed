"""The Markdown page, read by GitHub's own renderer: it holds what the plan holds, and no name steers it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.plan import ExecutionPlan
from cartridge.render.lineage import flowchart, graph
from cartridge.render.markdown import LIMIT, markdown
from cartridge.render.markdown_text import code, plain
from cartridge.render.mermaid_text import LONGEST, MOST_EDGES
from markdown_plans import STEERING, changes_of, plan_of

TAGS = {
    "h2", "h3", "p", "strong", "code", "pre", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "br",
}  # fmt: skip
"""The elements that a page has, whatever the names in it."""


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.add(f"comment {data}")


def seen(page: str) -> _Seen:
    """The page as GitHub's renderer makes it, HTML included: what is not allowed there would only hide the fault."""
    read = _Seen()
    read.feed(cmarkgfm.github_flavored_markdown_to_html(page, options=cmarkgfm.Options.CMARK_OPT_UNSAFE))
    return read


def shown(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("\u200b", "").strip()


@pytest.mark.parametrize("count", [10, 100, 1000])
@pytest.mark.parametrize("lines", [30, 3000])
def test_the_page_is_never_longer_than_github_takes(count: int, lines: int) -> None:
    plan = plan_of(count)
    page = markdown(plan, changes_of(plan, lines), digest="sha256:0")
    assert len(page) <= LIMIT
    read = seen(page)
    assert read.tags <= TAGS
    whole = page.count("@@ -0,0")
    left_out = re.search(r"No room here for ([\d,]+) files?", page)
    assert whole + (int(left_out[1]) if left_out else 0) == count


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_the_flowchart_stays_within_what_mermaid_draws_and_people_read(count: int) -> None:
    plan = plan_of(count)
    drawn, remark = flowchart(plan)
    assert len(drawn) <= LONGEST
    assert drawn.count("-->") <= MOST_EDGES
    assert bool(remark) == (count > 40)
    boxes = re.findall(r"^    n\d+", drawn, re.MULTILINE)
    assert len(boxes) <= 160


def test_the_graph_has_every_step_and_what_it_reads() -> None:
    plan = plan_of(10)
    found = graph(plan)
    names = [node.name for node in found.nodes]
    assert sorted(names) == sorted([*(action.name for action in plan.actions), "dim_there"])
    arrows = {(names[start], names[end]) for start, end in found.edges}
    assert arrows == {(read, action.name) for action in plan.actions for read in action.dependencies}
    assert next(node for node in found.nodes if node.name == "dim_there").layer == "existing"


@pytest.mark.parametrize("text", STEERING)
def test_no_name_steers_the_page(text: str) -> None:
    plan = plan_of(6, lambda number: f"{text}{number}")
    read = seen(markdown(plan, changes_of(plan)))
    assert read.tags <= TAGS
    assert read.attributes <= {"lang"}
    plan.actions[-1].file_path = f"models/{text}.sql"
    assert seen(markdown(plan, changes_of(plan))).tags <= TAGS


@given(st.text())
@example("a | b")
@example("#12 @me https://x.example www.x.example")
@example("\\|")
def test_plain_text_reads_as_it_was(text: str) -> None:
    read = seen(f"| a |\n|---|\n| x{plain(text)}y |\n")
    assert read.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    said = "".join(char if char.isprintable() else repr(char)[1:-1] for char in re.sub(r"\s+", " ", text).strip())
    assert shown(html.unescape(read.text)).removeprefix("a ") == shown(html.unescape(f"x{said}y"))


@given(st.text())
def test_a_code_span_is_one_span(text: str) -> None:
    read = seen(f"| a |\n|---|\n| {code(text)} |\n")
    assert read.tags == {"table", "thead", "tbody", "tr", "th", "td", "code"}


def test_nothing_to_do_is_a_page_that_says_so() -> None:
    page = markdown(ExecutionPlan(strategy="brownfield"), ChangeSet(()))
    assert "Nothing to do" in page
    assert "### " not in page


def test_what_changes_files_that_are_there_comes_first() -> None:
    plan = plan_of(6)
    files = list(changes_of(plan).files)
    files.append(
        FileChange(path="models/z.yml", operation="insert", text="a\nb\n", before="0", before_text="a\n", step_ids=(2,))
    )
    page = markdown(plan, ChangeSet(tuple(files)))
    headings = re.findall(r"<code>(.*?)</code>", page)
    assert headings[0] == "models/z.yml"
    assert headings[1].startswith("models/marts/")
    assert headings[-1].endswith("_sources.yml")
    assert "1 file to change, by insertion only" in page
