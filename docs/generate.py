"""Writes the reference pages from the code: the command line, the Python interface, the plan file.

    python docs/generate.py [--check]

`--check` writes nothing, and ends with 1 where a page is stale.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import click

from cartridge.app.plan_schema import plan_schema
from cartridge.cli.commands import COMMANDS, cartridge

PAGES = Path(__file__).parent / "reference"
MODULES = {
    "cartridge.ai.base": "What a request and a plan are made of.",
    "cartridge.ai.factory": "Who drafts a plan.",
    "cartridge.app": "The use cases: each command of the command line as a coroutine.",
    "cartridge.errors": "Every error, each a `CartridgeError`.",
}
"""The public modules, in the order of a program's path."""
_COMMON = {"json", "quiet", "verbose", "no_color"}


def command_line() -> str:
    """Every command with its arguments and options."""
    root = click.Context(cartridge, info_name="cartridge")
    parts = ["# Command line", _common(root)]
    for name in COMMANDS:
        command = cartridge.get_command(root, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=root)
        usage = f"cartridge {name} {' '.join(command.collect_usage_pieces(context))}"
        parts += [f"## cartridge {name}", _paragraphs(inspect.cleandoc(command.help or "")), f"```\n{usage}\n```"]
        rows = [_option(option, context) for option in command.get_params(context) if _is_own(option)]
        if rows:
            parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _common(context: click.Context) -> str:
    command = cartridge.get_command(context, "scan")
    assert command is not None
    rows = [_option(option, context) for option in command.params if option.name in _COMMON]
    exits = (
        "Exit codes: `0` done, `1` any error, `2` only where changes are pending (`plan --detailed-exitcode`, `drift`)."
    )
    return "\n".join([f"Every command takes these. {exits}", "", "| option | what it does |", "|---|---|", *rows])


def _is_own(option: click.Parameter) -> bool:
    return (
        isinstance(option, click.Option) and option.name not in _COMMON and option.name != "help" and not option.hidden
    )


def _option(option: click.Parameter, context: click.Context) -> str:
    assert isinstance(option, click.Option)
    words = ", ".join(f"`{word}`" for word in option.opts)
    metavar = "" if option.is_flag else f" `{option.make_metavar(context)}`"
    default = f" Default: `{option.default}`." if option.show_default else ""
    repeated = " Repeatable." if option.multiple and "repeat" not in (option.help or "").lower() else ""
    return f"| {words}{metavar} | {_cell(option.help or '')}{repeated}{default} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def python() -> str:
    """The public modules: every name with its signature and docstring."""
    parts = ["# Python"]
    for module_name, says in MODULES.items():
        module = importlib.import_module(module_name)
        parts += [f"## {module_name}", says]
        for name in _public(module):
            parts += list(_documented(name, getattr(module, name)))
    return "\n\n".join(parts) + "\n"


def _public(module: Any) -> list[str]:
    named = getattr(module, "__all__", None)
    if named is not None:
        return list(named)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]


def _documented(name: str, value: Any) -> Iterator[str]:
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    kind = "async " if inspect.iscoroutinefunction(value) else ""
    yield f"### {name}"
    if inspect.isfunction(value):
        yield f"```python\n{kind}{name}{_signature(value)}\n```"
    elif issubclass(value, BaseException):
        yield f"A {' and a '.join(f'`{base.__name__}`' for base in value.__bases__)}."
    yield _docstring(value)
    if inspect.isclass(value):
        yield from _members(value)


def _members(value: type) -> Iterator[str]:
    if issubclass(value, enum.Enum):
        yield ", ".join(f"`{member.name}` = `{member.value!r}`" for member in value)
        return
    if rows := list(_fields(value)):
        yield "\n".join(["| field | type | default |", "|---|---|---|", *rows])
    for name, method in vars(value).items():
        if not name.startswith("_") and inspect.isfunction(method):
            kind = "async " if inspect.iscoroutinefunction(method) else ""
            yield f"`{kind}{name}{_signature(method)}`: {_docstring(method)}"


def _fields(value: type) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            factory = field.default_factory
            default = (
                field.default if field.default is not MISSING else factory() if factory is not MISSING else MISSING
            )
            yield _field(field.name, field.type, default, MISSING)
    elif hasattr(value, "model_fields"):
        hints = get_type_hints(value)
        for name, info in value.model_fields.items():
            default = info.default_factory() if info.default_factory else info.default
            yield _field(name, hints[name], MISSING if info.is_required() else default, MISSING)


def _field(name: str, kind: Any, default: Any, missing: Any) -> str:
    shown = "required" if default is missing else f"`{default!r}`"
    return f"| `{name}` | `{_cell(_type(kind))}` | {_cell(shown)} |"


def _type(kind: Any) -> str:
    text = kind if isinstance(kind, str) else kind.__name__ if isinstance(kind, type) else str(kind)
    return re.sub(r"\b(?:cartridge|typing|pathlib|collections)\.(?:[a-z_]+\.)*", "", text)


def _signature(value: Any) -> str:
    return _type(str(inspect.signature(value)).replace("'", ""))


def _docstring(value: Any) -> str:
    text = inspect.getdoc(value) or ""
    text = re.sub(r"^Raises:\n((?:    .*\n?)+)", _raised, text, flags=re.MULTILINE)
    return text.replace("<", "&lt;") if "`" not in text else text


def _raised(found: re.Match[str]) -> str:
    """The errors of a docstring as a list; a line that is indented further goes on with the one before."""
    lines: list[str] = []
    for line in found[1].splitlines():
        if line.startswith("     ") and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(re.sub(r"^(\w+(?:, \w+)*): ", r"- `\1`: ", line.strip()))
    return "Raises:\n\n" + "\n".join(lines) + "\n"


def plan_file() -> str:
    """The saved plan, as its JSON Schema has it."""
    schema = plan_schema()
    parts = [
        "# The plan file",
        "What `cartridge plan` saves, as its [JSON Schema](../plan.schema.json) has it.",
        "The document is canonical: the same inputs give the same bytes on any machine.",
        _table(schema),
    ]
    for name, definition in schema["$defs"].items():
        parts += [f"## {name}", definition.get("description", "").strip(), _table(definition)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        f"| `{name}` | {_kind(value)} | {'yes' if name in required else ''} | {_cell(value.get('description', ''))} |"
        for name, value in schema.get("properties", {}).items()
    ]
    return "\n".join(["| field | type | required | what it says |", "|---|---|---|---|", *rows]) if rows else ""


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{json.dumps(one)}`" for one in value["enum"])
    for joined in ("anyOf", "oneOf", "allOf"):
        if joined in value:
            return " or ".join(_kind(one) for one in value[joined])
    kind = value.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(value['items'])}" if "items" in value else "list"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


GENERATED = {"command-line.md": command_line, "python.md": python, "plan-file.md": plan_file}


def main() -> int:
    """Write every page, or say which is stale."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in GENERATED.items():
        page, text = PAGES / name, make()
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                page.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; write them with: python docs/generate.py")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
