"""`cartridge verify`: the proof by dbt."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from cartridge.cli.output import current_output
from cartridge.cli.progress import step
from cartridge.cli.settings import common_options


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--project", type=click.Path(path_type=Path), help="The folder of the dbt project; the working folder by default."
)
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), help="The plan whose models must all be accounted for."
)
@click.option("--source", type=click.Path(path_type=Path), help="The database file that the sources are in.")
@common_options
def verify(folder: Path | None, project: Path | None, plan_file: Path | None, source: Path | None) -> None:
    """Build the dbt project in DIR, and account for every planned model and test.

    dbt runs in a process of its own. The source is attached read-only; models go into another file.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.cli.proof import described, print_proof  # noqa: PLC0415

    if folder and project:
        raise click.UsageError("Name the project once: as DIR or with --project.", click.get_current_context())
    output = current_output()
    saved = app.load_plan(plan_file) if plan_file else None
    with step(output, "Building with dbt") as building:
        report = asyncio.run(app.verify(folder or project or Path(), saved, source=source, progress=building))
        building.done(described(report))
    if output.json:
        output.document("verify", asdict(report))
    else:
        print_proof(output, report)
    if not report.proven:
        raise click.exceptions.Exit(1)
