"""SQLite files, read with Python's own sqlite3 on a read-only connection.

SQLite's types are loose: any word may stand as a column's type, and a view's columns often have none. A type that means
something elsewhere is kept as declared; another becomes what SQLite itself makes of it (its affinity,
sqlite.org/datatype3.html); where none is declared, a few values are asked for their storage class.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, LeftOut, Relationship, SchemaSnapshot, TableKey
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.files.sqlite_connection import connected, quoted
from cartridge.scan.selection import Selection

SCHEMA = "main"
EXACT_COUNTS_BYTES = 1 << 30
"""In files up to this size rows are counted; in larger ones the largest rowid stands for the count."""

_KNOWN_TYPES = frozenset({
    "BIGINT", "BINARY", "BLOB", "BOOL", "BOOLEAN", "BYTEA", "CHAR", "CHARACTER", "CLOB", "DATE", "DATETIME",
    "DECIMAL", "DOUBLE", "FLOAT", "INT", "INTEGER", "INT2", "INT4", "INT8", "JSON", "MEDIUMINT", "NCHAR", "NUMERIC",
    "NVARCHAR", "REAL", "SMALLINT", "TEXT", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TINYINT", "UUID", "VARBINARY",
    "VARCHAR", "DOUBLE PRECISION", "CHARACTER VARYING",
})  # fmt: skip
_TYPE_PARTS = re.compile(r"\s*(?P<word>[A-Za-z_][\w ]*?)\s*(?P<size>\(\s*\d+\s*(?:,\s*\d+\s*)?\))?\s*")
_SHADOW_SUFFIXES = frozenset(
    ["content", "segments", "segdir", "docsize", "stat", "data", "idx", "config", "node", "rowid", "parent"]
)  # of FTS3, FTS4, FTS5 and R*Tree
_SAMPLE_ROWS = 1_000
_SAMPLE_STEPS = 20_000_000
"""Virtual machine steps (about a second) after which the sample of a slow view is given up."""
_GENERATED = (2, 3)


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a SQLite file. Its only schema is called `main`.

    Raises:
        SourceError: the file is locked, damaged, encrypted or half written, or nothing in it was selected.
    """
    path = Path(source)
    with connected(path) as connection:
        objects = connection.execute(
            "select name, type, coalesce(sql, '') from sqlite_master where type in ('table', 'view') order by name"
        ).fetchall()
        shadows = _shadow_tables(objects)
        names = [name for name, _, _ in objects if name not in shadows]
        chosen, left_out = selection.choose([(SCHEMA, name) for name in names], [SCHEMA])
        kinds = {(SCHEMA, name): kind for name, kind, _ in objects}
        reader = _Reader(connection, estimate=path.stat().st_size > EXACT_COUNTS_BYTES)
        for done, key in enumerate(chosen):
            progress("Reading tables", done, len(chosen))
            reader.read(key, kinds[key])
        progress("Reading tables", len(chosen), len(chosen))
    relationships = reader.relationships({name.casefold(): name for name, kind, _ in objects if kind == "table"})
    unread = [*left_out, *shadows.values(), *reader.left_out]
    notes = ("Row counts are the largest rowids: the file is large.",) if reader.estimate else ()
    return SchemaSnapshot(
        kind="sqlite",
        database=path.stem,
        dialect="sqlite",
        tables=assemble(reader.found.values(), relationships, path.stem),
        relationships=relationships,
        left_out=tuple(sorted(unread, key=lambda item: item.name)),
        notes=notes,
        file=path.name,
    )


