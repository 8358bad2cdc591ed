"""MySQL and MariaDB, read from `information_schema`: five queries, however many tables there are.

What these call a database is a schema here. The URL's database is read, or all that the user may see where it names
none; `--schema` names others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot, TableKey
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Ask, Catalogue, EdgePart, KeyPart, Source, rows_of, snapshot
from cartridge.scan.selection import Selection
from cartridge.scan.servers.mysql_connection import connected, database_of

_OWN = "('information_schema', 'mysql', 'performance_schema', 'sys')"
_TABLES = """
select table_schema, table_name, table_type, engine, table_rows, table_comment, create_options
from information_schema.tables where {schemas} order by 1, 2"""
_COLUMNS = """
select table_schema, table_name, column_name, column_type, is_nullable, column_default, column_comment, extra
from information_schema.columns where {schemas} order by table_schema, table_name, ordinal_position"""
_KEYS = """
select table_schema, table_name, index_name, seq_in_index, column_name, sub_part
from information_schema.statistics where non_unique = 0 and {schemas}"""
_EDGES = """
select table_schema, table_name, constraint_name, ordinal_position, column_name,
    referenced_table_schema, referenced_table_name, referenced_column_name
from information_schema.key_column_usage where referenced_table_name is not null and {schemas}"""
_JSON = """
select constraint_schema, table_name, check_clause
from information_schema.check_constraints where check_clause like 'json_valid(%' and constraint_schema in (
    select schema_name from information_schema.schemata where {schemata})"""
_VERSION = "select version()"
_SCHEMAS = f"select schema_name from information_schema.schemata where schema_name not in {_OWN}"  # noqa: S608

_JSON_CHECK = re.compile(r"json_valid\(`(?P<column>.+)`\)", re.IGNORECASE)
_FOREIGN_ENGINES = frozenset({"CONNECT", "FEDERATED", "S3", "SPIDER"})
_ASIDE = {"SEQUENCE": "a sequence", "SYSTEM VIEW": "a view of the system", "TEMPORARY": "a temporary table"}


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a MySQL or MariaDB server. Row counts are the storage engine's estimates.

    Raises:
        SourceError: the server cannot be reached or read, or nothing in it was selected.
        MissingExtraError: PyMySQL is not installed.
    """
    database = database_of(source)
    with connected(source) as ask:
        found = catalogue(ask, list(selection.schemas) or ([database] if database else []), progress)
    name = database or (found.tables[0].key[0] if found.tables else "mysql")
    return snapshot(found, Source("mysql", "mysql", name), selection)


def catalogue(ask: Ask, schemas: list[str], progress: Progress) -> Catalogue:
    """The catalogue of the named schemas, or of all but the server's own."""
    progress("Reading the catalogue", 0, None)
    versions, names = (rows_of(answer) for answer in ask((_VERSION, _SCHEMAS)))
    known = [row[0] for row in names]
    folded = {name.casefold() for name in schemas}
    wanted = [name for name in known if name.casefold() in folded]
    found = Catalogue(schemas=known)
    is_mariadb = "mariadb" in str(versions[0][0]).lower()
    queries = (_TABLES, _COLUMNS, _KEYS, _EDGES, *([_JSON] if is_mariadb else []))
    answers = ask([_within(query, wanted) for query in queries])
    tables, columns, keys, edges, *checks = (rows_of(answer) for answer in answers)
    for *key, kind, engine, rows, comment, options in tables:
        _take_table(found, (key[0], key[1]), kind, (engine or "", rows, comment or "", options or ""))
    documents = _json_columns(row for rows in checks for row in rows)
    for schema, table, name, kind, nullable, default, comment, extra in columns:
        printed = "json" if (schema, table, name) in documents else kind
        shown = None if "GENERATED" in (extra or "").upper() or default in (None, "NULL") else str(default)
        column = ColumnMapping(name, printed, nullable == "YES", description=comment or None, default=shown)
        found.columns.append(((schema, table), column))
    partial = {(row[0], row[1], row[2]) for row in keys if row[4] is None or row[5] is not None}
    found.keys = [
        KeyPart((schema, table), index, place, column, "primary" if index == "PRIMARY" else "unique")
        for schema, table, index, place, column, _ in keys
        if (schema, table, index) not in partial
    ]
    found.edges = [
        EdgePart((schema, table), key, place, column, (ref_schema, ref_table), ref_column)
        for schema, table, key, place, column, ref_schema, ref_table, ref_column in edges
    ]
    return found


def _within(query: str, schemas: list[str]) -> str:
    listed = f"in ({', '.join(_text(name) for name in schemas)})" if schemas else f"not in {_OWN}"
    return query.format(schemas=f"table_schema {listed}", schemata=f"schema_name {listed}")


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _take_table(found: Catalogue, key: TableKey, kind: str, about: tuple[str, int | None, str, str]) -> None:
    engine, rows, comment, options = about
    if kind in _ASIDE:
        found.aside[key] = _ASIDE[kind]
    if kind == "VIEW":
        if "references invalid" in comment:
            found.aside[key] = "a view of what is no longer there"
        found.tables.append(FoundTable(key, "view"))
        return
    shape = "partitioned_table" if "partitioned" in options else "table"
    shape = "foreign_table" if engine.upper() in _FOREIGN_ENGINES else shape
    found.tables.append(FoundTable(key, shape, row_count=rows, description=comment or None))


def _json_columns(checks: Iterable[Sequence[str]]) -> set[tuple[str, str, str]]:
    """MariaDB keeps JSON as text that a check holds to be JSON."""
    matches = ((schema, table, _JSON_CHECK.fullmatch(clause)) for schema, table, clause in checks)
    return {(schema, table, match["column"]) for schema, table, match in matches if match}
