"""The options that every command takes, and where they are kept while it runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Settings:
    """How one command prints.

    `json`: one JSON document on stdout instead of text. `quiet`: no progress on stderr. `verbose`: the traceback of an
    unexpected error. `no_color`: no escape codes; also set by the environment variable NO_COLOR.
    """

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False


FLAGS = {"json": ("--json",), "quiet": ("-q", "--quiet"), "verbose": ("-v", "--verbose"), "no_color": ("--no-color",)}
"""The field of `Settings` -> its spellings."""

HELP = {
    "json": "Print one JSON document on stdout.",
    "quiet": "Print results only, no progress.",
    "verbose": "Show the traceback of an unexpected error.",
    "no_color": "Print without colours; so does NO_COLOR=1.",
}


def settings_from(arguments: Sequence[str]) -> Settings:
    """The settings that a raw command line asks for, so that an error in its options is printed as asked too."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    settings = Settings(**{name: any(word in options for word in words) for name, words in FLAGS.items()})
    settings.no_color = settings.no_color or bool(os.environ.get("NO_COLOR"))
    return settings


def _remember(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and parameter.name:
        setattr(ctx.ensure_object(Settings), parameter.name, True)


def common_options(command: Command) -> Command:
    """Give a command the flags of `Settings`. They land in the context's object, not in the command's parameters."""
    for name, words in reversed(FLAGS.items()):
        option = click.option(*words, name, is_flag=True, expose_value=False, callback=_remember, help=HELP[name])
        command = option(command)
    return command
