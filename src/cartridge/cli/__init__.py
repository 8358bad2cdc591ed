"""The command line: arguments, printing, progress and exit codes. One file per command.

`cartridge --help` imports nothing but click: a command's module is imported when that command is called.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "run"]

GARBAGE_THRESHOLDS = (100_000, 50, 100)
"""A plan of thousands of tables is millions of objects that live to the end and hold no cycles: at Python's own
thresholds, looking for garbage among them takes half of the time."""


def main() -> NoReturn:
    """The entry point of the `cartridge` command."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; no error gets past it."""
    from cartridge.cli.entry import run_guarded  # noqa: PLC0415

    return run_guarded(arguments)
