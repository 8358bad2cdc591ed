"""DuckDB files, read through DuckDB's own catalogue functions on a read-only connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, Relationship, SchemaSnapshot, TableKey
from cartridge.errors import MissingExtraError, SourceError
from cartridge.render.identifier import quoted
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.selection import Selection

EXACT_COUNTS = 2_000
"""Up to so many tables rows are counted (0.4 ms each); above, DuckDB's estimate is taken, which counts deleted rows."""

_TABLES = """
select schema_name, table_name, 'table', comment, estimated_size from duckdb_tables()
where database_name = current_database() and not internal and not temporary
union all
select schema_name, view_name, 'view', comment, null from duckdb_views()
where database_name = current_database() and not internal and not temporary
order by 1, 2"""
_COLUMNS = """
select schema_name, table_name, column_name, data_type, is_nullable, column_default, comment from duckdb_columns()
where database_name = current_database() and not internal order by schema_name, table_name, column_index"""
_KEYS = """
select schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
from duckdb_constraints()
where database_name = current_database() and constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
order by schema_name, table_name, constraint_index"""
_UNIQUE_INDEXES = """
select schema_name, table_name, expressions from duckdb_indexes()
where database_name = current_database() and is_unique and not is_primary order by 1, 2, index_name"""
_HEADER_BYTES = 3 * 4096
_SCHEMAS = """
select schema_name from duckdb_schemas()
where database_name = current_database() and (not internal or schema_name = 'main')"""


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of a DuckDB file.

    Raises:
        SourceError: the file is locked, damaged, encrypted or of another version, or nothing in it was selected.
        MissingExtraError: DuckDB is not installed.
    """
    path = Path(source)
    with connected(path) as connection:
        _check_whole(connection, path)
        rows = connection.execute(_TABLES).fetchall()
        schemas = [row[0] for row in connection.execute(_SCHEMAS).fetchall()]
        chosen, left_out = selection.choose([(row[0], row[1]) for row in rows], schemas)
        wanted = set(chosen)
        found = {
            (schema, name): FoundTable((schema, name), kind, row_count=size, description=comment)
            for schema, name, kind, comment, size in rows
            if (schema, name) in wanted
        }
        _add_columns(connection, found)
        relationships = _add_keys(connection, found)
        _add_unique_indexes(connection, found)
        notes = _add_row_counts(connection, found, progress)
    tables = assemble(found.values(), relationships, path.stem)
    return SchemaSnapshot(
        kind="duckdb",
        database=path.stem,
        dialect="duckdb",
        tables=tables,
        relationships=relationships,
        left_out=left_out,
        notes=notes,
        file=path.name,
    )


@contextmanager
def connected(path: Path) -> Iterator[Any]:
    """A read-only connection to a DuckDB file; DuckDB's errors become ours."""
    try:
        import duckdb  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        raise MissingExtraError("DuckDB sources", "duckdb") from None
    try:
        connection = duckdb.connect(str(path), read_only=True)
        try:
            yield connection
        finally:
            connection.close()
    except duckdb.Error as error:
        raise translated(path, str(error)) from error


def translated(path: Path, message: str) -> SourceError:
    """DuckDB's message about a file as one of ours, with what to do next."""
    name = path.name
    if "Could not set lock" in message:
        holder = re.search(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)", message)
        who = f" by process {holder['pid']} ({Path(holder['program']).name})" if holder else " by another process"
        return SourceError(f"{name} is locked{who}, which has it open for writing. Close it there and try again.")
    if "different configuration" in message:
        return SourceError(f"{name} is open for writing in this process. Close that connection and try again.")
    if "storage version number" in message or "with version number" in message:
        return _version(name, message)
    if "encrypted" in message:
        return SourceError(
            f"{name} is an encrypted DuckDB file, which cannot be read. Copy it into an unencrypted one."
        )
    if any(sign in message for sign in ("Corrupt database", "Could not read enough bytes", "not a valid DuckDB")):
        return SourceError(f"{name} is damaged or only half written: {_first_line(message)}. Copy it again.")
    return SourceError(f"DuckDB cannot read {name}: {_first_line(message)}. Open it with DuckDB itself to see why.")


def _check_whole(connection: Any, path: Path) -> None:
    """DuckDB reads blocks when they are needed: of a file cut off at its end the catalogue can still be read."""
    block_size, blocks = connection.execute("select block_size, total_blocks from pragma_database_size()").fetchone()
    wanted = _HEADER_BYTES + block_size * blocks
    if path.stat().st_size < wanted:
        size = path.stat().st_size
        raise SourceError(f"{path.name} is only half written: {size:,} of {wanted:,} bytes are there. Copy it again.")


def _version(name: str, message: str) -> SourceError:
    import duckdb  # noqa: PLC0415 - already loaded: it raised

    newer = "newer version of DuckDB" in message
    what = "a newer version of DuckDB than" if newer else "another version of DuckDB than"
    return SourceError(
        f"{name} was written by {what} the one installed ({duckdb.__version__}): {_first_line(message)}. "
        + ("Upgrade with: pip install --upgrade duckdb" if newer else "Export it with the DuckDB that wrote it.")
    )


def _first_line(message: str) -> str:
    return message.strip().split("\n")[0].removesuffix(".")


def _add_columns(connection: Any, found: dict[TableKey, FoundTable]) -> None:
    for schema, table, name, data_type, nullable, default, comment in connection.execute(_COLUMNS).fetchall():
        item = found.get((schema, table))
        if item is not None:
            item.columns.append(
                ColumnMapping(name, data_type, bool(nullable), description=comment or None, default=default)
            )


def _add_keys(connection: Any, found: dict[TableKey, FoundTable]) -> tuple[Relationship, ...]:
    """DuckDB keeps foreign keys within one schema, so the parent stands in the child's."""
    relationships: list[Relationship] = []
    for schema, table, kind, columns, parent, parent_columns in connection.execute(_KEYS).fetchall():
        item = found.get((schema, table))
        if item is None:
            continue
        match kind:
            case "PRIMARY KEY":
                item.primary_key = tuple(columns)
            case "UNIQUE":
                item.unique_keys.append(tuple(columns))
            case _:
                relationships.append(Relationship(item.key, tuple(columns), (schema, parent), tuple(parent_columns)))
    return tuple(sorted(relationships))


def _add_unique_indexes(connection: Any, found: dict[TableKey, FoundTable]) -> None:
    """Unique indexes over plain columns. DuckDB prints them as `[a, '"b c"']`; what is not read so is left aside."""
    for schema, table, expressions in connection.execute(_UNIQUE_INDEXES).fetchall():
        item = found.get((schema, table))
        if item is None:
            continue
        printed = {form: column.name for column in item.columns for form in (column.name, f"'\"{column.name}\"'")}
        names = [printed.get(part) for part in expressions[1:-1].split(", ")]
        known = tuple(name for name in names if name is not None)
        if len(known) == len(names):
            item.unique_keys.append(known)


def _add_row_counts(connection: Any, found: dict[TableKey, FoundTable], progress: Progress) -> tuple[str, ...]:
    tables = [item for item in found.values() if item.table_type == "table"]
    if len(tables) > EXACT_COUNTS:
        return (f"Row counts are DuckDB's estimates: there are more than {EXACT_COUNTS:,} tables.",)
    for done, item in enumerate(tables):
        progress("Counting rows", done, len(tables))
        name = ".".join(quoted(part, "duckdb") for part in item.key)
        item.row_count = connection.execute(f"select count(*) from {name}").fetchone()[0]  # noqa: S608 - quoted
    progress("Counting rows", len(tables), len(tables))
    return ()
