"""What version control knows of a project: whether there is work in it that was not committed."""

from __future__ import annotations

import os
import subprocess  # git is asked as a program of its own; nothing of the project is run by it
from pathlib import Path

_PATIENCE = 20.0
"""Seconds after which git's answer is not waited for: the warning is a courtesy."""
_RUNS_NOTHING = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
"""A repository's own settings may name programs; none of them is started, and its index is not written."""


def uncommitted(project: Path) -> tuple[str, ...]:
    """The files below `project` that git tracks and that differ from the last commit, as paths from `project`.

    Files that git does not track are left out: a saved plan often lies beside the project. Empty where the project is
    in no repository, where git is not installed, or where it does not answer.
    """
    if not project.is_dir():
        return ()
    line = ["git", *_RUNS_NOTHING, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=no", "--", "."]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        inside = _output([*line[:1], *_RUNS_NOTHING, "rev-parse", "--show-prefix"], project, environment)
        listed = _output(line, project, environment) if inside is not None else None
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if inside is None or listed is None:
        return ()
    prefix = inside.rstrip("\n")
    return tuple(sorted(entry[3:].removeprefix(prefix) for entry in listed.split("\0") if entry))


def _output(line: list[str], folder: Path, environment: dict[str, str]) -> str | None:
    done = subprocess.run(  # noqa: S603 - a fixed command; no shell reads it
        line,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout if done.returncode == 0 else None