class _Reader:
    """Collects tables from one connection."""

    def __init__(self, connection: sqlite3.Connection, *, estimate: bool) -> None:
        self.connection = connection
        self.estimate = estimate
        self.found: dict[TableKey, FoundTable] = {}
        self.left_out: list[LeftOut] = []
        self._foreign: list[tuple[TableKey, str, list[tuple[str, str]]]] = []

    def read(self, key: TableKey, kind: str) -> None:
        """Adds one table or view. One that SQLite itself cannot read is left out alone, with SQLite's reason."""
        try:
            item = self._columns(key, kind)
            if kind == "table":
                self._keys(item)
                item.row_count = self._row_count(item)
            self._type_the_untyped(item)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise
            self.left_out.append(LeftOut(*key, f"SQLite cannot read it: {error}"))
            return
        self.found[key] = item

    def relationships(self, tables: dict[str, str]) -> tuple[Relationship, ...]:
        """The declared foreign keys. `tables` maps folded names to names."""
        made: list[Relationship] = []
        for key, parent, pairs in self._foreign:
            child = self.found.get(key)
            if child is None:
                continue
            parent_key = (SCHEMA, tables.get(parent.casefold(), parent))
            referenced = self.found.get(parent_key)
            columns = _as_named(child, (own for own, _ in pairs))
            ref_columns = tuple(other for _, other in pairs)
            if referenced is not None:
                ref_columns = _as_named(referenced, ref_columns)
            made.append(Relationship(key, columns, parent_key, ref_columns))
        return tuple(sorted(set(made)))

    def _columns(self, key: TableKey, kind: str) -> FoundTable:
        item = FoundTable(key, kind)
        rows = self.connection.execute(
            'select name, type, "notnull", dflt_value, pk, hidden from pragma_table_xinfo(?) where hidden <> 1', key[1:]
        ).fetchall()
        positions: dict[int, str] = {}
        for name, declared, not_null, default, position, hidden in rows:
            shown = None if hidden in _GENERATED else default
            item.columns.append(ColumnMapping(name, data_type(declared), not not_null, default=shown))
            if position:
                positions[position] = name
        item.primary_key = tuple(positions[position] for position in sorted(positions))
        self._primary_key_is_not_null(item)
        return item

    def _primary_key_is_not_null(self, item: FoundTable) -> None:
        """SQLite lets a primary key be NULL, but for an INTEGER one and in WITHOUT ROWID tables (which have no index
        besides the table itself, so their key's index bears origin `pk` and the table no rowid)."""
        single = [column for column in item.columns if item.primary_key == (column.name,)]
        if (single and single[0].data_type == "INTEGER") or (item.primary_key and not self._has_rowid(item)):
            for column in item.columns:
                if column.name in item.primary_key:
                    column.nullable = False

    def _has_rowid(self, item: FoundTable) -> bool:
        try:
            self.connection.execute(f"select _rowid_ from {quoted(item.key[1])} limit 0")  # noqa: S608 - quoted
        except sqlite3.OperationalError:
            return False
        return True

    def _keys(self, item: FoundTable) -> None:
        name = item.key[1]
        indexes = self.connection.execute(
            "select name from pragma_index_list(?) where \"unique\" and not partial and origin <> 'pk'", (name,)
        ).fetchall()
        for (index,) in indexes:
            columns = [row[0] for row in self.connection.execute("select name from pragma_index_info(?)", (index,))]
            if columns and None not in columns:
                item.unique_keys.append(tuple(columns))
        self._foreign += [(item.key, parent, pairs) for parent, pairs in self._foreign_keys(name)]

    def _foreign_keys(self, name: str) -> Iterable[tuple[str, list[tuple[str, str]]]]:
        """Parent and pairs of columns of each foreign key. One without parent columns means the parent's primary key;
        where that has not as many columns, the declaration means nothing and is passed over."""
        keys: dict[int, tuple[str, list[tuple[str, str | None]]]] = {}
        for number, parent, own, other in self.connection.execute(
            'select id, "table", "from", "to" from pragma_foreign_key_list(?) order by id, seq', (name,)
        ):
            keys.setdefault(number, (parent, []))[1].append((own, other))
        for parent, pairs in keys.values():
            named = [other for _, other in pairs if other is not None]
            others = named or [
                row[0]
                for row in self.connection.execute(
                    "select name from pragma_table_info(?) where pk order by pk", (parent,)
                )
            ]
            if len(others) == len(pairs):
                yield parent, [(own, other) for (own, _), other in zip(pairs, others, strict=True)]

    def _primary_key(self, table: str) -> list[str]:
        rows = self.connection.execute("select name from pragma_table_info(?) where pk order by pk", (table,))
        return [row[0] for row in rows]

    def _row_count(self, item: FoundTable) -> int | None:
        table = quoted(item.key[1])
        if not self.estimate:
            count: int = self.connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 - quoted
            return count
        if not self._has_rowid(item):
            return None
        return self.connection.execute(f"select max(_rowid_) from {table}").fetchone()[0] or 0  # noqa: S608 - quoted

    def _type_the_untyped(self, item: FoundTable) -> None:
        """Only storage classes leave the database here, no values."""
        untyped = [column for column in item.columns if not column.data_type]
        if not untyped:
            return
        classes = ", ".join(f"group_concat(distinct typeof({quoted(column.name)}))" for column in untyped)
        sample = f"select * from {quoted(item.key[1])} limit {_SAMPLE_ROWS}"  # noqa: S608 - quoted
        steps = iter(range(_SAMPLE_STEPS // 10_000))
        self.connection.set_progress_handler(lambda: next(steps, None) is None, 10_000)
        try:
            row = self.connection.execute(f"select {classes} from ({sample})").fetchone()  # noqa: S608 - quoted
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return
        finally:
            self.connection.set_progress_handler(None, 0)
        for column, found in zip(untyped, row, strict=True):
            column.data_type = _type_of_classes(found)


def data_type(declared: str) -> str:
    """A declared type in capitals where other databases know the word, else SQLite's affinity; "" where none is."""
    parts = _TYPE_PARTS.fullmatch(declared)
    if parts is not None:
        word = " ".join(parts["word"].upper().split())
        if word in _KNOWN_TYPES:
            return word + re.sub(r"\s", "", parts["size"] or "")
    return _affinity(declared.upper())


def _affinity(declared: str) -> str:
    """The five rules of SQLite's manual, in their order."""
    if "INT" in declared:
        return "INTEGER"
    if any(part in declared for part in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in declared:
        return "BLOB"
    if any(part in declared for part in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC" if declared.strip() not in ("", "ANY") else ""


def _type_of_classes(found: str | None) -> str:
    """The type that holds all storage classes of a sample: integers among reals are reals, all else mixed is text."""
    classes = set((found or "").split(",")) - {"null", ""}
    if not classes:
        return ""
    if classes == {"integer"}:
        return "INTEGER"
    if classes <= {"integer", "real"}:
        return "REAL"
    return "BLOB" if classes == {"blob"} else "TEXT"


def _as_named(item: FoundTable, names: Iterable[str]) -> tuple[str, ...]:
    """Column names as the table has them: SQLite keeps a key's names as they were typed."""
    known = {column.name.casefold(): column.name for column in item.columns}
    return tuple(known.get(name.casefold(), name) for name in names)


def _shadow_tables(objects: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The tables in which SQLite keeps the indexes of virtual tables, by name. A user's own table that a full-text
    index reads (`content=...`) is none of them."""
    names = {name for name, _, _ in objects}
    shadows: dict[str, LeftOut] = {}
    for virtual, _, script in objects:
        if not re.match(r"\s*create\s+virtual\s", script, re.IGNORECASE):
            continue
        for suffix in _SHADOW_SUFFIXES:
            name = f"{virtual}_{suffix}"
            own = re.search(rf"""content\s*=\s*["'`\[]?{re.escape(name)}\b""", script, re.IGNORECASE)
            if name in names and not own:
                shadows[name] = LeftOut(SCHEMA, name, f"index data of the virtual table {virtual}")
    return shadows
