"""Keys of several columns: bridges, lines of a header, versions; and foreign keys that hold such a key whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cartridge.domain.schema import Relationship
from cartridge.plan.keys.model import PrimaryKey
from cartridge.plan.keys.reading import Column, Schema, Table
from cartridge.plan.words import word_set

_SEQUENCE = word_set("""
    seq sequence line lineno position ordinal rank idx index step
""")
_PERIODS = frozenset(("date", "day", "week", "month", "year", "quarter", "hour", "season"))


def composite_key(table: Table, references: Sequence[Relationship], schema: Schema) -> PrimaryKey | None:
    """The key of a table without one of its own: its header and a line number, all that it bridges, or its parent's.

    `references` are the foreign keys that the table holds.
    """
    held = {name: found for found in references for name in found.columns}
    if not held or not table.columns:
        return None
    needed = _independent(held, schema)
    line = next((column for column in table.columns if _is_line_number(column) and column.name not in held), None)
    if line is not None:
        header = needed[0]
        says = f"`{line.name}` counts the rows of one `{header}`"
        return PrimaryKey(table.key, _ordered(table, {header, line.name}), "inferred", 0.7, (says,))
    lead = _leading(table, held)
    discriminators = [
        column.name for column in table.columns
        if (column.name not in held and _PERIODS & set(column.reading.words)) or column.family in ("date", "timestamp")
    ]  # fmt: skip
    others = len(table.columns) - len(held)
    if len(lead) >= 2:
        kept = [name for name in lead if name in needed] if len(needed) >= 2 else lead
        confidence = 0.85 if others <= 1 else 0.7 if others <= 4 else 0.5
        says = f"it brings together {', '.join(f'`{name}`' for name in kept)} and has no key of its own"
        return PrimaryKey(table.key, tuple(kept), "inferred", confidence, (says,))
    if len(needed) == 1 and lead and not discriminators:
        says = f"`{lead[0]}` is its only key: one row for each row of {held[lead[0]].ref_table[1]}"
        return PrimaryKey(table.key, (lead[0],), "inferred", 0.5, (says,))
    return None


def _independent(held: Mapping[str, Relationship], schema: Schema) -> list[str]:
    """The foreign keys that no other of them determines: where lines know their order and the order its customer,
    the customer is no part of the lines' key."""
    determined = set()
    for name, found in held.items():
        parent = schema.tables[found.ref_table]
        for other in held:
            if other != name and other in parent.by_name and other not in found.ref_columns:
                determined.add(other)
    return [name for name in held if name not in determined] or list(held)


def _is_line_number(column: Column) -> bool:
    words = set(column.reading.words)
    return (
        column.family == "integer"
        and bool(words & _SEQUENCE)
        and (column.reading.kind in ("number", "none", "id") and len(column.reading.words) <= 3)
    )


def _leading(table: Table, held: Mapping[str, Relationship]) -> list[str]:
    names = []
    for column in table.columns:
        if column.name not in held:
            break
        names.append(column.name)
    return names


def _ordered(table: Table, names: set[str]) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name in names)
