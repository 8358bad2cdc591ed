"""What a source column is called once it is staged.

The conventions are those of dbt Labs' style guide: `<entity>_id` keys, `is_` / `has_` booleans, `_at` timestamps,
`_date` dates, snake_case whatever the source's case. In an existing project those of its staging models come first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.conventions.columns import (
    ENTITY,
    PROJECT,
    Kinds,
    NamedColumn,
    agreed_names,
    is_agreed,
    kind_of,
    one,
)
from cartridge.plan.loaders import is_loaders
from cartridge.plan.naming import safe_name, unique_names
from cartridge.plan.reserved import RESERVED_WORDS
from cartridge.plan.types import family
from cartridge.plan.words import does, participle

_TIME_WORDS = frozenset({"at", "on", "time", "timestamp", "datetime", "ts", "dt", "tstamp", "date"})
_FLAGS = ("is_", "has_", "can_", "was_", "should_", "does_", "did_", "will_", "are_", "had_", "allow", "enable")


@dataclass(frozen=True)
class ColumnHabits:
    """What the staging models of a project, or of one of its sources, call columns; by default dbt Labs' style."""

    called: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Names by column (in small letters) and the family of its type, with `{entity}` for what a row is."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """The same by column alone, as a person asks for it."""
    booleans: bool = True
    """Whether booleans are called `is_`."""
    moments: bool = True
    """Whether timestamps are called `_at`."""


def column_habits(
    named: Sequence[NamedColumn], kinds: Kinds, asked: Mapping[str, str] | None = None
) -> dict[str, ColumnHabits]:
    """The habits of the project, and of each of its sources, whose own come before the project's; what a person asks
    for before both."""
    agreed = agreed_names(named, kinds)
    booleans = _is_usual("boolean", named, kinds)
    moments = _is_usual("timestamp", named, kinds)
    general = agreed.get(PROJECT, {})
    return {
        scope: ColumnHabits({**general, **agreed.get(scope, {})}, asked or {}, booleans, moments)
        for scope in {PROJECT, *agreed}
    }


def _is_usual(kind: str, named: Sequence[NamedColumn], kinds: Kinds) -> bool:
    """Whether columns of a kind get the name of dbt Labs' style: unless the project lets them keep their own."""
    kept = []
    for item in named:
        plain = safe_name(item.column, "column")
        if kind_of(item, kinds) == kind and _styled(kind, plain, one(item.table)) != plain:
            kept.append(item.is_kept)
    return not is_agreed(sum(kept), len(kept))


def _styled(kind: str, plain: str, row: str) -> str:
    """The name of a boolean or a timestamp by dbt Labs' style; `row` is what a row of its table is called."""
    bare = plain.removesuffix("_column")
    if kind == "boolean" and not plain.startswith(_FLAGS) and not does(plain.partition("_")[0]):
        return f"is_{bare if bare in RESERVED_WORDS else plain}"
    if kind == "timestamp" and bare in _TIME_WORDS & RESERVED_WORDS:
        return f"{row}_at"
    if kind == "timestamp":
        return _moment_name(bare if bare in RESERVED_WORDS else plain)
    return plain


def staged_names(table: TableMapping, key: tuple[str, ...], habits: ColumnHabits) -> dict[str, str]:
    """The staged name of every column, by its source name; collisions are resolved, the plainer name wins."""
    loaded = {
        column.name: _called(table, column, habits) or column.name.lower()
        for column in table.columns
        if is_loaders(column.name)
    }
    others = [column for column in table.columns if column.name not in loaded]
    plain = {column.name: safe_name(column.name, "column") for column in others}
    taken = {*plain.values(), *loaded.values()}
    wished = []
    for column in others:
        name = _called(table, column, habits) or _wish(table, column, plain[column.name], key, habits)
        wished.append(plain[column.name] if name != plain[column.name] and name in taken else name)
    named = unique_names(wished, tuple(loaded.values()), "column")
    return loaded | dict(zip((column.name for column in others), named, strict=True))


def _called(table: TableMapping, column: ColumnMapping, habits: ColumnHabits) -> str | None:
    """What the project calls such a column."""
    name = column.name.lower()
    template = habits.asked.get(name) or habits.called.get((name, family(column.data_type)))
    return safe_name(template.replace(ENTITY, one(table.name)), "column") if template else None


def _wish(table: TableMapping, column: ColumnMapping, plain: str, key: tuple[str, ...], habits: ColumnHabits) -> str:
    if plain == "id" and (not key or column.name in key):
        return safe_name(f"{one(table.name)}_id")
    kind = family(column.data_type)
    if (kind == "boolean" and habits.booleans) or (kind == "timestamp" and habits.moments):
        return _styled(kind, plain, one(table.name))
    return plain


def _moment_name(plain: str) -> str:
    """`order_date` -> `ordered_at`, `created` -> `created_at`; a stem that is no event (`birth_date`) stays."""
    parts = plain.split("_")
    stem, last = parts[:-1], parts[-1]
    if last == "at" or plain.startswith("_"):
        return plain
    if last not in _TIME_WORDS:
        return f"{plain if stem else participle(plain) or plain}_at"
    if not stem:
        return plain
    happened = participle(stem[-1])
    if happened:
        return "_".join((*stem[:-1], happened, "at"))
    return plain if last == "date" else "_".join((*stem, "at"))
