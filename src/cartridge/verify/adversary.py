"""The same rows, spoiled: repeated keys, empty keys, orphans, and values out of the set. A test that still passes on
them proves nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cartridge.domain.schema import Relationship, TableKey, TableMapping
from cartridge.verify.shapes import Shape
from cartridge.verify.synthetic import Row, Rules, Synthetic, keys_of
from cartridge.verify.values import largest, numbered

_STRANGER = 987_654
_OUTSIDER = "no such value"


def spoil(
    made: Synthetic, tables: Sequence[TableMapping], relationships: Sequence[Relationship], rules: Rules
) -> Mapping[TableKey, tuple[Row, ...]]:
    """Every table's rows with some that break what was declared: see the module. Nothing is declared to DuckDB."""
    spoiled: dict[TableKey, tuple[Row, ...]] = {}
    for table in tables:
        rows = made.rows.get(table.key, ())
        edges = [edge for edge in relationships if edge.table == table.key]
        keys = keys_of(table, rules)
        spoiled[table.key] = (*rows, *_bad_rows(table, rows, keys, edges, made.shapes[table.key]))
    return spoiled


def _bad_rows(
    table: TableMapping,
    rows: Sequence[Row],
    keys: Sequence[tuple[str, ...]],
    edges: Sequence[Relationship],
    shapes: Mapping[str, Shape],
) -> list[Row]:
    """Copies of good rows: repeated, without keys, referring to nothing, referring to a row that refers to nothing,
    with values of no set; and rows of nothing."""
    nothing: Row = {column.name: None for column in table.columns}
    if not rows:
        return [nothing]
    referring = {name for edge in edges for name in edge.columns}
    keyed = {name for key in keys for name in key}
    orphan = {name: _stranger(shapes[name], 0 if name in referring else 1) for name in referring | keyed}
    follower = {name: _stranger(shapes[name], 1) for name in referring}
    outside = {name: _OUTSIDER for name, shape in shapes.items() if _takes_words(shape) and name not in orphan}
    return [
        dict(rows[0]),
        dict(rows[-1]),
        {**rows[0], **dict.fromkeys(keyed)},
        {**rows[0], **orphan},
        {**rows[0], **follower},
        {**rows[0], **orphan, **outside},
        nothing,
        dict(nothing),
    ]


def _stranger(shape: Shape, place: int) -> Any:
    """A value that no row holds, as far as the type has one: those that refer (0) and those referred to (1) differ."""
    return numbered(shape, min(largest(shape), _STRANGER) - place)


def _takes_words(shape: Shape) -> bool:
    spelled = shape.kind == "text" and shape.written_as is None
    return (spelled or shape.kind == "enum") and (shape.length is None or shape.length >= len(_OUTSIDER))
