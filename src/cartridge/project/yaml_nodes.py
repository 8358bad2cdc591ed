"""YAML read as a tree of nodes that know their lines; values are made only where they are asked for."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import Resolver

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml reads the same, slowly
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

_MAX_DEPTH = 50
_PLAIN = "plain"
_RESOLVER = Resolver()
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class _Loader(Loader):
    """Leaves open what a plain scalar means until it is asked for: a third of the time of composing. No tag depends on
    where a node stands, so what is told of that goes to builtins that do nothing, at no cost."""

    descend_resolver = staticmethod(operator.is_)  # type: ignore[assignment]
    ascend_resolver = staticmethod(bool)  # type: ignore[assignment]

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        """`plain` for a scalar without quotes; the other kinds tell themselves."""
        return _PLAIN if kind is ScalarNode and implicit[0] else ""


@dataclass(frozen=True)
class YamlFault(Exception):  # noqa: N818 - a fault of the file read, turned into a finding at once
    """The text is no valid YAML; `line` counts from 1."""

    message: str
    line: int


def documents(text: str) -> list[Node]:
    """The root node of every document that is not empty.

    Raises:
        YamlFault: the text is no valid YAML.
    """
    try:
        return [node for node in yaml.compose_all(text, _Loader) if node is not None]
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
        message = str(getattr(fault, "problem", None) or getattr(fault, "reason", None) or fault).splitlines()[0]
        raise YamlFault(message, mark.line + 1 if mark else 1) from None
    except RecursionError:
        raise YamlFault("nested too deeply to be read", 1) from None


def line(node: Node) -> int:
    """The line where the node begins, from 1."""
    return int(node.start_mark.line) + 1


def mapping(node: Node | None, depth: int = 0) -> dict[str, Node]:
    """The entries of a mapping, merge keys included; empty for any other node. Later keys win, as in dbt."""
    if type(node) is not MappingNode:
        return {}
    found: dict[str, Node] = {key.value: value for key, value in node.value if type(key) is ScalarNode}
    if "<<" not in found or depth >= _MAX_DEPTH:
        return found
    merged: dict[str, Node] = {}
    for key, value in node.value:
        if key.value == "<<" and key.tag == _PLAIN:
            found.pop("<<", None)
            for part in value.value if isinstance(value, SequenceNode) else [value]:
                merged = {**mapping(part, depth + 1), **merged}
    return {**merged, **found}


def repeated_keys(node: Node | None) -> list[tuple[str, int]]:
    """(key, line) of every key that stands twice in a mapping."""
    seen: set[str] = set()
    found: list[tuple[str, int]] = []
    if isinstance(node, MappingNode):
        for key, _ in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    found.append((key.value, line(key)))
                seen.add(key.value)
    return found


def items(node: Node | None) -> list[Node]:
    """The items of a sequence; empty for any other node."""
    found: list[Node] = node.value if type(node) is SequenceNode else []
    return found


def text(node: Node | None) -> str | None:
    """The text of a scalar as it is written; None for null and for any other node."""
    if type(node) is not ScalarNode:
        return None
    value: str = node.value
    return None if value in _NULLS and node.tag == _PLAIN else value


def texts(node: Node | None) -> tuple[str, ...]:
    """The texts of a sequence of scalars, or of one scalar."""
    one = text(node)
    if one is not None:
        return (one,)
    return tuple(value for item in items(node) for value in [text(item)] if value is not None)


def named(node: Node | None) -> Iterator[tuple[str, dict[str, Node], Node]]:
    """(name, entries, node) of every item of a sequence that is a mapping with a name."""
    for item in items(node):
        entries = mapping(item)
        name = text(entries.get("name"))
        if name:
            yield name, entries, item


def plain(node: Node | None, depth: int = 0, made: dict[int, Any] | None = None) -> Any:
    """The node as plain values: dict, list, str, bool, int, float, None. Aliases share one value; depth is bounded."""
    made = {} if made is None else made
    if node is None or depth > _MAX_DEPTH:
        return None
    if id(node) not in made:
        made[id(node)] = None  # a node inside itself
        if isinstance(node, MappingNode):
            made[id(node)] = {key: plain(value, depth + 1, made) for key, value in mapping(node).items()}
        elif isinstance(node, SequenceNode):
            made[id(node)] = [plain(item, depth + 1, made) for item in node.value]
        else:
            made[id(node)] = _scalar(node)
    return made[id(node)]


def _scalar(node: Node) -> Any:
    value = str(node.value)
    tag: str = _RESOLVER.resolve(ScalarNode, value, (True, False)) if node.tag == _PLAIN else ""  # type: ignore[no-untyped-call]
    match tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return value.lower() in {"true", "yes", "on"}
        case "int" | "float" as kind:
            try:
                return int(value.replace("_", "")) if kind == "int" else float(value.replace("_", ""))
            except ValueError:  # other forms of numbers, such as 0x1f
                return value
    return value
