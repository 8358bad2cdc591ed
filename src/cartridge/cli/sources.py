"""The options that choose tables of a source, shared by the commands that scan one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Selection:
    """Which tables of a source: patterns over `table` or `schema.table`, and names of schemas. Empty: all."""

    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()


def selection_options(command: Command) -> Command:
    """Give a command `--tables`, `--exclude` and `--schema`, each repeatable."""
    options = (
        click.option("--tables", multiple=True, metavar="PATTERN", help="Only these tables, as table or schema.table."),
        click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these tables out."),
        click.option("--schema", "schemas", multiple=True, metavar="SCHEMA", help="Only this schema; all by default."),
    )
    for option in reversed(options):
        command = option(command)
    return command
