"""A YAML file as it was written: where its nodes stand, and in what style."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from cartridge.render.yaml_text import Layout

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_SCALARS = 10_000_000
_MERGE = "tag:yaml.org,2002:merge"
_EMPTY_LINE = re.compile(r"\n[ \t]*\r?\n")
_TAB = re.compile(r"^ *\t", re.MULTILINE)
_QUIET_LINE = re.compile(r"[ \t]*(#.*)?")


class Refusal(Exception):  # noqa: N818 - no error: a result that insertion turns into a value
    """Why a file cannot be inserted into. Never leaves this room."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass
class Tree:
    """The documents of a file. `text` has no byte order mark."""

    text: str
    documents: list[Node]
    newline: str
    references: Counter[int] = field(default_factory=Counter)
    """How often every node (by identity) is used: more than once where an alias repeats it."""
    sizes: dict[int, int] = field(default_factory=dict)
    """How many scalars every node stands for, aliases followed."""
    keys: set[str] = field(default_factory=set)


@lru_cache(maxsize=1)
def parse(text: str) -> Tree:
    """The tree of a file. The last one is kept: a file is asked several times what it holds.

    Raises:
        Refusal: it is no YAML, repeats a key, or is indented by tabs.
    """
    tab = _TAB.search(text)
    if tab:
        raise Refusal("it is indented with tabs", text.count("\n", 0, tab.start()) + 1)
    try:
        documents = [node for node in yaml.compose_all(text, _LOADER) if node is not None and not _is_empty(node)]
        return _tree(text, documents)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Refusal("it is no YAML that can be read", mark.line + 1 if mark else None) from error


def _tree(text: str, documents: list[Node]) -> Tree:
    first = text.find("\n")
    newline = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
    tree = Tree(text, documents, newline)
    for document in documents:
        if _walk(document, tree) > _MOST_SCALARS:
            raise Refusal("its aliases multiply it beyond measure")
    return tree


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def same(old: Node, new: Node, added: Mapping[int, Callable[[Node], bool]] | None = None) -> bool:
    """Whether two trees mean the same. `added` judges the new node for old nodes that may have grown, by identity."""
    return _same(old, new, added or {}, set())


def _same(old: Node, new: Node, added: Mapping[int, Callable[[Node], bool]], seen: set[tuple[int, int]]) -> bool:
    if (id(old), id(new)) in seen:  # an alias: judged already, or being judged
        return True
    seen.add((id(old), id(new)))
    if id(old) in added:
        return added[id(old)](new)
    if type(old) is not type(new) or old.tag != new.tag or len(old.value) != len(new.value):
        return False
    if isinstance(old, MappingNode):
        return all(
            _same(old_key, new_key, added, seen) and _same(old_value, new_value, added, seen)
            for (old_key, old_value), (new_key, new_value) in zip(old.value, new.value, strict=True)
        )
    if isinstance(old, SequenceNode):
        return all(
            _same(old_item, new_item, added, seen) for old_item, new_item in zip(old.value, new.value, strict=True)
        )
    return bool(old.value == new.value)


def plain(node: Node) -> object:
    """A node as the plain value that it stands for.

    Raises:
        Refusal: it holds a tag that is no plain value.
    """
    try:
        return SafeConstructor().construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Refusal("it holds values that are not plain YAML") from error


