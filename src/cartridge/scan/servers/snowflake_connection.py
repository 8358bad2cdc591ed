"""Snowflake opened for its catalogue, and its complaints in our words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan.catalogue import Ask, Rows, each
from cartridge.scan.servers.connection import CONNECT_SECONDS, address, complaint

_OPTIONS = (
    "warehouse", "role", "authenticator", "private_key_file", "private_key_file_pwd", "token", "host", "protocol",
    "port",
)  # fmt: skip
_HINTS = {
    "incorrect username or password": "Check the user and the password; many accounts want ?authenticator= or a key.",
    "not allowed to access snowflake": "This network is not let in: ask for an entry in the network policy.",
    "no active warehouse": "Name a warehouse, with ?warehouse=NAME in the URL.",
    "does not exist or not authorized": "Check the name, and that the role in ?role=NAME may see it.",
    "role": "Check ?role= in the URL: the user must have that role.",
    "404": "Check the account: it is the part before .snowflakecomputing.com, such as ORGANISATION-NAME.",
    "certificate": "Check the certificates of this machine, and whether a proxy replaces Snowflake's.",
    "could not connect": "Check the account and the network.",
    "timed out": "Check the account and the network, or allow more time with ?connect_timeout=SECONDS.",
    "timeout": "Check the account and the network, or allow more time with ?connect_timeout=SECONDS.",
}


def database_and_schema(url: str) -> tuple[str, str | None]:
    """The database and the schema that a URL of the form `snowflake://USER@ACCOUNT/DATABASE/SCHEMA` names, as
    Snowflake keeps them: in capitals, unless they stand in double quotes.

    Raises:
        SourceError: it names no database.
    """
    database, _, schema = (address(url).database or "").partition("/")
    if not database:
        raise SourceError("The URL names no database. Write it as snowflake://USER@ACCOUNT/DATABASE.")
    return _folded(database), _folded(schema) if schema else None


def _folded(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name.upper()


@contextmanager
def connected(url: str) -> Iterator[Ask]:
    """A function that asks an account. A query that is refused spoils only itself.

    Raises:
        SourceError: the account cannot be reached, or refuses the user.
        MissingExtraError: Snowflake's connector is not installed.
    """
    try:
        import snowflake.connector as driver  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        raise MissingExtraError("A Snowflake source", "snowflake") from None
    try:
        with driver.connect(**_parameters(url)) as connection:

            def ask(query: str) -> Rows:
                with connection.cursor() as cursor:
                    return list(cursor.execute(query).fetchall())

            yield each(ask, (driver.errors.ProgrammingError,))
    except (driver.errors.Error, OSError, ValueError) as error:
        raise complaint(url, error, _HINTS, "Try the same account with the program snow.") from error


def _parameters(url: str) -> dict[str, Any]:
    where = address(url)
    database, schema = database_and_schema(url)
    password = where.password if where.password is not None else os.environ.get("SNOWFLAKE_PASSWORD")
    given = {name: where.options[name] for name in _OPTIONS if name in where.options}
    return {
        **given,
        "account": where.host,
        "user": where.user,
        **({"password": password} if password else {}),
        "database": database,
        **({"schema": schema} if schema else {}),
        "login_timeout": where.seconds("connect_timeout", CONNECT_SECONDS),
        "session_parameters": {"QUERY_TAG": "cartridge"},
    }
