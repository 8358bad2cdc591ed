"""The commands by name: where each lives, and the line that `cartridge --help` prints of it."""

from __future__ import annotations

import difflib
import importlib

import click

from cartridge import __version__
from cartridge.cli.settings import common_options

COMMANDS: dict[str, tuple[str, str]] = {
    "scan": ("cartridge.cli.scan:scan", "Read the tables, keys and comments of a source."),
    "load": ("cartridge.cli.load:load", "Copy the tables of a source into a DuckDB file."),
    "plan": ("cartridge.cli.plan:plan", "Decide the dbt models for a source, and save the plan."),
    "show": ("cartridge.cli.show:show", "Print a saved plan as a tree, or as a diff."),
    "review": ("cartridge.cli.review:review", "Look at a plan in the browser, change it, apply it."),
    "explain": ("cartridge.cli.explain:explain", "Say why a step of a plan is as it is."),
    "diff": ("cartridge.cli.diff:diff", "Show what differs between two saved plans."),
    "check": ("cartridge.cli.check:check", "Check a plan, a draft or a project, for a pipeline."),
    "apply": ("cartridge.cli.apply:apply", "Write a saved plan into a dbt project."),
    "verify": ("cartridge.cli.verify:verify", "Prove a project with dbt, every planned model accounted for."),
    "undo": ("cartridge.cli.undo:undo", "Take the last apply back, byte for byte."),
    "conventions": ("cartridge.cli.conventions:conventions", "Show the conventions that a dbt project follows."),
    "drift": ("cartridge.cli.drift:drift", "Show what moved in a source since the project was written."),
    "mcp": ("cartridge.cli.mcp:mcp", "Serve plans to an agent, by the Model Context Protocol."),
    "sources": ("cartridge.cli.sources_list:sources", "List what can be scanned, and what is installed for it."),
    "providers": ("cartridge.cli.providers:providers", "List who can draft a plan, and what is installed."),
    "demo": ("cartridge.cli.demo:demo", "Make a shop database and turn it into a built dbt project."),
    "completion": ("cartridge.cli.completion:completion", "Print the completion script for a shell."),
}
"""Name -> ("module:attribute", short help), in the order of a user's path."""


class LazyCommands(click.Group):
    """A group that imports the module of a command only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names.

        Raises:
            click.UsageError: no such command; names the nearest ones.
        """
        name = args[0]
        if name not in COMMANDS:
            near = difflib.get_close_matches(name, COMMANDS, n=2)
            mend = f"Did you mean {' or '.join(near)}?" if near else f"The commands are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {name!r}. {mend}", ctx)
        return name, self.get_command(ctx, name), args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the short help from `COMMANDS`, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short_help) for name, (_, short_help) in COMMANDS.items()])


@click.group(
    cls=LazyCommands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `cartridge demo`, or `cartridge plan shop.duckdb` on a database of yours.",
)
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@common_options
@click.pass_context
def cartridge(ctx: click.Context) -> None:
    """Bring raw tables into a dbt project: plan, review, apply, and prove it."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
