"""One table: its rows carried over, its types decided by them, its keys declared where they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cartridge.domain.schema import ColumnMapping, Relationship, TableKey, TableMapping
from cartridge.errors import SourceError
from cartridge.load.decide import Question, decide
from cartridge.load.report import KeptAs, LeftOff, LoadedTable, LoadOptions, RowReader
from cartridge.load.self_reference import levels
from cartridge.load.types import carried, declared_storage, storage_of, wanted
from cartridge.render.identifier import quoted
from cartridge.render.sql import string

_BLOCK_VALUES = 200_000
"""Values per INSERT: a block is held once in Python and once in DuckDB."""


def qualified(parts: Sequence[str]) -> str:
    """A quoted, dotted name for DuckDB. The schema of a source without one is `main`."""
    return ".".join(quoted(part or "main", "duckdb") for part in parts)


class TableLoader:
    """Loads tables, parents before children, over one connection to the new file.

    Rows first go into the temporary table `raw` (columns c0, c1, ...), in types that lose nothing; the view `typed`
    over it has the final types, decided by looking at all values.
    """

    def __init__(self, connection: Any, reader: RowReader, options: LoadOptions) -> None:
        self._connection = connection
        self._reader = reader
        self._options = options
        self._unique: dict[TableKey, set[tuple[str, ...]]] = {}
        self._types: dict[TableKey, dict[str, str]] = {}
        self._created: set[TableKey] = set()

    def load(self, table: TableMapping, edges: Sequence[Relationship]) -> LoadedTable:
        """Copies one table; `edges` are the foreign keys that leave it.

        Raises:
            SourceError: the source gave other rows than it counted.
            duckdb.Error: DuckDB cannot hold the table.
        """
        if not table.columns:
            raise SourceError(f"{table.name} has no columns. Exclude it.")
        storages = self._storages(table)
        self._copy(table, storages)
        types, kept_as = self._decide(table, storages, edges)
        casts = ", ".join(f"c{i}::{types[column.name]} as c{i}" for i, column in enumerate(table.columns))
        self._connection.execute(f"create or replace temp view typed as select rowid as row, {casts} from raw")  # noqa: S608
        self._types[table.key] = types
        declared, kept_edges, left_off = self._keys(table, edges)
        self._create(table, types, declared)
        self._insert(table, kept_edges)
        self._comment(table)
        rows, source_rows = self._compare(table)
        return LoadedTable(table.key, rows, source_rows, types, tuple(kept_as), tuple(left_off))

    def drop(self, table: TableMapping) -> None:
        """Forgets a table that could not be loaded; one that bears its name but for case stays."""
        if table.key in self._created:
            self._connection.execute(f"drop table {qualified(table.key)}")
        self._types.pop(table.key, None)

    def _one(self, query: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._connection.execute(query).fetchone()
        return row

    def _storages(self, table: TableMapping) -> list[str]:
        classes = self._reader.classes(table, self._options.limit)
        if classes is None:
            return [declared_storage(column.data_type) for column in table.columns]
        return [storage_of(classes.get(column.name, frozenset())) for column in table.columns]

    def _copy(self, table: TableMapping, storages: list[str]) -> None:
        columns = ", ".join(f"c{i} {storage}" for i, storage in enumerate(storages))
        self._connection.execute("drop view if exists typed")
        self._connection.execute(f"create or replace temp table raw ({columns})")
        insert = "insert into raw select " + ", ".join(f"unnest(?::{storage}[])" for storage in storages)
        size = max(1, _BLOCK_VALUES // len(storages))
        total = table.row_count if self._options.limit is None else min(table.row_count or 0, self._options.limit)
        done = 0
        for block in self._reader.rows(table, self._options.limit, size):
            values = [
                [carried(value, storage) for value in column]
                for storage, column in zip(storages, zip(*block, strict=True), strict=True)
            ]
            self._connection.execute(insert, values)
            done += len(block)
            self._options.progress(f"Loading {table.name}", done, total)

    def _decide(
        self, table: TableMapping, storages: list[str], edges: Sequence[Relationship]
    ) -> tuple[dict[str, str], list[KeptAs]]:
        in_key = {name for key in (table.primary_key, *(table.unique_keys or ())) for name in key}
        in_key |= {name for edge in edges for name in edge.columns}
        types = {column.name: storage for column, storage in zip(table.columns, storages, strict=True)}
        asked = [
            Question(f"c{i}", storage, wanted(column.data_type, in_key=column.name in in_key), column)
            for i, (column, storage) in enumerate(zip(table.columns, storages, strict=True))
        ]
        kept_as: list[KeptAs] = []
        for answer in decide(self._connection, [one for one in asked if one.is_open]):
            types[answer.column.name] = answer.type
            if answer.kept_as is not None:
                kept_as.append(answer.kept_as)
        return types, kept_as

    def _keys(
        self, table: TableMapping, edges: Sequence[Relationship]
    ) -> tuple[list[str], list[Relationship], list[LeftOff]]:
        """The key clauses that the rows honour, the foreign keys among them, and what is left off."""
        clauses: list[str] = []
        left_off: list[LeftOff] = []
        unique = self._unique.setdefault(table.key, set())
        keys = [("primary key", table.primary_key)] if table.primary_key else []
        keys += [("unique", tuple(key)) for key in table.unique_keys or ()]
        for kind, key in keys:
            reason = self._why_not_unique(table, key, nulls=kind == "unique")
            if reason is None:
                unique.add(key)
                clauses.append(f"{kind} ({_list(key)})")
            else:
                left_off.append(LeftOff(f"{kind} ({', '.join(key)})", reason))
        kept: list[Relationship] = []
        for edge in edges:
            reason = self._why_not_foreign(table, edge, kept)
            if reason is None:
                kept.append(edge)
                parent = f"{qualified(edge.ref_table)} ({_list(edge.ref_columns)})"
                clauses.append(f"foreign key ({_list(edge.columns)}) references {parent}")
            else:
                left_off.append(LeftOff(str(edge), reason))
        return clauses, kept, left_off

    def _why_not_unique(self, table: TableMapping, key: tuple[str, ...], *, nulls: bool) -> str | None:
        columns = [_raw(table, name) for name in key]
        any_null = " or ".join(f"{column} is null" for column in columns)
        count = self._one(f"select count(*) from typed where {any_null}")[0]  # noqa: S608 - own names
        if count and not nulls:
            return f"{count:,} rows have no value in it"
        listed = ", ".join(columns)
        duplicates = self._one(
            f"select count(*) from (select 1 from typed where not ({any_null}) group by {listed} having count(*) > 1)"  # noqa: S608
        )[0]
        return f"{duplicates:,} of its values occur more than once" if duplicates else None

    def _why_not_foreign(self, table: TableMapping, edge: Relationship, kept: Sequence[Relationship]) -> str | None:
        parent_unique = self._unique.get(edge.ref_table, set())
        if edge.ref_table not in self._types:
            return f"{edge.ref_table[1]} could not be loaded"
        if edge.ref_columns not in parent_unique:
            return f"{edge.ref_table[1]}({', '.join(edge.ref_columns)}) is no declared key there"
        for own, other in zip(edge.columns, edge.ref_columns, strict=True):
            types = self._types[table.key][own], self._types[edge.ref_table][other]
            if types[0] != types[1]:
                return f"{own} is {types[0]}, {edge.ref_table[1]}.{other} is {types[1]}"
        orphans = self._one(self._orphans(table, edge))[0]
        if orphans:
            limited = " (of the rows loaded)" if self._options.limit is not None else ""
            return f"{orphans:,} rows have no parent{limited}"
        if edge.ref_table != edge.table:
            return None
        return levels(self._connection, table, [*_own(kept), edge])

    def _orphans(self, table: TableMapping, edge: Relationship) -> str:
        own = [_raw(table, name) for name in edge.columns]
        if edge.ref_table == edge.table:
            parent, others = "typed", [_raw(table, name) for name in edge.ref_columns]
        else:
            parent, others = qualified(edge.ref_table), [quoted(name, "duckdb") for name in edge.ref_columns]
        present = " and ".join(f"child.{column} is not null" for column in own)
        same = " and ".join(f"parent.{other} = child.{column}" for column, other in zip(own, others, strict=True))
        return (
            f"select count(*) from typed child where {present} "  # noqa: S608 - quoted or own names
            f"and not exists (select 1 from {parent} parent where {same})"
        )

    def _create(self, table: TableMapping, types: dict[str, str], clauses: list[str]) -> None:
        columns = [
            f"{quoted(column.name, 'duckdb')} {types[column.name]}{self._not_null(column, i)}"
            for i, column in enumerate(table.columns)
        ]
        self._connection.execute(f"create table {qualified(table.key)} ({', '.join([*columns, *clauses])})")
        self._created.add(table.key)

    def _not_null(self, column: ColumnMapping, position: int) -> str:
        if column.nullable:
            return ""
        nulls = self._one(f"select count(*) from raw where c{position} is null")[0]  # noqa: S608 - own name
        return "" if nulls else " not null"

    def _insert(self, table: TableMapping, edges: Sequence[Relationship]) -> None:
        """Rows that refer to rows of the same table go in after them, level by level: DuckDB checks a statement's rows
        against what was there before it."""
        listed = ", ".join(f"c{i}" for i in range(len(table.columns)))
        target = qualified(table.key)
        if not _own(edges):
            self._connection.execute(f"insert into {target} select {listed} from typed")  # noqa: S608
            return
        levels(self._connection, table, _own(edges))
        deepest = self._one("select max(level) from levels")[0] or 0
        for level in range(deepest + 1):
            self._connection.execute(
                f"insert into {target} select {listed} from typed where row in "  # noqa: S608
                "(select row from levels where level = ?)",
                [level],
            )

    def _comment(self, table: TableMapping) -> None:
        name = qualified(table.key)
        if table.description:
            self._connection.execute(f"comment on table {name} is {string(table.description, 'duckdb')}")
        for column in table.columns:
            if column.description:
                own = quoted(column.name, "duckdb")
                self._connection.execute(f"comment on column {name}.{own} is {string(column.description, 'duckdb')}")

    def _compare(self, table: TableMapping) -> tuple[int, int]:
        rows: int = self._one(f"select count(*) from {qualified(table.key)}")[0]  # noqa: S608 - quoted
        source_rows = self._reader.count(table)
        expected = source_rows if self._options.limit is None else min(source_rows, self._options.limit)
        if rows != expected:
            raise SourceError(
                f"{table.name} changed while it was read: {rows:,} rows were copied, {expected:,} were expected. "
                "Nothing was kept; load again when nobody writes to it."
            )
        return rows, source_rows


def _own(edges: Sequence[Relationship]) -> list[Relationship]:
    """The edges that lead back to their own table."""
    return [edge for edge in edges if edge.ref_table == edge.table]


def _raw(table: TableMapping, name: str) -> str:
    """The name of a column in `raw` and `typed`."""
    return f"c{[column.name for column in table.columns].index(name)}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(quoted(name, "duckdb") for name in names)
