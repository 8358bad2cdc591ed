"""The layout of YAML that settings ask for: `.yamllint`, and what `.editorconfig` says of `.yml` files.

yamllint looks for its file in the working folder and those above it and reads the first one; keys and defaults after
https://yamllint.readthedocs.io/en/stable/rules.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cartridge.domain.style import LINE_LENGTH, YAML_TRAITS
from cartridge.project.linters import editor_settings, folders
from cartridge.project.yaml_nodes import YamlFault, documents, plain

_FILES = (".yamllint", ".yamllint.yaml", ".yamllint.yml")
_DEPTH = 5
"""How many files may extend one another."""

Rules = dict[str, dict[str, Any]]
"""The options of every rule that is on."""

_OPTIONS: Rules = {
    "document-start": {"present": True},
    "empty-lines": {"max": 2},
    "hyphens": {"max-spaces-after": 1},
    "indentation": {"spaces": "consistent", "indent-sequences": True},
    "key-ordering": {},
    "line-length": {"max": 80},
    "new-line-at-end-of-file": {},
    "new-lines": {"type": "unix"},
    "quoted-strings": {"quote-type": "any", "required": True},
}
"""The rules that decide how new text is laid out, with the defaults of their options. All others (colons, commas,
trailing spaces ...) are kept by whatever is written."""

_DEFAULT: Rules = {rule: {} for rule in _OPTIONS if rule not in {"key-ordering", "quoted-strings"}}
_BASES: dict[str, Rules] = {
    "default": _DEFAULT,
    "relaxed": {
        **{rule: options for rule, options in _DEFAULT.items() if rule != "document-start"},
        "indentation": {"indent-sequences": "consistent"},
    },
}
_EMPTY_LINES = tuple(trait for trait in YAML_TRAITS if trait.startswith("blank_between_"))


def configured_yaml(root: Path) -> tuple[tuple[str, str, str], ...]:
    """(trait, value, file) that the settings ask for, sorted by trait. `file` is relative to `root`. A file that cannot
    be read asks for nothing."""
    found: dict[str, tuple[str, str]] = {}
    known = folders(root)
    for folder, called in known:
        asked = editor_settings(folder / ".editorconfig", "yml")
        found.update({trait: (value, f"{called}.editorconfig") for trait, value in _editor_traits(asked)})
    for folder, called in reversed(known):
        name = next((name for name in _FILES if (folder / name).is_file()), None)
        if name:
            rules = _rules(folder / name, root, known[0][0], 0)
            found.update({trait: (value, called + name) for trait, value in _lint_traits(rules)})
            break
    return tuple(sorted((trait, value, file) for trait, (value, file) in found.items()))


def _editor_traits(asked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if asked.get("indent_size") in YAML_TRAITS["indent"]:
        yield "indent", asked["indent_size"]
    if asked.get("max_line_length", "").isdecimal():
        yield LINE_LENGTH, asked["max_line_length"]
    if asked.get("end_of_line") in YAML_TRAITS["line_ends"]:
        yield "line_ends", asked["end_of_line"]
    final = {"true": "yes", "false": "no"}.get(asked.get("insert_final_newline", ""))
    if final:
        yield "final_newline", final


def _rules(file: Path, root: Path, top: Path, depth: int) -> Rules:
    """The rules of a file, laid over those of the one that it extends: one of yamllint's own, or a file below `top`."""
    try:
        roots = documents(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, YamlFault):
        return {}
    settings = plain(roots[0]) if roots else None
    if not isinstance(settings, dict):
        return {}
    extended = settings.get("extends")
    rules: Rules = {}
    if isinstance(extended, str) and extended in _BASES:
        rules = {name: dict(options) for name, options in _BASES[extended].items()}
    elif isinstance(extended, str) and depth < _DEPTH:
        other = (root / extended).resolve()  # yamllint looks from the working folder
        if other.is_relative_to(top.resolve()) and other.is_file():
            rules = _rules(other, root, top, depth + 1)
    asked = settings.get("rules")
    for name, value in (asked if isinstance(asked, dict) else {}).items():
        if isinstance(value, dict):
            rules[name] = {**rules.get(name, {}), **value}
        elif value in {"enable", True}:
            rules[name] = {}
        else:
            rules.pop(name, None)
    return rules


def _lint_traits(asked: Rules) -> Iterator[tuple[str, str]]:
    rules = {name: {**_OPTIONS[name], **options} for name, options in asked.items() if name in _OPTIONS}
    if "indentation" in rules:
        yield from _indentation(rules["indentation"])
    if "hyphens" in rules and rules["hyphens"]["max-spaces-after"] == 1:
        yield "item", "2"
    if "document-start" in rules:
        yield "document_start", "yes" if rules["document-start"]["present"] else "no"
    if "line-length" in rules and isinstance(rules["line-length"]["max"], int):
        yield LINE_LENGTH, str(max(rules["line-length"]["max"], 10))
    if "empty-lines" in rules and rules["empty-lines"]["max"] == 0:
        yield from ((trait, "no") for trait in _EMPTY_LINES)
    if "key-ordering" in rules:
        yield "key_order", "sorted"
    if "quoted-strings" in rules:
        yield "quotes", _quotes(rules["quoted-strings"])
    yield from _line_ends(rules)


def _line_ends(rules: Rules) -> Iterator[tuple[str, str]]:
    if "new-line-at-end-of-file" in rules:
        yield "final_newline", "yes"
    if "new-lines" in rules:
        ends = {"unix": "lf", "dos": "crlf"}.get(rules["new-lines"]["type"])
        if ends:
            yield "line_ends", ends


def _indentation(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if str(options["spaces"]) in YAML_TRAITS["indent"]:
        yield "indent", str(options["spaces"])
    if isinstance(options["indent-sequences"], bool):
        yield "dashes", "indented" if options["indent-sequences"] else "flush"


def _quotes(options: Mapping[str, Any]) -> str:
    """A value of the trait `quotes`. Consistent quotes are double ones."""
    kind = {"single": "single", "double": "double", "consistent": "double"}.get(str(options["quote-type"]), "")
    when = {True: "always", "only-when-needed": "where needed"}.get(options["required"], "")
    return f"{kind} {when}".strip() or "any"
