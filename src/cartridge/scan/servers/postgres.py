"""PostgreSQL (12 or newer), read from its own catalogue: a handful of queries, however many tables there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Ask, Catalogue, EdgePart, KeyKind, KeyPart, Rows, Source, rows_of, snapshot
from cartridge.scan.selection import Selection
from cartridge.scan.servers.postgres_connection import connected, one_moment
from cartridge.scan.servers.postgres_rows import Estimates, count

_KINDS = {"r": "table", "p": "partitioned_table", "v": "view", "m": "materialized_view", "f": "foreign_table"}
_OWN_SCHEMAS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"
_TABLES = f"""
select c.oid::bigint, n.nspname, c.relname, c.relkind::text, s.description,
    case when c.reltuples >= 0 and (c.reltuples > 0 or c.relpages > 0) then c.reltuples::bigint end,
    pn.nspname, p.relname, e.extname,
    case when has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') then 1 else 0 end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_description s on s.classoid = 'pg_class'::regclass and s.objoid = c.oid and s.objsubid = 0
left join pg_inherits i on c.relispartition and i.inhrelid = c.oid
left join pg_class p on p.oid = i.inhparent left join pg_namespace pn on pn.oid = p.relnamespace
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
left join pg_extension e on e.oid = d.refobjid
where c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OWN_SCHEMAS}
order by 2, 3"""  # noqa: S608 - constants
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
select a.attrelid::bigint, a.attnum::bigint, a.attname,
    coalesce(l.type, format_type(coalesce(t.base, a.atttypid), coalesce(t.modifier, a.atttypmod))),
    case when a.attnotnull or coalesce(t.filled, false) then 1 else 0 end,
    case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end, s.description
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
left join domain t on t.oid = a.atttypid
left join enum l on l.oid = coalesce(t.base, a.atttypid)
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
left join pg_description s on s.classoid = 'pg_class'::regclass and s.objoid = a.attrelid and s.objsubid = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OWN_SCHEMAS}
order by a.attrelid, a.attnum"""  # noqa: S608 - constants
_KEYS = f"""
select i.indrelid::bigint, i.indexrelid::bigint, array_to_string((i.indkey::int2[])[0:i.indnkeyatts - 1], ' '),
    case when i.indisprimary then 1 else 0 end
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
where i.indisunique and i.indpred is null and i.indexprs is null and i.indisvalid and {_OWN_SCHEMAS}
order by 1, 2"""  # noqa: S608 - constants
_EDGES = f"""
select f.conrelid::bigint, f.oid::bigint, array_to_string(f.conkey, ' '), f.confrelid::bigint,
    array_to_string(f.confkey, ' ')
from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
where f.contype = 'f' and f.conparentid = 0 and {_OWN_SCHEMAS}
order by 1, 2"""  # noqa: S608 - constants
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
    """The catalogue of all schemas but PostgreSQL's own, and what it knows of row counts.

    Rows name tables and columns by the server's own numbers; names would have to be joined, sorted and sent a hundred
    thousand times.
    """
    found, estimates = Catalogue(), Estimates()
    progress("Reading the catalogue", 0, None)
    answers = ask((_SCHEMAS, _TABLES, _COLUMNS, _KEYS, _EDGES))
    schemas, tables, columns, keys, edges = (rows_of(answer) for answer in answers)
    found.schemas = [row[0] for row in schemas]
    numbered: dict[int, _Numbered] = {}
    for number, schema, name, kind, comment, rows, parent_schema, parent, extension, readable in tables:
        table = FoundTable((schema, name), _KINDS[kind], description=comment)
        numbered[int(number)] = _Numbered(table)
        _take_table(found, table, parent, extension)
        estimates.add(table.key, None if rows is None else int(rows), readable=int(readable) == 1)
        if parent is not None:
            estimates.partitions.setdefault((parent_schema, parent), []).append(table.key)
    _take_columns(numbered, columns)
    found.keys = list(_key_parts(numbered, keys))
    found.edges = list(_edge_parts(numbered, edges))
    return found, estimates


@dataclass
class _Numbered:
    """A table, and the names of its columns by the server's numbers: a dropped column leaves a gap."""

    found: FoundTable
    names: dict[int, str] = field(default_factory=dict)


def _take_table(found: Catalogue, table: FoundTable, partition_of: str | None, extension: str | None) -> None:
    if partition_of is not None:
        found.aside[table.key] = f"partition of {partition_of}"
    elif extension is not None:
        found.aside[table.key] = f"belongs to the extension {extension}"
    found.tables.append(table)


def _take_columns(numbered: Mapping[int, _Numbered], rows: Rows) -> None:
    for number, members in groupby(rows, key=itemgetter(0)):
        table = numbered.get(int(number))
        if table is None:
            continue
        for _, place, name, kind, filled, default, comment in members:
            column = ColumnMapping(name, kind, int(filled) == 0, description=comment or None, default=default)
            table.found.columns.append(column)
            table.names[int(place)] = name


def _key_parts(numbered: Mapping[int, _Numbered], rows: Rows) -> Iterator[KeyPart]:
    for number, index, places, is_primary in rows:
        kind: KeyKind = "primary" if int(is_primary) else "unique"
        table = numbered.get(int(number))
        if table is None:
            continue
        for place, name in enumerate(_names(table, places)):
            yield KeyPart(table.found.key, str(index), place, name, kind)


def _edge_parts(numbered: Mapping[int, _Numbered], rows: Rows) -> Iterator[EdgePart]:
    for number, constraint, places, ref_number, ref_places in rows:
        table, ref_table = numbered.get(int(number)), numbered.get(int(ref_number))
        if table is None or ref_table is None:
            continue
        pairs = zip(_names(table, places), _names(ref_table, ref_places), strict=False)
        for place, (own, other) in enumerate(pairs):
            yield EdgePart(table.found.key, str(constraint), place, own, ref_table.found.key, other)


def _names(table: _Numbered, places: str) -> Sequence[str]:
    """The names of a key's columns; none of them where one came or went between two answers."""
    names = [table.names.get(int(place), "") for place in places.split()]
    return names if all(names) else ()
