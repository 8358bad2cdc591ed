"""A saved plan made anew: a part of it, or all of it against what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cartridge.app.decide import decide
from cartridge.app.make import make_plan
from cartridge.app.plan import Planner
from cartridge.app.recheck import as_before, current_request
from cartridge.app.saved_plan import SavedPlan, saved_plan
from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
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
    plan, changes, request = await decided_anew(saved, project, choose(saved.plan, only, skip))
    return saved_plan(plan, changes, saved.snapshot, request, saved.options)


async def decided_anew(
    saved: SavedPlan, project: Path, draft: ExecutionPlan
) -> tuple[ExecutionPlan, ChangeSet, ModelGenerationRequest]:
    """A draft that came of a saved plan, gated and rendered against the project as it was before that plan; and the
    request that it answers there.

    Raises:
        PlanError: the draft does not pass the gate.
        ProjectError: the project cannot be read.
    """
    with as_before(saved.changes, project) as folder:
        request = await current_request(saved, folder)
        return *await decide(request, folder, draft=draft), request


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
    draft = saved.plan if saved.options.planner == DRAFT else None
    return await make_plan(scanned, saved.options, project, provider=provider, draft=draft)
