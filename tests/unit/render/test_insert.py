"""Insertion into YAML: every old byte stays, exactly the intended items appear, twice is once."""

from __future__ import annotations

import json
import os
import subprocess
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.render.insert import Addition, Inserted, Refused, insert, renamed

CASES = Path(__file__).resolve().parents[2] / "cases" / "insert"

ENTRY = {
    "name": "refunds",
    "description": "What was paid back: all of it",
    "columns": [{"name": "refund_id", "data_tests": ["unique", "not_null"]}],
}
TABLES = Addition("sources", (ENTRY,), inside=("shop", "tables"))
MODELS = Addition("models", (ENTRY,))


def is_subsequence(old: str, new: str) -> bool:
    left = iter(new)
    return all(character in left for character in old)


def added(text: str, addition: Addition) -> str:
    """The new text, proven: the old text in it, exactly the entries added, nothing more the second time."""
    result = insert(text, [addition])
    assert isinstance(result, Inserted), result
    assert is_subsequence(text, result.text)
    again = insert(result.text, [addition])
    assert again == Inserted(result.text, ())
    return result.text


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_the_text_is_put_where_it_belongs(folder: Path) -> None:
    given = json.loads((folder / "addition.json").read_text(encoding="utf-8"))
    inside = tuple(given["inside"]) if "inside" in given else None
    addition = Addition(given["section"], tuple(given["entries"]), inside=inside)
    text, expected = ((folder / name).read_bytes().decode("utf-8") for name in ("before.yml", "after.yml"))
    assert added(text, addition) == expected
    assert added("\ufeff" + text, addition) == "\ufeff" + expected
    if "\n" in text:
        assert added(text.replace("\n", "\r\n"), addition) == expected.replace("\n", "\r\n")


CHANGES_MEANING = "the insertion would change what the file means elsewhere"

REFUSED = {
    "tabs": "models:\n\t- name: a\n",
    "no YAML": "models:\n  - name: a\n {% for x in y %}\n",
    "a macro builds it": "{% macro models() %}\nmodels:\n{% endmacro %}\n",
    "a key twice": "models:\n  - name: a\n    name: b\n",
    "a section twice": "models:\n  - name: a\nmodels:\n  - name: b\n",
    "flow root": "{models: [{name: a}]}\n",
    "a list at the root": "- models\n",
    "no list": "models:\n  name: a\n",
    "null in words": "models: null\n",
    "an alias": "x: &m\n  - name: a\nmodels: *m\n",
    "an alias elsewhere": "models: &m\n  - name: a\nx: *m\n",
    "merged": "x: &m\n  a: 1\n<<: *m\nversion: 2\n",
    "a text that keeps its line ends": "models:\n  - name: a\n    description: |+\n      text\n\n\n",
    "aliases without measure": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "models:\n  - name: a\n",
    "deep": "a: " + "[" * 5000,
}


REASONS = {
    "tabs": ("it is indented with tabs", 2),
    "no YAML": ("it is no YAML that can be read", 3),
    "a macro builds it": ("it is no YAML that can be read", 1),
    "a key twice": ("the key 'name' stands twice in one mapping", 2),
    "a section twice": ("the key 'models' stands twice in one mapping", 1),
    "flow root": ("it does not start with keys in block style", 1),
    "a list at the root": ("it does not start with keys in block style", 1),
    "no list": ("'models' holds no list", 2),
    "null in words": ("'models' holds no list", 1),
    "an alias": ("the list under 'models' is repeated by an alias", 1),
    "an alias elsewhere": ("the list under 'models' is repeated by an alias", 1),
    "merged": ("'models' may come from a merged mapping", 1),
    "a text that keeps its line ends": (CHANGES_MEANING, None),
    "aliases without measure": ("its aliases multiply it beyond measure", None),
    "deep": ("it is no YAML that can be read", 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_safely_is_refused_with_its_reason(name: str) -> None:
    assert insert(REFUSED[name], [Addition("models", ({"name": "refunds"},))]) == Refused(*REASONS[name])


INSIDE_REFUSED = {
    "the source is an alias": "x: &s\n  name: shop\nsources:\n  - *s\n",
    "the source is an alias in a later line": "version: 2\nx:\n  &s\n  name: shop\nsources:\n  - *s\n",
    "a key in flow style without a value": "sources: [{name: shop, tables: }]\n",
    "a mapping in flow style": "sources: [{name: shop}]\n",
    "a comment before the end of a flow list": "sources:\n  - name: shop\n    tables: [{name: a} # last\n    ]\n",
    "a text that grows at the end of the file": "sources:\n- name: shop\n  tables:\n  - name: a\n    x: |\n      y",
    "a list that is merged": "x: &x\n  tables: []\nsources:\n  - <<: *x\n    name: shop\n",
    "tables that are a mapping in flow style": "sources:\n  - name: shop\n    tables: {}\n",
}


INSIDE_REASONS = {
    "the source is an alias": ("'shop' is repeated by an alias", 1),
    "the source is an alias in a later line": ("'shop' is repeated by an alias", 3),
    "a mapping in flow style": ("'tables' is missing in a mapping in flow style", 1),
    "a comment before the end of a flow list": (CHANGES_MEANING, None),
    "a text that grows at the end of the file": (CHANGES_MEANING, None),
    "a list that is merged": ("'tables' may come from a merged mapping", 4),
    "tables that are a mapping in flow style": ("'tables' holds no list", 3),
    "a key in flow style without a value": ("'tables' holds no list", 1),
}


@pytest.mark.parametrize("name", INSIDE_REFUSED)
def test_a_list_of_an_item_that_cannot_be_reached_safely_is_refused(name: str) -> None:
    assert insert(INSIDE_REFUSED[name], [TABLES]) == Refused(*INSIDE_REASONS[name])


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n  - name: other\n",
        "sources:\n  name: shop\n",
        "sources: shop\n",
        "sources:\n  - shop\n",
        "a: 1\n",
        "",
    ],
)
def test_a_source_that_is_not_declared_is_refused(text: str) -> None:
    assert insert(text, [TABLES]) == Refused("it declares no source named 'shop'")


