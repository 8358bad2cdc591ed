"""A saved plan made anew: a part of it, or all of it against what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cartridge.app.decide import decide
from cartridge.app.plan import Planner, project_context, request_for
from cartridge.app.recheck import as_before, current_request
from cartridge.app.saved_plan import SavedPlan, saved_plan
from cartridge.domain.schema import SchemaSnapshot
from cartridge.plan.choose import choose

DRAFT = "draft"
"""Who planned, where the decisions came from a person's file."""

PLANNERS = frozenset({"offline", DRAFT})
"""Who plans without a model."""


async def part_of(saved: SavedPlan, project: Path, only: Sequence[str] = (), skip: Sequence[str] = ()) -> SavedPlan:
    """The plan with some of its steps alone, gated and rendered again; see `plan.choose.choose`.

    Raises:
        InputError: a step is not known, or none is left.
        PlanError: what is left does not pass the gate.
    """
    draft = choose(saved.plan, only, skip)
    with as_before(saved.changes, project) as folder:
        request = await current_request(saved, folder)
        plan, changes = await decide(request, folder, draft=draft)
    return saved_plan(plan, changes, saved.snapshot, request, saved.options)


async def replan(
    saved: SavedPlan, project: Path, *, snapshot: SchemaSnapshot | None = None, provider: Planner | None = None
) -> SavedPlan:
    """The plan made again with the same options, against the project as it is, and a new scan where there is one.

    Decisions that came from a person's file are taken from the plan again; `provider` asks a model again.

    Raises:
        PlanError: the plan does not pass the gate.
        ProviderError, ReplyError: the model could not be asked, or answered no plan.
    """
    scanned = snapshot or saved.snapshot
    request = request_for(scanned, saved.options, await project_context(project, scanned.tables))
    draft = saved.plan if saved.options.planner == DRAFT else None
    plan, changes = await decide(request, project, provider, draft)
    return saved_plan(plan, changes, scanned, request, saved.options)
