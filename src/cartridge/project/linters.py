"""The style that the settings of a linter or an editor ask for: `.sqlfluff` (or its part of setup.cfg, tox.ini or
pyproject.toml) and `.editorconfig`. Read beside the project and in the folders above it, up to the repository's.

Keys after https://docs.sqlfluff.com/en/stable/reference/rules.html and https://spec.editorconfig.org/.
"""

from __future__ import annotations

import configparser
import fnmatch
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

_FILES = ("setup.cfg", "tox.ini", ".sqlfluff", "pyproject.toml")
"""In the order in which the later one wins."""
_CASES = {"lower": "lower", "upper": "upper"}
_CASED = {
    "keywords": (("capitalisation:keywords", "L010", "CP01"), "capitalisation_policy"),
    "functions": (("capitalisation:functions", "L030", "CP03"), "extended_capitalisation_policy"),
    "types": (("capitalisation:types", "L063", "CP05"), "extended_capitalisation_policy"),
}
_UNITS = {"2": "2 spaces", "3": "3 spaces", "4": "4 spaces", "8": "8 spaces"}

_IMPLIED: tuple[tuple[frozenset[str], dict[str, str]], ...] = (
    (frozenset({"JJ01", "jinja.padding", "jinja"}), {"jinja_spaces": "yes", "config_spaces": "yes"}),
    (frozenset({"LT01", "layout.spacing", "layout"}), {"comma_space": "yes"}),
    (frozenset({"LT02", "layout.indent", "layout"}), {"indent": "4 spaces"}),
    (frozenset({"LT04", "layout.commas", "layout"}), {"commas": "trailing"}),
    (frozenset({"LT08", "layout.cte_newline", "layout"}), {"between_ctes": "blank line"}),
)
"""What sqlfluff's rules ask for without any setting, each rule by its code, its name and its group."""

Settings = dict[str, str]
"""Values by key; a key is its sections and its name, joined by `:`."""


def configured_style(root: Path) -> tuple[tuple[str, str, str], ...]:
    """(trait, value, file) that the settings ask for, sorted by trait. `file` is relative to `root`. A file that cannot
    be read asks for nothing."""
    found: dict[str, tuple[str, str]] = {}
    for folder, called in folders(root):
        editor = folder / ".editorconfig"
        found.update({trait: (value, f"{called}.editorconfig") for trait, value in _editor_style(editor)})
    for folder, called in folders(root):
        for name in _FILES:
            settings = _sqlfluff(folder / name)
            found.update({trait: (value, f"{called}{name}") for trait, value in _sqlfluff_style(settings).items()})
    return tuple(sorted((trait, value, path) for trait, (value, path) in found.items()))


def folders(root: Path) -> list[tuple[Path, str]]:
    """The project's folder and those above it up to the repository's root, from the outermost, each with its path from
    the project. Without a repository only the project's."""
    above = [root.resolve(), *root.resolve().parents]
    top = next((number for number, folder in enumerate(above) if (folder / ".git").exists()), 0)
    return [(folder, "../" * number) for number, folder in reversed(list(enumerate(above[: top + 1])))]


def _sqlfluff(path: Path) -> Settings:
    """What a file says to sqlfluff."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return {}
    if "sqlfluff" not in text:
        return {}
    if path.suffix == ".toml":
        try:
            tool = tomllib.loads(text).get("tool", {})
        except tomllib.TOMLDecodeError:
            return {}
        return dict(_flat("sqlfluff", tool.get("sqlfluff"))) if isinstance(tool, Mapping) else {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    settings = {f"{section}:{key}": value for section in parser.sections() for key, value in parser.items(section)}
    return {key.replace(".", ":"): value for key, value in settings.items()}


def _flat(prefix: str, values: object) -> Iterator[tuple[str, str]]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _flat(f"{prefix}:{key}", value)
    else:
        yield prefix, str(values)


def _sqlfluff_style(settings: Settings) -> dict[str, str]:
    """What settings for sqlfluff ask for, its rules' own defaults included; nothing where there are none."""
    if not any(key.startswith("sqlfluff") for key in settings):
        return {}
    excluded, chosen = (_listed(settings.get(f"sqlfluff:{key}", "")) for key in ("exclude_rules", "rules"))
    found: dict[str, str] = {}
    for names, traits in _IMPLIED:
        if not names & excluded and (not chosen or (names | {"all", "core"}) & chosen):
            found.update(traits)
    found.update(_asked(settings))
    if found.get("commas") == "leading" and found.get("between_ctes") == "blank line":
        found["between_ctes"] = "leading comma"
    return found


def _listed(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.split(",")) - {"", "None"}


def _asked(settings: Settings) -> Iterator[tuple[str, str]]:
    for trait, (rules, key) in _CASED.items():
        for rule in rules:
            case = _CASES.get(settings.get(f"sqlfluff:rules:{rule}:{key}", "").strip().lower())
            if case:
                yield trait, case
    position = settings.get("sqlfluff:layout:type:comma:line_position") or settings.get("sqlfluff:rules:comma_style")
    if position and position.strip().lower() in {"leading", "trailing"}:
        yield "commas", position.strip().lower()
    unit = settings.get("sqlfluff:indentation:indent_unit") or settings.get("sqlfluff:rules:indent_unit") or "space"
    width = settings.get("sqlfluff:indentation:tab_space_size") or settings.get("sqlfluff:rules:tab_space_size") or ""
    if unit.strip() == "tab":
        yield "indent", "tab"
    elif width.strip() in _UNITS:
        yield "indent", _UNITS[width.strip()]
    if settings.get("sqlfluff:rules:convention:terminator:require_final_semicolon", "").lower() == "true":
        yield "semicolon", "yes"
    if settings.get("sqlfluff:rules:references:quoting:prefer_quoted_identifiers", "").lower() == "true":
        yield "quoting", "always"


def _editor_style(path: Path) -> Iterator[tuple[str, str]]:
    """The indentation of SQL files."""
    asked = editor_settings(path, "sql")
    style, size = asked.get("indent_style", ""), asked.get("indent_size", "")
    if style == "tab":
        yield "indent", "tab"
    elif size in _UNITS and style in {"", "space"}:
        yield "indent", _UNITS[size]


def editor_settings(path: Path, suffix: str) -> dict[str, str]:
    """What an .editorconfig says, in lower case, of a file of that suffix below `models`. Of several sections that fit
    the later one wins."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(f"[*top*]\n{text}")
    except configparser.Error:
        return {}
    names = (f"model.{suffix}", f"models/model.{suffix}")
    found: dict[str, str] = {}
    for section in parser.sections():
        patterns = [pattern.removeprefix("/") for pattern in _braces(section)]
        if any(fnmatch.fnmatch(name, pattern) for name in names for pattern in patterns):
            found.update({key: value.strip().lower() for key, value in parser.items(section)})
    return found


def _braces(pattern: str) -> list[str]:
    """`*.{sql,yml}` as its alternatives."""
    before, opened, rest = pattern.partition("{")
    inside, closed, after = rest.partition("}")
    if not (opened and closed):
        return [pattern]
    return [f"{before}{part.strip()}{after}" for part in inside.split(",")]
