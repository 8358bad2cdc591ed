"""Scanning through dbt: what `dbt:` names, asked by dbt's own process."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cartridge.domain.masking import masked
from cartridge.domain.progress import Progress
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import SourceError, VerifyError
from cartridge.plan.built import without_built
from cartridge.project import read_project
from cartridge.project.profiles import warehouse_of
from cartridge.scan.dbt_profile import ASKED, MARK, PROGRAM, DbtSource, parse, read_through
from cartridge.scan.selection import Selection
from cartridge.verify.dbt import DbtCall, DbtOptions, run_dbt

_SECONDS = 900.0


def scan_through_dbt(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """Reads the schema that the profile of a dbt project leads to. dbt parses the project; nothing of it is run.
    What dbt builds in that database is left out, with the reason.

    Raises:
        ProjectError: the project or its profile cannot be read.
        SourceError: there is no project, dbt cannot connect, or nothing was selected.
        MissingExtraError: dbt is not installed.
    """
    where = parse(source)
    state = read_project(where.project)
    adapter = None if where.target else warehouse_of(where.project, state.profile)

    def run(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        progress("Asking through dbt", 0, None)
        with tempfile.TemporaryDirectory(prefix="cartridge-dbt-") as scratch:
            return _run(where, asked, Path(scratch))

    snapshot, schema = read_through(run, adapter, where, selection, progress)
    return snapshot if where.database else without_built(snapshot, state, schema)


def _run(where: DbtSource, asked: Mapping[str, Any], scratch: Path) -> Mapping[str, Any]:
    options = DbtOptions(target=where.target, environment={ASKED: json.dumps(asked)}, timeout=_SECONDS)
    arguments = ["compile", "--inline", PROGRAM, "--no-populate-cache"]
    parsed = where.project / "target" / "partial_parse.msgpack"
    if parsed.is_file():
        arguments += ["--partial-parse-file-path", str(parsed.resolve())]
    try:
        run = run_dbt(arguments, DbtCall(where.project, scratch, options))
    except VerifyError as error:
        raise SourceError(f"{where.project}: {error}") from error
    said = next((line.removeprefix(MARK) for line in run.printed if line.startswith(MARK)), None)
    if said is None:
        raise SourceError(
            f"dbt could not read through the profile of {where.project}: {masked(run.said) or 'it said nothing'}. "
            "Run `dbt debug` there."
        )
    answer: Mapping[str, Any] = json.loads(said)
    return answer
