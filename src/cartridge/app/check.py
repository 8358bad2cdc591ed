"""The gate as a check: what is to be said of a plan, a draft or a project as it stands, with nothing raised."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from cartridge.app.plan import PlanOptions, project_context, request_for, with_known_columns
from cartridge.app.recheck import as_before, current_request, recheck
from cartridge.app.saved_plan import SavedPlan
from cartridge.domain.finding_codes import CODES
from cartridge.domain.plan import ExecutionPlan, Finding, ModelGenerationRequest
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import ApplyError, ConflictError, InputError, PlanError, PlanFileError
from cartridge.plan import judge, scope_of


async def check_plan(saved: SavedPlan, project: Path | None = None) -> tuple[Finding, ...]:
    """What the gate says of a saved plan against the project in a folder, and whether it may be applied there.

    Raises:
        ProjectError: the project cannot be read.
    """
    if project is None:
        return await asyncio.to_thread(_judged, saved.plan, saved.request)
    with as_before(saved.changes, project) as folder:
        request = await current_request(saved, folder)
        request = await asyncio.to_thread(with_known_columns, request, folder, saved.plan)
        findings = await asyncio.to_thread(_judged, saved.plan, request)
    try:
        await recheck(saved, project)
    except PlanError as fault:
        new = tuple(finding for finding in fault.findings if isinstance(finding, Finding) and finding not in findings)
        findings = (*findings, *(finding for finding in new if finding.severity == "error"))
    except (ApplyError, PlanFileError) as fault:
        findings = (*findings, _refusal(fault))
    return findings


async def check_draft(
    draft: ExecutionPlan, snapshot: SchemaSnapshot, project: Path | None = None
) -> tuple[Finding, ...]:
    """What the gate says of a draft over the tables of a scan.

    Raises:
        ProjectError: the project cannot be read.
    """
    context = await project_context(project, snapshot.tables) if project else None
    request = request_for(snapshot, PlanOptions(layers=("all",)), context)
    if project:
        request = await asyncio.to_thread(with_known_columns, request, project, draft)
    return await asyncio.to_thread(_judged, draft, request)


async def check_project(project: Path) -> tuple[Finding, ...]:
    """What is to be said of a dbt project by itself: what in it cannot be read, and what dbt would refuse.

    Raises:
        ProjectError: the folder holds no dbt project.
    """
    from cartridge.project import read_project  # noqa: PLC0415

    state = await asyncio.to_thread(read_project, project)
    return tuple(state.findings)


def known_codes(words: Collection[str]) -> frozenset[str]:
    """The words, each of which is the code of a finding: one that is not would choose nothing, and nobody would notice.

    Raises:
        InputError: one is not; names the nearest.
    """
    for word in sorted(words):
        if word not in CODES:
            near = get_close_matches(word.lower().replace("_", "-"), sorted(CODES), n=3)
            mend = f"Did you mean {' or '.join(near)}?" if near else f"The codes are: {', '.join(sorted(CODES))}."
            raise InputError(f"There is no finding with the code {word!r}. {mend}")
    return frozenset(words)


def chosen(findings: Collection[Finding], select: Collection[str], ignore: Collection[str]) -> tuple[Finding, ...]:
    """The findings with the codes of `select` (all, where it is empty), without those of `ignore`."""
    return tuple(
        finding for finding in findings if (not select or finding.code in select) and finding.code not in ignore
    )


def _judged(plan: ExecutionPlan, request: ModelGenerationRequest) -> tuple[Finding, ...]:
    return tuple(judge(plan, scope_of(request)).findings)


def _refusal(fault: ApplyError | PlanFileError) -> Finding:
    """Why a plan would not be applied, as a finding."""
    code = "edited-plan" if isinstance(fault, PlanFileError) else "stale-plan"
    code = "path-taken" if isinstance(fault, ConflictError) else code
    return Finding(
        code=code,
        severity="error",
        message=str(fault).removeprefix("Nothing was written: "),
        mend="Plan again against the project as it is: cartridge apply --replan",
    )
