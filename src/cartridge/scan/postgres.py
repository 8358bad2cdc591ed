"""PostgreSQL, read from its own catalogue: a handful of queries, however many tables there are."""

from __future__ import annotations

from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, LeftOut, Relationship, SchemaSnapshot, TableKey
from cartridge.render.identifier import quoted
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.postgres_connection import connected
from cartridge.scan.selection import Selection

EXACT_COUNTS_BYTES = 64 << 20
"""Rows of tables up to this size are counted; of larger ones the planner's estimate is taken, where there is one."""

_KINDS = {"r": "table", "p": "partitioned_table", "v": "view", "m": "materialized_view", "f": "foreign_table"}
_OWN_SCHEMAS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"
_TABLES = f"""
select n.nspname, c.relname, c.relkind::text, obj_description(c.oid, 'pg_class'), c.reltuples::bigint,
    case c.relkind when 'p' then (select sum(pg_relation_size(relid)) from pg_partition_tree(c.oid))
        when 'r' then pg_relation_size(c.oid)
        when 'm' then case when c.relispopulated then pg_relation_size(c.oid) end end,
    (select p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
        where c.relispartition and i.inhrelid = c.oid),
    (select e.extname from pg_depend d join pg_extension e on e.oid = d.refobjid
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OWN_SCHEMAS}
order by 1, 2"""  # noqa: S608 - constants
_COLUMNS = f"""
select n.nspname, c.relname, a.attname,
    case t.typtype
        when 'd' then format_type(t.typbasetype, t.typtypmod)
        when 'e' then 'enum(' || (select string_agg(quote_literal(l.enumlabel), ', ' order by l.enumsortorder)
            from pg_enum l where l.enumtypid = t.oid) || ')'
        else format_type(a.atttypid, a.atttypmod) end,
    not (a.attnotnull or t.typnotnull), pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OWN_SCHEMAS}
order by 1, 2, a.attnum"""  # noqa: S608 - constants
_UNIQUE = f"""
select n.nspname, c.relname, i.indisprimary,
    (select array_agg(a.attname::text order by k.position)
        from unnest(i.indkey::int2[]) with ordinality k (number, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where k.position <= i.indnkeyatts)
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
where i.indisunique and i.indpred is null and i.indexprs is null and i.indisvalid and {_OWN_SCHEMAS}
order by 1, 2, i.indexrelid"""  # noqa: S608 - constants
_FOREIGN = f"""
select n.nspname, c.relname,
    (select array_agg(a.attname::text order by k.position) from unnest(f.conkey) with ordinality k (number, position)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number),
    rn.nspname, r.relname,
    (select array_agg(a.attname::text order by k.position) from unnest(f.confkey) with ordinality k (number, position)
        join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number)
from pg_constraint f
join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
where f.contype = 'f' and f.conparentid = 0 and {_OWN_SCHEMAS}
order by 1, 2, f.conname"""  # noqa: S608 - constants
_SCHEMAS = f"select n.nspname from pg_namespace n where {_OWN_SCHEMAS}"  # noqa: S608 - constants


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a PostgreSQL database. Partitions and the tables of extensions are left out, and listed.

    Domains appear as the type they stand for, enums as `enum('a', 'b')`.

    Raises:
        SourceError: the database cannot be reached or read, or nothing in it was selected.
        MissingExtraError: psycopg is not installed.
    """
    with connected(source) as connection:
        database = connection.execute("select current_database()").fetchone()[0]
        rows = connection.execute(_TABLES).fetchall()
        aside = {(row[0], row[1]): reason for row in rows if (reason := _why_aside(row)) is not None}
        schemas = [row[0] for row in connection.execute(_SCHEMAS).fetchall()]
        chosen, left_out = selection.choose([row[:2] for row in rows if row[:2] not in aside], schemas)
        found = {
            key: FoundTable(key, _KINDS[kind], description=comment)
            for *names, kind, comment, _, _, _, _ in rows
            if (key := (names[0], names[1])) in set(chosen)
        }
        relationships = _details(connection, found)
        notes = _count(connection, found, rows, progress)
    kept_aside = [LeftOut(*key, reason) for key, reason in aside.items()]
    return SchemaSnapshot(
        kind="postgres",
        database=database,
        dialect="postgres",
        tables=assemble(found.values(), relationships, database),
        relationships=relationships,
        left_out=tuple(sorted([*left_out, *kept_aside], key=lambda item: (item.schema, item.name))),
        notes=notes,
    )


def _why_aside(row: tuple[Any, ...]) -> str | None:
    *_, partition_of, extension = row
    if partition_of is not None:
        return f"partition of {partition_of}"
    return f"belongs to the extension {extension}" if extension is not None else None


def _details(connection: Any, found: dict[TableKey, FoundTable]) -> tuple[Relationship, ...]:
    for schema, table, name, data_type, nullable, default, comment in connection.execute(_COLUMNS).fetchall():
        item = found.get((schema, table))
        if item is not None:
            item.columns.append(ColumnMapping(name, data_type, nullable, description=comment or None, default=default))
    for schema, table, is_primary, columns in connection.execute(_UNIQUE).fetchall():
        item = found.get((schema, table))
        if item is not None and is_primary:
            item.primary_key = tuple(columns)
        elif item is not None:
            item.unique_keys.append(tuple(columns))
    relationships = [
        Relationship((schema, table), tuple(columns), (ref_schema, ref_table), tuple(ref_columns))
        for schema, table, columns, ref_schema, ref_table, ref_columns in connection.execute(_FOREIGN).fetchall()
        if (schema, table) in found
    ]
    return tuple(sorted(set(relationships)))


def _count(
    connection: Any, found: dict[TableKey, FoundTable], rows: list[tuple[Any, ...]], progress: Progress
) -> tuple[str, ...]:
    """Counts small tables. One that may not be read has no count, and is noted."""
    import psycopg  # noqa: PLC0415 - already loaded

    sized = [(found[row[:2]], row[4], row[5]) for row in rows if row[:2] in found and row[5] is not None]
    estimated = 0
    notes: list[str] = []
    for done, (item, estimate, size) in enumerate(sized):
        progress("Counting rows", done, len(sized))
        if size > EXACT_COUNTS_BYTES:
            item.row_count = estimate if estimate >= 0 else None
            estimated += 1
            continue
        name = ".".join(quoted(part, "postgres") for part in item.key)
        try:
            item.row_count = connection.execute(f"select count(*) from {name}").fetchone()[0]  # noqa: S608 - quoted
        except psycopg.errors.InsufficientPrivilege:
            notes.append(f"{'.'.join(item.key)}: you may not read its rows; its structure was scanned.")
    progress("Counting rows", len(sized), len(sized))
    if estimated:
        notes.append(f"The row counts of {estimated:,} large tables are PostgreSQL's estimates.")
    return tuple(notes)
