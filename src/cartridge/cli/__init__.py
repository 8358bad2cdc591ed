"""The command line: arguments, printing, progress and exit codes. One file per command.

`cartridge --help` imports nothing but click: a command's module is imported when that command is called.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "run"]


def main() -> NoReturn:
    """The entry point of the `cartridge` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; no error gets past it."""
    from cartridge.cli.entry import run_guarded  # noqa: PLC0415

    return run_guarded(arguments)
