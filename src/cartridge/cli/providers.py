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
@click.option("--base-url", metavar="URL", help="Look for the OpenAI-compatible server at this address too.")
@click.option("--no-connect", is_flag=True, help="Do not look whether servers answer.")
@common_options
def providers(base_url: str | None, no_connect: bool) -> None:
    """List who can draft a plan: what is installed, whether a key was found, and whether its server answers.

    Servers are looked for only where a provider is installed and has a key; nothing is sent, not even the key.
    """
    from rich.table import Table  # noqa: PLC0415

    from cartridge.ai.factory import known_providers  # noqa: PLC0415
    from cartridge.ai.reach import reachable  # noqa: PLC0415

    output = current_output()
    known = known_providers()
    answers = {} if no_connect else reachable(known, base_url)
    if output.json:
        output.document(
            "providers", {"providers": [{**asdict(info), "reachable": answers.get(info.name)} for info in known]}
        )
        return
    shown = Table(box=None, pad_edge=False, header_style="title")
    for heading in ("provider", "installed", "key", "reachable", "model"):
        shown.add_column(heading, overflow="fold")
    for info in known:
        key = "yes" if info.keyed else "no"
        shown.add_row(
            printable(info.name), _installed(info), key, _reached(answers.get(info.name)), info.default_model or ""
        )
    output.print(shown)


def _installed(info: ProviderInfo) -> str:
    return "yes" if info.installed or info.extra is None else f"no: {install_line(info.extra)}"


def _reached(answers: bool | None) -> str:
    """Whether its server answers; a dash where there is none to look for."""
    return "-" if answers is None else "yes" if answers else "no"
