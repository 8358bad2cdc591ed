"""What a person asks for whatever the project shows: `cartridge.toml`, or `[tool.cartridge]` of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cartridge.domain.style import FREE_TRAITS, KNOWN_TRAITS, LINE_LENGTH, YAML_TRAITS
from cartridge.errors import ProjectError

_LAYERS = ("staging", "intermediate", "fact", "dimension", "bridge")
_PARTS = ("", "_folder", "_properties")
KEYS = (*(f"{layer}{part}" for layer in _LAYERS for part in _PARTS), "sources_file", "tests_key")
"""The keys of the table `conventions`."""
_SLOTS = frozenset({"source", "table", "entity", "entities", "model", "area"})
_SLOT = re.compile(r"\{([^{}]*)\}")

Override = tuple[str, str, str]
"""(key, value, file): a key is `conventions.NAME`, `columns.COLUMN`, `sql.TRAIT` or `yaml.TRAIT`."""

_COLUMNS = "columns"
"""The table whose keys are columns of sources, each with the name that staging models give it."""

_TABLES = {"conventions": KEYS, "sql": (*KNOWN_TRAITS, *FREE_TRAITS), "yaml": (*YAML_TRAITS, LINE_LENGTH)}
_WORDS = {"conventions": {"tests_key": ("data_tests", "tests")}, "sql": KNOWN_TRAITS, "yaml": YAML_TRAITS}
"""By table: its keys, and the values that a key can have, where not any text will do."""


def read_overrides(root: Path) -> tuple[Override, ...]:
    """What the project's own cartridge.toml asks for, else `[tool.cartridge]` of its pyproject.toml; sorted.

    Raises:
        ProjectError: the file is no TOML, or asks for what is not known; names the key and what is known.
    """
    for name, path in (("cartridge.toml", ()), ("pyproject.toml", ("tool", "cartridge"))):
        asked = _table(root / name, path)
        if asked is not None:
            return tuple(sorted(_overrides(asked, name)))
    return ()


def _table(file: Path, path: tuple[str, ...]) -> Mapping[str, Any] | None:
    """The table at a path of a TOML file; None where the file or the table is not there."""
    if not file.is_file():
        return None
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        if path:
            return None  # a pyproject.toml is other tools' business first
        raise ProjectError(f"{file.name} cannot be read: {fault}. Mend it, or remove it") from None
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _overrides(asked: Mapping[str, Any], file: str) -> Iterator[Override]:
    for table, values in asked.items():
        if table not in (*_TABLES, _COLUMNS) or not isinstance(values, Mapping):
            known = "`conventions`, `columns`, `sql` and `yaml`"
            raise ProjectError(f"{file}: {table!r} is not known. Its tables are {known}")
        for key, value in values.items():
            if not isinstance(value, str) or not value.strip():
                raise ProjectError(f"{file}: {table}.{key} must be a text in quotes, not {value!r}")
            _check(table, key, value, file)
            yield f"{table}.{key}", value, file


def _check(table: str, key: str, value: str, file: str) -> None:
    known = _TABLES.get(table)
    if known is not None and key not in known:
        raise ProjectError(f"{file}: {table}.{key} is not known. Known are: {', '.join(known)}")
    if key == LINE_LENGTH and not re.fullmatch(r"[1-9][0-9]{1,4}", value):
        raise ProjectError(f"{file}: {table}.{key} is {value!r}. It must be a number of characters in quotes")
    words: Sequence[str] = _WORDS.get(table, {}).get(key, ())
    if words and value not in words:
        raise ProjectError(f"{file}: {table}.{key} is {value!r}. It can be: {', '.join(words)}")
    usable = frozenset({"entity"}) if table == _COLUMNS else _SLOTS
    slots = set(_SLOT.findall(value)) - usable
    if slots:
        raise ProjectError(
            f"{file}: {table}.{key} has the slot {{{min(slots)}}}, which is not known. "
            f"Known are: {', '.join(f'{{{slot}}}' for slot in sorted(usable))}"
        )
