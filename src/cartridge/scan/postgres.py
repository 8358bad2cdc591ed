"""PostgreSQL (12 or newer), read from its own catalogue: a handful of queries, however many tables there are."""

from __future__ import annotations

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot, TableKey
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Ask, Catalogue, EdgePart, KeyPart, Source, rows_of, snapshot
from cartridge.scan.postgres_connection import connected, one_moment
from cartridge.scan.postgres_rows import Estimates, count
from cartridge.scan.selection import Selection

_KINDS = {"r": "table", "p": "partitioned_table", "v": "view", "m": "materialized_view", "f": "foreign_table"}
_OWN_SCHEMAS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"
_TABLES = f"""
select n.nspname, c.relname, c.relkind::text, obj_description(c.oid, 'pg_class'),
    case when c.reltuples >= 0 and (c.reltuples > 0 or c.relpages > 0) then c.reltuples::bigint end,
    pn.nspname, p.relname, e.extname,
    case when has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') then 1 else 0 end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_inherits i on c.relispartition and i.inhrelid = c.oid
left join pg_class p on p.oid = i.inhparent left join pg_namespace pn on pn.oid = p.relnamespace
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
left join pg_extension e on e.oid = d.refobjid
where c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OWN_SCHEMAS}
order by 1, 2"""  # noqa: S608 - constants
_COLUMNS = f"""
with recursive domain as (
    select d.oid, d.typbasetype as base, d.typtypmod as modifier, d.typnotnull as filled
    from pg_type d join pg_type b on b.oid = d.typbasetype where d.typtype = 'd' and b.typtype <> 'd'
    union all
    select d.oid, b.base, case when d.typtypmod = -1 then b.modifier else d.typtypmod end, d.typnotnull or b.filled
    from pg_type d join domain b on b.oid = d.typbasetype where d.typtype = 'd'
), enum as (
    select enumtypid as oid, 'enum(' || string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) || ')' as type
    from pg_enum group by enumtypid
)
select n.nspname, c.relname, a.attname,
    coalesce(l.type, format_type(coalesce(t.base, a.atttypid), coalesce(t.modifier, a.atttypmod))),
    case when a.attnotnull or coalesce(t.filled, false) then 1 else 0 end,
    case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end, col_description(c.oid, a.attnum)
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
left join domain t on t.oid = a.atttypid
left join enum l on l.oid = coalesce(t.base, a.atttypid)
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OWN_SCHEMAS}
order by 1, 2, a.attnum"""  # noqa: S608 - constants
_KEYS = f"""
select n.nspname, c.relname, i.indexrelid::bigint, k.position, a.attname, case when i.indisprimary then 1 else 0 end
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
cross join lateral unnest(i.indkey::int2[]) with ordinality k (number, position)
join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
where i.indisunique and i.indpred is null and i.indexprs is null and i.indisvalid and k.position <= i.indnkeyatts
    and {_OWN_SCHEMAS}
order by 1, 2, 3, 4"""  # noqa: S608 - constants
_EDGES = f"""
select n.nspname, c.relname, f.oid::bigint, k.position, a.attname, rn.nspname, r.relname, ra.attname
from pg_constraint f
join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
cross join lateral unnest(f.conkey, f.confkey) with ordinality k (own, other, position)
join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.own
join pg_attribute ra on ra.attrelid = f.confrelid and ra.attnum = k.other
where f.contype = 'f' and f.conparentid = 0 and {_OWN_SCHEMAS}
order by 1, 2, 3, 4"""  # noqa: S608 - constants
_SCHEMAS = f"select n.nspname from pg_namespace n where {_OWN_SCHEMAS}"  # noqa: S608 - constants
_DATABASE = "select current_database()"


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a PostgreSQL database. Partitions and the tables of extensions are left out, and listed.

    Domains appear as the type they stand for, enums as `enum('a', 'b')`. Row counts are the estimates of the last
    ANALYZE; tables that were never analysed are counted where they are small.

    Raises:
        SourceError: the database cannot be reached or read, or nothing in it was selected.
        MissingExtraError: psycopg is not installed.
    """
    with connected(source) as connection:
        with one_moment(connection) as ask:
            found, estimates = catalogue(ask, progress)
            database = str(rows_of(ask((_DATABASE,))[0])[0][0])
        made = snapshot(found, Source("postgres", "postgres", database), selection)
        return count(connection, made, estimates, progress)


def catalogue(ask: Ask, progress: Progress) -> tuple[Catalogue, Estimates]:
    """The catalogue of all schemas but PostgreSQL's own, and what it knows of row counts."""
    found, estimates = Catalogue(), Estimates()
    progress("Reading the catalogue", 0, None)
    answers = ask((_SCHEMAS, _TABLES, _COLUMNS, _KEYS, _EDGES))
    schemas, tables, columns, keys, edges = (rows_of(answer) for answer in answers)
    found.schemas = [row[0] for row in schemas]
    for *key, kind, comment, rows, parent_schema, parent, extension, readable in tables:
        table = (key[0], key[1])
        _take_table(found, FoundTable(table, _KINDS[kind], description=comment), parent, extension)
        estimates.add(table, None if rows is None else int(rows), readable=int(readable) == 1)
        if parent is not None:
            estimates.partitions.setdefault((parent_schema, parent), []).append(table)
    found.columns = [
        ((schema, table), ColumnMapping(name, kind, int(filled) == 0, description=comment or None, default=default))
        for schema, table, name, kind, filled, default, comment in columns
    ]
    found.keys = [
        KeyPart((schema, table), str(index), int(place), column, "primary" if int(is_primary) else "unique")
        for schema, table, index, place, column, is_primary in keys
    ]
    found.edges = [
        EdgePart((schema, table), str(key), int(place), column, (ref_schema, ref_table), ref_column)
        for schema, table, key, place, column, ref_schema, ref_table, ref_column in edges
    ]
    return found, estimates


def _take_table(found: Catalogue, table: FoundTable, partition_of: str | None, extension: str | None) -> None:
    key: TableKey = table.key
    if partition_of is not None:
        found.aside[key] = f"partition of {partition_of}"
    elif extension is not None:
        found.aside[key] = f"belongs to the extension {extension}"
    found.tables.append(table)