def _walk(node: Node, tree: Tree) -> int:
    """Notes the node and all below it; returns how many scalars it stands for."""
    tree.references[id(node)] += 1
    if tree.references[id(node)] > 1:
        return tree.sizes.get(id(node), _MOST_SCALARS)  # not yet known: it holds itself
    if isinstance(node, MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
        twice = next((key for key, count in Counter(keys).items() if count > 1), None)
        if twice is not None:
            raise Refusal(f"the key {twice!r} stands twice in one mapping", node.start_mark.line + 1)
        tree.keys.update(keys)
        size = 1 + sum(_walk(value, tree) for _, value in node.value)
    elif isinstance(node, SequenceNode):
        size = 1 + sum(_walk(item, tree) for item in node.value)
    else:
        size = 1
    tree.sizes[id(node)] = size
    return size


def child(node: MappingNode, key: str) -> Node | None:
    """The value of a key, or None.

    Raises:
        Refusal: the key may come from a merge, so that nothing can be said.
    """
    found = next((value for name, value in node.value if isinstance(name, ScalarNode) and name.value == key), None)
    if found is None and any(name.tag == _MERGE for name, _ in node.value):
        raise Refusal(f"{key!r} may come from a merged mapping", node.start_mark.line + 1)
    return found


def key_node(node: MappingNode, key: str) -> ScalarNode:
    """The key itself."""
    return next(name for name, _ in node.value if isinstance(name, ScalarNode) and name.value == key)


def item_name(node: Node) -> str | None:
    """The `name` of an item of a list."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == "name" and isinstance(value, ScalarNode):
                return str(value.value)
    return None


def column_of(node: CollectionNode, tree: Tree) -> int:
    """The column of the keys of a mapping or the dashes of a sequence, in block style, whatever anchor precedes it."""
    if isinstance(node, MappingNode):
        return int(node.value[0][0].start_mark.column)
    start = int(node.start_mark.index)
    if not tree.text.startswith("-", start):
        start = tree.text.rfind("-", 0, int(node.value[0].start_mark.index))
    return start - (tree.text.rfind("\n", 0, start) + 1)


def end_of(node: Node, tree: Tree) -> int:
    """Where the node's own text ends: before the comments and empty lines that follow it."""
    return len(tree.text[: max(_leaf_end(node), _quiet_end(node, tree.text))].rstrip(" \t\r\n"))


def _leaf_end(node: Node) -> int:
    """The end of the last scalar inside, which may look like a comment. An alias points elsewhere and has none."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    is_alias = not node.start_mark.index <= last.start_mark.index <= node.end_mark.index
    return int(node.start_mark.index) if is_alias else _leaf_end(last)


def _quiet_end(node: Node, text: str) -> int:
    """The end of the last line before the node's end that is more than a comment."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        return int(node.end_mark.index)
    end = int(node.end_mark.index)
    while end > node.start_mark.index:
        start = text.rfind("\n", 0, end) + 1
        if not _QUIET_LINE.fullmatch(text[start:end].rstrip("\r")):
            return end
        end = start - 1
    return end


def line_end(tree: Tree, position: int, deeper_than: int) -> int:
    """The end of the line at `position`, and of comment lines after it that are indented deeper: these belong to it."""
    end = _this_line_end(tree.text, position)
    place = end
    while place < len(tree.text):
        start = tree.text.find("\n", place) + 1
        if not start:
            break
        place = _this_line_end(tree.text, start)
        line = tree.text[start:place]
        if not _QUIET_LINE.fullmatch(line):
            break
        if line.strip() and len(line) - len(line.lstrip()) > deeper_than:
            end = place
    return end


def _this_line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    if found < 0:
        return len(text)
    return found - 1 if found and text[found - 1] == "\r" else found


@dataclass
class Shown:
    """How often a file shows each habit of layout."""

    columns: dict[str, Counter[int]] = field(
        default_factory=lambda: {"step": Counter(), "dashes": Counter(), "item": Counter()}
    )
    """The columns that `Layout` counts."""
    spaced: dict[str, Counter[bool]] = field(default_factory=dict)
    """Whether an empty line stands between the items of a list, by its key."""
    quotes: Counter[str] = field(default_factory=Counter)
    """The quotes around descriptions; "" for none."""


def shown_in(tree: Tree, most: int | None = None) -> Shown:
    """What the pairs of the file's block mappings show, at `most` so many."""
    shown = Shown()
    for parent, key, node in islice(_pairs(tree), most):
        if isinstance(node, ScalarNode):
            if key == "description" and node.style not in {"|", ">"} and node.value:
                shown.quotes[node.style or ""] += 1
            continue
        if not isinstance(node, CollectionNode) or node.flow_style:
            continue
        column = column_of(node, tree)
        kind = "step" if isinstance(node, MappingNode) else "dashes"
        shown.columns[kind][column - column_of(parent, tree)] += 1
        if isinstance(node, SequenceNode):
            shown.columns["item"].update(item.start_mark.column - column for item in node.value[:1])
            if len(node.value) == 1 and "\n" not in tree.text[node.start_mark.index : node.end_mark.index].strip():
                shown.spaced.setdefault(key, Counter())[False] += 1  # nobody sets single lines apart
            for before, after in zip(node.value[:3], node.value[1:4], strict=False):
                gap = tree.text[before.start_mark.index : after.start_mark.index]
                gap = gap[len(gap.rstrip("- \t\r\n")) :]
                shown.spaced.setdefault(key, Counter())[bool(_EMPTY_LINE.search(gap))] += 1
    return shown


def layout_of(tree: Tree, otherwise: Layout | None = None) -> Layout:
    """The style that most of the file is written in; where it shows none, `otherwise`, else cartridge's own. What a
    linter asks for (width, quotes, order of keys) is taken from `otherwise`."""
    base, shown = otherwise or Layout(), shown_in(tree)
    most = {name: counts.most_common(1)[0][0] for name, counts in shown.columns.items() if counts}
    step = most.get("step", max(most.get("dashes", 0), base.step))  # dashes far in tell of wide steps
    return replace(
        base,
        step=max(step, 1),
        dashes=max(most.get("dashes", base.dashes), 0),
        item=max(most.get("item", base.item), 2),
        spaced=frozenset(
            {key for key, counts in shown.spaced.items() if counts[True] > counts[False]}
            | (base.spaced - shown.spaced.keys())
        ),
        quote=shown.quotes.most_common(1)[0][0] if shown.quotes else base.quote,
    )


def _pairs(tree: Tree) -> Iterator[tuple[MappingNode, str, Node]]:
    """Every (block mapping, key, value) of the file."""
    waiting: list[Node] = list(tree.documents)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, CollectionNode) or node.flow_style:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if isinstance(key, ScalarNode):
                    yield node, key.value, value
                if not isinstance(value, ScalarNode):
                    waiting.append(value)
        elif isinstance(node, SequenceNode):
            waiting.extend(item for item in node.value if not isinstance(item, ScalarNode))
