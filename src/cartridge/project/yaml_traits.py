"""How a property file is laid out, in the words of `domain.style`: only what the file shows, nothing by default."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from cartridge.domain.style import YAML_TRAITS
from cartridge.render.yaml_tree import Tree, shown_in

_MOST_PAIRS = 400
"""How many pairs of a file are looked at: more would say the same."""
_SECTIONS = frozenset({"models", "sources", "seeds", "snapshots", "exposures", "metrics", "macros", "unit_tests"})
_EMPTY_BEFORE = re.compile(r"\n[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*\Z")
_MARKS = {"": "where needed", "'": "single", '"': "double"}


def yaml_traits(text: str, documents: Sequence[yaml.Node]) -> tuple[tuple[str, str], ...]:
    """(trait, value) pairs, sorted, of a file that has been composed to these documents."""
    if not documents or not all(isinstance(root, MappingNode) and not root.flow_style for root in documents):
        return ()
    tree = Tree(text, list(documents), "\n")
    found = {**dict(_whole(text, documents[0])), **dict(_inside(tree))}
    return tuple(sorted((trait, value) for trait, value in found.items() if value in YAML_TRAITS[trait]))


def _whole(text: str, root: Node) -> Iterator[tuple[str, str]]:
    """What the file as a whole shows."""
    first = text.find("\n")
    if first >= 0:
        yield "line_ends", "crlf" if text[:first].endswith("\r") else "lf"
    yield "final_newline", "yes" if text.endswith("\n") else "no"
    yield "document_start", "yes" if re.match(r"(?:\s*#[^\n]*\n|\s*\n)*---\s", text) else "no"
    keys = [key for key, _ in root.value if isinstance(key, ScalarNode)]
    yield "version", "yes" if any(key.value == "version" for key in keys) else "no"
    gaps = [_EMPTY_BEFORE.search(text, 0, key.start_mark.index) for key in keys[1:] if key.value in _SECTIONS]
    if gaps:
        yield "blank_between_sections", "yes" if 2 * sum(map(bool, gaps)) >= len(gaps) else "no"


def _inside(tree: Tree) -> Iterator[tuple[str, str]]:
    shown = shown_in(tree, _MOST_PAIRS)
    dashes = _most(shown.columns["dashes"])
    step = _most(shown.columns["step"]) or dashes or None
    for trait, value in (("indent", step), ("item", _most(shown.columns["item"]))):
        if value is not None:
            yield trait, str(value)
    if dashes is not None:
        yield "dashes", "flush" if dashes == 0 else "indented" if dashes == step else str(dashes)
    if shown.quotes:
        yield "description_quotes", _MARKS.get(max(sorted(shown.quotes), key=lambda mark: shown.quotes[mark]), "")
    for key, counts in shown.spaced.items():
        if f"blank_between_{key}" in YAML_TRAITS:
            yield f"blank_between_{key}", "yes" if counts[True] > counts[False] else "no"


def _most(counts: Counter[int]) -> int | None:
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None
