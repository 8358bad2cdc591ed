"""`cartridge show`: a saved plan as a tree, as a diff, as a Markdown page, or as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import current_output, printable
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from rich.text import Text

SMALLEST_PAGE = 4_000
"""Characters. Below that, a Markdown page has no room for more than its headings."""


@click.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--diff", "as_diff", is_flag=True, help="Print what would be written, as a unified diff.")
@click.option(
    "--markdown",
    "as_markdown",
    is_flag=True,
    help="Print a page for a pull request: lineage, reasons, findings, diffs.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=SMALLEST_PAGE),
    metavar="CHARACTERS",
    help="With --markdown: the most that the page may have; 65536, as GitHub allows a comment, by default.",
)
@click.option("--all", "whole", is_flag=True, help="Print every step of long plans, and every reason.")
@common_options
def show(plan_file: Path, as_diff: bool, as_markdown: bool, limit: int | None, whole: bool) -> None:
    """Print the saved plan PLAN: its layers, names, grain and reasons, and what was found in it."""
    from cartridge.app.saved_plan import dump_text, load_plan  # noqa: PLC0415

    if as_diff and as_markdown:
        raise click.UsageError("--diff and --markdown are two views: choose one. The Markdown page holds the diffs.")
    if limit and not as_markdown:
        raise click.UsageError("--limit goes with --markdown.")
    saved = load_plan(plan_file)
    output = current_output()
    if output.json:
        click.echo(dump_text(saved), nl=False)
    elif as_markdown:
        from cartridge.render.markdown import LIMIT, markdown  # noqa: PLC0415

        click.echo(markdown(saved.plan, saved.changes, digest=saved.digest, limit=limit or LIMIT), nl=False)
    elif as_diff:
        from cartridge.render import diff  # noqa: PLC0415

        text = diff(saved.changes)
        if sys.stdout.isatty():
            output.print_unwrapped(coloured(text))
        else:
            click.echo(text, nl=False)  # byte for byte, as `git apply` takes it
    else:
        from cartridge.cli.tree import plan_tree  # noqa: PLC0415

        output.print(plan_tree(saved.plan, whole=whole))


def coloured(diff: str) -> Text:
    """A unified diff with its roles: what is added, what is removed, where."""
    from rich.text import Text  # noqa: PLC0415

    text = Text()
    for line in diff.splitlines(keepends=True):
        text.append(printable(line), _role(line))
    text.rstrip()
    return text


def _role(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return "title"
    return {"+": "added", "-": "removed", "@": "quiet"}.get(line[:1], "")
