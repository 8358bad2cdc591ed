"""The planner that needs no model and no key: a tuple of steps, read top to bottom.

Every step looks at what the steps before it planned and adds its own actions, each with its detail and its reasons.
The result is a draft like any other and passes the same gate.
"""

from __future__ import annotations

from collections.abc import Callable

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.plan.scope import Scope, scope_of
from cartridge.plan.steps.intermediate import plan_rollups, plan_unions
from cartridge.plan.steps.marts import plan_dates, plan_dimensions, plan_facts, say_what_is_known
from cartridge.plan.steps.snapshots import plan_snapshots
from cartridge.plan.steps.sources import plan_sources
from cartridge.plan.steps.staging import plan_staging, update_staging
from cartridge.plan.steps.work import Work

STEPS: tuple[Callable[[Work], None], ...] = (
    plan_sources,
    plan_staging,
    update_staging,
    plan_snapshots,
    plan_unions,
    plan_rollups,
    plan_dimensions,
    plan_facts,
    plan_dates,
    say_what_is_known,
)


def draft_offline(request: ModelGenerationRequest) -> ExecutionPlan:
    """A plan for the request, from its tables, keys and conventions alone.

    Raises:
        InputError: the target warehouse is not known, or a table is given twice.
    """
    return draft_in(scope_of(request))


def draft_in(scope: Scope) -> ExecutionPlan:
    """As `draft_offline`, within a scope that is read already."""
    work = Work(scope, shapes=scope.known_shapes(), stands_for=scope.existing_shapes("staging"))
    for step in STEPS:
        step(work)
    strategy = "brownfield" if work.scope.is_brownfield else "greenfield"
    actions = [action.model_copy(update={"step_id": place}) for place, action in enumerate(work.actions, 1)]
    return ExecutionPlan(strategy=strategy, actions=actions, findings=work.findings)
