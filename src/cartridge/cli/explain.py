"""`cartridge explain`: why one step of a plan is as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import current_output, printable
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from rich.table import Table

    from cartridge.domain.plan import DataTest, PlanAction

BASES = {
    "declared": "the database says so; only another declaration there would change it",
    "measured": "the data say so; other data would say otherwise",
    "inferred": "read off names, types and the shape of the tables; a key that the database declares counts for more",
    "convention": "the project's own files do it so; other habits there would change it",
    "default": "the preset; a project with habits of its own would decide otherwise",
    "asked": "it was asked for",
}
"""On what a decision rests, and what would change it."""


@click.command()
@click.argument("name", metavar="NAME|STEP")
@click.option(
    "--plan",
    "plan_file",
    default=Path("plan.json"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="The saved plan.",
)
@common_options
def explain(name: str, plan_file: Path) -> None:
    """Say why the source, model or step NAME of a saved plan is as it is, and what would change it."""
    from cartridge import app  # noqa: PLC0415

    action = app.find_step(app.load_plan(plan_file).plan, name)
    output = current_output()
    if output.json:
        output.document("explanation", action.model_dump(mode="json", exclude_defaults=True))
        return
    output.print(
        f"{action.name}: step {action.step_id}, {action.type}", action.description, f"  {action.file_path}", ""
    )
    output.print(reasons(action), "")
    for basis in bases(action):
        output.print(f"{basis}: {BASES[basis]}")
    output.print("Whatever the basis, an edited plan has the last word: cartridge plan SOURCE --from PLAN")


def reasons(action: PlanAction) -> Table:
    """A row for each reason: what it decides, what is said, and on what that rests."""
    from rich.table import Table  # noqa: PLC0415

    shown = Table(box=None, pad_edge=False, header_style="title")
    for heading in ("decides", "because", "rests on"):
        shown.add_column(heading, overflow="fold")
    for reason in action.evidence or ():
        says = f"against: {reason.says}" if reason.against else reason.says
        shown.add_row(printable(reason.about), printable(says), reason.basis)
    for owner, test in tests_of(action):
        says = f"{test.name} on {owner}" + (f": {test.because}" if test.because else "")
        severity = " (only warns)" if test.severity == "warn" else ""
        shown.add_row("test", printable(says) + severity, test.basis)
    return shown


def bases(action: PlanAction) -> list[str]:
    """On what the decisions rest, each once, the surest first."""
    used = {reason.basis for reason in action.evidence or ()} | {test.basis for _, test in tests_of(action)}
    return [basis for basis in BASES if basis in used]


def tests_of(action: PlanAction) -> Iterator[tuple[str, DataTest]]:
    """The tests of a model and of its columns, each with what it looks at."""
    for test in getattr(action.detail, "tests", ()):
        yield action.name, test
    for column in getattr(action.detail, "columns", ()):
        for test in column.tests:
            yield column.name, test
