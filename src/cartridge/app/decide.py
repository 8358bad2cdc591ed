"""A plan and its bytes together, put where they can be written."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath

from cartridge.app.plan import Planner, plan, with_known_columns, with_untouched
from cartridge.app.render import render_resolved
from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import CREATE_SOURCE, ExecutionPlan, Finding, ModelGenerationRequest, SourceDetail
from cartridge.errors import PlanError


async def decide(
    request: ModelGenerationRequest,
    project: Path | None = None,
    provider: Planner | None = None,
    draft: ExecutionPlan | None = None,
) -> tuple[ExecutionPlan, ChangeSet]:
    """The resolved plan and the files it writes into `project`.

    Where a YAML file of the project cannot be extended safely it is left as it is: what would have gone into it goes
    into a new file beside it, and a finding says why.

    Raises:
        PlanError: the plan did not pass the gate, or cannot be written.
    """
    if project is not None:
        request = await asyncio.to_thread(with_known_columns, request, project, draft)
        request = await with_untouched(request, project)
    decided = await plan(request, provider, draft=draft)
    refused: set[str] = set()
    while True:
        try:
            return decided, await asyncio.to_thread(render_resolved, decided, request, project)
        except PlanError as fault:
            finding = next((found for found in fault.findings if found.code == "cannot-insert"), None)
            if finding is None or finding.path is None or finding.path in refused:
                raise
            refused.add(finding.path)
            decided = _beside(decided, finding, finding.path)


def _beside(decided: ExecutionPlan, finding: Finding, path: str) -> ExecutionPlan:
    old = PurePosixPath(path)
    new = str(old.with_name(f"{old.stem}__added{old.suffix}"))
    actions = []
    for action in decided.actions:
        changes: dict[str, object] = {}
        if action.properties_path == path:
            changes["properties_path"] = new
        if action.type == CREATE_SOURCE and action.file_path == path:
            changes["file_path"] = new
            if isinstance(action.detail, SourceDetail):
                changes["detail"] = action.detail.model_copy(update={"mode": "create"})
        actions.append(action.model_copy(update=changes) if changes else action)
    said = finding.model_copy(
        update={
            "severity": "note",
            "message": f"{path} is left as it is, {new} is planned beside it: {finding.message.split(': ', 1)[-1]}",
            "mend": "",
        }
    )
    return decided.model_copy(update={"actions": actions, "findings": [*decided.findings, said]})
