"""`cartridge load`: tables of a source, copied into a DuckDB file."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartridge.cli.output import Output, current_output, plural
from cartridge.cli.progress import step
from cartridge.cli.settings import common_options
from cartridge.cli.sources import pattern_options

if TYPE_CHECKING:
    from cartridge.load import LoadReport


@click.command()
@click.argument("source")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), metavar="ROWS", help="At most so many rows of each table.")
@click.option("--overwrite", is_flag=True, help="Replace FILE where it exists, once all is loaded.")
@pattern_options
@common_options
def load(source: str, target: Path, limit: int | None, overwrite: bool, **patterns: Any) -> None:
    """Copy the tables of SOURCE into the new DuckDB file FILE, with their keys and comments.

    A text column becomes a date or a time only where every value is one. Views are not copied.
    """
    from cartridge.app.load import load as load_tables  # noqa: PLC0415
    from cartridge.domain.masking import masked  # noqa: PLC0415
    from cartridge.load import LoadOptions  # noqa: PLC0415

    output = current_output()
    with step(output, f"Loading {masked(source)}") as loading:
        options = LoadOptions(limit=limit, overwrite=overwrite, progress=loading)
        report = asyncio.run(load_tables(source, target, options=options, **patterns))
        loading.done(f"{plural(len(report.tables), 'table')}, {report.rows:,} rows")
    if output.json:
        output.document("load", _as_json(report))
    else:
        _print(output, report)


def _as_json(report: LoadReport) -> dict[str, Any]:
    return {**asdict(report), "target": str(report.target), "rows": report.rows}


def _print(output: Output, report: LoadReport) -> None:
    for table in report.tables:
        of_all = f" of {table.source_rows:,}" if table.rows != table.source_rows else ""
        output.print(f"  {'.'.join(filter(None, table.table))}  {table.rows:,}{of_all} rows")
        for kept in table.kept_as:
            output.print(f"    {kept.column}: {kept.declared} kept as {kept.loaded} ({kept.reason})")
        for key in table.left_off:
            output.print(f"    without {key.key} ({key.reason})")
    for key in report.left_off:
        output.print(f"Without {key.key} ({key.reason})")
    for view in report.views:
        output.print(f"Not copied: {view[1]} (view)")
    for left_out in report.left_out:
        output.print(f"Left out: {left_out.name} ({left_out.reason})")
    output.print(f"Loaded {report.target}. Next: cartridge plan {report.target}")