C, D = {"name": "c"}, {"name": "d", "x": 1}
NESTED = {
    "name": "c",
    "data_tests": ["a"],
    "tables": [{"name": "t", "data_tests": ["u"], "columns": [{"name": "z", "data_tests": ["v"]}]}],
}


def test_a_later_document_may_hold_the_item() -> None:
    text = "sources:\n  - name: a\n---\nsources:\n  - name: b\n  - name: shop\n"
    assert added(text, Addition("sources", (C,), inside=("shop", "tables"))) == text + "    tables:\n      - name: c\n"


def test_an_entry_is_its_own_name_but_for_tests() -> None:
    assert renamed(NESTED, "data_tests") == NESTED
    assert renamed({"name": "c", "columns": "none", "tables": None}, "tests") == {
        "name": "c", "columns": "none", "tables": None,
    }  # fmt: skip


def test_several_additions_count_together_and_the_first_refusal_ends_them() -> None:
    both = [Addition("models", (C,)), Addition("models", (C, D))]
    assert insert("models: []\n", both) == Inserted("models: [{name: c}, {name: d, x: 1}]\n", ("c", "d"))
    assert insert("models: []\nsources: a\n", [*both, Addition("sources", (C,))]) == Refused(
        "'sources' holds no list", 2
    )


names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
comments = st.sampled_from(["", " # note", "  # - name: refunds"])
values = st.one_of(
    st.sampled_from(["plain words", '"in quotes: yes"', "'it''s'", "{a: [1, 2]}", "[x, y]", "null", "1e3", "!!str 5",
                     "&anchor value", "|\n{pad}  text\n{pad}  # more", ">-\n{pad}  folded\n{pad}  text"]),
    names,
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn, *, flow: bool = True) -> str:
    """A sources file in some person's style: maybe without a newline at its end, and with tables in flow style."""
    step, dash, inner = draw(st.sampled_from([2, 4])), draw(st.sampled_from([0, 2, 4])), draw(st.sampled_from([2, 4]))
    anchors = 0
    gap = draw(st.sampled_from(["", "\n", "\n\n"]))

    def value(pad: str) -> str:
        nonlocal anchors
        known = [f"*a{number}" for number in range(anchors)]
        text = draw(values if not known else st.one_of(values, st.sampled_from(known))).replace("{pad}", pad)
        if "&anchor" in text:
            text = text.replace("&anchor", f"&a{anchors}")
            anchors += 1
        return text

    def flow_list() -> str:
        wished = draw(st.lists(names.filter(lambda name: name != "refunds"), max_size=3, unique=True))
        items = [
            draw(st.sampled_from(["{{name: {}}}", '{{"name": "{}", meta: [1, {{a: b}}]}}'])).format(n) for n in wished
        ]
        start, between, end = draw(
            st.sampled_from([("[", ", ", "]"), ("[ ", " , ", " ]"), ("[\n      ", ",\n      ", "\n    ]")])
        )
        trailing = draw(st.sampled_from(["", ","])) if items else ""
        return start + between.join(items) + trailing + end

    def tables(pad: str, column: int, depth: int) -> str:
        if flow and draw(st.integers(0, 3)) == 0:
            return f"{pad}tables: {flow_list()}{draw(comments)}\n"
        return f"{pad}tables:{draw(comments)}\n" + items(column + inner + dash, depth - 1, [])

    def items(column: int, depth: int, needed: list[str]) -> str:
        wished = draw(st.lists(names.filter(lambda name: name not in {"shop", "refunds"}), max_size=3, unique=True))
        wished += [name for name in needed if name not in wished]
        parts = []
        pad = " " * (column + inner)
        for name in draw(st.permutations(wished)) or ["x"]:
            text = f"{' ' * column}-{' ' * (inner - 1)}name: {name}{draw(comments)}\n"
            for key in draw(st.lists(st.sampled_from(["description", "loader", "meta"]), unique=True, max_size=2)):
                text += f"{pad}{key}: {value(pad)}\n"
            if depth and (name == "shop" or draw(st.booleans())):
                text += tables(pad, column, depth)
            if draw(st.booleans()):
                text += draw(st.sampled_from([f"{pad}# comment\n", "# far left\n", "\n"]))
            parts.append(text)
        return gap.join(parts)

    before = draw(
        st.sampled_from(["", "version: 2\n\n", "# head\n", "---\n", "%YAML 1.1\n---\n", "exposures: []\n---\n"])
    )
    after = draw(
        st.sampled_from(
            ["", "\nmodels:\n" + " " * step + "- name: a\n", "\n# tail\n", "---\nseeds:\n- name: a\n", "...\n"]
        )
    )
    text = before + "sources:\n" + items(dash, 1, ["shop"]) + after
    if flow and draw(st.booleans()) and documents(text.rstrip("\n")) == documents(text):
        text = text.rstrip("\n")  # the end of a block scalar would mean another text
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text


