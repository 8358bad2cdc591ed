"""From a scan to a saved plan: what `cartridge plan` makes, for every surface."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cartridge.app.decide import decide
from cartridge.app.plan import (
    Planner,
    PlanOptions,
    project_context,
    request_for,
    with_known_columns,
    with_untouched,
)
from cartridge.app.saved_plan import SavedPlan, saved_plan
from cartridge.domain.plan import ExecutionPlan
from cartridge.domain.schema import SchemaSnapshot

if TYPE_CHECKING:
    from cartridge.ai.estimate import Estimate


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


async def estimate_plan(
    snapshot: SchemaSnapshot, options: PlanOptions, project: Path | None, config: Mapping[str, Any]
) -> Estimate:
    """What the model that `options.planner` names would be sent for the same plan, and what it would cost; nothing is
    sent, and no key is needed.

    Raises:
        InputError, ProjectError: as `make_plan`.
        ProviderConfigError: an unknown provider.
    """
    from cartridge.ai.estimate import estimate  # noqa: PLC0415

    context = await project_context(project, snapshot.tables) if project else None
    request = request_for(snapshot, options, context)
    if project is not None:
        request = await asyncio.to_thread(with_known_columns, request, project, None)
        request = await with_untouched(request, project)
    return await asyncio.to_thread(estimate, request, options.planner, config)
