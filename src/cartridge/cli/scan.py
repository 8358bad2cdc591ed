"""`cartridge scan`: the tables, keys and comments of a source."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartridge.cli.output import Output, current_output, printable
from cartridge.cli.reading import read_source
from cartridge.cli.settings import common_options
from cartridge.cli.sources import Profiling, Selection, profile_options, selection_options
from cartridge.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from cartridge.domain.schema import SchemaSnapshot, TableMapping


@click.command()
@click.argument("source")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Save the scan here, as JSON.")
@click.option("--erd", "as_diagram", is_flag=True, help="Print an ER diagram instead, as Mermaid text.")
@selection_options
@profile_options
@common_options
def scan(source: str, target: Path | None, as_diagram: bool, **given: Any) -> None:
    """Read the tables, keys and comments of SOURCE.

    SOURCE is a database file, a URL, a SQL file or a saved scan: `cartridge sources` lists them. Nothing is written to
    it, and no row values are kept.

    With --erd, what the database declares or the data honour (--profile) is drawn solid, what was guessed dashed.
    """
    from cartridge.scan.saved import dump  # noqa: PLC0415

    output = current_output()
    if target:
        _refuse_other_file(target)
    chosen = Selection(given["tables"], given["exclude"], given["schemas"])
    profiling = Profiling(given["profile"], given["sample_values"], given["budget_rows"], given["query_timeout"])
    snapshot = asyncio.run(read_source(output, source, chosen, profiling))
    text = dump(snapshot)
    if target:
        target.write_text(text, encoding="utf-8")
    if as_diagram:
        _print_diagram(output, snapshot)
        return
    if output.json:
        click.echo(text, nl=False)
        return
    output.print(overview(snapshot))
    _print_remarks(output, snapshot)
    if target:
        output.print(f"Saved {target}. Next: cartridge plan {target}")


def _refuse_other_file(target: Path) -> None:
    """A scan may replace a scan, and nothing else that is there.

    Raises:
        InputError: the file holds something else, or its folder is missing.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.scan.saved import FORMAT  # noqa: PLC0415

    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}. Make it, or name another file with -o.")
    app.refuse_other_file(target, f'"format": "{FORMAT}"', "saved scan", 2_000)


def _print_diagram(output: Output, snapshot: SchemaSnapshot) -> None:
    from cartridge import app  # noqa: PLC0415

    text = asyncio.run(app.erd(snapshot))
    if output.json:
        output.document("erd", {"mermaid": text})
    else:
        click.echo(printable(text), nl=False)


def overview(snapshot: SchemaSnapshot) -> Table:
    """A row for each table: columns, rows, primary key, and the tables that it refers to."""
    from rich.table import Table  # noqa: PLC0415

    many_schemas = len({table.schema for table in snapshot.tables}) > 1
    shown = Table(box=None, pad_edge=False, header_style="title")
    for heading in ("table", "columns", "rows", "key", "refers to"):
        right = heading in ("columns", "rows")
        shown.add_column(heading, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for table in snapshot.tables:
        name = f"{table.schema}.{table.name}" if many_schemas else table.name
        shown.add_row(
            printable(f"{name} (view)" if table.is_view else name),
            str(len(table.columns)),
            "" if table.row_count is None else f"{table.row_count:,}",
            printable(", ".join(table.primary_key)),
            printable(", ".join(_referred(table, snapshot))),
        )
    return shown


def _referred(table: TableMapping, snapshot: SchemaSnapshot) -> list[str]:
    names = [key.ref_table[1] for key in snapshot.relationships if key.table == table.key]
    return list(dict.fromkeys(names))


def _print_remarks(output: Output, snapshot: SchemaSnapshot) -> None:
    for table in snapshot.left_out:
        output.print(f"Left out: {table.name} ({table.reason})")
    for note in snapshot.notes:
        output.print(f"Note: {note}")
