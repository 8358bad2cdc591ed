"""`cartridge drift`: what moved in a source since the project was written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.conventions import note_findings
from cartridge.cli.output import Output, current_output
from cartridge.cli.progress import step
from cartridge.cli.reading import read_project_source, read_source
from cartridge.cli.settings import common_options
from cartridge.cli.sources import Selection, selection_options
from cartridge.errors import ProjectError

if TYPE_CHECKING:
    from cartridge.domain.plan import Finding

MOVED = 2
"""The exit code where something moved."""


@click.command()
@click.argument("source", required=False)
@click.option("--project", default=".", show_default=True, type=click.Path(path_type=Path), help="The dbt project.")
@selection_options
@common_options
def drift(
    source: str | None, project: Path, tables: tuple[str, ...], exclude: tuple[str, ...], schemas: tuple[str, ...]
) -> None:
    """Show what moved in SOURCE since the project was written: new, dropped, renamed and retyped tables and columns.

    Without SOURCE the database of the project's own profile is read. Ends with 0 where nothing moved, with 2 where
    something did. Nothing is written.
    """
    output = current_output()
    found = asyncio.run(_drift(output, source, project, Selection(tables, exclude, schemas)))
    if output.json:
        output.document("drift", {"findings": [finding.model_dump(exclude_none=True) for finding in found]})
    else:
        _print(output, found)
    if found:
        raise click.exceptions.Exit(MOVED)


async def _drift(output: Output, source: str | None, project: Path, selection: Selection) -> tuple[Finding, ...]:
    from cartridge import app  # noqa: PLC0415
    from cartridge.app.plan import PlanOptions  # noqa: PLC0415

    if source is None:
        snapshot = await read_project_source(output, project, selection)
    else:
        snapshot = await read_source(output, source, selection)
    context = await app.project_context(project, snapshot.tables)
    if context is None:
        raise ProjectError(f"{project} holds no dbt project: there is no dbt_project.yml. Name it with --project")
    note_findings(output, context.state.findings if context.state else ())
    options = PlanOptions(all_tables=not selection.tables and not selection.exclude)
    with step(output, "Comparing") as comparing:
        found = await app.drift(app.request_for(snapshot, options, context), project)
        comparing.done(f"{len(found)} found")
    return found


def _print(output: Output, found: tuple[Finding, ...]) -> None:
    from cartridge.cli.tree import finding_line  # noqa: PLC0415

    if not found:
        output.print("Nothing moved: the project is as the source is.")
    for finding in found:
        output.print(finding_line(finding))
