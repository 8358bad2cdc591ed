"""Plan and project -> ChangeSet: the exact text of every file, rendered once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cartridge.app.plan import with_known_columns
from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.plan import require_detail, resolve


async def render(plan: ExecutionPlan, request: ModelGenerationRequest, project: str | Path | None = None) -> ChangeSet:
    """Every file that the plan writes into `project` (a folder, which need not exist), with its exact new text.

    Raises:
        PlanError: an action cannot be resolved, so no SQL can be written.
    """
    return await asyncio.to_thread(_render, plan, request, Path(project) if project is not None else None)


def _render(plan: ExecutionPlan, request: ModelGenerationRequest, project: Path | None) -> ChangeSet:
    if project is not None:
        request = with_known_columns(request, project, plan)
    return render_resolved(resolve(plan, request), request, project)


def render_resolved(plan: ExecutionPlan, request: ModelGenerationRequest, project: Path | None) -> ChangeSet:
    """As `render`, for a plan that was just resolved for this very request.

    Raises:
        PlanError: an action has no detail, or a YAML file cannot be inserted into.
    """
    from cartridge.render import render as render_plan  # noqa: PLC0415

    require_detail(plan)
    return render_plan(plan, request, _texts(plan, project) if project else {})


def _texts(plan: ExecutionPlan, project: Path) -> dict[str, str]:
    """The current text of every file that the plan may write. A file that is no text is left to `apply` to refuse."""
    from cartridge.render import touched_paths  # noqa: PLC0415

    found = {}
    for path in sorted(touched_paths(plan)):
        try:
            found[path] = (project / path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found
