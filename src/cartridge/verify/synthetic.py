"""Synthetic rows for a schema: every type, nullability, uniqueness and key honoured, deterministic by a seed. Pure.

Tables are filled parents first. A cycle of foreign keys is opened at one that may be empty, and closed in a second
pass; so is a cycle in which none may be empty, which no database takes row by row, and it is said so. Keys of different
tables come from different ranges, and columns that are no keys repeat their values: a join on the wrong columns finds
nothing, or too much.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cartridge.domain.schema import Relationship, TableKey, TableMapping, TableProfile
from cartridge.verify.fill_order import Order, order_of
from cartridge.verify.shapes import Shape, shape_of
from cartridge.verify.values import key_value, largest, plain_value

Row = dict[str, Any]
ColumnKey = tuple[TableKey, str]

_TRIES = 60
"""Candidates for a row before its keys are held to be used up."""


@dataclass(frozen=True)
class Rules:
    """What holds beyond the tables' own declarations.

    `primary_keys` replace the declared ones; `unique` are further keys; `values` the accepted values of a column;
    `written_as` the type that a text column spells out. `rows` is the number of rows of a table without foreign keys;
    others have twice as many.
    """

    seed: int = 0
    rows: int = 12
    dialect: str | None = None
    primary_keys: Mapping[TableKey, tuple[str, ...]] = field(default_factory=dict)
    unique: Mapping[TableKey, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    not_null: frozenset[ColumnKey] = frozenset()
    values: Mapping[ColumnKey, tuple[str, ...]] = field(default_factory=dict)
    written_as: Mapping[ColumnKey, str] = field(default_factory=dict)
    profile: Mapping[TableKey, TableProfile] = field(default_factory=dict)


@dataclass(frozen=True)
class Synthetic:
    """Rows by table, parents first. `unsatisfiable` maps tables of a cycle that has no first row to the reason; their
    rows were made together. `unmet` are keys that some rows could not honour, because two keys want different values of
    one column or the types do not meet."""

    rows: Mapping[TableKey, tuple[Row, ...]]
    shapes: Mapping[TableKey, Mapping[str, Shape]]
    unsatisfiable: Mapping[TableKey, str]
    unmet: tuple[Relationship, ...] = ()


def synthesize(
    tables: Sequence[TableMapping], relationships: Sequence[Relationship], rules: Rules | None = None
) -> Synthetic:
    """Rows for every table."""
    return _Filler(tables, relationships, rules or Rules()).fill()


def keys_of(table: TableMapping, rules: Rules) -> tuple[tuple[str, ...], ...]:
    """Every set of columns whose values are unique, the primary key first."""
    primary = rules.primary_keys.get(table.key, table.primary_key)
    declared = [tuple(key) for key in table.unique_keys or ()]
    found = [primary, *declared, *rules.unique.get(table.key, ())]
    names = {column.name for column in table.columns}
    return tuple(dict.fromkeys(key for key in found if key and names.issuperset(key)))


def shapes_of(table: TableMapping, rules: Rules) -> dict[str, Shape]:
    """The shape of every column."""
    shapes = {}
    for column in table.columns:
        shape = shape_of(column.data_type, rules.dialect)
        spelled = rules.written_as.get((table.key, column.name))
        if spelled is not None and shape.kind == "text":
            shape = replace(shape, written_as=shape_of(spelled))
        shapes[column.name] = shape
    return shapes


def meet(child: Shape, parent: Shape) -> bool:
    """Whether a value of the parent can stand in the child's column."""
    numbers = {"integer", "decimal", "float"}
    return child.kind == parent.kind or {child.kind, parent.kind} <= numbers or child.kind == "text"


