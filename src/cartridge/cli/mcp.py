"""`cartridge mcp`: tools for agents, on standard input and output."""

from __future__ import annotations

from pathlib import Path

import click

from cartridge.cli.settings import common_options
from cartridge.errors import InputError, MissingExtraError


@click.command()
@click.option(
    "--folder",
    default=Path(),
    type=click.Path(path_type=Path),
    help="The folder that an agent may reach; the working folder by default.",
)
@click.option("--project", type=click.Path(path_type=Path), help="The dbt project in it; the folder itself by default.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=SOURCE",
    help="A source that an agent may scan by NAME; it never sees the URL behind it. Files in the folder need no name.",
)
@common_options
def mcp(folder: Path, project: Path | None, sources: tuple[str, ...]) -> None:
    """Serve scan, plan, show, explain, check, apply and undo to an agent, by the Model Context Protocol.

    Speaks on standard input and output. An agent reaches one folder, applies only what it was shown, and runs no dbt
    but in the sandbox.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name the one that holds the dbt project with --folder.")
    root = folder.resolve()
    target = (root / project).resolve() if project else root
    if not target.is_relative_to(root):
        raise InputError(f"{project} lies outside {folder}. Name a project in it, or another --folder.")
    try:
        from cartridge.mcp.server import server  # noqa: PLC0415
    except ImportError as fault:
        if (fault.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise MissingExtraError("The MCP server", "mcp") from None
    from cartridge.mcp.workspace import Workspace  # noqa: PLC0415

    server(Workspace(root, target, _named(sources))).run("stdio")


def _named(sources: tuple[str, ...]) -> dict[str, str]:
    named = {}
    for given in sources:
        name, equals, source = given.partition("=")
        if not equals or not name.isidentifier() or not source:
            raise InputError("--source takes NAME=SOURCE, such as --source shop=postgresql://user@host/shop.")
        named[name] = source
    return named
