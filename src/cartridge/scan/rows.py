"""Rows of a source, for those who copy it. Scans and profiles never come here."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from cartridge.domain.masking import masked
from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.errors import SourceError
from cartridge.plan.types import family
from cartridge.scan.files.sqlite_connection import connected, quoted, translated
from cartridge.scan.servers import postgres_connection, sqlalchemy_url
from cartridge.scan.source import locate

StorageClass = Literal["integer", "real", "text", "blob"]
_COLUMNS_PER_PASS = 400
"""SQLite takes at most 2,000 aggregates in a query; a column needs four."""
_CLASSES: tuple[StorageClass, ...] = ("integer", "real", "text", "blob")


class Rows(Protocol):
    """The rows of an open source, read in one consistent view where the database can."""

    def count(self, table: TableMapping) -> int:
        """How many rows the table has."""
        ...

    def classes(self, table: TableMapping, limit: int | None) -> Mapping[str, frozenset[StorageClass]] | None:
        """The storage classes that occur in each column over the first `limit` rows; None where the declared types
        are the truth."""
        ...

    def rows(self, table: TableMapping, limit: int | None, size: int) -> Iterator[list[Sequence[Any]]]:
        """The rows in blocks of at most `size`, values in the order of `table.columns`."""
        ...


@contextmanager
def open_rows(source: str) -> Iterator[Rows]:
    """The rows of a SQLite file or of a database behind a URL, for as long as the context lasts.

    Raises:
        SourceError: the source holds no rows that can be copied, or cannot be opened.
    """
    located = locate(source)
    match located.kind:
        case "sqlite":
            path = Path(located.target)
            with connected(path) as connection:
                connection.execute("begin")
                yield SqliteRows(connection, path)
        case "postgres":
            with postgres_connection.connected(located.target, autocommit=False) as connection:
                yield PostgresRows(connection)
        case "sqlalchemy" | "mysql":
            with sqlalchemy_url.connected(_with_driver(located.target)) as connection:
                yield SqlalchemyRows(connection)
        case "duckdb":
            raise SourceError(f"{masked(source)} is a DuckDB file already. Scan it as it is.")
        case "ddl":
            raise SourceError(f"{masked(source)} holds statements, not rows. Name the database itself.")
        case _:
            raise SourceError(f"{masked(source)} is a saved scan, which holds no rows. Name the database itself.")


def _with_driver(url: str) -> str:
    """MySQL and MariaDB are read through the driver of their extra, whichever the URL names."""
    return re.sub(r"^(mysql|mariadb)(\+\w+)?://", "mysql+pymysql://", url, count=1, flags=re.IGNORECASE)


class SqliteRows:
    """Rows of a SQLite file. SQLite types values, not columns, so every column is asked what it holds."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def count(self, table: TableMapping) -> int:
        """How many rows the table has."""
        query = f"select count(*) from {quoted(table.name)}"  # noqa: S608 - quoted
        count: int = self._execute(query).fetchone()[0]
        return count

    def classes(self, table: TableMapping, limit: int | None) -> Mapping[str, frozenset[StorageClass]]:
        """The storage classes in each column: one bit for each class, one pass for so many columns."""
        found: dict[str, frozenset[StorageClass]] = {}
        for start in range(0, len(table.columns), _COLUMNS_PER_PASS):
            columns = table.columns[start : start + _COLUMNS_PER_PASS]
            bits = ", ".join(
                " | ".join(f"(max(typeof(c{start + i}) = '{name}') << {bit})" for bit, name in enumerate(_CLASSES))
                for i in range(len(columns))
            )
            row = self._execute(f"select {bits} from ({self._select(table, limit)})").fetchone()  # noqa: S608 - quoted
            for column, mask in zip(columns, row, strict=True):
                found[column.name] = frozenset(name for bit, name in enumerate(_CLASSES) if (mask or 0) >> bit & 1)
        return found

    def rows(self, table: TableMapping, limit: int | None, size: int) -> Iterator[list[Sequence[Any]]]:
        """The rows in blocks."""
        cursor = self._execute(self._select(table, limit))
        while block := self._fetch(cursor, size):
            yield block

    def _select(self, table: TableMapping, limit: int | None) -> str:
        columns = ", ".join(f"{quoted(column.name)} as c{i}" for i, column in enumerate(table.columns))
        ending = "" if limit is None else f" limit {int(limit)}"
        return f"select {columns} from {quoted(table.name)}{ending}"  # noqa: S608 - quoted

    def _execute(self, query: str) -> sqlite3.Cursor:
        try:
            return self._connection.execute(query)
        except sqlite3.Error as error:
            raise translated(self._path, error) from error

    def _fetch(self, cursor: sqlite3.Cursor, size: int) -> list[Sequence[Any]]:
        try:
            return list(cursor.fetchmany(size))
        except sqlite3.Error as error:
            raise translated(self._path, error) from error


class PostgresRows:
    """Rows of a PostgreSQL database, all as of one moment, fetched block by block through a cursor of the server."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def count(self, table: TableMapping) -> int:
        """How many rows the table has."""
        query = f"select count(*) from {_qualified(table)}"  # noqa: S608 - quoted
        count: int = self._connection.execute(query).fetchone()[0]
        return count

    def classes(self, _table: TableMapping, _limit: int | None) -> None:
        """PostgreSQL holds every column to its type."""

    def rows(self, table: TableMapping, limit: int | None, size: int) -> Iterator[list[Sequence[Any]]]:
        """The rows in blocks. What DuckDB has no type for comes as PostgreSQL prints it."""
        columns = ", ".join(_selected(column) for column in table.columns)
        ending = "" if limit is None else f" limit {int(limit)}"
        with self._connection.cursor(name="cartridge_load") as cursor:
            cursor.execute(f"select {columns} from {_qualified(table)}{ending}")  # noqa: S608 - quoted
            while block := cursor.fetchmany(size):
                yield block


class SqlalchemyRows:
    """Rows of any database that SQLAlchemy reaches, streamed where its driver can."""

    def __init__(self, connection: Any) -> None:
        import sqlalchemy  # noqa: PLC0415 - already loaded

        self._connection = connection.execution_options(stream_results=True)
        self._default = sqlalchemy.inspect(connection).default_schema_name or ""

    def count(self, table: TableMapping) -> int:
        """How many rows the table has."""
        import sqlalchemy  # noqa: PLC0415 - already loaded

        source = sqlalchemy_url.selectable(table.key, [], self._default)
        query = sqlalchemy.select(sqlalchemy.func.count()).select_from(source)
        count: int = self._connection.execute(query).scalar_one()
        return count

    def classes(self, _table: TableMapping, _limit: int | None) -> None:
        """These databases hold every column to its type."""

    def rows(self, table: TableMapping, limit: int | None, size: int) -> Iterator[list[Sequence[Any]]]:
        """The rows in blocks."""
        import sqlalchemy  # noqa: PLC0415 - already loaded

        names = [column.name for column in table.columns]
        query = sqlalchemy.select(sqlalchemy_url.selectable(table.key, names, self._default))
        for block in self._connection.execute(query if limit is None else query.limit(limit)).partitions(size):
            yield list(block)


def _qualified(table: TableMapping) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"


def _selected(column: ColumnMapping) -> str:
    """Dates beyond Python's years and infinite ones are printed too, so that they spoil no more than their column."""
    plain = family(column.data_type) in ("integer", "float", "boolean", "binary", "string")
    return quoted(column.name) if plain else f"{quoted(column.name)}::text"
