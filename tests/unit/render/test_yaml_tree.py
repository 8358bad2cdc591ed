"""A YAML file as it was written: what two trees have in common, where a node ends, in what style a file is."""

from __future__ import annotations

import pytest
import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from cartridge.render.insert import Refused, names_in
from cartridge.render.yaml_text import SPACED, Layout
from cartridge.render.yaml_tree import (
    Refusal,
    Tree,
    child,
    column_of,
    end_of,
    item_name,
    layout_of,
    line_end,
    parse,
    plain,
    same,
)


def root(text: str) -> Node:
    return yaml.compose(text, yaml.SafeLoader)


def under(text: str, key: str) -> tuple[Tree, Node]:
    """The tree of a text, and the node under a key of its first mapping."""
    tree = parse(text)
    assert isinstance(tree.documents[0], MappingNode)
    found = child(tree.documents[0], key)
    assert found is not None
    return tree, found


ALIKE = {
    "order of nothing changed": ("a: 1\nb: [x, {c: d}]\n", "a:   1 # note\nb:\n  - x\n  - c: 'd'\n"),
    "an alias and what it repeats": ("a: &a [1, 2]\nb: *a\n", "a: [1, 2]\nb: [1, 2]\n"),
    "a list that holds itself": ("&a [*a, 1]\n", "&b [*b, 1]\n"),
    "aliases on both sides": ("a: &a [1]\nb: *a\nc: *a\n", "a: &a [1]\nb: *a\nc: *a\n"),
}


@pytest.mark.parametrize("name", ALIKE)
def test_trees_that_mean_the_same(name: str) -> None:
    old, new = ALIKE[name]
    assert same(root(old), root(new))


OTHER = {
    "another value": ("a: b\n", "a: c\n"),
    "another key": ("a: b\n", "c: b\n"),
    "another key and value": ("a: b\n", "c: d\n"),
    "a key more": ("a: b\n", "a: b\nc: d\n"),
    "a key less": ("a: b\nc: d\n", "a: b\n"),
    "an item more": ("[a, b]\n", "[a, b, c]\n"),
    "an item less": ("[a, b]\n", "[a]\n"),
    "another item": ("[a, b]\n", "[a, c]\n"),
    "another order": ("[a, b]\n", "[b, a]\n"),
    "a text for a number": ("a: '1'\n", "a: 1\n"),
    "a number for a text of that length": ("a: ab\n", "a: 12\n"),
    "a list for a text": ("a: b\n", "a: [b]\n"),
    "a mapping for a list": ("a: [b]\n", "a: {b: c}\n"),
    "another tag, other lengths": ("a: !x ab\n", "a: !y a\n"),
    "a change below an alias": ("a: &a [1]\nb: *a\n", "a: &a [1]\nb: [2]\n"),
}


@pytest.mark.parametrize("name", OTHER)
def test_trees_that_mean_something_else(name: str) -> None:
    old, new = OTHER[name]
    assert not same(root(old), root(new))
    assert not same(root(new), root(old))


def test_what_may_have_grown_is_judged_by_who_knows() -> None:
    old, new = root("a: [1]\nb: 2\n"), root("a: [1, 3]\nb: 2\n")
    assert isinstance(old, MappingNode)
    grown = old.value[0][1]
    assert same(old, new, {id(grown): lambda node: len(node.value) == 2})
    assert not same(old, new, {id(grown): lambda node: len(node.value) == 3})


def test_plain_values_and_what_is_none() -> None:
    assert plain(root("a: [1, true, null, 2024-01-01x]\n")) == {"a": [1, True, None, "2024-01-01x"]}
    for text in ("!thing a\n", "a: !!timestamp 2024-99-99\n", "a: !!int x\n"):
        with pytest.raises(Refusal, match="not plain YAML"):
            plain(root(text))


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: 1\nb:\n\t- c\n", "it is indented with tabs", 3),
        ("\ta: 1\n", "it is indented with tabs", 1),
        ("a: 1\nb: [\n", "it is no YAML that can be read", 3),
        ("a: {b: 1}\nc:\n  d: 1\n  d: 2\n", "the key 'd' stands twice in one mapping", 3),
        ("a: [[{d: 1, d: 2}]]\n", "the key 'd' stands twice in one mapping", 1),
        ("a: &a [*a]\n", "its aliases multiply it beyond measure", None),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text: str, reason: str, line: int | None) -> None:
    with pytest.raises(Refusal) as refused:
        parse(text)
    assert (refused.value.reason, refused.value.line) == (reason, line)
    assert str(refused.value) == reason


