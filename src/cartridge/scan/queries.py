"""Queries with a time limit over a source, from several threads at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from cartridge.domain.masking import masked
from cartridge.errors import SourceError
from cartridge.scan.profile_sql import Engine
from cartridge.scan.source import locate

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Runs one query and returns all rows. Raises `QueryFailed`. May be called from any thread."""

_STEPS_BETWEEN_LOOKS = 10_000


class QueryFailed(Exception):  # noqa: N818 - an outcome that the caller reports, no error of the program
    """A query ran out of time, or the database refused it; the text says which."""


@contextmanager
def open_queries(source: str, timeout: float) -> Iterator[tuple[Engine, Ask]]:
    """The engine of a source and a function that asks it; each query has `timeout` seconds.

    Raises:
        SourceError: the source cannot be opened, or holds no rows.
    """
    located = locate(source)
    match located.kind:
        case "duckdb":
            with _duckdb(Path(located.target), timeout) as ask:
                yield "duckdb", ask
        case "sqlite":
            with _sqlite(Path(located.target), timeout) as ask:
                yield "sqlite", ask
        case "postgres":
            with _postgres(located.target, timeout) as ask:
                yield "postgres", ask
        case "saved":
            raise SourceError(
                f"{masked(source)} is a saved scan, which holds no rows. Name the database to profile it."
            )
        case _:
            raise SourceError(f"{masked(source)} cannot be profiled: only DuckDB, SQLite and PostgreSQL can.")


@contextmanager
def _duckdb(path: Path, timeout: float) -> Iterator[Ask]:
    from cartridge.scan.duckdb_file import connected  # noqa: PLC0415 - one engine, loaded when asked for

    with connected(path) as connection:
        import duckdb  # noqa: PLC0415 - already loaded

        connection.execute("set global timezone = 'UTC'")  # moments are printed alike on every machine

        def ask(query: str) -> list[tuple[Any, ...]]:
            with closing(connection.cursor()) as cursor:
                timer = Timer(timeout, cursor.interrupt)
                timer.start()
                try:
                    rows: list[tuple[Any, ...]] = cursor.execute(query).fetchall()
                except duckdb.InterruptException:
                    raise QueryFailed(f"no answer within {timeout:g} s") from None
                except duckdb.Error as error:
                    raise QueryFailed(_without_values(str(error))) from error
                finally:
                    timer.cancel()
            return rows

        yield ask


@contextmanager
def _sqlite(path: Path, timeout: float) -> Iterator[Ask]:
    from cartridge.scan.sqlite_connection import connected  # noqa: PLC0415 - one engine, loaded when asked for

    with connected(path):
        """The file can be read; each query then has its own connection, since SQLite's serve one thread."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        deadline = time.monotonic() + timeout
        try:
            with connected(path) as connection:
                connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
                return connection.execute(query).fetchall()
        except SourceError as error:
            cause = error.__cause__
            late = isinstance(cause, sqlite3.OperationalError) and "interrupted" in str(cause)
            raise QueryFailed(f"no answer within {timeout:g} s" if late else _without_values(str(cause))) from error

    yield ask


@contextmanager
def _postgres(url: str, timeout: float) -> Iterator[Ask]:
    from cartridge.scan.postgres_connection import connected  # noqa: PLC0415 - one engine, loaded when asked for

    with connected(url):
        """The server answers; each query then has its own connection, since one serves one thread at a time."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        import psycopg  # noqa: PLC0415 - already loaded

        try:
            with connected(url) as connection:
                connection.execute(f"set statement_timeout = {max(1, int(timeout * 1000))}")
                rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        except SourceError as error:
            late = isinstance(error.__cause__, psycopg.errors.QueryCanceled)
            reason = f"no answer within {timeout:g} s" if late else _without_values(str(error.__cause__))
            raise QueryFailed(reason) from error
        return rows

    yield ask


def _without_values(message: str) -> str:
    """The first line of a database's message, cut before a value that it may quote."""
    return message.strip().split("\n", maxsplit=1)[0].split("'", maxsplit=1)[0].rstrip(" :,")
