"""Runs the command line as a person does: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cartridge

SOURCE_FOLDER = Path(cartridge.__file__).parent.parent


def cartridge_command(
    *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None, before: str = "", python: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `cartridge ARGUMENTS` in the folder `cwd`; `before` is Python that the child runs first.

    `python` is another interpreter than this one.
    """
    program = f"import sys\n{before}\nfrom cartridge.cli import main\nmain()"
    path = [str(SOURCE_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [python or sys.executable, "-c", program, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONWARNINGS": "", "COLUMNS": "100", **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
