"""From a scan to a saved plan: what `cartridge plan` makes, for every surface."""

from __future__ import annotations

from pathlib import Path

from cartridge.app.decide import decide
from cartridge.app.plan import Planner, PlanOptions, project_context, request_for
from cartridge.app.saved_plan import SavedPlan, saved_plan
from cartridge.domain.plan import ExecutionPlan
from cartridge.domain.schema import SchemaSnapshot


async def make_plan(
    snapshot: SchemaSnapshot,
    options: PlanOptions,
    project: Path | None = None,
    *,
    provider: Planner | None = None,
    draft: ExecutionPlan | None = None,
) -> SavedPlan:
    """The plan for the tables of a scan and, where it is named, the project in a folder: decided, gated and rendered.

    Raises:
        InputError: a layer is not known.
        ProjectError: the project cannot be read.
        PlanError: the plan did not pass the gate, or cannot be written.
        ProviderError, ReplyError: the model could not be asked, or answered no plan.
    """
    context = await project_context(project, snapshot.tables) if project else None
    request = request_for(snapshot, options, context)
    plan, changes = await decide(request, project, provider, draft)
    return saved_plan(plan, changes, snapshot, request, options)
