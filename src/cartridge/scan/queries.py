"""Queries with a time limit over a source, from several threads at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from cartridge.domain.masking import masked
from cartridge.errors import SourceError
from cartridge.scan import catalogue
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
        case "mysql" | "snowflake" | "bigquery" | "databricks" | "redshift" | "spark":
            with _server(located.kind, located.target, timeout) as ask:
                yield located.kind, ask
        case _:
            raise SourceError(
                f"{masked(source)} cannot be profiled: it holds no rows, or no way is known to ask for them. "
                "Name the database itself."
            )


@contextmanager
def _duckdb(path: Path, timeout: float) -> Iterator[Ask]:
    from cartridge.scan.files.duckdb_file import connected  # noqa: PLC0415 - one engine, loaded when asked for

    with connected(path) as connection:
        import duckdb  # noqa: PLC0415 - already loaded

        connection.execute("set global timezone = 'UTC'")  # moments are printed alike on every machine

        def ask(query: str) -> list[tuple[Any, ...]]:
            with closing(connection.cursor()) as cursor:
                timer = threading.Timer(timeout, cursor.interrupt)
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
    from cartridge.scan.files.sqlite_connection import connected  # noqa: PLC0415 - one engine, loaded when asked for

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


_LIMITS: Mapping[Engine, tuple[str, ...]] = {
    "mysql": ("set session max_statement_time = {seconds}", "set session max_execution_time = {milliseconds}"),
    "snowflake": ("alter session set statement_timeout_in_seconds = {seconds}",),
    "databricks": ("set statement_timeout = {seconds}",),
    "redshift": ("set statement_timeout to {milliseconds}",),
}
"""How a session limits the time of a query: MariaDB's way, then MySQL's, of which a server knows one."""


@contextmanager
def _server(kind: Engine, url: str, timeout: float) -> Iterator[Ask]:
    """Each thread has a connection of its own, since few drivers share one."""
    own, opened, opening = threading.local(), ExitStack(), threading.Lock()
    words = {"seconds": max(1, int(timeout)), "milliseconds": max(1, int(timeout * 1000))}

    def connection() -> catalogue.Ask:
        if not hasattr(own, "ask"):
            with opening:
                own.ask = opened.enter_context(_connected(kind, url))
            for limit in _LIMITS.get(kind, ()):
                with suppress(QueryFailed):
                    _answer(own.ask, limit.format(**words))
        found: catalogue.Ask = own.ask
        return found

    with opened:
        connection()  # the server answers

        def ask(query: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in _answer(connection(), query)]

        yield ask


def _connected(kind: Engine, url: str) -> AbstractContextManager[catalogue.Ask]:
    match kind:
        case "mysql":
            from cartridge.scan.servers.mysql_connection import connected  # noqa: PLC0415 - one engine, loaded when asked for
        case "snowflake":
            from cartridge.scan.servers.snowflake_connection import connected  # noqa: PLC0415
        case "bigquery":
            from cartridge.scan.servers.bigquery_connection import asking as connected  # noqa: PLC0415
        case "databricks":
            from cartridge.scan.servers.databricks import connected  # noqa: PLC0415
        case "redshift":
            from cartridge.scan.servers.redshift_connection import connected  # noqa: PLC0415
        case _:
            from cartridge.scan.servers.spark import connected  # noqa: PLC0415
    return connected(url)


def _answer(ask: catalogue.Ask, query: str) -> catalogue.Rows:
    try:
        answer = ask((query,))[0]
    except Exception as error:  # whatever a driver raises costs one query, not the profile
        said = error.args[1] if len(error.args) > 1 else error
        raise QueryFailed(_without_values(str(said))) from error
    if isinstance(answer, catalogue.Refused):
        raise QueryFailed(_without_values(answer.reason))
    return answer


@contextmanager
def _postgres(url: str, timeout: float) -> Iterator[Ask]:
    from cartridge.scan.servers.postgres_connection import connected  # noqa: PLC0415 - one engine, loaded when asked for

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