def test_a_tree_knows_line_ends_keys_and_aliases() -> None:
    tree = parse("a: &x\n  b: [1, 2]\nc: *x\n")
    assert (tree.newline, tree.keys) == ("\n", {"a", "b", "c"})
    shared = child(tree.documents[0], "c")
    assert (tree.references[id(shared)], tree.sizes[id(shared)]) == (2, 4)
    assert tree.sizes[id(tree.documents[0])] == 9
    assert parse("a: 1\r\nb: 2\n").newline == "\r\n"
    assert parse("a: 1\nb: 2\r\n").newline == "\n"
    assert parse("\na: 1\n").newline == "\n"
    assert parse("a: 1").newline == "\n"
    assert parse("# nothing\n").documents == []
    assert len(parse("---\n---\na: 1\n---\nb: 2\n").documents) == 2


def test_a_key_that_may_be_merged_is_not_known() -> None:
    text = "x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n"
    tree, merged = under(text, "y")
    assert isinstance(merged, MappingNode)
    assert plain(child(merged, "b") or tree.documents[0]) == 2
    with pytest.raises(Refusal, match="'a' may come from a merged mapping") as refused:
        child(merged, "a")
    assert refused.value.line == 3
    assert child(tree.documents[0], "a") is None  # type: ignore[arg-type]


def test_the_names_of_items() -> None:
    names = [
        item_name(item) for item in root("[{name: a}, {x: 1, name: b}, name, {name: [c]}, {[q]: 1}, {n: d}]").value
    ]
    assert names == ["a", "b", None, None, None, None]
    assert names_in("models: [{name: a}, {x: 1}]\n---\nmodels:\n  - name: b\n---\n- c\n---\nmodels: d\n", "models") == {
        "a",
        "b",
    }
    assert names_in("\ufeffmodels: [{name: a}]\n", "models") == {"a"}
    assert names_in("models:\n  - {name: a}\nmodels: []\n", "models") == Refused(
        "the key 'models' stands twice in one mapping", 1
    )


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("k:\n  a: 1\n", 2), ("k: &x\n    a: 1\n", 4), ("k:\n- a\n", 0), ("k:\n  - a\n", 2), ("k: &x\n   - a\n", 3),
        ("k: &x-y\n   - a-b\n   - c\n", 3), ("k: !!seq\n  - a\n", 2), ("k: &x  # -\n - - a\n", 1), ("k: &x\n- a\n", 0),
    ],
)  # fmt: skip
def test_the_column_of_a_block(text: str, column: int) -> None:
    tree, node = under(text, "k")
    assert isinstance(node, MappingNode | SequenceNode)
    assert column_of(node, tree) == column


def test_a_list_with_an_anchor_at_the_start_of_a_file() -> None:
    tree = parse("&a\n- b\n- c\n")
    assert isinstance(tree.documents[0], SequenceNode)
    assert column_of(tree.documents[0], tree) == 0


MARKED_ENDS = [
    "k:\n  a: 1  # note|\n  # more\n\nl: 2\n",
    "k:\n  a: 1|\n",
    "k:\n  a: 1|",
    "k:\n  - a\n  - b|\n\n\n# far\n",
    "k:\n  - a: 1\n    b: [c,\n     d]|\n  # e\n",
    "k:\n  a: {b: c}   # d|\nl: 1\n",
    "k:\n  a: |-\n    text\n    # text|\nl: 1\n",
    "k:\n  a: >\n    text\n    # text|\n\n\nl: 1\n",
    "x: &x [1]\nk:\n  - a\n  - *x|\n  # c\nl: 1\n",
    "x: &x {y: 1}\nk:\n  a: 1\n  b: *x|\n\n",
    "x: &x [1]\nk:\n  b:\n  - *x|  \n  # c\n\nl: 1\n",
    "k:\n  a: 1\n  b:|\n  # c\nl: 1\n",
    "k: {a: 1}|\nl: 1\n",
    "k: text|   # c\n",
    "k:\n- '# no comment'|\n# c\n",
]
"""`|` (one that closes no indicator) marks the end of what stands under `k`."""


