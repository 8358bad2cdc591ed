"""`cartridge check`: the gate for a pipeline, on a plan, a draft or a project."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, current_output, plural
from cartridge.cli.reading import read_source
from cartridge.cli.settings import common_options
from cartridge.cli.sources import Selection
from cartridge.errors import InputError

if TYPE_CHECKING:
    from cartridge.domain.plan import Finding

FOUND = 1
"""The exit code where an error was found."""


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@click.option("--project", type=click.Path(path_type=Path), help="The dbt project; the working folder by default.")
@click.option("--source", metavar="SOURCE", help="The source of a draft: a database or a saved scan.")
@click.option("--select", multiple=True, metavar="CODE", help="Only findings of this code; repeatable.")
@click.option("--ignore", multiple=True, metavar="CODE", help="No findings of this code; repeatable.")
@common_options
def check(
    plan_file: Path | None, project: Path | None, source: str | None, select: Sequence[str], ignore: Sequence[str]
) -> None:
    """Check the saved plan or draft PLAN against a dbt project; without a PLAN, the project itself.

    Prints every finding. Ends with 1 where one of them is an error, else with 0. Nothing is written.
    """
    from cartridge.app.check import chosen, known_codes  # noqa: PLC0415

    output = current_output()
    selected, ignored = known_codes(_words(select)), known_codes(_words(ignore))
    found = chosen(asyncio.run(_found(output, plan_file, project, source)), selected, ignored)
    errors = sum(finding.severity == "error" for finding in found)
    if output.json:
        document = {"errors": errors, "findings": [finding.model_dump(exclude_none=True) for finding in found]}
        output.document("check", document)
    else:
        _print(output, found)
    if errors:
        raise click.exceptions.Exit(FOUND)


def _words(given: Sequence[str]) -> frozenset[str]:
    return frozenset(word.strip() for words in given for word in words.split(",") if word.strip())


async def _found(
    output: Output, plan_file: Path | None, project: Path | None, source: str | None
) -> tuple[Finding, ...]:
    from cartridge import app  # noqa: PLC0415
    from cartridge.app.check import check_draft, check_plan, check_project  # noqa: PLC0415
    from cartridge.app.plan import read_json  # noqa: PLC0415

    if plan_file is None:
        return await check_project(project or Path())
    folder = project or (Path() if Path("dbt_project.yml").exists() else None)
    if "format" in read_json(plan_file):
        saved = app.load_plan(plan_file)
        if folder is None and saved.basis is not None:
            raise InputError(f"{plan_file} was made for a dbt project: name its folder with --project DIR")
        return await check_plan(saved, folder)
    draft = app.read_draft(plan_file)
    if source is None:
        raise InputError(f"{plan_file} is a draft, which does not hold its tables: name them with --source SOURCE")
    return await check_draft(draft, await read_source(output, source, Selection()), folder)


def _print(output: Output, found: Sequence[Finding]) -> None:
    from cartridge.cli.tree import finding_line  # noqa: PLC0415

    for finding in found:
        output.print(finding_line(finding))
        if finding.mend:
            output.print_indented(f"mend: {finding.mend}")
    counts = Counter(finding.severity for finding in found)
    said = [plural(counts[severity], severity) for severity in ("error", "warning", "note") if counts[severity]]
    output.print(", ".join(said) + "." if said else "No findings.")
