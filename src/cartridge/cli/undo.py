"""`cartridge undo`: the last apply taken back."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, current_output, plural
from cartridge.cli.progress import step
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from cartridge.apply import Applied


@click.command()
@click.option(
    "--project", default=Path(), type=click.Path(path_type=Path), help="The dbt project; the working folder by default."
)
@click.option("--list", "only_list", is_flag=True, help="Print what can be undone, newest first, and undo nothing.")
@common_options
def undo(project: Path, only_list: bool) -> None:
    """Take the last apply of a project back, byte for byte.

    Where one of its files moved since, nothing is undone.
    """
    from cartridge import app  # noqa: PLC0415

    output = current_output()
    if only_list:
        _print_list(output, asyncio.run(app.history(project)))
        return
    with step(output, f"Undoing in {project}") as undoing:
        report = asyncio.run(app.undo(project))
        undoing.done(f"{plural(len(report.removed), 'file')} removed, {len(report.restored)} restored")
    if output.json:
        output.document("undo", asdict(report))
        return
    for path in report.removed:
        output.print(f"  removed   {path}")
    for path in report.restored:
        output.print(f"  restored  {path}")


def _print_list(output: Output, applies: tuple[Applied, ...]) -> None:
    if output.json:
        output.document("history", {"applies": [asdict(applied) for applied in applies]})
        return
    for applied in applies:
        counts = f"{plural(len(applied.created), 'file')} created, {len(applied.changed)} changed"
        output.print(f"{applied.number}  {applied.at}  {counts}")
    if not applies:
        output.print("Nothing to undo.")