@pytest.mark.parametrize("marked", MARKED_ENDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_where_a_node_ends(marked: str, newline: str) -> None:
    place = marked.rindex("|")
    text = (marked[:place] + marked[place + 1 :]).replace("\n", newline)
    tree, node = under(text, "k")
    assert end_of(node, tree) == len(marked[:place].replace("\n", newline))


@pytest.mark.parametrize(
    ("marked", "deeper_than"),
    [
        ("a: 1|\nb: 2\n", 0), ("a: 1  # c|\nb: 2\n", 0), ("a: 1|", 0), ("a: 1\n  # c|\nb: 2\n", 0),
        ("a: 1\n  # c\n\n  # d|\n# e\nb: 2\n", 0), ("a: 1|\n# c\n", 0), ("a: 1|\n  # c\n", 2), ("a: 1\n  # c|\n", 1),
        ("a: 1\n  # c|", 0), ("a: 1|\n\n\n", 0), ("a: 1\n\n # c|\n\n", 0), ("a: 1\n  # c|\n  d # no comment line\n", 0),
        ("a: 1|\n  d\n  # c\n", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_where_a_line_ends_with_the_comments_that_belong_to_it(marked: str, deeper_than: int, newline: str) -> None:
    text = marked.replace("|", "").replace("\n", newline)
    tree = Tree(text, [], newline)
    assert line_end(tree, 2, deeper_than) == len(marked.partition("|")[0].replace("\n", newline))


def test_an_empty_first_line_ends_where_it_starts() -> None:
    assert line_end(Tree("\na: 1\n", [], "\n"), 0, 0) == 0
    assert line_end(Tree("\r\na: 1\n", [], "\r\n"), 0, 0) == 0


STYLES = {
    "nothing shown": ("version: 2\n", Layout()),
    "four columns, dashes flush": (
        "models:\n-   name: a\n    config:\n        x: 1\n    columns:\n    -   name: b\n",
        Layout(step=4, dashes=0, item=4),
    ),
    "three columns": ("models:\n   - name: a\n     meta:\n        x: 1\n", Layout(step=3, dashes=3)),
    "most count": (
        "a:\n    b: 1\nc:\n    d: 1\ne:\n  f: 1\ng:\n- h\ni:\n- j\nk:\n  - l\n",
        Layout(step=4, dashes=0),
    ),
    "lists without empty lines": (
        "models:\n  - name: a\n  - name: b\n  - name: c\n\n  - name: d\n",
        Layout(spaced=SPACED - {"models"}),
    ),
    "columns set apart": (
        "models:\n  - name: a\n    columns:\n      - name: b\n\n      - name: c\n",
        Layout(spaced=SPACED | {"columns"}),
    ),
    "an empty line within an item sets nothing apart": (
        "models:\n  - name: a\n\n    x: 1\n  - name: b\n",
        Layout(spaced=SPACED - {"models"}),
    ),
    "an empty line of blanks sets apart": (
        "columns:\n  - name: a\n   \n  - name: b\n",
        Layout(spaced=SPACED | {"columns"}),
    ),
    "only the first four items are looked at": (
        "columns:\n  - a\n\n  - b\n\n  - c\n  - d\n  - e\n  - f\n  - g\n",
        Layout(spaced=SPACED | {"columns"}),
    ),
    "as many set apart as not": ("columns:\n  - a\n\n  - b\n  - c\n", Layout()),
    "double quotes": ('m:\n  - description: "a"\n  - description: "b"\n  - description: c\n', Layout(quote='"')),
    "single quotes": ("m:\n  - description: 'a'\n", Layout(quote="'")),
    "blocks and other keys do not count": (
        'm:\n  - description: |\n      a\n  - description: >\n      b\n  - description: ""\n  - name: "c"\n',
        Layout(),
    ),
    "flow style shows nothing": ("a: {b: {c: 1}}\nd: [[x], [y]]\n", Layout()),
    "an item below its dash": ("a:\n  -\n    b: 1\n", Layout(item=2)),
    "a key that is no text": ("c:\n    d: 1\n? [a]\n:\n  b:\n   e: 1\n", Layout(step=4)),
}


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_style_of_a_file(name: str, newline: str) -> None:
    text, expected = STYLES[name]
    assert layout_of(parse(text.replace("\n", newline))) == expected
