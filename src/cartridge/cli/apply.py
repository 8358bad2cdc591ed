"""`cartridge apply`: the files of a saved plan, written all or none."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, current_output, plural
from cartridge.cli.progress import step
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from cartridge.domain.change import ApplyReport, ChangeSet


@click.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option(
    "--project",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder of the dbt project; made where it is missing.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask; nothing is asked where nobody sits at a terminal.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
@common_options
def apply(plan_file: Path, project: Path, yes: bool, dry_run: bool) -> None:
    """Write the files of the saved plan PLAN into a dbt project: all of them, or none.

    Where a planned path holds something else, nothing is written. A second apply changes nothing.
    """
    from cartridge import app  # noqa: PLC0415

    output = current_output()
    changes = app.load_plan(plan_file).changes
    if dry_run:
        _print_dry_run(output, changes)
        return
    if not yes and not output.json and sys.stdin.isatty() and sys.stdout.isatty():
        click.confirm(f"Write {plural(len(changes.pending), 'file')} into {project}?", abort=True, default=True)
    with step(output, f"Writing {project}") as writing:
        report = asyncio.run(app.apply(changes, project, progress=writing))
        app.remember_applied(plan_file, project)
        writing.done(described(report))
    if output.json:
        output.document("apply", asdict(report))
    else:
        _print(output, report, project)


def described(report: ApplyReport) -> str:
    """The report in a few words: "31 files created", or "nothing to do"."""
    if report.nothing_to_do:
        return "nothing to do"
    counts = ((len(report.created), "created"), (len(report.changed), "changed"), (len(report.unchanged), "as planned"))
    return ", ".join(f"{plural(count, 'file')} {what}" for count, what in counts if count)


def _print(output: Output, report: ApplyReport, project: Path) -> None:
    if report.nothing_to_do:
        output.print("Nothing to do: the project is as planned.")
        return
    for path in report.created:
        output.print(f"  created  {path}")
    for path in report.changed:
        output.print(f"  changed  {path}")
    output.print(f"Next: cartridge verify {project}")


def _print_dry_run(output: Output, changes: ChangeSet) -> None:
    if output.json:
        files = [{"path": file.path, "operation": file.operation} for file in changes.files]
        output.document("dry-run", {"files": files})
        return
    for file in changes.pending:
        output.print(f"  would {file.operation}  {file.path}")
    output.print("Nothing was written." if changes.pending else "Nothing to do.")
