"""`cartridge verify`: the proof by dbt."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from cartridge.cli.output import current_output
from cartridge.cli.progress import step
from cartridge.cli.settings import common_options
from cartridge.errors import InputError


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    folder: Path | None
    project: Path | None
    plan_file: Path | None
    source: Path | None
    target: str | None
    command: str
    timeout: float | None
    sandbox: bool


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--project", type=click.Path(path_type=Path), help="The dbt project; the working folder by default.")
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    help="The plan whose models must all be there; the one applied last by default.",
)
@click.option("--source", type=click.Path(path_type=Path), help="The database file that the sources are in.")
@click.option("--target", metavar="TARGET", help="The target of the profile; its own default without.")
@click.option(
    "--dbt",
    "command",
    default="dbt",
    show_default=True,
    metavar="COMMAND",
    help='How dbt is run, such as "uv run dbt".',
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="End dbt after so long."
)
@click.option("--sandbox", is_flag=True, help="Prove the plan over synthetic rows, without the warehouse or its data.")
@common_options
def verify(**given: Any) -> None:
    """Build the dbt project in DIR, and account for every planned model and test.

    dbt runs in a process of its own. A database file is attached read-only; models go into another file.
    """
    asked = Asked(**given)
    if asked.folder and asked.project:
        raise click.UsageError("Name the project once: as DIR or with --project.", click.get_current_context())
    from cartridge import app  # noqa: PLC0415
    from cartridge.cli.proof import described, print_proof  # noqa: PLC0415
    from cartridge.verify import DbtOptions  # noqa: PLC0415

    output = current_output()
    folder = asked.folder or asked.project or Path()
    saved = app.load_plan(asked.plan_file) if asked.plan_file else app.applied_plan(folder)
    options = DbtOptions(command=shlex.split(asked.command), target=asked.target, timeout=asked.timeout)
    with step(output, "Proving in a sandbox" if asked.sandbox else "Building with dbt") as building:
        if asked.sandbox:
            if saved is None:
                raise InputError("--sandbox proves a plan: name one with --plan, or apply one to the project first")
            named = asked.folder or asked.project
            report = asyncio.run(app.verify_in_sandbox(saved, named, options=options, progress=building))
        else:
            report = asyncio.run(app.verify(folder, saved, source=asked.source, options=options, progress=building))
        building.done(described(report))
    if output.json:
        output.document("verify", asdict(report))
    else:
        print_proof(output, report)
    if not report.proven:
        raise click.exceptions.Exit(1)
