"""`cartridge review`: a saved plan in the browser."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cartridge.cli.masking import mask
from cartridge.cli.output import Output, current_output
from cartridge.cli.settings import common_options
from cartridge.errors import InputError

if TYPE_CHECKING:
    from cartridge.app import SavedPlan
    from cartridge.review.server import Server


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    plan_file: Path
    project: Path | None
    source: Path | None
    target: str | None
    command: str
    static: Path | None
    port: int
    no_open: bool


@click.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--project", type=click.Path(path_type=Path), help="The dbt project that the plan may be applied to.")
@click.option("--source", type=click.Path(path_type=Path), help="The database file that the sources are in, for dbt.")
@click.option("--target", metavar="TARGET", help="The target of the profile that dbt builds on; its default without.")
@click.option(
    "--dbt", "command", default="dbt", show_default=True, metavar="COMMAND", help='How dbt is run, as "uv run dbt".'
)
@click.option("--static", metavar="FILE", type=click.Path(path_type=Path), help="Write the page as one file instead.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="PORT", help="A fixed port; else a free one.")
@click.option("--no-open", is_flag=True, help="Print the link, and open no browser.")
@common_options
def review(**given: Any) -> None:
    """Look at the saved plan PLAN in the browser: lineage, reasons, SQL; change steps, apply, prove and undo.

    Serves one page on the loopback address, until Ctrl-C. The link opens it once; nothing is asked of other hosts.
    """
    from cartridge.app import load_plan  # noqa: PLC0415

    asked, output = Asked(**given), current_output()
    if asked.project is not None and asked.project.exists() and not asked.project.is_dir():
        raise InputError(f"{asked.project} is no folder. Name the folder of a dbt project with --project.")
    saved = load_plan(asked.plan_file)
    if asked.static is not None:
        _write_static(output, saved, asked.static)
        return
    try:
        asyncio.run(_serve(output, saved, asked))
    except OSError as fault:
        raise InputError(f"Port {asked.port} cannot be listened on: {fault.strerror}. Leave --port out.") from None
    except KeyboardInterrupt:
        output.note("Closed.")


async def _serve(output: Output, saved: SavedPlan, asked: Asked) -> None:
    from cartridge.review.desk import Desk, Place  # noqa: PLC0415
    from cartridge.review.page import Page  # noqa: PLC0415
    from cartridge.review.server import serve  # noqa: PLC0415
    from cartridge.verify import DbtOptions  # noqa: PLC0415

    options = DbtOptions(command=shlex.split(asked.command), target=asked.target)
    place = Place(asked.plan_file, asked.project, asked.source, options, mask)

    def ready(server: Server) -> None:
        _open(output, server.guard.link, asked)
        if sys.stdin.isatty() and not output.json:
            threading.Thread(target=_renew_on_enter, args=(output, server), daemon=True).start()

    await serve(Desk(saved, place), Page(), ready, port=asked.port)


def _open(output: Output, link: str, asked: Asked) -> None:
    if output.json:
        output.document("review", {"url": link})
    else:
        output.print(f"The page is open until Ctrl-C: {link}")
    sys.stdout.flush()
    if not asked.no_open and not output.json:
        import webbrowser  # noqa: PLC0415

        webbrowser.open(link)


def _renew_on_enter(output: Output, server: Server) -> None:
    """Another link for whoever closed the page: each opens it once."""
    for _ in sys.stdin:
        output.print(f"A new link: {server.guard.renew()}")


def _write_static(output: Output, saved: SavedPlan, file: Path) -> None:
    from cartridge.app.revise import unrevised  # noqa: PLC0415
    from cartridge.review.page import Page  # noqa: PLC0415
    from cartridge.review.static import static_page  # noqa: PLC0415

    if file.is_dir() or (file.exists() and b"cartridge-plan" not in file.read_bytes()[:4_000_000]):
        raise InputError(f"{file} exists and is no page of cartridge. Nothing was written. Name another file.")
    text = static_page(Page(), saved, unrevised(saved))
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise InputError(f"{file} cannot be written: {fault.strerror}. Choose another place with --static.") from None
    size = os.path.getsize(file) / 1_000_000  # noqa: PTH202
    if output.json:
        output.document("review", {"file": str(file)})
    else:
        output.print(f"Wrote {file} ({size:.1f} MB): one file, for a ticket; it holds the plan and its reasons.")
