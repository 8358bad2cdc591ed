"""PostgreSQL opened for reading only, and its complaints in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.domain.masking import masked
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan.catalogue import Ask, Rows, each
from cartridge.scan.servers.connection import CONNECT_SECONDS, ScanInterruptedError, complaint

_LOCK_SECONDS = 5
"""How long a query waits for a table that another session holds."""
_HINTS = {
    "no encryption": "The server takes this user by TLS only: add ?sslmode=require to the URL.",
    "no pg_hba.conf entry": "The server does not let this user in from here: ask for an entry in its pg_hba.conf.",
    "no password supplied": "Put it into the URL or into PGPASSWORD.",
    "password": "Check the user and the password.",
    "authentication": "Check the user and the password.",
    "does not support ssl": "The server offers no TLS: take sslmode= out of the URL, or have TLS switched on.",
    "certificate": "Check sslmode= and sslrootcert= in the URL, and the certificates that they name.",
    "attgenerated": "PostgreSQL 12 or newer is needed.",
    "does not exist": "Check the name of the database and of the user.",
    "invalid uri": "Check the spelling of the URL and of its parameters.",
    "invalid connection option": "Check the spelling of the URL and of its parameters.",
    "refused": "Check host and port, and that the server runs.",
    "resolve": "Check the name of the host.",
    "statement timeout": "Allow this user more time, with ?options=-c%20statement_timeout%3D0 in the URL.",
    "timeout": "Check host, port and firewall, or allow more time with ?connect_timeout=SECONDS.",
    "permission denied": "Ask for the right to read it, or exclude it.",
    "connection slots": "The server is full: try again later.",
    "too many": "The server is full: try again later.",
}
_MOVED = ("cache lookup failed", "could not open relation")
"""What PostgreSQL says where a table is dropped under a query of its catalogue."""


@contextmanager
def connected(url: str, *, autocommit: bool = True) -> Iterator[Any]:
    """A read-only psycopg connection; its errors become ours. Without `autocommit` all queries see one moment.

    Raises:
        SourceError: the server cannot be reached, or refuses the user, the database or a query.
        ScanInterruptedError: the connection broke off after it stood.
        MissingExtraError: psycopg is not installed.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("A PostgreSQL source", "postgres") from None
    target = re.sub(r"^[A-Za-z]+(\+\w+)?://", "postgresql://", url)
    patience: dict[str, Any] = {} if "connect_timeout=" in url else {"connect_timeout": CONNECT_SECONDS}
    try:
        with (
            psycopg.connect(target, autocommit=autocommit, **patience) as connection,
            _watched(url, connection),
        ):
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute(f"set timezone = 'UTC'; set lock_timeout = '{_LOCK_SECONDS}s'")
            yield connection
    except psycopg.Error as error:
        raise translated(url, error) from error


@contextmanager
def _watched(url: str, connection: Any) -> Iterator[None]:
    """Tells a connection that broke off from a query that failed."""
    import psycopg  # noqa: PLC0415 - already loaded

    try:
        yield
    except psycopg.Error as error:
        if connection.broken or any(sign in str(error) for sign in _MOVED):
            said = " ".join(str(error).split())
            raise ScanInterruptedError(f"{masked(url)}: the scan was broken off ({masked(said)}).") from error
        raise


@contextmanager
def one_moment(connection: Any) -> Iterator[Ask]:
    """A function that asks the server; all its answers are of one moment."""

    def ask(query: str) -> Rows:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows

    with connection.transaction():
        yield each(ask)


def translated(url: str, error: Exception) -> SourceError:
    """PostgreSQL's message as one of ours, with what to do next and without a password."""
    return complaint(url, error, _HINTS, "Try the same URL with psql.")
