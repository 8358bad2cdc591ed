"""`cartridge apply`: the files of a saved plan, written all or none."""

from __future__ import annotations

import asyncio
import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartridge.cli.output import Output, current_output, plural
from cartridge.cli.progress import step
from cartridge.cli.reading import read_source
from cartridge.cli.settings import common_options
from cartridge.cli.sources import Profiling, Selection
from cartridge.errors import StalePlanError

if TYPE_CHECKING:
    from cartridge.app import SavedPlan, Trial
    from cartridge.domain.change import ApplyReport, ChangeSet
    from cartridge.domain.schema import SchemaSnapshot

FINDINGS_SHOWN = 5
"""Of the findings, before somebody is asked; more would hide the question."""


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    plan_file: Path
    project: Path
    yes: bool
    dry_run: bool
    source: str | None
    only: tuple[str, ...]
    skip: tuple[str, ...]
    replan: bool
    parse: bool
    command: str
    timeout: float | None


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
@click.option("--source", metavar="SOURCE", help="Scan the source again, and stop where it moved.")
@click.option("--only", multiple=True, metavar="STEP", help="Only this step, and what it depends on.")
@click.option("--skip", multiple=True, metavar="STEP", help="Not this step, nor what depends on it.")
@click.option("--replan", is_flag=True, help="Plan again with the same options first, and save that in PLAN.")
@click.option("--no-parse", "parse", is_flag=True, default=True, flag_value=False, help="Do not let dbt try the files.")
@click.option("--dbt", "command", default="dbt", show_default=True, metavar="COMMAND", help="How dbt is run.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="End dbt after so long."
)
@common_options
def apply(**given: Any) -> None:
    """Write the files of the saved plan PLAN into a dbt project: all of them, or none.

    Where a planned path holds something else, or the project moved so that another plan would be made now, nothing is
    written. dbt, where it is installed, first parses a copy of the project with the files in it: what it refuses is not
    written either. A second apply changes nothing. A STEP is named by its name or its number.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.apply import recover, uncommitted  # noqa: PLC0415

    asked, output = Asked(**given), current_output()
    recovered = recover(asked.project)
    if recovered:
        output.note(str(recovered))
    saved = asyncio.run(_prepared(output, asked))
    if asked.dry_run:
        _print_dry_run(output, saved.changes)
        return
    trial = _tried(output, asked, saved)
    dirty = uncommitted(asked.project)
    if saved.changes.pending and dirty:
        output.note(_dirty_note(dirty, saved.changes))
    if not asked.yes and _is_interactive(output):
        _print_summary(output, saved)
        if not click.confirm(f"Write that into {asked.project}?", default=True):
            click.echo("Nothing was written.", err=True)
            raise click.exceptions.Exit(1)
    with step(output, f"Writing {asked.project}") as writing:
        report = asyncio.run(app.apply(saved.changes, asked.project, progress=writing))
        app.remember_applied(saved, asked.project)
        writing.done(described(report))
    if output.json:
        checks = {"source_checked": asked.source is not None, "parse": asdict(trial), "uncommitted": dirty}
        output.document("apply", {**asdict(report), **checks})
    else:
        _print(output, report, asked)


def _print_summary(output: Output, saved: SavedPlan) -> None:
    """What whoever is asked says yes to: what the plan makes, what becomes of which files, and what was found."""
    from cartridge.cli.tree import finding_line  # noqa: PLC0415
    from cartridge.render.summary import summary, worst_first  # noqa: PLC0415

    created = [file for file in saved.changes.pending if file.operation == "create"]
    changed = [file for file in saved.changes.pending if file.operation != "create"]
    output.print(summary(saved.plan))
    output.print(f"  {plural(len(created), 'file')} to create")
    for file in changed:
        output.print(f"  lines to add to {file.path}")
    for finding in worst_first(saved.plan.findings)[:FINDINGS_SHOWN]:
        output.print(finding_line(finding))
    if len(saved.plan.findings) > FINDINGS_SHOWN:
        output.print(f"and {len(saved.plan.findings) - FINDINGS_SHOWN} more: cartridge show lists them")


def _is_interactive(output: Output) -> bool:
    return not output.json and sys.stdin.isatty() and sys.stdout.isatty()


async def _prepared(output: Output, asked: Asked) -> SavedPlan:
    """The plan as it will be written: checked against what is there, or made again, and only the steps asked for."""
    from cartridge import app  # noqa: PLC0415

    saved = app.load_plan(asked.plan_file)
    scanned = await _scanned(output, asked, saved) if asked.source else None
    if asked.replan:
        saved = await _replanned(output, asked, saved, scanned)
    else:
        if scanned:
            app.recheck_source(saved, scanned)
        with step(output, "Checking the plan") as checking:
            await app.recheck(saved, asked.project)
            checking.done("it holds")
    if asked.only or asked.skip:
        saved = await app.part_of(saved, asked.project, asked.only, asked.skip)
    return saved


def _tried(output: Output, asked: Asked, saved: SavedPlan) -> Trial:
    """What dbt says of the project with the files in it.

    Raises:
        ApplyError: dbt refuses it, and did not refuse it before.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.apply import check  # noqa: PLC0415
    from cartridge.verify import DbtOptions  # noqa: PLC0415

    if not asked.parse:
        return app.Trial("not run", "--no-parse was given")
    if not check(saved.changes, asked.project).writes:
        return app.Trial("not run", "nothing is to be written")
    options = DbtOptions(command=shlex.split(asked.command), timeout=asked.timeout)
    with step(output, "Trying the files with dbt") as trying:
        trial = asyncio.run(app.try_out(saved, asked.project, options, progress=trying))
        trying.done(_TRIED[trial.outcome])
    if trial.reason:
        output.note("\n".join(f"  {line}" for line in trial.reason.splitlines()))
    return trial


