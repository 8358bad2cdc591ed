"""`cartridge plan`: the dbt models for a source, decided and saved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartridge.cli.asking import Asking, model_options, print_estimate, provider_of, read_context
from cartridge.cli.output import Output, current_output
from cartridge.cli.progress import step
from cartridge.cli.reading import read_project_source, read_source
from cartridge.cli.settings import common_options
from cartridge.cli.sources import Profiling, Selection, profile_options, selection_options
from cartridge.errors import InputError

if TYPE_CHECKING:
    from cartridge.app import SavedPlan

CHANGES_PENDING = 2
"""The exit code of `--detailed-exitcode` where the plan has something to do."""

NAMES_SHOWN = 20
"""Tables that are listed before the rest is counted."""


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    source: str | None
    target_file: Path
    tables: tuple[str, ...]
    exclude: tuple[str, ...]
    schemas: tuple[str, ...]
    project: Path | None
    layers: str
    asking: Asking
    draft: Path | None
    include_views: bool
    name: str | None
    warehouse: str | None
    detailed_exitcode: bool
    profile: bool
    sample_values: bool
    budget_rows: int | None
    query_timeout: float | None

    @property
    def selection(self) -> Selection:
        """The tables that were asked for."""
        return Selection(self.tables, self.exclude, self.schemas)


@click.command()
@click.argument("source", required=False)
@click.option(
    "-o",
    "--output",
    "target_file",
    type=click.Path(path_type=Path),
    default=Path("plan.json"),
    show_default=True,
    help="Where to save the plan.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path),
    help="The folder that the plan is for: a dbt project, or a new folder.",
)
@click.option(
    "--layers",
    default="",
    metavar="LAYERS",
    help="staging, intermediate, marts: some, parted by commas, or all. A new project gets all, an existing one "
    "sources and staging, with the marts it could have listed.",
)
@model_options
@click.option(
    "--from", "draft", type=click.Path(path_type=Path), help="Take the decisions from a draft or an edited plan."
)
@click.option("--include-views", is_flag=True, help="Plan the views of the source too.")
@click.option("--name", metavar="PROJECT", help="The name of a new project; that of the source by default.")
@click.option("--target", "warehouse", metavar="WAREHOUSE", help="The warehouse that the models are written for.")
@click.option(
    "--detailed-exitcode", is_flag=True, help="End with 2 where there is something to do, 0 where there is not."
)
@selection_options
@profile_options
@common_options
def plan(**given: Any) -> None:
    """Decide the dbt models for SOURCE, and save the plan.

    SOURCE is a database file, a URL, a SQL file or a saved scan: `cartridge sources` lists them. Inside a dbt project
    it may be left out: the database of the project's own profile is read, and what is not modelled yet is planned.
    Nothing is written but the plan: look at it with `cartridge show`, write its files with `cartridge apply`. No model
    is asked unless --ai names one.
    """
    asking = Asking(**{item.name: given.pop(item.name) for item in fields(Asking)})
    options = Asked(asking=asking, **given)
    if options.source is None and options.project is None:
        options = replace(options, project=Path())
    _check_names(options)
    output = current_output()
    saved = asyncio.run(_plan(options, output))
    if saved is None:
        return
    from cartridge.app.saved_plan import dump_text, save_plan  # noqa: PLC0415

    save_plan(saved, options.target_file)
    if output.json:
        click.echo(dump_text(saved), nl=False)
    else:
        _print(output, saved, options)
    if options.detailed_exitcode and saved.changes.pending:
        raise click.exceptions.Exit(CHANGES_PENDING)


def _check_names(options: Asked) -> None:
    """What is misspelled is said before the source is read.

    Raises:
        InputError: there is no such layer or warehouse.
    """
    from cartridge.domain.schema import ModelType  # noqa: PLC0415
    from cartridge.domain.warehouse import WAREHOUSES  # noqa: PLC0415

    known = [*(str(layer) for layer in ModelType), "all"]
    asked = [layer.strip().lower() for layer in options.layers.split(",") if layer.strip()]
    if wrong := [layer for layer in asked if layer not in known]:
        raise InputError(f"--layers {wrong[0]}: there is no such layer. There are {', '.join(known)}.")
    if options.warehouse and options.warehouse.strip().lower() not in WAREHOUSES:
        raise InputError(f"--target {options.warehouse}: not a warehouse that is known: {', '.join(WAREHOUSES)}.")


async def _plan(options: Asked, output: Output) -> SavedPlan | None:
    """The plan; None where only what a model would be sent was asked for."""
    from cartridge import app  # noqa: PLC0415
    from cartridge.app.again import DRAFT  # noqa: PLC0415
    from cartridge.app.plan import PlanOptions  # noqa: PLC0415
    from cartridge.render.summary import summary  # noqa: PLC0415

    asking = options.asking
    asking.check(sample_values=options.sample_values)
    app.refuse_other_file(options.target_file)
    provider = None if asking.sends_nothing else provider_of(asking)
    business_context = read_context(asking.context)
    draft = app.read_draft(options.draft) if options.draft else None
    profiling = Profiling(options.profile, options.sample_values, options.budget_rows, options.query_timeout)
    if options.source is None:
        snapshot = await read_project_source(output, options.project or Path(), options.selection, profiling)
    else:
        snapshot = await read_source(output, options.source, options.selection, profiling)
    asked = PlanOptions(
        layers=tuple(options.layers.split(",")),
        project_name=options.name,
        target=options.warehouse,
        include_views=options.include_views,
        all_tables=not options.selection.tables and not options.selection.exclude,
        tables=options.tables,
        exclude=options.exclude,
        schemas=options.schemas,
        planner=DRAFT if options.draft else asking.ai or "offline",
        business_context=business_context,
    )
    if asking.ai and asking.sends_nothing:
        print_estimate(output, await app.estimate_plan(snapshot, asked, options.project, asking.config), asking)
        return None
    with step(output, f"Planning with {asking.ai}" if asking.ai else "Planning") as planning:
        made = await app.make_plan(snapshot, asked, options.project, provider=provider, draft=draft)
        planning.done(summary(made.plan))
    return made


def _print(output: Output, saved: SavedPlan, options: Asked) -> None:
    from cartridge.app.plan import copied_first  # noqa: PLC0415
    from cartridge.cli.tree import plan_tree  # noqa: PLC0415

    output.print(plan_tree(saved.plan), "")
    if (remark := copied_first(saved.snapshot, saved.options.target)) is not None:
        output.print(f"Note: {remark}", "")
    if options.source is None:
        output.print(not_modelled(saved), "")
    if not saved.changes.pending:
        output.print("Nothing to do: the project is as planned.")
        return
    folder = options.project or Path(saved.options.project_name or "PROJECT")
    output.print(
        f"Saved {options.target_file}. Next:",
        f"  cartridge show {options.target_file} --diff",
        f"  cartridge apply {options.target_file} --project {folder}",
    )


def not_modelled(saved: SavedPlan) -> str:
    """Which of the scanned tables no model stages yet, in one line."""
    from cartridge.domain.plan import StagingDetail  # noqa: PLC0415

    details = [action.detail for action in saved.plan.actions if action.type == "create_staging"]
    names = [f"{one.source}.{one.source_table}" for one in details if isinstance(one, StagingDetail)]
    count = f"{len(names)} of {len(saved.snapshot.tables)} tables"
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"Not modelled yet: {count}" + (f": {', '.join(names[:NAMES_SHOWN])}{more}" if names else "")
