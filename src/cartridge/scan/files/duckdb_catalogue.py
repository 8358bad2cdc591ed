"""The catalogue of a DuckDB database in plain rows, for connections that are not ours, such as dbt's."""

from __future__ import annotations

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Ask, Catalogue, EdgePart, KeyPart, rows_of

_DATABASE = "select coalesce({database}, current_database())"
_TABLES = """
select schema_name, table_name, 'table', comment, estimated_size from duckdb_tables()
where database_name = coalesce({database}, current_database()) and not internal and not temporary
union all
select schema_name, view_name, 'view', comment, null from duckdb_views()
where database_name = coalesce({database}, current_database()) and not internal and not temporary
order by 1, 2"""
_COLUMNS = """
select schema_name, table_name, column_name, data_type, case when is_nullable then 1 else 0 end, column_default, comment
from duckdb_columns() where database_name = coalesce({database}, current_database()) and not internal
order by schema_name, table_name, column_index"""
_KEYS = """
select schema_name, table_name, constraint_index, constraint_type, generate_subscripts(constraint_column_names, 1),
    unnest(constraint_column_names), referenced_table, unnest(referenced_column_names)
from duckdb_constraints() where database_name = coalesce({database}, current_database())
    and constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')"""
_SCHEMAS = """
select schema_name from duckdb_schemas()
where database_name = coalesce({database}, current_database()) and (not internal or schema_name = 'main')"""


def catalogue(ask: Ask, database: str | None, progress: Progress) -> tuple[Catalogue, str]:
    """The catalogue of a database (None: the connection's own), and its name. Row counts are DuckDB's estimates."""
    progress("Reading the catalogue", 0, None)
    named = "null" if database is None else "'" + database.replace("'", "''") + "'"
    queries = [query.format(database=named) for query in (_DATABASE, _SCHEMAS, _TABLES, _COLUMNS, _KEYS)]
    name, schemas, tables, columns, keys = (rows_of(answer) for answer in ask(queries))
    found = Catalogue(schemas=[row[0] for row in schemas])
    found.tables = [
        FoundTable((schema, table), kind, row_count=None if rows is None else int(rows), description=comment)
        for schema, table, kind, comment, rows in tables
    ]
    for schema, table, column, kind, nullable, default, comment in columns:
        made = ColumnMapping(column, kind, int(nullable) == 1, description=comment or None, default=default)
        found.columns.append(((schema, table), made))
    for schema, table, index, kind, place, column, parent, other in keys:
        if kind == "FOREIGN KEY":
            found.edges.append(EdgePart((schema, table), str(index), int(place), column, (schema, parent), other))
        else:
            is_primary = kind == "PRIMARY KEY"
            part = KeyPart((schema, table), str(index), int(place), column, "primary" if is_primary else "unique")
            found.keys.append(part)
    return found, str(name[0][0])
