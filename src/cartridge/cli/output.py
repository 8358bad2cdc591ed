"""Printing: data and text on stdout, progress and errors on stderr, and colours by role."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

import click

from cartridge.cli.masking import mask
from cartridge.cli.settings import Settings
from cartridge.domain.wording import plural, printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

__all__ = ["Output", "current_output", "envelope", "plural", "printable"]

ROLES = {
    "title": "bold",
    "layer": "bold magenta",
    "name": "bold cyan",
    "path": "dim",
    "quiet": "dim",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "added": "green",
    "removed": "red",
}
"""The colour of each role. No text says anything by its colour alone."""

INDENT = 4
WIDTH_WITHOUT_TERMINAL = 100
VERSION = 1
"""The version of every JSON document that a command prints."""


def envelope(kind: str, body: Mapping[str, Any]) -> str:
    """One JSON document: `format` and `version` say what it is, beside the keys of `body`."""
    return json.dumps({"format": f"cartridge-{kind}", "version": VERSION, **body}, indent=2, ensure_ascii=False)


class Output:
    """What a command prints through."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def json(self) -> bool:
        """Whether one JSON document was asked for."""
        return self.settings.json

    def console(self, stream: TextIO) -> Console:
        """A console on that stream: as wide as the terminal, or COLUMNS, or 100."""
        from rich.console import Console  # noqa: PLC0415
        from rich.theme import Theme  # noqa: PLC0415

        plain = self.settings.no_color or bool(os.environ.get("NO_COLOR"))
        fixed = stream.isatty() or os.environ.get("COLUMNS", "").isdigit()
        return Console(
            file=stream,
            theme=Theme(ROLES),
            color_system=None if plain else "auto",
            width=None if fixed else WIDTH_WITHOUT_TERMINAL,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def width(self) -> int:
        """The width that text on stdout may take."""
        return self.console(sys.stdout).width

    def print(self, *parts: RenderableType) -> None:
        """Print for a person, on stdout; nothing where JSON was asked for. No line ends with blanks in a pipe."""
        if self.json:
            return
        console = self.console(sys.stdout)
        for part in parts:
            with console.capture() as printed:
                console.print(printable(part) if isinstance(part, str) else part)
            text = printed.get()
            if not console.is_terminal:
                text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
            click.echo(text, nl=False, color=console.is_terminal or None)

    def print_indented(self, text: str) -> None:
        """Print text below the line that it belongs to."""
        from rich.padding import Padding  # noqa: PLC0415

        self.print(*(Padding(printable(line), (0, 0, 0, INDENT), expand=False) for line in text.strip().splitlines()))

    def print_unwrapped(self, text: Text) -> None:
        """Print text whose lines are not to be broken, on stdout."""
        self.console(sys.stdout).print(text, soft_wrap=True)

    def document(self, kind: str, body: Mapping[str, Any]) -> None:
        """Print one JSON document on stdout."""
        click.echo(envelope(kind, body))

    def note(self, text: str) -> None:
        """Print a line on stderr that is no result: progress, or what to know besides. Nothing after `--quiet`."""
        if not self.settings.quiet:
            click.echo(printable(mask(text)), err=True)


def current_output() -> Output:
    """The output of the command that runs now."""
    settings = click.get_current_context().find_object(Settings)
    return Output(settings or Settings())
