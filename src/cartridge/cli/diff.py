"""`cartridge diff`: what differs between two saved plans."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, current_output, plural
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from cartridge.app.compare import Comparison

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
FIELDS_SHOWN = 6


@click.command()
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@common_options
def diff(before: Path, after: Path) -> None:
    """Show what plan B decides and writes that plan A does not: steps and files that are added, removed or changed.

    Ends with 0 whether they differ or not: 1 is an error, and 2 means that a project has changes pending.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.app.compare import compare  # noqa: PLC0415

    found = compare(app.load_plan(before), app.load_plan(after))
    output = current_output()
    if output.json:
        output.document("plan-diff", {"same": found.same, **asdict(found)})
    else:
        print_comparison(output, found)


def print_comparison(output: Output, found: Comparison) -> None:
    """Print the differences, one a line, with the fields that changed below it."""
    if found.same:
        output.print("No difference: both plans decide and write the same.")
        return
    if found.strategy:
        output.print(f"~ strategy: {found.strategy[0]} -> {found.strategy[1]}")
    for difference in (*found.steps, *found.files):
        output.print(f"{SIGNS[difference.what]} {difference.kind} {difference.name}")
        if shown := difference.fields[:FIELDS_SHOWN]:
            rest = len(difference.fields) - len(shown)
            output.print_indented(", ".join(shown) + (f" and {rest} more" if rest else ""))
    output.print(f"{plural(len(found.steps), 'step')} and {plural(len(found.files), 'file')} differ.")
