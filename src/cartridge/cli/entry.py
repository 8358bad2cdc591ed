"""Runs a command line and turns whatever goes wrong into one message and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from cartridge.cli.commands import cartridge
from cartridge.cli.masking import mask
from cartridge.cli.output import envelope, printable
from cartridge.cli.settings import Settings, settings_from
from cartridge.errors import CartridgeError

PROGRAM = "cartridge"
COMPLETION_VARIABLE = "_CARTRIDGE_COMPLETE"
"""Set by a shell's completion script, which calls the program for the words that may follow."""

FAILED = 1
INTERRUPTED = 130
"""128 + SIGINT, as shells count it."""


def run_guarded(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns:
        0 done; 1 any error, usage errors too; 2 only where a command says that changes are pending; 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from click.shell_completion import shell_complete  # noqa: PLC0415

        return shell_complete(cartridge, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
    settings = settings_from(arguments)
    try:
        with cartridge.make_context(PROGRAM, list(arguments), obj=settings) as context:
            cartridge.invoke(context)
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, EOFError, click.Abort):
        click.echo("Interrupted: nothing more is done.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:  # noqa: BLE001 - the outermost border: a person gets a message, never a traceback
        return _report(error, settings, arguments)
    return 0


def _reader_left() -> int:
    """Whoever read stdout (`| head`) has enough: what is still buffered goes nowhere, and that is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _report(error: Exception, settings: Settings, arguments: Sequence[str]) -> int:
    """Print one message, and a JSON document where that was asked for; neither holds a secret."""
    kind, message = _describe(error)
    message = mask(message, arguments)
    if settings.json:
        found = {name: [_masked(one, arguments) for one in many] for name, many in _findings(error).items()}
        click.echo(envelope("error", {"error": {"kind": kind, "message": message, **found}}))
    click.echo(click.style("Error: ", fg="red", bold=True) + printable(message), err=True, color=_color(settings))
    if settings.verbose and kind == "bug":
        click.echo(printable(mask("".join(traceback.format_exception(error)), arguments)), err=True)
    return FAILED


def _masked(finding: dict[str, Any], arguments: Sequence[str]) -> dict[str, Any]:
    return {name: mask(value, arguments) if isinstance(value, str) else value for name, value in finding.items()}


def _color(settings: Settings) -> bool | None:
    return False if settings.no_color else None


def _describe(error: Exception) -> tuple[str, str]:
    """The kind of an error (its class, "usage", "system" or "bug") and its message."""
    if isinstance(error, CartridgeError):
        return type(error).__name__, str(error)
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        hint = f"\nSee `{context.command_path} --help`." if context else ""
        return "usage", error.format_message() + hint
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return "system", f"{error.strerror or error}{where}. Check the path, its permissions and the free space."
    said = str(error) or "no message"
    return "bug", (
        f"this is a fault in cartridge, not in what you gave it: {type(error).__name__}: {said}\n"
        "Run the command again with -v for the traceback, and please report both."
    )


def _findings(error: Exception) -> dict[str, Any]:
    """The findings of a refused plan, as JSON."""
    findings = getattr(error, "findings", ())
    return {"findings": [finding.model_dump(exclude_none=True) for finding in findings]} if findings else {}
