"""YAML read as a tree of nodes that know their lines; values are made only where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.resolver import Resolver

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml reads the same, slowly
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

_MAX_DEPTH = 50
_PLAIN = "plain"
_RESOLVER = Resolver()
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def _nothing(*_: object) -> None:
    """Nothing: no tag depends on where a node stands."""


class _Loader(Loader):
    """Leaves open what a plain scalar means until it is asked for: a third of the time of composing."""

    descend_resolver = ascend_resolver = staticmethod(_nothing)  # type: ignore[assignment]

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """`plain` for a scalar without quotes; the other kinds tell themselves."""
        return _PLAIN if kind is yaml.ScalarNode and implicit[0] else ""


@dataclass(frozen=True)
class YamlFault(Exception):  # noqa: N818 - a fault of the file read, turned into a finding at once
    """The text is no valid YAML; `line` counts from 1."""

    message: str
    line: int


def documents(text: str) -> list[yaml.Node]:
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


def line(node: yaml.Node) -> int:
    """The line where the node begins, from 1."""
    return int(node.start_mark.line) + 1


def mapping(node: yaml.Node | None, depth: int = 0) -> dict[str, yaml.Node]:
    """The entries of a mapping, merge keys included; empty for any other node. Later keys win, as in dbt."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    found: dict[str, yaml.Node] = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if "<<" not in found or depth >= _MAX_DEPTH:
        return found
    merged: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value == "<<" and key.tag == _PLAIN:
            found.pop("<<", None)
            for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                merged = {**mapping(part, depth + 1), **merged}
    return {**merged, **found}


def repeated_keys(node: yaml.Node | None) -> list[tuple[str, int]]:
    """(key, line) of every key that stands twice in a mapping."""
    seen: set[str] = set()
    found: list[tuple[str, int]] = []
    if isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    found.append((key.value, line(key)))
                seen.add(key.value)
    return found


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """The items of a sequence; empty for any other node."""
    return node.value if isinstance(node, yaml.SequenceNode) else []


def text(node: yaml.Node | None) -> str | None:
    """The text of a scalar as it is written; None for null and for any other node."""
    if not isinstance(node, yaml.ScalarNode) or (node.tag == _PLAIN and node.value in _NULLS):
        return None
    return str(node.value)


def texts(node: yaml.Node | None) -> tuple[str, ...]:
    """The texts of a sequence of scalars, or of one scalar."""
    one = text(node)
    if one is not None:
        return (one,)
    return tuple(value for item in items(node) for value in [text(item)] if value is not None)


def named(node: yaml.Node | None) -> Iterator[tuple[str, dict[str, yaml.Node], yaml.Node]]:
    """(name, entries, node) of every item of a sequence that is a mapping with a name."""
    for item in items(node):
        entries = mapping(item)
        name = text(entries.get("name"))
        if name:
            yield name, entries, item


def plain(node: yaml.Node | None, depth: int = 0, made: dict[int, Any] | None = None) -> Any:
    """The node as plain values: dict, list, str, bool, int, float, None. Aliases share one value; depth is bounded."""
    made = {} if made is None else made
    if node is None or depth > _MAX_DEPTH:
        return None
    if id(node) not in made:
        made[id(node)] = None  # a node inside itself
        if isinstance(node, yaml.MappingNode):
            made[id(node)] = {key: plain(value, depth + 1, made) for key, value in mapping(node).items()}
        elif isinstance(node, yaml.SequenceNode):
            made[id(node)] = [plain(item, depth + 1, made) for item in node.value]
        else:
            made[id(node)] = _scalar(node)
    return made[id(node)]


def _scalar(node: yaml.Node) -> Any:
    value = str(node.value)
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) if node.tag == _PLAIN else ""  # type: ignore[no-untyped-call]
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
