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


@dataclass(frozen=True)
class Profiling:
    """How far a source's data are looked at: not at all, unless `profile`."""

    profile: bool = False
    sample_values: bool = False
    budget_rows: int | None = None
    query_timeout: float | None = None


def profile_options(command: Command) -> Command:
    """Give a command `--profile`, `--sample-values`, `--budget-rows` and `--query-timeout`."""
    asked = click.option("--profile", is_flag=True, help="Ask the data: counts, ranges, and whether keys hold.")
    values = click.option(
        "--sample-values", is_flag=True, help="Keep the values of columns that have few; never personal-looking ones."
    )
    budget = click.option("--budget-rows", type=click.IntRange(min=1), help="Read at most so many rows.")
    timeout = click.option(
        "--query-timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Give up a query that takes longer, and plan its table without a profile.  [default: 30]",
    )
    return asked(values(budget(timeout(command))))


def pattern_options(command: Command) -> Command:
    """Give a command `--tables` and `--exclude`, each repeatable."""
    only = click.option(
        "--tables", multiple=True, metavar="PATTERN", help="Only these: table or schema.table, * and ?."
    )
    without = click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these tables out.")
    return only(without(command))


def selection_options(command: Command) -> Command:
    """Give a command `--tables`, `--exclude` and `--schema`, each repeatable."""
    schema = click.option("--schema", "schemas", multiple=True, metavar="SCHEMA", help="Only this schema.")
    return pattern_options(schema(command))
