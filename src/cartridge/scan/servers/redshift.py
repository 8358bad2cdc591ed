"""Amazon Redshift, read from the PostgreSQL catalogue that it kept from PostgreSQL 8, in a handful of queries.

What only Redshift has (row counts, external tables, views without binding) comes from views of its own; where the user
may not read them, the rest is read, and it is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot, TableKey
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Ask, Catalogue, EdgePart, KeyPart, Source, rows_of, rows_or_note, snapshot
from cartridge.scan.selection import Selection
from cartridge.scan.servers.redshift_connection import connected

_OWN = "n.nspname <> 'information_schema' and n.nspname not like 'pg!_%' escape '!'"
_SCHEMAS = f"select n.nspname from pg_namespace n where {_OWN}"  # noqa: S608 - constants
_TABLES = f"""
select n.nspname, c.relname, cast(c.relkind as varchar(1)), d.description
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
where c.relkind in ('r', 'v') and {_OWN} order by 1, 2"""  # noqa: S608 - constants
_COLUMNS = f"""
select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 1 else 0 end,
    pg_get_expr(x.adbin, x.adrelid), d.description
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_attrdef x on x.adrelid = c.oid and x.adnum = a.attnum
left join pg_description d on d.objoid = c.oid and d.objsubid = a.attnum and d.classoid = 'pg_class'::regclass
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v') and {_OWN}
order by 1, 2, a.attnum"""  # noqa: S608 - constants
_KEYS = f"""
select n.nspname, c.relname, k.conname, cast(k.contype as varchar(1)), pg_get_constraintdef(k.oid),
    rn.nspname, r.relname
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_class r on r.oid = k.confrelid left join pg_namespace rn on rn.oid = r.relnamespace
where k.contype in ('p', 'u', 'f') and {_OWN} order by 1, 2, 3"""  # noqa: S608 - constants
_ROWS = 'select "schema", "table", cast(tbl_rows as bigint) from svv_table_info'
_EXTERNAL = """
select schemaname, tablename, columnname, external_type, columnnum from svv_external_columns order by 1, 2, columnnum"""
_UNBOUND = """
select view_schema, view_name, col_name, col_type, col_num from pg_get_late_binding_view_cols()
    cols (view_schema name, view_name name, col_name name, col_type varchar, col_num int) order by 1, 2, col_num"""
_DATABASE = "select current_database()"
_NAME = re.compile(r'"((?:[^"]|"")+)"|([^\s,()"]+)')
_LIST = re.compile(r"\(((?:[^()\"]|\"(?:[^\"]|\"\")+\")*)\)")


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a Redshift database. Keys are what people declared: Redshift does not hold anybody to them.

    Raises:
        SourceError: the cluster cannot be reached or read, or nothing in it was selected.
        MissingExtraError: Redshift's connector is not installed.
    """
    with connected(source) as ask:
        found, database = catalogue(ask, progress)
    return snapshot(found, Source("redshift", "redshift", database), selection)


def catalogue(ask: Ask, progress: Progress) -> tuple[Catalogue, str]:
    """The catalogue of the connection's database, and its name."""
    progress("Reading the catalogue", 0, None)
    answers = ask((_DATABASE, _SCHEMAS, _TABLES, _COLUMNS, _KEYS, _ROWS, _EXTERNAL, _UNBOUND))
    database, schemas, tables, columns, keys = (rows_of(answer) for answer in answers[:5])
    found = Catalogue(schemas=[row[0] for row in schemas])
    counts = {
        (row[0], row[1]): None if row[2] is None else int(row[2])
        for row in rows_or_note(answers[5], "Row counts", found.notes)
    }
    for schema, name, kind, comment in tables:
        key = (schema, name)
        shape = "view" if kind == "v" else "table"
        found.tables.append(FoundTable(key, shape, row_count=counts.get(key), description=comment or None))
    for schema, table, name, kind, filled, default, comment in columns:
        column = ColumnMapping(name, kind, int(filled) == 0, description=comment or None, default=default)
        found.columns.append(((schema, table), column))
    for row in keys:
        _take_key(found, row)
    _add_elsewhere(found, rows_or_note(answers[6], "External tables", found.notes), "external_table")
    _add_elsewhere(found, rows_or_note(answers[7], "Views without binding", found.notes), "view")
    return found, str(database[0][0])


def _take_key(found: Catalogue, row: Sequence[Any]) -> None:
    schema, table, name, kind, definition, ref_schema, ref_table = row
    key: TableKey = (schema, table)
    lists = [_names(part) for part in _LIST.findall(definition)]
    if kind == "f":
        for place, (own, other) in enumerate(zip(lists[0], lists[1], strict=True)):
            found.edges.append(EdgePart(key, name, place, own, (ref_schema, ref_table), other))
        return
    for place, own in enumerate(lists[0]):
        found.keys.append(KeyPart(key, name, place, own, "primary" if kind == "p" else "unique"))


def _names(listed: str) -> list[str]:
    return [match[1].replace('""', '"') if match[1] else match[2] for match in _NAME.finditer(listed)]


def _add_elsewhere(found: Catalogue, rows: Sequence[Sequence[Any]], kind: str) -> None:
    """Tables whose columns only Redshift's own views know; a view that is listed already gets its columns here."""
    known = {table.key for table in found.tables}
    have = {key for key, _ in found.columns}
    for schema, table, name, data_type, _ in rows:
        key = (schema, table)
        if key not in known:
            known.add(key)
            found.tables.append(FoundTable(key, kind))
        if key not in have:
            found.columns.append((key, ColumnMapping(name, data_type)))
