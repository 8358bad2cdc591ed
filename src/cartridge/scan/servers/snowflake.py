"""Snowflake, read from the `information_schema` of one database and from SHOW ... KEYS, three for each schema.

Names and types are as Snowflake keeps them: in capitals unless they were quoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot, TableKey
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import (
    Answer,
    Ask,
    Catalogue,
    EdgePart,
    KeyPart,
    Source,
    rows_of,
    rows_or_note,
    snapshot,
)
from cartridge.scan.selection import Selection
from cartridge.scan.servers.snowflake_connection import connected, database_and_schema

_SCHEMAS = "select schema_name from {prefix}information_schema.schemata where schema_name <> 'INFORMATION_SCHEMA'"
_TABLES = """
select table_schema, table_name, table_type, row_count, comment from {prefix}information_schema.tables
where table_schema <> 'INFORMATION_SCHEMA' order by 1, 2"""
_VIEWS = """
select table_schema, table_name from {prefix}information_schema.views
where table_schema <> 'INFORMATION_SCHEMA' order by 1, 2"""
_COLUMNS = """
select table_schema, table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
    is_nullable, column_default, comment
from {prefix}information_schema.columns where table_schema <> 'INFORMATION_SCHEMA'
order by table_schema, table_name, ordinal_position"""
_DATABASE = "select current_database()"
_KEYS = ("show primary keys in schema {schema}", "show unique keys in schema {schema}")
_EDGES = "show imported keys in schema {schema}"

_SHOWN_AT_MOST = 10_000
"""SHOW returns no more rows than that (Snowflake's documentation of SHOW)."""
_KINDS = {
    "BASE TABLE": "table", "VIEW": "view", "MATERIALIZED VIEW": "materialized_view", "EXTERNAL TABLE": "external_table",
}  # fmt: skip
_ASIDE = {"TEMPORARY TABLE": "a temporary table"}
_LONGEST_TEXT = 16_777_216


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a Snowflake database.

    Raises:
        SourceError: the account cannot be reached, the user or the database is refused, or nothing was selected.
        MissingExtraError: Snowflake's connector is not installed.
    """
    database, schema = database_and_schema(source)
    with connected(source) as ask:
        wanted = list(selection.schemas) or ([schema] if schema else [])
        found, named = catalogue(ask, database, wanted, progress)
    return snapshot(found, Source("snowflake", "snowflake", named), selection)


def catalogue(ask: Ask, database: str | None, schemas: Sequence[str], progress: Progress) -> tuple[Catalogue, str]:
    """The catalogue of a database (None: the connection's own), of some of its schemas or of all; and its name."""
    progress("Reading the catalogue", 0, None)
    prefix = f"{quoted(database)}." if database else ""
    first = (_DATABASE, *(query.format(prefix=prefix) for query in (_SCHEMAS, _TABLES, _VIEWS, _COLUMNS)))
    current, known, tables, views, columns = (rows_of(answer) for answer in ask(first))
    named = database or str(current[0][0])
    found = Catalogue(schemas=[row[0] for row in known])
    folded = {name.casefold() for name in schemas}
    wanted = [name for name in found.schemas if not folded or name.casefold() in folded]
    kinds: dict[TableKey, tuple[str, Any, str | None]] = {(row[0], row[1]): ("VIEW", None, None) for row in views}
    kinds |= {(schema, name): (kind, rows, comment) for schema, name, kind, rows, comment in tables}
    for key, (kind, rows, comment) in sorted(kinds.items()):
        if key[0] in wanted:
            _take(found, FoundTable(key, _KINDS.get(kind, "table"), row_count=_number(rows), description=comment), kind)
    found.columns = [((row[0], row[1]), _column(row)) for row in columns if row[0] in wanted]
    _add_keys(found, ask, [f"{quoted(named)}.{quoted(schema)}" for schema in wanted], progress)
    return found, named


def _add_keys(found: Catalogue, ask: Ask, schemas: list[str], progress: Progress) -> None:
    progress("Reading keys", 0, None)
    shows = (*_KEYS, _EDGES)
    answers = ask([show.format(schema=schema) for show in shows for schema in schemas])
    primary, unique, imported = (answers[i * len(schemas) : (i + 1) * len(schemas)] for i in range(len(shows)))
    for row in _shown(primary, "Primary keys", found):
        found.keys.append(KeyPart((row[2], row[3]), row[6], int(row[5]), row[4], "primary"))
    for row in _shown(unique, "Unique keys", found):
        found.keys.append(KeyPart((row[2], row[3]), row[6], int(row[5]), row[4], "unique"))
    for row in _shown(imported, "Foreign keys", found):
        if row[3]:
            found.edges.append(EdgePart((row[6], row[7]), row[12], int(row[9]), row[8], (row[2], row[3]), row[4]))


def _shown(answers: Sequence[Answer], what: str, found: Catalogue) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    for answer in answers:
        part = rows_or_note(answer, what, found.notes)
        if len(part) >= _SHOWN_AT_MOST:
            found.notes.append(f"{what}: Snowflake shows {_SHOWN_AT_MOST:,} for a schema; there may be more.")
        rows += part
    return rows


def _take(found: Catalogue, table: FoundTable, kind: str) -> None:
    if kind in _ASIDE:
        found.aside[table.key] = _ASIDE[kind]
    found.tables.append(table)


def _column(row: Sequence[Any]) -> ColumnMapping:
    _, _, name, kind, length, precision, scale, nullable, default, comment = row
    data_type = str(kind)
    if data_type == "NUMBER" and precision is not None:
        data_type = f"NUMBER({_number(precision)},{_number(scale) or 0})"
    elif data_type == "TEXT":
        size = _number(length)
        data_type = f"VARCHAR({size})" if size is not None and size < _LONGEST_TEXT else "VARCHAR"
    return ColumnMapping(name, data_type, nullable != "NO", description=comment or None, default=default)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def quoted(name: str) -> str:
    """A name in Snowflake's quotes, which keep its case."""
    return '"' + name.replace('"', '""') + '"'
