"""How many rows the tables of a PostgreSQL database have: its own estimates, and counts where it has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import LeftOut, SchemaSnapshot, TableKey, TableMapping
from cartridge.render.identifier import quoted
from cartridge.scan.notes import ESTIMATED

COUNTED_BYTES = 64 << 20
"""Tables that were never analysed are counted up to this size."""
_TABLES_PER_QUERY = 100
_MOST_NAMED = 5
_SIZES = """
select n.nspname, c.relname, pg_relation_size(c.oid), a.amname = 'heap' and not c.relhassubclass
    and not exists (select from pg_extension e where e.extname = 'citus')
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_am a on a.oid = c.relam
where (c.relkind = 'r' or c.relkind = 'm' and c.relispopulated)
    and (c.reltuples < 0 or c.reltuples = 0 and c.relpages = 0)
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"""
_GONE = "dropped while it was scanned"


@dataclass
class Estimates:
    """What the catalogue says of rows: by table, None where it was never analysed; the tables whose rows the user may
    read; and the partitions of each partitioned table."""

    rows: dict[TableKey, int | None] = field(default_factory=dict)
    readable: set[TableKey] = field(default_factory=set)
    partitions: dict[TableKey, list[TableKey]] = field(default_factory=dict)

    def add(self, table: TableKey, rows: int | None, *, readable: bool) -> None:
        """Note one table."""
        self.rows[table] = rows
        if readable:
            self.readable.add(table)

    def of(self, table: TableKey) -> int | None:
        """The estimate for a table; for a partitioned one the sum over its partitions, if all of them have one."""
        if table not in self.partitions:
            return self.rows.get(table)
        parts = [self.of(part) for part in self.partitions[table]]
        return None if None in parts else sum(part or 0 for part in parts)

    def leaves(self, table: TableKey) -> list[TableKey]:
        """The tables that hold the rows of this one."""
        parts = self.partitions.get(table)
        return [table] if parts is None else [leaf for part in parts for leaf in self.leaves(part)]


def count(connection: Any, snapshot: SchemaSnapshot, estimates: Estimates, progress: Progress) -> SchemaSnapshot:
    """The snapshot with row counts. What may not be read is said; tables that went meanwhile are left out."""
    tables = [table for table in snapshot.tables if table.table_type != "view"]
    estimated = 0
    uncounted: list[TableMapping] = []
    for table in tables:
        table.row_count = estimates.of(table.key)
        if table.row_count is None:
            uncounted.append(table)
        else:
            estimated += 1
    counter = _Counter(connection, progress)
    small = counter.small(uncounted, estimates)
    counter.count([table for table in small if table.key in estimates.readable])
    barred = [table.key for table in tables if table.key not in estimates.readable]
    notes = [f"The row counts of {estimated:,} tables {ESTIMATED}"] if estimated else []
    if barred:
        notes.append(f"You may not read the rows of {_named(barred)}; the structure was scanned.")
    if counter.locked:
        notes.append(f"Not counted, since another session holds them: {_named(counter.locked)}.")
    if not counter.gone:
        return replace(snapshot, notes=(*snapshot.notes, *notes))
    return replace(
        snapshot,
        tables=tuple(table for table in snapshot.tables if table.key not in counter.gone),
        relationships=tuple(edge for edge in snapshot.relationships if edge.table not in counter.gone),
        left_out=tuple(
            sorted(
                [*snapshot.left_out, *(LeftOut(*key, _GONE) for key in counter.gone)],
                key=lambda item: (item.schema, item.name),
            )
        ),
        notes=(*snapshot.notes, *notes),
    )


class _Counter:
    """Counts many tables in few queries; one that cannot be counted spoils no other."""

    def __init__(self, connection: Any, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self.gone: set[TableKey] = set()
        self.locked: list[TableKey] = []

    def small(self, tables: list[TableMapping], estimates: Estimates) -> list[TableMapping]:
        """Those that may be counted: their size is known, and not large. A table of no size has no rows, unless they
        lie elsewhere: in the tables that inherit from it, in a store of its own, or on other servers."""
        import psycopg  # noqa: PLC0415 - already loaded

        if not tables:
            return []
        try:
            rows = self._connection.execute(_SIZES).fetchall()
        except psycopg.errors.LockNotAvailable:
            self.locked += [table.key for table in tables]
            return []

        sizes = {(schema, name): size for schema, name, size, _ in rows}
        whole = {(schema, name) for schema, name, _, is_whole in rows if is_whole}
        small: list[TableMapping] = []
        for table in tables:
            leaves = estimates.leaves(table.key)
            found = [sizes.get(leaf) for leaf in leaves if estimates.rows.get(leaf) is None]
            if None in found:
                continue
            size = sum(part or 0 for part in found)
            if size == 0 and whole.issuperset(leaves):
                table.row_count = 0
            elif size <= COUNTED_BYTES:
                small.append(table)
        return small

    def count(self, tables: list[TableMapping]) -> None:
        """Count them, a hundred in one query."""
        for start in range(0, len(tables), _TABLES_PER_QUERY):
            self._progress("Counting rows", start, len(tables))
            part = tables[start : start + _TABLES_PER_QUERY]
            if not self._counted(part):
                for table in part:
                    self._counted([table])
        if tables:
            self._progress("Counting rows", len(tables), len(tables))

    def _counted(self, tables: list[TableMapping]) -> bool:
        import psycopg  # noqa: PLC0415 - already loaded

        parts = (
            f"select {number}, count(*) from {'.'.join(quoted(part, 'postgres') for part in table.key)}"  # noqa: S608
            for number, table in enumerate(tables)
        )
        try:
            for number, rows in self._connection.execute(" union all ".join(parts)).fetchall():
                tables[number].row_count = rows
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            self.gone |= {table.key for table in tables if len(tables) == 1}
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            self.locked += [table.key for table in tables if len(tables) == 1]
        except psycopg.errors.InsufficientPrivilege:
            pass  # a foreign server, or a view's owner, may refuse what the table's own rights allow
        else:
            return True
        return False


def _named(keys: Iterable[TableKey]) -> str:
    names = [".".join(key) for key in sorted(keys)]
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