_TRIED = {
    "passed": "the project parses",
    "broken before": "dbt cannot parse the project as it stands either, so it could judge the files only up to there",
    "not run": "not parsed",
}


def _dirty_note(dirty: tuple[str, ...], changes: ChangeSet) -> str:
    """What is not committed, the files that will be written again first."""
    written = {file.path for file in changes.pending}
    listed = sorted(dirty, key=lambda path: (path not in written, path))
    named = ", ".join(f"{path} (written again)" if path in written else path for path in listed[:_NAMED])
    more = f", and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return (
        f"Not committed in {plural(len(dirty), 'file')}: {named}{more}. git will show those changes and the plan's as "
        "one; commit or stash them first to keep them apart. `cartridge undo` takes back the plan's alone."
    )


_NAMED = 5
"""Files that a note names before it counts the rest."""


async def _scanned(output: Output, asked: Asked, saved: SavedPlan) -> SchemaSnapshot:
    """The source as it is now: the tables that were asked for then, profiled where they were and a plan is made."""
    options = saved.options
    profiling = Profiling(profile=asked.replan and saved.snapshot.profile is not None)
    return await read_source(
        output, asked.source or "", Selection(options.tables, options.exclude, options.schemas), profiling
    )


async def _replanned(output: Output, asked: Asked, saved: SavedPlan, scanned: SchemaSnapshot | None) -> SavedPlan:
    """The plan made again and saved. Where it is another, somebody must have seen it before it is written.

    Raises:
        StalePlanError: it is another, and nobody is there to ask.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.app.again import PLANNERS  # noqa: PLC0415
    from cartridge.app.compare import compare  # noqa: PLC0415
    from cartridge.cli.asking import Asking, provider_of  # noqa: PLC0415
    from cartridge.cli.diff import print_comparison  # noqa: PLC0415

    planner = saved.options.planner
    with step(output, "Planning again") as planning:
        provider = None if planner in PLANNERS else provider_of(Asking(planner))
        made = await app.replan(saved, asked.project, snapshot=scanned, provider=provider)
        found = compare(saved, made)
        planning.done("the same plan" if found.same else "another plan")
    if found.same:
        return made
    app.save_plan(made, asked.plan_file)
    print_comparison(output, found)
    if not asked.yes and not asked.dry_run and not _is_interactive(output):
        raise StalePlanError(
            f"Nothing was written: the new plan is another than the one that was reviewed. It was saved in "
            f"{asked.plan_file}: look at it with `cartridge show {asked.plan_file} --diff`, then apply it, or say --yes"
        )
    return made


def described(report: ApplyReport) -> str:
    """The report in a few words: "31 files created", or "nothing to do"."""
    if report.nothing_to_do:
        return "nothing to do"
    counts = ((len(report.created), "created"), (len(report.changed), "changed"), (len(report.unchanged), "as planned"))
    return ", ".join(f"{plural(count, 'file')} {what}" for count, what in counts if count)


def _print(output: Output, report: ApplyReport, asked: Asked) -> None:
    if report.nothing_to_do:
        output.print("Nothing to do: the project is as planned.")
        return
    for path in report.created:
        output.print(f"  created  {path}")
    for path in report.changed:
        output.print(f"  changed  {path}")
    if asked.source is None:
        output.print("The source was not re-checked; --source SOURCE does.")
    output.print(f"Next: cartridge verify {asked.project}")


def _print_dry_run(output: Output, changes: ChangeSet) -> None:
    if output.json:
        files = [{"path": file.path, "operation": file.operation} for file in changes.files]
        output.document("dry-run", {"files": files})
        return
    for file in changes.pending:
        output.print(f"  would {file.operation}  {file.path}")
    output.print("Nothing was written." if changes.pending else "Nothing to do.")
