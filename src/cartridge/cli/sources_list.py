"""`cartridge sources`: what can be scanned, and what is installed for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import current_output, printable
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from cartridge.scan.kinds import SourceInfo


@click.command()
@common_options
def sources() -> None:
    """List the kinds of sources that can be scanned, how each is written, and what is installed. No server is asked."""
    from rich.table import Table  # noqa: PLC0415

    from cartridge.scan.kinds import known_sources  # noqa: PLC0415

    output = current_output()
    known = known_sources()
    if output.json:
        output.document("sources", {"sources": [asdict(info) for info in known]})
        return
    shown = Table(box=None, pad_edge=False, header_style="title")
    for heading in ("source", "written as", "installed"):
        shown.add_column(heading, overflow="fold")
    for info in known:
        shown.add_row(printable(info.title), printable(info.written), _installed(info))
    output.print(shown)


def _installed(info: SourceInfo) -> str:
    if not info.installed:
        return f"no: {info.install}"
    return f"yes, {info.note}" if info.note else "yes"