class _Filler:
    """One generation: what is known of each table, and the rows so far."""

    def __init__(self, tables: Sequence[TableMapping], relationships: Sequence[Relationship], rules: Rules) -> None:
        self._rules = rules
        self._tables = {table.key: table for table in sorted(tables, key=lambda table: table.key)}
        self._shapes = {key: shapes_of(table, rules) for key, table in self._tables.items()}
        self._numbers = {key: number for number, key in enumerate(self._tables, 1)}
        self._keys = {key: keys_of(table, rules) for key, table in self._tables.items()}
        known = sorted({edge for edge in relationships if self._is_known(edge)})
        self._unmet = {edge for edge in known if not self._types_meet(edge)}
        self._edges = [edge for edge in known if edge not in self._unmet]
        self._limits = self._shared_limits()
        self._counts = self._shared_counts()
        self._rows: dict[TableKey, list[Row]] = {}
        self._used: dict[TableKey, list[set[tuple[Any, ...]]]] = {}

    def fill(self) -> Synthetic:
        order = order_of(tuple(self._tables), self._edges, self._may_be_empty)
        for key in order.tables:
            self._rows[key] = []
            self._used[key] = [set() for _ in self._keys[key]]
            self._fill_table(key, order)
        for edge in order.deferred:
            self._close(edge)
        return Synthetic(
            rows={key: tuple(rows) for key, rows in self._rows.items()},
            shapes=self._shapes,
            unsatisfiable=order.unsatisfiable,
            unmet=tuple(sorted(self._unmet)),
        )

    def _is_known(self, edge: Relationship) -> bool:
        sides = ((edge.table, edge.columns), (edge.ref_table, edge.ref_columns))
        return all(key in self._tables and set(columns) <= set(self._shapes[key]) for key, columns in sides)

    def _types_meet(self, edge: Relationship) -> bool:
        own, other = self._shapes[edge.table], self._shapes[edge.ref_table]
        return all(meet(own[left], other[right]) for left, right in zip(edge.columns, edge.ref_columns, strict=True))

    def _shared_limits(self) -> dict[ColumnKey, int]:
        """The largest number that a column and every column that refers to it can hold."""
        limits = {(key, name): largest(shape) for key, shapes in self._shapes.items() for name, shape in shapes.items()}
        for _ in self._tables:
            before = dict(limits)
            for edge in self._edges:
                for left, right in zip(edge.columns, edge.ref_columns, strict=True):
                    parent = (edge.ref_table, right)
                    limits[parent] = min(limits[parent], limits[edge.table, left])
            if limits == before:
                break
        return limits

    def _shared_counts(self) -> dict[TableKey, int]:
        """How many rows each table gets: as many as asked for, but no more than a key that is unique and must be
        filled finds rows to refer to. In a cycle, the table that is referred to is filled later: its count says it."""
        referring = {edge.table for edge in self._edges}
        counts = {key: self._rules.rows * (2 if key in referring else 1) for key in self._tables}
        bounds = [edge for edge in self._edges if self._once(edge) and not self._may_be_empty(edge)]
        for _ in self._tables:
            for edge in bounds:
                counts[edge.table] = min(counts[edge.table], counts[edge.ref_table])
        return counts

    def _once(self, edge: Relationship) -> bool:
        """Whether no two rows may refer to the same row."""
        return any(set(unique) <= set(edge.columns) for unique in self._keys[edge.table])

    def _nullable(self, key: TableKey, name: str) -> bool:
        column = self._tables[key].column(name)
        primary = self._rules.primary_keys.get(key, self._tables[key].primary_key)
        forbidden = name in primary or (key, name) in self._rules.not_null
        return column is not None and column.nullable and not forbidden

    def _may_be_empty(self, edge: Relationship) -> bool:
        return any(self._nullable(edge.table, name) for name in edge.columns)

    def _fill_table(self, key: TableKey, order: Order) -> None:
        edges = [edge for edge in self._edges if edge.table == key and edge not in order.deferred]
        edges.sort(key=lambda edge: (edge.ref_table == key, -len(edge.columns), edge))
        chance = random.Random(f"{self._rules.seed}:{key}")  # noqa: S311 - repeatable, and no secret
        later = sorted({name for edge in order.deferred if edge.table == key for name in edge.columns})
        start: Row = {name: None for name in later if self._nullable(key, name)}
        for number in range(self._counts[key]):
            for attempt in range(_TRIES):
                row = dict(start)
                self._refer_all(row, edges, (number, attempt), chance)
                self._complete(key, row, number, chance)
                if self._take(key, row):
                    break

    def _refer_all(
        self, row: Row, edges: Sequence[Relationship], place: tuple[int, int], chance: random.Random
    ) -> None:
        """Fill the foreign keys of a row; `place` is its number and the attempt at it."""
        number, attempt = place
        for edge in edges:
            key = edge.table
            if number % 5 == 4 and self._may_be_empty(edge):
                row.update({name: None for name in edge.columns if name not in row and self._nullable(key, name)})
                continue
            if edge.ref_table == key:
                row.update({name: self._key(key, name, number) for name in edge.ref_columns if name not in row})
            parents = [parent for parent in self._rows[edge.ref_table] if _fits(row, edge, parent)]
            if self._once(edge):
                if edge.ref_table == key and not self._may_be_empty(edge) and _fits(row, edge, row):
                    parents.append(row)  # where every row is referred to once, each can only refer to itself
                is_left = attempt < len(parents) or (parents and not self._may_be_empty(edge))
                chosen = parents[(number + attempt) % len(parents)] if is_left else None
            else:
                chosen = chance.choice(parents[: max(2, 2 * len(parents) // 3)]) if parents else None
            self._refer(key, row, edge, chosen)

    def _refer(self, key: TableKey, row: Row, edge: Relationship, parent: Row | None) -> None:
        pairs = list(zip(edge.columns, edge.ref_columns, strict=True))
        if parent is not None:
            row.update({left: parent[right] for left, right in pairs if left not in row})
        elif self._may_be_empty(edge):
            row.update({left: None for left, _ in pairs if left not in row and self._nullable(key, left)})
        elif edge.ref_table == key and all(right in row for _, right in pairs):
            row.update({left: row[right] for left, right in pairs if left not in row})
        else:
            self._unmet.add(edge)

    def _key(self, key: TableKey, name: str, number: int) -> Any:
        return key_value(self._shapes[key][name], self._numbers[key], number, self._limits[key, name])

    def _complete(self, key: TableKey, row: Row, number: int, chance: random.Random) -> None:
        """Every column that is no foreign key."""
        keys = self._keys[key]
        alone = {unique[0] for unique in keys if len(unique) == 1}
        shared = {name for unique in keys if len(unique) > 1 for name in unique}
        profile = self._rules.profile.get(key)
        few = max(2, self._rules.rows // 3)
        for place, column in enumerate(self._tables[key].columns):
            name = column.name
            if name in row:
                continue
            if self._nullable(key, name) and name not in shared and (number + place) % 6 == 5:
                row[name] = None
            elif name in alone:
                row[name] = self._key(key, name, number)
            else:
                values = self._rules.values.get((key, name), ())
                measured = profile.columns.get(name) if profile is not None else None
                row[name] = plain_value(self._shapes[key][name], chance.randrange(few) + 1, measured, values)

    def _take(self, key: TableKey, row: Row) -> bool:
        """Add a row, unless one of its keys is taken. A key with an empty part is never taken, as in SQL."""
        taken = []
        for unique, used in zip(self._keys[key], self._used[key], strict=True):
            values = tuple(_hashable(row[name]) for name in unique)
            if None not in values:
                if values in used:
                    return False
                taken.append((used, values))
        for used, values in taken:
            used.add(values)
        self._rows[key].append({column.name: row[column.name] for column in self._tables[key].columns})
        return True

    def _close(self, edge: Relationship) -> None:
        """Fill a foreign key that was left to the end to open a cycle: in two rows of three where it may be empty."""
        parents = self._rows[edge.ref_table]
        fixed = self._fixed_by_others(edge)
        once = self._once(edge)
        may_be_empty = self._may_be_empty(edge)
        for number, row in enumerate(self._rows[edge.table]):
            held = {name: row[name] for name in edge.columns if name in fixed}
            fitting = [parent for parent in parents if _fits(held, edge, parent)]
            if not fitting or (once and number >= len(fitting)):
                self._unmet |= set() if may_be_empty else {edge}
            elif number % 3 < 2 or not may_be_empty:
                chosen = fitting[number % len(fitting)]
                row.update({left: chosen[right] for left, right in _pairs(edge) if left not in held})

    def _fixed_by_others(self, edge: Relationship) -> set[str]:
        """The columns of a deferred key whose values other keys rely on: they stay as they were made."""
        fixed = {name for unique in self._keys[edge.table] if not set(unique) <= set(edge.columns) for name in unique}
        for other in self._edges:
            if other.ref_table == edge.table:
                fixed |= set(other.ref_columns)
            if other.table == edge.table and other != edge:
                fixed |= set(other.columns)
        return fixed


def _pairs(edge: Relationship) -> Iterator[tuple[str, str]]:
    return zip(edge.columns, edge.ref_columns, strict=True)


def _fits(row: Row, edge: Relationship, parent: Row) -> bool:
    """Whether a parent agrees with what the row holds already; a key with an empty part refers to nothing."""
    return all(
        parent[right] is not None and (left not in row or row[left] == parent[right]) for left, right in _pairs(edge)
    )


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
