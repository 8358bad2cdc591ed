"""Amazon Redshift opened for its catalogue, and its complaints in our words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.errors import MissingExtraError
from cartridge.scan.catalogue import Ask, Rows, each
from cartridge.scan.servers.connection import CONNECT_SECONDS, address, complaint

_PORT = 5439
_AWS = ("access_key_id", "secret_access_key", "session_token", "region", "cluster_identifier", "profile", "db_user")
_HINTS = {
    "password authentication failed": "Check the user and the password.",
    "28000": "Check the user and the password.",
    "does not exist": "Check the name of the database and of the user.",
    "refused": "Check host and port, and that the cluster runs.",
    "not known": "Check the name of the host.",
    "name resolution": "Check the name of the host.",
    "timed out": "Check host, port and security group, or allow more time with ?connect_timeout=SECONDS.",
    "timeout": "Check host, port and security group, or allow more time with ?connect_timeout=SECONDS.",
    "ssl": "Check ?ssl= and ?sslmode= in the URL.",
    "permission denied": "Ask for the right to read it, or exclude it.",
}


@contextmanager
def connected(url: str) -> Iterator[Ask]:
    """A function that asks a cluster; a query that is refused spoils only itself.

    Raises:
        SourceError: the cluster cannot be reached, or refuses the user.
        MissingExtraError: Redshift's connector is not installed.
    """
    try:
        import redshift_connector as driver  # noqa: PLC0415 - an extra
        from redshift_connector.error import Error, ProgrammingError  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("A Redshift source", "redshift") from None
    try:
        with driver.connect(**_parameters(url)) as connection:
            connection.autocommit = True

            def ask(query: str) -> Rows:
                with connection.cursor() as cursor:
                    return [tuple(row) for row in cursor.execute(query).fetchall()]

            yield each(ask, (ProgrammingError,))
    except (Error, OSError) as error:
        raise complaint(url, error, _HINTS, "Try the same address with psql.") from error


def _parameters(url: str) -> dict[str, Any]:
    where = address(url)
    given: dict[str, Any] = {name: where.options[name] for name in (*_AWS, "sslmode") if name in where.options}
    given |= {name: where.options[name].lower() in ("1", "true") for name in ("iam", "ssl") if name in where.options}
    return {
        **given,
        "host": where.host,
        "port": where.port or _PORT,
        "database": where.database or "dev",
        "user": where.user or "",
        "password": where.password if where.password is not None else os.environ.get("PGPASSWORD", ""),
        "timeout": where.seconds("connect_timeout", CONNECT_SECONDS),
    }
