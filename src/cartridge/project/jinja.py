"""What a dbt file says in Jinja: its `ref()`, `source()` and `config()` calls, and the blocks it defines.

The syntax tree is the truth; nothing is rendered or executed. Files that hold only plain `ref` and `source` calls, most
staging models, take a shortcut that a test proves equal to the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

_PLAIN_CALL = re.compile(
    r"\{\{-?\s*(?P<function>ref|source)\(\s*(?P<q>['\"])(?P<first>[^'\"\\{}]+)(?P=q)"
    r"(?:\s*,\s*(?P<r>['\"])(?P<second>[^'\"\\{}]+)(?P=r))?\s*\)\s*-?\}\}"
)
_OPENING = re.compile(r"\{[{%#]")


@dataclass(frozen=True)
class Block:
    """A named block of a dbt file, such as `{% snapshot name %}` or `{% macro name() %}`."""

    kind: str
    name: str


@dataclass(frozen=True)
class JinjaFacts:
    """What one file says. `unknown` lists (line, what) of calls whose arguments are known only at run time."""

    refs: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    unknown: tuple[tuple[int, str], ...] = ()
    traits: tuple[tuple[str, str], ...] = ()
    """(trait, value) of the style of the file's SQL, where it was looked at."""


class JinjaFault(Exception):  # noqa: N818 - a fault of the file read, turned into a finding at once
    """The text is no valid Jinja; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _DbtTags(Extension):
    """dbt's own block tags, parsed to a `Macro` node whose name is "<tag> <name>"."""

    tags = {  # noqa: RUF012 - declared so by jinja2
"snapshot", "test", "data_test", "materialization", "docs",
    }  # fmt: skip

    def parse(self, parser: Parser) -> nodes.Node:
        """The node of one block."""
        token = next(parser.stream)
        node = nodes.Macro(lineno=token.lineno)
        node.name = f"{token.value} {parser.parse_assign_target(name_only=True).name}"
        node.args, node.defaults = [], []
        if parser.stream.current.type == "lparen":
            parser.parse_signature(node)
        while parser.stream.current.type != "block_end":
            next(parser.stream)  # `, adapter='x', supported_languages=[...]` of a materialization
        node.body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        return node


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701 - templates are parsed to syntax trees, never rendered
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", _DbtTags], cache_size=0
    )


def read_jinja(text: str) -> JinjaFacts:
    """The facts of one file's text.

    Raises:
        JinjaFault: the text is no valid Jinja.
    """
    return _plain(text) or _from_tree(text)


def _plain(text: str) -> JinjaFacts | None:
    """The facts of a text whose only Jinja are plain calls of ref and source; None for any other text."""
    refs: dict[str, None] = {}
    sources: dict[tuple[str, str], None] = {}
    count = 0
    for match in _PLAIN_CALL.finditer(text):
        count += 1
        if match["function"] == "ref":
            refs[match["second"] or match["first"]] = None
        elif match["second"]:
            sources[match["first"], match["second"]] = None
        else:
            return None
    if count != len(_OPENING.findall(text)):
        return None
    return JinjaFacts(refs=tuple(refs), sources=tuple(sources))


def _from_tree(text: str) -> JinjaFacts:
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as fault:
        raise JinjaFault(fault.message or "invalid Jinja", fault.lineno) from None
    except RecursionError:
        raise JinjaFault("nested too deeply to be read", 1) from None
    refs: dict[str, None] = {}
    sources: dict[tuple[str, str], None] = {}
    config: dict[str, Any] = {}
    unknown: list[tuple[int, str]] = []
    for call in tree.find_all(nodes.Call):
        function = _function(call.node)
        arguments = [_constant(argument) for argument in call.args]
        if function == "config":
            config.update(_keywords(call))
        elif function in {"ref", "source"}:
            names = [name for name in arguments if isinstance(name, str) and name]
            expected = {2} if function == "source" else {1, 2}
            if len(names) != len(arguments) or call.dyn_args is not None or len(names) not in expected:
                unknown.append((call.lineno, f"{function}()"))
            elif function == "ref":
                refs[names[-1]] = None
            else:
                sources[names[0], names[1]] = None
    return JinjaFacts(tuple(refs), tuple(sources), config, tuple(_blocks(tree)), tuple(unknown))


def _blocks(tree: nodes.Template) -> Iterator[Block]:
    for macro in tree.find_all(nodes.Macro):
        kind, space, name = macro.name.partition(" ")
        yield Block(kind, name) if space else Block("macro", kind)


def _function(node: nodes.Node) -> str | None:
    """`ref` for `ref` and for `builtins.ref`; None for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "builtins":
        return node.attr
    return None


class _Dynamic:
    """Stands for a value that is known only at run time."""


DYNAMIC = _Dynamic()


def _keywords(call: nodes.Call) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for argument in call.args:
        value = _constant(argument)
        if isinstance(value, dict):
            found.update({str(key): item for key, item in value.items()})
    found.update({keyword.key: _constant(keyword.value) for keyword in call.kwargs})
    return {key: value for key, value in found.items() if value is not DYNAMIC}


def _constant(node: nodes.Node) -> Any:
    """The value of a literal, else `DYNAMIC`. Only literals are read, so that no text can make the reader compute."""
    match node:
        case nodes.Const():
            return node.value
        case nodes.List() | nodes.Tuple():
            items = [_constant(item) for item in node.items]
            return DYNAMIC if any(item is DYNAMIC for item in items) else items
        case nodes.Dict():
            return {_key(pair.key): _constant(pair.value) for pair in node.items}
        case nodes.Concat():
            return _joined(node.nodes)
        case nodes.Add():
            return _joined([node.left, node.right])
    return DYNAMIC


def _joined(parts: list[nodes.Expr]) -> Any:
    values = [_constant(part) for part in parts]
    return "".join(values) if all(isinstance(value, str) for value in values) else DYNAMIC


def _key(node: nodes.Node) -> str:
    value = _constant(node)
    return value if isinstance(value, str) else ""
