"""PostgreSQL opened for reading only, and its complaints in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.domain.masking import masked
from cartridge.errors import MissingExtraError, SourceError

_CONNECT_SECONDS = 10


@contextmanager
def connected(url: str, *, autocommit: bool = True) -> Iterator[Any]:
    """A read-only psycopg connection; its errors become ours. Without `autocommit` all queries see one moment.

    Raises:
        SourceError: the server cannot be reached, or refuses the user, the database or a query.
        MissingExtraError: psycopg is not installed.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("PostgreSQL sources", "postgres") from None
    target = re.sub(r"^[A-Za-z]+(\+\w+)?://", "postgresql://", url)
    try:
        with psycopg.connect(target, connect_timeout=_CONNECT_SECONDS, autocommit=autocommit) as connection:
            connection.read_only = True
            if not autocommit:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute("set timezone = 'UTC'")
            yield connection
    except psycopg.Error as error:
        raise translated(url, error) from error


def translated(url: str, error: Exception) -> SourceError:
    """PostgreSQL's message as one of ours, with what to do next and without a password."""
    shown = masked(url)
    message = masked(" ".join(str(error).split()))
    hints = {
        "password": "Check the user and the password.",
        "authentication": "Check the user and the password.",
        "no password supplied": "Put it into the URL or into PGPASSWORD.",
        "does not exist": "Check the name of the database and of the user.",
        "refused": "Check host and port, and that the server runs.",
        "resolve": "Check the name of the host.",
        "timeout": "Check host, port and firewall.",
        "permission denied": "Ask for the right to read it, or exclude it.",
    }
    hint = next((hint for sign, hint in hints.items() if sign in message), "Try the same URL with psql.")
    return SourceError(f"{shown} cannot be read: {message.removesuffix('.')}. {hint}")
