"""The trial before a project is written: dbt parses a copy that holds the planned files."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cartridge.app.saved_plan import SavedPlan
from cartridge.apply import shadow
from cartridge.domain.change import ChangeSet
from cartridge.domain.progress import Progress
from cartridge.errors import ApplyError, MissingExtraError, VerifyError
from cartridge.render import profile_environment
from cartridge.verify import DbtOptions, ParseReport, parse
from cartridge.verify.dbt import DBT

_ELSEWHERE = re.compile(
    r"could not find adapter|no module named|could not find profile|profiles\.yml|profiles-dir|credentials in profile"
    r"|does not have a target named|env var required|dbt deps|this version of dbt is not supported",
    re.IGNORECASE,
)
"""dbt's words where a machine lacks something, so that nothing was learned about the files."""
_PLACEHOLDERS = {True: "stands-in-for-a-secret", False: "1"}
"""For variables of a new project's profile that are not set here, secrets and others: parsing connects to nothing. dbt
blots the values of secrets out of its log, so these must be nothing that stands in a log anyway."""
_SECRET = "DBT_ENV_SECRET"  # noqa: S105 - the start of a name
_SHOWN = 2_000
"""Characters of dbt's words in a message."""


@dataclass(frozen=True)
class Trial:
    """What dbt made of the project with the planned files in it.

    `passed`: it parses. `broken before`: it does not, and did not before, with the same words. `not run`: nothing was
    learned. `reason` says why, where it did not pass.
    """

    outcome: Literal["passed", "broken before", "not run"]
    reason: str = ""
    dbt_version: str = ""


async def try_out(
    saved: SavedPlan, project: str | Path, options: DbtOptions | None = None, *, progress: Progress | None = None
) -> Trial:
    """Parses a copy of the project with the plan's files in it; the project itself is not touched.

    dbt runs like in `verify`, but neither connects nor builds. Where the copy does not parse, the project is tried
    without the files too: a fault that it has already does not count against the plan.

    Raises:
        ConflictError: a planned path holds other bytes.
        ApplyError: dbt refuses the project only with the planned files in it; the configured command runs no dbt, or
            the time is over; the copy cannot be written.
    """
    chosen = options or DbtOptions()
    missing = {
        entry.name: _PLACEHOLDERS[entry.name.startswith(_SECRET)]
        for entry in profile_environment(saved.plan, saved.request)
        if entry.default is None and entry.name not in os.environ
    }
    chosen = replace(chosen, environment={**missing, **chosen.environment})
    try:
        return await asyncio.to_thread(_try_out, saved.changes, Path(project), chosen, progress)
    except MissingExtraError as missing_dbt:
        return Trial("not run", str(missing_dbt))
    except asyncio.CancelledError:
        chosen.stopper.stop()  # the thread cannot be cancelled, but what it waits for can be ended
        raise


def _try_out(changes: ChangeSet, project: Path, options: DbtOptions, progress: Progress | None) -> Trial:
    after = _parsed(project, changes, options, progress)
    if after.parsed and after.dbt_version:
        return Trial("passed", dbt_version=after.dbt_version)
    said = "\n".join(after.errors) or "it did not answer as dbt does"
    if not after.dbt_version and tuple(options.command) != DBT:
        raise ApplyError(
            f"Nothing was written: {' '.join(options.command)!r} runs no dbt: {_cut(said)}\n"
            "Name another command with --dbt, or write the files without a trial with --no-parse."
        )
    if not after.dbt_version or _ELSEWHERE.search(said):
        return Trial("not run", _cut(said), after.dbt_version)
    if (project / "dbt_project.yml").is_file():
        before = _parsed(project, None, options, progress)
        if not before.parsed and not _new_faults(before, after, changes):
            return Trial("broken before", _cut("\n".join(before.errors)), before.dbt_version)
    raise ApplyError(_refusal(said, changes))


def _parsed(project: Path, changes: ChangeSet | None, options: DbtOptions, progress: Progress | None) -> ParseReport:
    with shadow(project, changes) as copy:
        try:
            report = parse(copy, options, progress=progress)
        except VerifyError as fault:
            raise ApplyError(f"Nothing was written. {str(fault).replace(str(copy), str(project))}") from None
        said = tuple(error.replace(str(copy), str(project)) for error in report.errors)
    return replace(report, errors=said)


def _new_faults(before: ParseReport, after: ParseReport, changes: ChangeSet) -> list[str]:
    """What dbt says with the files only. It stops at the first fault, and another of a broken project's own may come
    first by now: what names none of the planned files is not theirs."""
    words = {file.path for file in changes.pending} | {Path(file.path).stem for file in changes.pending}
    new = [error for error in after.errors if error not in before.errors]
    return [error for error in new if any(word in error for word in words)]


def _refusal(said: str, changes: ChangeSet) -> str:
    steps = sorted({
        number
        for file in changes.pending
        if file.path in said or re.search(rf"\b{re.escape(Path(file.path).stem)}\b", said)
        for number in file.step_ids
    })  # fmt: skip
    named = f" (step {', '.join(map(str, steps))})" if steps else ""
    lines = "\n".join(f"  {line}" for line in _cut(said).splitlines())
    return (
        f"Nothing was written: with the planned files in it, dbt cannot parse the project{named}:\n{lines}\n"
        "Leave that step out with --skip, plan again with --replan, or write the files all the same with --no-parse."
    )


def _cut(said: str) -> str:
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]} ..."
