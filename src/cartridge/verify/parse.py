"""`dbt parse` in a fresh process: does dbt understand the project, and what does it call deprecated?"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cartridge.domain.progress import Progress
from cartridge.verify.dbt import DbtCall, DbtOptions, run_dbt

_SWITCH_ON = (
    "import dbt.jsonschemas.jsonschemas as schemas; schemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add('duckdb'); "
    "from dbt.cli.main import cli; cli()"
)
WITH_SCHEMA_WARNINGS = (sys.executable, "-c", _SWITCH_ON)
"""A dbt command that judges YAML files by dbt's JSON schemas on DuckDB too; dbt by itself does so for few adapters."""


@dataclass(frozen=True)
class ParseReport:
    """What `dbt parse` said. `parsed` is False where it failed; `errors` and `warned` hold dbt's own words."""

    parsed: bool
    errors: tuple[str, ...]
    warned: tuple[str, ...]
    warnings: int
    deprecations: int
    dbt_version: str
    seconds: float


def parse(project: Path, options: DbtOptions | None = None, *, progress: Progress | None = None) -> ParseReport:
    """Run `dbt parse` on a project. Its own `target/` and `logs/` stay as they are.

    Raises:
        MissingExtraError: dbt is not installed; names the install line.
        VerifyError: the configured command does not exist, or the time is over.
    """
    with tempfile.TemporaryDirectory(prefix="cartridge-parse-") as scratch:
        call = DbtCall(project.resolve(), Path(scratch), options or DbtOptions())
        run = run_dbt(["parse", "--no-partial-parse"], call, progress=progress)
    failed = run.exit_code != 0
    return ParseReport(
        parsed=not failed,
        errors=tuple(run.errors or ([run.said or f"dbt ended with exit code {run.exit_code}"] if failed else [])),
        warned=tuple(run.warned),
        warnings=run.warnings,
        deprecations=run.deprecations,
        dbt_version=run.version,
        seconds=run.seconds,
    )