def documents(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text.removeprefix("\ufeff")))


def with_tables(text: str) -> list[Any]:
    """What the file means once the entry is a table of the shop."""
    expected = deepcopy(documents(text))
    shop = next(source for found in expected for source in found.get("sources", ()) if source["name"] == "shop")
    shop["tables"] = [*(shop.get("tables") or []), ENTRY]
    return expected


@given(text=files())
def test_old_bytes_stay_and_exactly_the_entries_are_added(text: str) -> None:
    assert documents(added(text, TABLES)) == with_tables(text)


@settings(max_examples=10 if os.environ.get("CARTRIDGE_DEEP") else 3)
@given(st.lists(files(flow=False), min_size=5, max_size=15))
def test_git_shows_no_deleted_line_of_a_file_in_block_style(written: list[str]) -> None:
    with TemporaryDirectory() as folder:
        for side in ("before", "after"):
            (Path(folder) / side).mkdir()
        for number, text in enumerate(written):
            (Path(folder) / "before" / f"{number}.yml").write_bytes(text.encode())
            (Path(folder) / "after" / f"{number}.yml").write_bytes(added(text, TABLES).encode())
        command = ["git", "-c", "core.autocrlf=false", "diff", "--no-index", "--numstat", "before", "after"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    counts = [line.split("\t")[:2] for line in done.stdout.splitlines()]
    assert len(counts) == len(written), done.stderr
    assert {deleted for _, deleted in counts} == {"0"}
    assert all(int(new) >= len(ENTRY) for new, _ in counts)


def test_a_block_scalar_that_ends_the_file_without_a_line_break_is_left_alone() -> None:
    text = "sources:\n- name: shop\n  description: |\n    text"  # a line after it would add the line break to its text
    assert isinstance(insert(text, [Addition("sources", ({"name": "refunds", "tables": [ENTRY]},))]), Refused)


@given(text=files())
def test_a_new_source_and_models_are_added_at_once(text: str) -> None:
    additions = [Addition("sources", ({"name": "refunds", "tables": [ENTRY]},)), MODELS]
    result = insert(text, additions)
    assert isinstance(result, Inserted)
    assert is_subsequence(text, result.text)
    before, after = documents(text), documents(result.text)
    place = next(number for number, found in enumerate(before) if "sources" in found)
    before[place]["sources"] += [{"name": "refunds", "tables": [ENTRY]}]
    models = next((number for number, found in enumerate(before) if "models" in found), 0)
    before[models]["models"] = [*before[models].get("models", []), ENTRY]
    assert after == before
    assert insert(result.text, additions) == Inserted(result.text, ())
