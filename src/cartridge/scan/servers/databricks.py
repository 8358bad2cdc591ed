"""Databricks with Unity Catalog, read from the `information_schema` of one catalogue in six queries.

`databricks://token:TOKEN@HOST/CATALOG?http_path=...`. Keys are what people declared: Databricks does not hold anybody
to them. Row counts are not known there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import (
    Ask,
    Catalogue,
    EdgePart,
    KeyPart,
    Rows,
    Source,
    each,
    rows_of,
    rows_or_note,
    snapshot,
)
from cartridge.scan.selection import Selection
from cartridge.scan.servers.connection import CONNECT_SECONDS, Address, address, complaint

_CURRENT = "select current_catalog()"
_SCHEMAS = "select schema_name from {catalog}.information_schema.schemata where schema_name <> 'information_schema'"
_TABLES = """
select table_schema, table_name, table_type, comment from {catalog}.information_schema.tables
where table_schema <> 'information_schema' order by 1, 2"""
_COLUMNS = """
select table_schema, table_name, column_name, full_data_type, is_nullable, column_default, comment
from {catalog}.information_schema.columns where table_schema <> 'information_schema'
order by table_schema, table_name, ordinal_position"""
_KEYS = """
select k.table_schema, k.table_name, k.constraint_name, k.ordinal_position, k.column_name, t.constraint_type
from {catalog}.information_schema.key_column_usage k
join {catalog}.information_schema.table_constraints t on t.constraint_schema = k.constraint_schema
    and t.constraint_name = k.constraint_name and t.table_schema = k.table_schema and t.table_name = k.table_name
where t.constraint_type in ('PRIMARY KEY', 'UNIQUE')"""
_EDGES = """
select k.table_schema, k.table_name, k.constraint_name, k.ordinal_position, k.column_name,
    u.table_schema, u.table_name, u.column_name
from {catalog}.information_schema.referential_constraints r
join {catalog}.information_schema.key_column_usage k on k.constraint_schema = r.constraint_schema
    and k.constraint_name = r.constraint_name
join {catalog}.information_schema.key_column_usage u on u.constraint_schema = r.unique_constraint_schema
    and u.constraint_name = r.unique_constraint_name and u.ordinal_position = k.position_in_unique_constraint"""

_KINDS = {
    "VIEW": "view", "MATERIALIZED_VIEW": "materialized_view", "FOREIGN": "foreign_table", "EXTERNAL": "external_table",
}  # fmt: skip
_HINTS = {
    "invalid access token": "Check the token: it may have expired.",
    "403": "Check the token: it may have expired, or lack the right to use this warehouse.",
    "401": "Check the token: it may have expired.",
    "endpoint": "Check ?http_path= in the URL: it stands among the connection details of the SQL warehouse.",
    "404": "Check ?http_path= in the URL: it stands among the connection details of the SQL warehouse.",
    "no such catalog": "Check the name of the catalogue.",
    "not_found": "Check the name of the catalogue, and that Unity Catalog is switched on for it.",
    "not known": "Check the name of the host.",
    "name resolution": "Check the name of the host.",
    "refused": "Check the host, and that the warehouse runs.",
    "timed out": "Check host and network; a warehouse that was stopped takes minutes to start.",
    "timeout": "Check host and network; a warehouse that was stopped takes minutes to start.",
}


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a catalogue on Databricks.

    Raises:
        SourceError: the workspace cannot be reached, the token is refused, or nothing was selected.
        MissingExtraError: Databricks' connector is not installed.
    """
    where = address(source)
    with connected(source) as ask:
        found, name = catalogue(ask, where.options.get("catalog") or where.database, progress)
    return snapshot(found, Source("databricks", "databricks", name), selection)


def catalogue(ask: Ask, name: str | None, progress: Progress) -> tuple[Catalogue, str]:
    """What a catalogue holds (None: the connection's own), and its name."""
    progress("Reading the catalogue", 0, None)
    named = name or str(rows_of(ask((_CURRENT,))[0])[0][0])
    quoted = "`" + named.replace("`", "``") + "`"
    answers = ask([query.format(catalog=quoted) for query in (_SCHEMAS, _TABLES, _COLUMNS, _KEYS, _EDGES)])
    schemas, tables, columns = (rows_of(answer) for answer in answers[:3])
    found = Catalogue(schemas=[row[0] for row in schemas])
    keys = rows_or_note(answers[3], "Keys", found.notes)
    edges = rows_or_note(answers[4], "Foreign keys", found.notes)
    found.tables = [
        FoundTable((schema, table), _KINDS.get(kind, "table"), description=comment or None)
        for schema, table, kind, comment in tables
    ]
    found.columns = [
        ((schema, table), ColumnMapping(name, kind, nullable != "NO", description=comment or None, default=default))
        for schema, table, name, kind, nullable, default, comment in columns
    ]
    found.keys = [
        KeyPart((schema, table), key, int(place), column, "primary" if kind == "PRIMARY KEY" else "unique")
        for schema, table, key, place, column, kind in keys
    ]
    found.edges = [
        EdgePart((schema, table), key, int(place), column, (ref_schema, ref_table), ref_column)
        for schema, table, key, place, column, ref_schema, ref_table, ref_column in edges
    ]
    return found, named


@contextmanager
def connected(url: str) -> Iterator[Ask]:
    """A function that asks a SQL warehouse. A query that is refused spoils only itself.

    Raises:
        SourceError: the URL names no warehouse, or it cannot be reached.
        MissingExtraError: Databricks' connector is not installed.
    """
    where = address(url)
    try:
        from databricks import sql as driver  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("A Databricks source", "databricks") from None
    path = where.options.get("http_path") or os.environ.get("DATABRICKS_HTTP_PATH")
    if path is None:
        raise SourceError("The URL names no SQL warehouse: add ?http_path=, from the warehouse's connection details.")
    token = where.password or os.environ.get("DATABRICKS_TOKEN")
    try:
        with driver.connect(**_parameters(where, path, token)) as connection:

            def ask(query: str) -> Rows:
                with connection.cursor() as cursor:
                    cursor.execute(query)
                    return [tuple(row) for row in cursor.fetchall()]

            yield each(ask, (driver.ServerOperationError,))
    except (driver.Error, OSError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise complaint(url, error, _HINTS, "Try the same warehouse with the program databricks.") from error


def _parameters(where: Address, path: str, token: str | None) -> dict[str, Any]:
    catalog = where.options.get("catalog") or where.database
    return {
        **({"catalog": catalog} if catalog else {}),
        "server_hostname": where.host,
        "http_path": path,
        **({"access_token": token} if token else {}),
        "_socket_timeout": where.seconds("connect_timeout", 6 * CONNECT_SECONDS),
        "_retry_stop_after_attempts_count": 3,
        "user_agent_entry": "cartridge",
    }
