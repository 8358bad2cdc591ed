"""Copies the tables of a source into a new DuckDB file: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cartridge.domain.schema import LeftOut, Relationship, SchemaSnapshot, TableMapping
from cartridge.errors import InputError, MissingExtraError, SourceError
from cartridge.load.order import parents_first
from cartridge.load.report import LoadedTable, LoadOptions, LoadReport, RowReader
from cartridge.load.table import TableLoader, qualified


def load(snapshot: SchemaSnapshot, reader: RowReader, target: Path, options: LoadOptions | None = None) -> LoadReport:
    """Copies the scanned tables into the DuckDB file `target`, with keys and comments as far as the data honour them.

    The types are those of `cartridge.load.types`. The file is written beside the target and renamed when all is done;
    row counts are compared before. A table that DuckDB cannot hold is left out alone, with the reason.

    Raises:
        InputError: the target exists and `overwrite` is not set, or its folder cannot be written.
        SourceError: no table could be loaded, or a table's rows changed while they were read.
        MissingExtraError: DuckDB is not installed.
    """
    options = options or LoadOptions()
    _check_target(target, overwrite=options.overwrite)
    try:
        folder = Path(tempfile.mkdtemp(prefix=".cartridge-load-", dir=target.parent))
    except OSError as error:
        raise InputError(f"{target.parent} cannot be written: {error.strerror}. Choose another folder.") from error
    try:
        file = folder / target.name
        report = _loaded(snapshot, reader, _Job(file, target, options))
        _check_target(target, overwrite=options.overwrite)
        file.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report


@dataclass
class _Job:
    """One load: where it writes now, where the file goes in the end, and what came of the tables so far."""

    file: Path
    target: Path
    options: LoadOptions
    loaded: list[LoadedTable] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def _check_target(target: Path, *, overwrite: bool) -> None:
    if target.is_dir():
        raise InputError(f"{target} is a folder. Name a file to load into, such as {target / 'raw.duckdb'}.")
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists already. Name another file, or allow it to be overwritten (--overwrite).")
    if not target.parent.is_dir():
        raise InputError(f"{target.parent} does not exist. Create the folder first.")


def _loaded(snapshot: SchemaSnapshot, reader: RowReader, job: _Job) -> LoadReport:
    try:
        import duckdb  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        raise MissingExtraError("Loading into a DuckDB file", "duckdb") from None
    tables = [table for table in snapshot.tables if not table.is_view]
    views = tuple(table.key for table in snapshot.tables if table.is_view)
    if not tables:
        raise SourceError("The source holds views only; views are not copied. Name a source with tables.")
    ordered, edges, left_off = parents_first(tables, snapshot.relationships)
    try:
        with duckdb.connect(str(job.file)) as connection:
            _create_schemas(connection, ordered)
            loader = TableLoader(connection, reader, job.options)
            for table in ordered:
                _load_table(loader, table, [edge for edge in edges if edge.table == table.key], job)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise InputError(f"{job.target} could not be written: {error}. Nothing was kept.") from error
    if not job.loaded:
        listed = "; ".join(f"{item.name}: {item.reason}" for item in job.left_out[:5])
        raise SourceError(f"No table could be loaded. {listed}")
    return LoadReport(
        target=job.target,
        tables=tuple(sorted(job.loaded, key=lambda item: item.table)),
        views=views,
        left_out=(*snapshot.left_out, *sorted(job.left_out, key=lambda item: (item.schema, item.name))),
        left_off=left_off,
    )


def _load_table(loader: TableLoader, table: TableMapping, edges: list[Relationship], job: _Job) -> None:
    """Loads one table. What DuckDB refuses of it leaves out this table alone; a full disk ends the load."""
    import duckdb  # noqa: PLC0415 - already loaded

    try:
        job.loaded.append(loader.load(table, edges))
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        loader.drop(table)
        reason = str(error).strip().split("\n", maxsplit=1)[0]
        job.left_out.append(LeftOut(*table.key, f"DuckDB cannot hold it: {reason}"))


def _create_schemas(connection: Any, tables: tuple[TableMapping, ...]) -> None:
    for schema in sorted({table.schema for table in tables} - {"main", ""}):
        connection.execute(f"create schema {qualified((schema,))}")
