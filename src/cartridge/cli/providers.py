"""`cartridge providers`: who can be asked for a plan."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import current_output, printable
from cartridge.cli.settings import common_options
from cartridge.errors import install_line

if TYPE_CHECKING:
    from cartridge.ai.factory import ProviderInfo


@click.command()
@common_options
def providers() -> None:
    """List who can draft a plan, what is installed, and whether a key was found. Nobody is asked anything."""
    from rich.table import Table  # noqa: PLC0415

    from cartridge.ai.factory import known_providers  # noqa: PLC0415

    output = current_output()
    known = known_providers()
    if output.json:
        output.document("providers", {"providers": [asdict(info) for info in known]})
        return
    shown = Table(box=None, pad_edge=False, header_style="title")
    for heading in ("provider", "installed", "key", "model"):
        shown.add_column(heading, overflow="fold")
    for info in known:
        shown.add_row(printable(info.name), _installed(info), "yes" if info.keyed else "no", info.default_model or "")
    output.print(shown)


def _installed(info: ProviderInfo) -> str:
    return "yes" if info.installed or info.extra is None else f"no: {install_line(info.extra)}"
