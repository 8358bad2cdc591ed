"""`cartridge demo`: a shop database becomes a built dbt project, step by step."""

from __future__ import annotations

import asyncio
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

PROJECT = "shop"
"""The folder of the dbt project in the demo's folder."""
WAREHOUSE = "warehouse.duckdb"
"""The file that dbt builds, in the project's folder."""
COLUMNS_SHOWN = 6


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

    own = {place.source.name, place.plan.name, PROJECT}
    if place.folder.exists() and not (place.folder.is_dir() and {item.name for item in place.folder.iterdir()} <= own):
        raise InputError(f"{place.folder} holds other things than a demo. Name a new folder: cartridge demo DIR")
    place.folder.mkdir(parents=True, exist_ok=True)
    with step(output, f"Making {place.source}") as making:
        unfinished = place.source.with_suffix(".new")
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
    from cartridge.cli.tree import summary  # noqa: PLC0415

    snapshot = await read_source(output, str(place.source), Selection())
    with step(output, "Planning, offline") as planning:
        request = app.request_for(snapshot, PlanOptions(project_name=PROJECT))
        plan = await app.plan(request)
        changes = await app.render(plan, request, place.project)
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
    if report.proven and (fact := _first_fact(saved)):
        rows = first_rows(place.project / WAREHOUSE, fact)
        output.print(f"{fact}: the first of {rows.count:,} rows", rows_table(rows), "")
    print_proof(output, report)
    output.print("", "What to type next:", *(f"  {line}" for line in _next(place, saved)))


def _first_fact(saved: SavedPlan) -> str | None:
    """The fact that reads most models: the one that shows most."""
    facts = [action for action in saved.plan.actions if getattr(action.detail, "role", None) == "fact"]
    return max(facts, key=lambda action: len(action.dependencies)).name if facts else None


def rows_table(rows: Rows) -> Table:
    """Rows as a table of the first columns; how many more there are stands in the heading."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(box=None, pad_edge=False, header_style="title")
    for name in rows.columns[:COLUMNS_SHOWN]:
        shown.add_column(Text(printable(name)), overflow="fold")
    more = len(rows.columns) - COLUMNS_SHOWN
    if more > 0:
        shown.add_column(Text(f"and {more} more"))
    for row in rows.rows:
        shown.add_row(*(Text(printable(value)) for value in row[:COLUMNS_SHOWN]))
    return shown


def _next(place: Place, saved: SavedPlan) -> list[str]:
    return [
        f"cartridge show {place.plan}            # the plan as a tree, and why",
        f"cartridge show {place.plan} --diff     # every line that was written",
        f"cartridge apply {place.plan} --project {place.project}   # again: nothing to do",
        "cartridge plan YOUR.duckdb --project YOUR_PROJECT   # and now yours",
    ]
