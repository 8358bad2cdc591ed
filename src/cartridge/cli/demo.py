"""`cartridge demo`: a shop database becomes a built dbt project, step by step."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, current_output, plural, printable
from cartridge.cli.progress import step
from cartridge.cli.reading import read_source
from cartridge.cli.settings import common_options
from cartridge.cli.sources import Selection
from cartridge.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from cartridge.app import SavedPlan
    from cartridge.app.demo.preview import Rows
    from cartridge.domain.change import VerifyReport
    from cartridge.domain.plan import ExecutionPlan, OutputColumn, PlanAction

PROJECT = "shop"
"""The folder of the dbt project in the demo's folder."""
WAREHOUSE = "warehouse.duckdb"
"""The file that dbt builds, in the project's folder."""
TELLING = (("key", 2), ("date", 1), ("degenerate", 1), ("measure", 3), ("attribute", 2))
"""Role of a column -> how many of that role are shown of a fact."""

GAP = 2
"""Blanks between the columns of a table."""


@dataclass(frozen=True)
class Place:
    """Where the demo puts what it makes."""

    folder: Path

    @property
    def source(self) -> Path:
        """The shop database."""
        from cartridge.app.demo import SHOP_FILE  # noqa: PLC0415

        return self.folder / SHOP_FILE

    @property
    def plan(self) -> Path:
        """The saved plan."""
        return self.folder / "plan.json"

    @property
    def project(self) -> Path:
        """The dbt project."""
        return self.folder / PROJECT


@click.command()
@click.argument("folder", metavar="[DIR]", default=Path("demo"), type=click.Path(path_type=Path))
@common_options
def demo(folder: Path) -> None:
    """Make a shop database in DIR and turn it into a built dbt project: scan, plan, apply, verify.

    DIR is "demo" by default. Needs no key, no server and no network. Running it again changes nothing.
    """
    output = current_output()
    place = Place(folder)
    _make_shop(output, place)
    saved, report = asyncio.run(_run(output, place))
    if output.json:
        output.document("demo", {"folder": str(folder), "plan": str(place.plan), "verify": asdict(report)})
    else:
        _print(output, place, saved, report)
    if not report.proven:
        raise click.exceptions.Exit(1)


def _make_shop(output: Output, place: Place) -> None:
    """Write the database, in place of an older one.

    Raises:
        InputError: the folder holds other things.
    """
    from cartridge.app.demo import create_shop  # noqa: PLC0415

    unfinished = place.source.with_suffix(".unfinished")
    own = {place.source.name, unfinished.name, place.plan.name, PROJECT}
    if place.folder.exists() and not (place.folder.is_dir() and {item.name for item in place.folder.iterdir()} <= own):
        raise InputError(f"{place.folder} holds other things than a demo. Name a new folder: cartridge demo DIR")
    place.folder.mkdir(parents=True, exist_ok=True)
    with step(output, f"Making {place.source}") as making:
        unfinished.unlink(missing_ok=True)
        rows = create_shop(unfinished)
        unfinished.replace(place.source)
        making.done(f"{plural(len(rows), 'table')}, {sum(rows.values()):,} rows")


async def _run(output: Output, place: Place) -> tuple[SavedPlan, VerifyReport]:
    from cartridge import app  # noqa: PLC0415
    from cartridge.app.plan import PlanOptions  # noqa: PLC0415
    from cartridge.app.saved_plan import saved_plan  # noqa: PLC0415
    from cartridge.cli import apply as applying  # noqa: PLC0415
    from cartridge.cli.proof import described  # noqa: PLC0415
    from cartridge.render.summary import summary  # noqa: PLC0415

    snapshot = await read_source(output, str(place.source), Selection())
    with step(output, "Planning, offline") as planning:
        request = app.request_for(snapshot, PlanOptions(project_name=PROJECT))
        plan, changes = await app.decide(request, place.project)
        saved = saved_plan(plan, changes, snapshot, request)
        app.save_plan(saved, place.plan)
        planning.done(summary(plan))
    with step(output, f"Writing {place.project}") as writing:
        written = await app.apply(changes, place.project, progress=writing)
        writing.done(applying.described(written))
    with step(output, "Building with dbt") as building:
        report = await app.verify(place.project, saved, source=place.source, progress=building)
        building.done(described(report))
    return saved, report


def _print(output: Output, place: Place, saved: SavedPlan, report: VerifyReport) -> None:
    from cartridge.app.demo.preview import first_rows  # noqa: PLC0415
    from cartridge.cli.lineage import lineage  # noqa: PLC0415
    from cartridge.cli.proof import print_proof  # noqa: PLC0415

    output.print("", lineage(saved.plan), "")
    if report.proven and (fact := first_fact(saved.plan)):
        rows = first_rows(place.project / WAREHOUSE, fact.name, telling_columns(fact))
        output.print(
            f"{fact.name}: the first of {rows.count:,} rows, some of its columns", rows_table(rows, output.width), ""
        )
    print_proof(output, report)
    output.print("", "What to type next:", next_commands(place))


def first_fact(plan: ExecutionPlan) -> PlanAction | None:
    """The fact that reads most models: the one that shows most."""
    facts = [action for action in plan.actions if getattr(action.detail, "role", None) == "fact"]
    return max(facts, key=lambda action: len(action.dependencies)) if facts else None


def telling_columns(fact: PlanAction) -> list[str]:
    """Its key, when it happened, what is said of it, and what can be summed: a few of each."""
    columns: list[OutputColumn] = getattr(fact.detail, "columns", [])
    chosen = []
    for role, count in TELLING:
        chosen += [column.name for column in columns if column.role == role][:count]
    return chosen


def rows_table(rows: Rows, width: int) -> Table:
    """Rows as a table, with as many of the columns as fit into the width."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(box=None, pad_edge=False, header_style="title")
    columns = [[printable(cell) for cell in column] for column in zip(rows.columns, *rows.rows, strict=True)]
    fitting = []
    for column in columns:
        width -= max(map(len, column)) + GAP
        if width + GAP < 0:
            break
        fitting.append(column)
        shown.add_column(Text(column[0]), overflow="fold")
    for cells in zip(*(column[1:] for column in fitting), strict=True):
        shown.add_row(*map(Text, cells))
    return shown


def next_commands(place: Place) -> Table:
    """What to type next, each with what it shows."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table.grid(padding=(0, GAP))
    for command, says in (
        (f"show {place.plan}", "the plan as a tree, and why"),
        (f"show {place.plan} --diff", "every line that was written"),
        (f"explain fct_orders --plan {place.plan}", "why a model is as it is"),
        (f"undo --project {place.project}", "take it all back"),
        ("plan YOUR.duckdb --project YOUR_PROJECT", "and now yours"),
    ):
        shown.add_row(Text(f"  {program()} {command}"), Text(says, style="quiet"))
    return shown


def program() -> str:
    """What a person has to type to run cartridge from here."""
    if shutil.which("cartridge"):
        return "cartridge"
    return "python -m cartridge" if sys.argv[0].endswith("__main__.py") else sys.argv[0]
