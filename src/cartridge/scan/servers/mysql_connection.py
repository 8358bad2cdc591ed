"""MySQL and MariaDB opened for reading only, and their complaints in our words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.domain.masking import masked
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan.catalogue import Ask, Rows, each
from cartridge.scan.servers.connection import CONNECT_SECONDS, Address, ScanInterruptedError, address, complaint

QUERY_SECONDS = 300
"""How long one query of the catalogue may take, unless the URL says `read_timeout=`."""

_FILES = ("ssl_ca", "ssl_cert", "ssl_key", "unix_socket", "read_default_file")
_FLAGS = ("ssl_disabled", "ssl_verify_cert", "ssl_verify_identity")
_LOST = frozenset({0, 1053, 1927, 2006, 2013})
"""Error numbers of a connection that is gone: server shut down, connection killed, gone away, lost during a query."""
_HINTS = {
    "1045:": "Check the user and the password; an account that requires TLS is refused like this too.",
    "1698:": "Check the user and the password; this account may log in only by other means than a password.",
    "1044:": "Check the name of the database, or ask for the right to read it.",
    "1049:": "Check the name of the database.",
    "1142:": "Ask for the right to read it, or exclude it.",
    "3159:": "The server takes encrypted connections only: leave ssl_disabled out of the URL.",
    "2026:": "The server offers no TLS: leave the ssl_ options out of the URL, or have TLS switched on.",
    "no such file": "Check the files that the URL names.",
    "ssl": "Check the ssl_ options of the URL and the certificates that they name.",
    "timed out": "Check host, port and firewall, or allow more time with ?connect_timeout=SECONDS (read_timeout= for a "
    "query).",
    "refused": "Check host and port, and that the server runs.",
    "not known": "Check the name of the host.",
    "name resolution": "Check the name of the host.",
    "lost connection": "Check host and port: what answers there may be no MySQL server.",
    "cryptography": "Install it with: pip install cryptography",
}


def database_of(url: str) -> str | None:
    """The database that the URL names."""
    return address(url).database


@contextmanager
def connected(url: str) -> Iterator[Ask]:
    """A function that asks a server, in read-only transactions; the driver's errors become ours.

    Raises:
        SourceError: the server cannot be reached, or refuses the user, the database or a query.
        ScanInterruptedError: the connection broke off after it stood.
        MissingExtraError: PyMySQL is not installed.
    """
    try:
        import pymysql  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("A MySQL or MariaDB source", "mysql") from None
    where = address(url)
    try:
        connection = pymysql.connect(**_options(where))
        connection._read_timeout = where.seconds("read_timeout", QUERY_SECONDS)  # the handshake has less
    except (pymysql.Error, OSError, RuntimeError, ValueError) as error:
        raise complaint(url, _said(error), _HINTS, "Try the same address with the program mysql.") from error
    try:

        def ask(query: str) -> Rows:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())

        ask("set session transaction read only")
        yield each(ask)
    except (pymysql.Error, OSError) as error:
        raise translated(url, error) from error
    finally:
        if connection.open:
            connection.close()


def translated(url: str, error: Exception) -> SourceError:
    """The driver's message as one of ours, with what to do next and without a password."""
    number = error.args[0] if error.args else None
    if number in _LOST and "timed out" not in str(error):
        return ScanInterruptedError(f"{masked(url)}: the scan was broken off ({_said(error)}).")
    return complaint(url, _said(error), _HINTS, "Try the same query with the program mysql.")


def _said(error: Exception) -> str:
    """`(1045, "Access denied ...")` as `1045: Access denied ...`."""
    parts = [str(part) for part in error.args]
    return ": ".join(parts) if parts else type(error).__name__


def _options(where: Address) -> dict[str, Any]:
    options: dict[str, Any] = {name: where.options[name] for name in _FILES if name in where.options}
    options |= {name: where.options[name].lower() in ("1", "true", "yes") for name in _FLAGS if name in where.options}
    password = where.password if where.password is not None else os.environ.get("MYSQL_PWD", "")
    return options | {
        "host": where.host or "localhost",
        "port": where.port or 3306,
        "user": where.user,
        "password": password.encode(),
        "database": where.database,
        "charset": where.options.get("charset", "utf8mb4"),
        "connect_timeout": where.seconds("connect_timeout", CONNECT_SECONDS),
        "read_timeout": where.seconds("connect_timeout", CONNECT_SECONDS),
        "autocommit": True,
    }
