"""The one gate that every plan passes, whoever wrote it.

A plan goes through the checks of `CHECKS`, top to bottom. Each mends what needs no guess and reports it; what cannot be
mended is a finding. Errors stop the plan; warnings and notes stay with it. `docs/findings.md` explains every code.
"""

from __future__ import annotations

from collections.abc import Callable

from cartridge.domain.plan import ExecutionPlan, Finding, ModelGenerationRequest
from cartridge.plan.finding import raise_errors
from cartridge.plan.gate import care, graph, places
from cartridge.plan.gate.access import private_models_left_alone
from cartridge.plan.gate.coverage import covered, sources_that_exist, strategy_of_the_project
from cartridge.plan.gate.detail import details_hold
from cartridge.plan.gate.layers import layers_respected
from cartridge.plan.gate.names import names_free, names_usable, without_followers
from cartridge.plan.gate.paths import paths_safe
from cartridge.plan.gate.steps import dependencies_known, steps_numbered, steps_ordered, types_known
from cartridge.plan.scope import Scope, scope_of

Check = Callable[[ExecutionPlan, Scope], tuple[ExecutionPlan, list[Finding]]]

CHECKS: tuple[Check, ...] = (
    types_known,
    names_usable,
    strategy_of_the_project,
    sources_that_exist,
    names_free,
    dependencies_known,
    steps_ordered,
    steps_numbered,
    paths_safe,
    layers_respected,
    private_models_left_alone,
    details_hold,
    covered,
)

_ANEW = care.CODES | graph.CODES | places.CODES
"""Codes of good practice: said of a plan that can be written, as it is now; what was said of it earlier goes."""


def judge(draft: ExecutionPlan, scope: Scope) -> ExecutionPlan:
    """The draft, mended where that needs no guess, with every finding; errors are not raised."""
    findings: list[Finding] = []
    plan = draft
    for check in CHECKS:
        plan, found = check(plan, scope)
        findings += found
    findings = without_followers(plan, findings, scope)
    if any(finding.severity == "error" for finding in findings):
        findings = [finding for finding in findings if finding.code not in _ANEW]
    kept = [
        finding
        for finding in draft.findings
        if finding.severity != "error" and finding.code not in _ANEW and finding not in findings
    ]
    return plan.model_copy(update={"findings": [*kept, *findings]})


def review(draft: ExecutionPlan, request: ModelGenerationRequest) -> ExecutionPlan:
    """Passes a draft through the gate: its own actions come back, mended, with the findings.

    Raises:
        PlanError: the plan could not be written or built as it stands; the message lists every error with its mend.
    """
    plan = judge(draft, scope_of(request))
    raise_errors(plan.findings)
    return plan
