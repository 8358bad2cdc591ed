"""What a source column is called once it is staged.

The conventions are those of dbt Labs' style guide: `<entity>_id` keys, `is_` / `has_` booleans, `_at` timestamps,
`_date` dates, snake_case whatever the source's case.
"""

from __future__ import annotations

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.describe import entity
from cartridge.plan.loaders import is_loaders
from cartridge.plan.naming import safe_name, unique_names
from cartridge.plan.reserved import RESERVED_WORDS
from cartridge.plan.types import family
from cartridge.plan.words import does, participle, snake

_TIME_WORDS = frozenset({"at", "on", "time", "timestamp", "datetime", "ts", "dt", "tstamp", "date"})
_FLAGS = ("is_", "has_", "can_", "was_", "should_", "does_", "did_", "will_", "are_", "had_", "allow", "enable")


def staged_names(table: TableMapping, key: tuple[str, ...]) -> dict[str, str]:
    """The staged name of every column, by its source name; collisions are resolved, the plainer name wins."""
    loaded = {column.name: column.name.lower() for column in table.columns if is_loaders(column.name)}
    others = [column for column in table.columns if column.name not in loaded]
    plain = {column.name: safe_name(column.name, "column") for column in others}
    taken = {*plain.values(), *loaded.values()}
    wished = []
    for column in others:
        name = _wish(table, column, plain[column.name], key)
        wished.append(plain[column.name] if name != plain[column.name] and name in taken else name)
    named = unique_names(wished, tuple(loaded.values()), "column")
    return loaded | dict(zip((column.name for column in others), named, strict=True))


def _wish(table: TableMapping, column: ColumnMapping, plain: str, key: tuple[str, ...]) -> str:
    bare = plain.removesuffix("_column")
    if plain == "id" and (not key or column.name in key):
        return safe_name(f"{snake(entity(table.name))}_id")
    kind = family(column.data_type)
    if kind == "boolean" and not plain.startswith(_FLAGS) and not does(plain.partition("_")[0]):
        return f"is_{bare if bare in RESERVED_WORDS else plain}"
    if kind == "timestamp" and bare in _TIME_WORDS & RESERVED_WORDS:
        return f"{snake(entity(table.name))}_at"
    if kind == "timestamp":
        return _moment_name(bare if bare in RESERVED_WORDS else plain)
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
