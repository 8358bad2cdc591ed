"""Insertion into YAML that a person wrote: new text at exact places, not a byte of the old text changed.

The places are those that PyYAML's composer reports. Before a result is returned it is parsed again and compared in
meaning: it must be what was there plus what was to be added, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cartridge.render.yaml_text import Layout, Value, document, flow, mapping, sequence
from cartridge.render.yaml_tree import (
    Refusal,
    Tree,
    child,
    column_of,
    end_of,
    item_name,
    key_node,
    layout_of,
    line_end,
    parse,
    plain,
    same,
)

Entry = Mapping[str, Value]


@dataclass(frozen=True)
class Addition:
    """Entries (each with a `name`) for the list under `section`, or, where `inside` is given as (name, key), for the
    list under `key` of the section's item of that name."""

    section: str
    entries: tuple[Entry, ...]
    inside: tuple[str, str] | None = None


@dataclass(frozen=True)
class Inserted:
    """The new text, and the names that were added; none where all of them were there."""

    text: str
    added: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """Why nothing can be inserted safely, and in which line that shows."""

    reason: str
    line: int | None = None


def insert(text: str, additions: Sequence[Addition], otherwise: Layout | None = None) -> Inserted | Refused:
    """The text with the entries that it does not hold yet, in the file's own style; `otherwise` where it shows none.

    An item is there when one of its name is. Comments, order, quotes, line ends, indentation, anchors and further
    documents stay as they are; the old text is a subsequence of the new.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body, added = text[len(mark) :], []
    try:
        for addition in additions:
            body, names = _insert(body, addition, otherwise)
            added += names
    except Refusal as refusal:
        return Refused(refusal.reason, refusal.line)
    return Inserted(mark + body, tuple(added))


def names_in(text: str, section: str) -> frozenset[str] | Refused:
    """The names of the items under `section` in any document of the file."""
    try:
        tree = parse(text.removeprefix("\ufeff"))
        found = [_section(document, section) for document in tree.documents]
    except Refusal as refusal:
        return Refused(refusal.reason, refusal.line)
    return frozenset(name for items in found for item in items if (name := item_name(item)) is not None)


def _section(node: Node, section: str) -> list[Node]:
    items = child(node, section) if isinstance(node, MappingNode) else None
    return list(items.value) if isinstance(items, SequenceNode) else []


def _insert(text: str, addition: Addition, otherwise: Layout | None) -> tuple[str, list[str]]:
    tree = parse(text)
    place = _place(tree, addition)
    _, parent, key = place
    existing = child(parent, key) if parent is not None else None
    there = {item_name(item) for item in existing.value} if isinstance(existing, SequenceNode) else set()
    entries = [entry for entry in addition.entries if entry["name"] not in there]
    if not entries:
        return text, []
    layout = layout_of(tree, otherwise)
    wanted = [_in_file_words(entry, tree) for entry in entries]
    position, new = _splice(tree, parent, key, wanted, layout)
    result = text[:position] + new + text[position:]
    _prove(tree, result, place, wanted)
    return result, [str(entry["name"]) for entry in entries]


def _place(tree: Tree, addition: Addition) -> tuple[int, MappingNode | None, str]:
    """(document, mapping, key) of the list that is added to; no mapping where the file holds nothing yet."""
    for number, root in enumerate(tree.documents):
        if not isinstance(root, MappingNode) or root.flow_style:
            raise Refusal("it does not start with keys in block style", root.start_mark.line + 1)
        if addition.inside is None and child(root, addition.section) is not None:
            return number, root, addition.section
        item = _named(root, addition, tree)
        if addition.inside and item is not None:
            return number, item, addition.inside[1]
    if addition.inside:
        raise Refusal(f"it declares no {addition.section[:-1]} named {addition.inside[0]!r}")
    first = tree.documents[0] if tree.documents else None
    return 0, first if isinstance(first, MappingNode) else None, addition.section


def _named(root: MappingNode, addition: Addition, tree: Tree) -> MappingNode | None:
    """The item that is added to."""
    if addition.inside is None:
        return None
    for item in _section(root, addition.section):
        if isinstance(item, MappingNode) and item_name(item) == addition.inside[0]:
            if tree.references[id(item)] > 1:
                raise Refusal(f"{addition.inside[0]!r} is repeated by an alias", item.start_mark.line + 1)
            return item
    return None


def _splice(
    tree: Tree, parent: MappingNode | None, key: str, entries: Sequence[Entry], layout: Layout
) -> tuple[int, str]:
    """Where the new text goes, and the text."""
    if parent is None:
        return len(tree.text), _whole(tree, key, entries, layout)
    existing = child(parent, key)
    if existing is None and not parent.flow_style:
        return _new_key(tree, parent, key, entries, layout)
    if existing is None:
        raise Refusal(f"{key!r} is missing in a mapping in flow style", parent.start_mark.line + 1)
    if tree.references[id(existing)] > 1 or existing.start_mark.index < key_node(parent, key).end_mark.index:
        raise Refusal(f"the list under {key!r} is repeated by an alias", existing.start_mark.line + 1)
    if isinstance(existing, SequenceNode) and existing.flow_style:
        return _into_flow(tree, existing, entries, layout)
    if isinstance(existing, SequenceNode):
        return _after_items(tree, existing, key, entries, layout)
    empty = isinstance(existing, ScalarNode) and existing.start_mark.index == existing.end_mark.index
    if empty and not parent.flow_style:
        column = column_of(parent, tree)
        position = line_end(tree, key_node(parent, key).end_mark.index, column)
        lines = sequence(entries, column + layout.dashes, layout, spaced=key in layout.spaced)
        return position, _lines(tree, lines)
    raise Refusal(f"{key!r} holds no list", existing.start_mark.line + 1)


def _whole(tree: Tree, key: str, entries: Sequence[Entry], layout: Layout) -> str:
    start = "" if not tree.text or tree.text.endswith("\n") else tree.newline
    whole = replace(layout, start=False, newline=tree.newline)
    return start + document({key: list(entries)}, whole)


def _new_key(tree: Tree, parent: MappingNode, key: str, entries: Sequence[Entry], layout: Layout) -> tuple[int, str]:
    column = column_of(parent, tree)
    position = line_end(tree, end_of(parent, tree), column)
    before = [""] if column == 0 else []
    return position, _lines(tree, [*before, *mapping({key: list(entries)}, column, layout)])


def _after_items(
    tree: Tree, existing: SequenceNode, key: str, entries: Sequence[Entry], layout: Layout
) -> tuple[int, str]:
    column = column_of(existing, tree)
    if isinstance(existing.value[0], MappingNode):
        layout = replace(layout, item=max(existing.value[0].start_mark.column - column, 2))
    position = line_end(tree, end_of(existing, tree), column)
    spaced = key in layout.spaced
    return position, _lines(tree, [*([""] if spaced else []), *sequence(entries, column, layout, spaced=spaced)])


def _into_flow(tree: Tree, existing: SequenceNode, entries: Sequence[Entry], layout: Layout) -> tuple[int, str]:
    position = len(tree.text[: existing.end_mark.index - 1].rstrip())
    text = ", ".join(flow(entry, layout) for entry in entries)
    comma = {"[": "", ",": " "}.get(tree.text[position - 1], ", ")
    return position, comma + text


def _lines(tree: Tree, lines: Sequence[str]) -> str:
    """The lines as they follow the end of a line: each after its newline, so that a file keeps its own end."""
    return "".join(tree.newline + line for line in lines)


def _in_file_words(entry: Entry, tree: Tree) -> Entry:
    """The entry with `tests` for `data_tests` where the file says so: dbt refuses both in one place."""
    return renamed(entry, "tests") if "tests" in tree.keys and "data_tests" not in tree.keys else entry


def renamed(entry: Entry, tests_key: str) -> Entry:
    """The entry with its `data_tests`, and those of its columns and tables, under another key."""
    result = {(tests_key if key == "data_tests" else key): value for key, value in entry.items()}
    for key in ("columns", "tables"):
        items = entry.get(key)
        if isinstance(items, list):
            result[key] = [renamed(item, tests_key) for item in items]
    return result


def _prove(tree: Tree, new: str, place: tuple[int, MappingNode | None, str], entries: Sequence[Entry]) -> None:
    """The new text means what the old text meant, with the entries added, and nothing else."""
    number, parent, key = place
    refusal = Refusal("the insertion would change what the file means elsewhere")
    try:
        documents = parse(new).documents
    except Refusal as error:
        raise refusal from error
    if parent is None:
        proven = len(documents) == 1 and plain(documents[0]) == {key: list(entries)}
    else:
        grown = {id(parent): lambda node: _has_grown(parent, node, key, entries)}
        proven = len(documents) == len(tree.documents) and all(
            same(old, node, grown if place_number == number else None)
            for place_number, (old, node) in enumerate(zip(tree.documents, documents, strict=True))
        )
    if not proven:
        raise refusal


def _has_grown(old: MappingNode, new: Node, key: str, entries: Sequence[Entry]) -> bool:
    """Whether `new` is `old`, but for the entries at the end of its list under `key`."""
    if not isinstance(new, MappingNode):
        return False
    before, after = child(old, key), child(new, key)
    others = [[pair for pair in node.value if pair[0].value != key] for node in (old, new)]
    if len(others[0]) != len(others[1]) or not isinstance(after, SequenceNode):
        return False
    items = before.value if isinstance(before, SequenceNode) else []
    return (
        [plain(item) for item in after.value[len(items) :]] == list(entries)
        and all(same(item, now) for item, now in zip(items, after.value, strict=False))
        and all(
            same(old_key, new_key) and same(old_value, new_value)
            for (old_key, old_value), (new_key, new_value) in zip(*others, strict=True)
        )
    )
