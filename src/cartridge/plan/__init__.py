"""Deciding: tables and a project's context in, an execution plan out. Pure: no file, clock, environment or network."""

from __future__ import annotations

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.plan.finding import raise_errors
from cartridge.plan.gate import judge, review
from cartridge.plan.offline import draft_in, draft_offline
from cartridge.plan.resolve import require_detail, resolve, resolve_in
from cartridge.plan.scope import Scope, scope_of


def gated(request: ModelGenerationRequest, draft: ExecutionPlan | None = None) -> ExecutionPlan:
    """The offline plan for a request, or a draft: through the gate and resolved, the request read only once.

    Raises:
        PlanError: the plan did not pass the gate, or cannot be resolved.
    """
    scope = scope_of(request)
    reviewed = judge(draft if draft is not None else draft_in(scope), scope)
    raise_errors(reviewed.findings)
    resolved, findings = resolve_in(reviewed, scope)
    raise_errors(findings)
    kept = [finding for finding in reviewed.findings if finding not in findings]
    return resolved.model_copy(update={"findings": [*kept, *findings]})


__all__ = ["Scope", "draft_offline", "gated", "judge", "require_detail", "resolve", "review", "scope_of"]
