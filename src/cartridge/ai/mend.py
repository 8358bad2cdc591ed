"""What becomes of a model's plan that did not pass the gate: told to the model, dropped, completed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cartridge.ai.describe import quote_text
from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SOURCE,
    CREATE_STAGING,
    DataTest,
    ExecutionPlan,
    Finding,
    ModelDetail,
    PlanAction,
    StagingDetail,
)
from cartridge.domain.schema import TableKey
from cartridge.plan import draft_offline, judge
from cartridge.plan.resolve import resolve_in
from cartridge.plan.scope import Scope

OWN_CODES = ("dropped", "completed", "proposed-twice", "part-without-models", "cut-off-answer")
"""Codes of findings that say what became of a model's answer, beside those of the gate."""

_MOST_TOLD = 40
_ORDER = {CREATE_SOURCE: 0, CREATE_STAGING: 1}


def errors_of(plan: ExecutionPlan) -> list[Finding]:
    """The findings that stop the plan."""
    return [finding for finding in plan.findings if finding.severity == "error"]


def told(wrong: Sequence[str]) -> str:
    """What is wrong with an answer, for the model that gave it. Names that it invented are quoted as data."""
    lines = [f"- {quote_text(text)}" for text in wrong[:_MOST_TOLD]]
    if len(wrong) > _MOST_TOLD:
        lines.append(f"- and {len(wrong) - _MOST_TOLD} more like these")
    return "\n".join(
        [
            "A check against the real schema and project found errors in this answer:",
            "<data>",
            *lines,
            "</data>",
            "Answer again with the whole JSON object in the same form: these errors mended, all else as it was.",
        ]
    )


def without_errors(plan: ExecutionPlan, scope: Scope) -> ExecutionPlan:
    """The plan without the steps that have errors, and those that need them. Every dropped step is a finding."""
    own = [finding for finding in plan.findings if finding.code in OWN_CODES]
    judged = plan
    while errors := errors_of(judged):
        bad = _wrong(judged, errors)
        because = {error.action: error.message for error in reversed(errors)}
        own += [_dropped(action, because.get(action.name, errors[0].message)) for action in bad]
        left = [action for action in judged.actions if not any(action is wrong for wrong in bad)]
        kept = [finding for finding in judged.findings if finding.severity == "note" and not _concerns(finding, bad)]
        judged = judge(ExecutionPlan(strategy=judged.strategy, actions=left, findings=kept), scope)
    seen = [finding for finding in judged.findings if finding not in own]
    return judged.model_copy(update={"findings": [*seen, *own]})


def _wrong(plan: ExecutionPlan, errors: Sequence[Finding]) -> list[PlanAction]:
    """The steps that the errors concern: by name, since the gate renumbers; of several of one name the first stays."""
    named = {error.action for error in errors if error.action is not None}
    found: list[PlanAction] = []
    for name in sorted(named):
        same = [action for action in plan.actions if action.name == name]
        found += same[1:] or same
    return found or _circle(plan.actions) or list(plan.actions)


def completed(plan: ExecutionPlan, scope: Scope) -> ExecutionPlan:
    """The plan with what it leaves out of the offline plan: sources, staging models, then models that can be built.

    Every added step is a finding. Steps whose names are taken, or that need what the plan does not have, are left out;
    so are marts whose rows a mart of the plan keeps already, under whatever name.
    """
    offline = draft_offline(scope.request)
    resolved, _ = resolve_in(plan, scope)
    staged = _staged_by(resolved)
    names = {action.name for action in plan.actions if action.type != CREATE_SOURCE} | scope.existing_models
    sources = {action.name for action in plan.actions if action.type == CREATE_SOURCE} | scope.existing_sources
    called = {
        action.name: staged[action.detail.table]
        for action in offline.actions
        if isinstance(action.detail, StagingDetail) and action.detail.table in staged
    }
    called |= _told_otherwise(offline, resolved, called)
    added: list[PlanAction] = []
    for action in offline.actions:
        if action.type == CREATE_SOURCE:
            if action.name not in sources:
                added.append(action)
                sources.add(action.name)
            continue
        if action.name in called:
            continue
        mended = _under_the_plans_names(action, called)
        if mended.name not in names and set(mended.dependencies) <= names | sources and _wanted(mended, plan):
            added.append(mended)
            names.add(mended.name)
    return _with_added(plan, _that_are_read(added), scope)


def _told_otherwise(offline: ExecutionPlan, plan: ExecutionPlan, called: dict[str, str]) -> dict[str, str]:
    """The marts of the offline plan for whose rows the plan has one of its own, with that one's name."""
    own = {(detail.role, base): (name, detail) for name, base, detail in reversed(list(_kept_rows(plan)))}
    found = {}
    for name, base, detail in _kept_rows(offline):
        same = own.get((detail.role, called.get(base, base)))
        if same and set(detail.grain) <= {column.name for column in same[1].columns}:
            found[name] = same[0]
    return found


def _kept_rows(plan: ExecutionPlan) -> Iterator[tuple[str, str, ModelDetail]]:
    """The marts that keep the rows of a model one by one: their names, that model's, and their details."""
    for action in plan.actions:
        detail = action.detail
        if action.type != CREATE_MART or not isinstance(detail, ModelDetail) or detail.role in ("union", "date"):
            continue
        if detail.inputs and not detail.group_by:
            yield action.name, detail.inputs[0].model, detail


def _that_are_read(added: Sequence[PlanAction]) -> list[PlanAction]:
    """The steps without the intermediate models that none of them reads."""
    left = list(added)
    while True:
        read = {name for action in left for name in action.dependencies}
        kept = [action for action in left if action.type != CREATE_INTERMEDIATE or action.name in read]
        if len(kept) == len(left):
            return kept
        left = kept


def _with_added(plan: ExecutionPlan, added: Sequence[PlanAction], scope: Scope) -> ExecutionPlan:
    if not added:
        return plan
    top = max((action.step_id for action in plan.actions), default=0)
    new = [action.model_copy(update={"step_id": top + place}) for place, action in enumerate(added, 1)]
    together = sorted([*plan.actions, *new], key=lambda action: _ORDER.get(action.type, 2))
    kept = [finding for finding in plan.findings if finding.code != "uncovered-table"]
    judged = judge(plan.model_copy(update={"actions": together, "findings": kept}), scope)
    if errors_of(judged):
        return plan  # What the model planned stands in the way; its own plan is whole.
    notes = [_note("completed", f"{action.name} was added from the offline plan", action) for action in added]
    return judged.model_copy(update={"findings": [*judged.findings, *notes]})


def _wanted(action: PlanAction, plan: ExecutionPlan) -> bool:
    """Whether an offline model adds something: no model of the plan is built from the same models already."""
    if action.type == CREATE_STAGING:
        return True
    same = set(action.dependencies)
    return not any(step.type == action.type and set(step.dependencies) == same for step in plan.actions)


def _under_the_plans_names(action: PlanAction, called: dict[str, str]) -> PlanAction:
    """The action with dependencies and tests under the names that the plan gave; what reads them is made anew."""
    renamed = [called.get(name, name) for name in action.dependencies]
    if renamed != action.dependencies:
        return action.model_copy(update={"dependencies": renamed, "detail": None})
    if not isinstance(action.detail, StagingDetail | ModelDetail):
        return action
    columns = tuple(
        column.model_copy(update={"tests": tuple(_retargeted(test, called) for test in column.tests)})
        for column in action.detail.columns
    )
    return action.model_copy(update={"detail": action.detail.model_copy(update={"columns": columns})})


def _retargeted(test: DataTest, called: dict[str, str]) -> DataTest:
    to = test.arguments.get("to")
    if not isinstance(to, str) or to not in called:
        return test
    return test.model_copy(update={"arguments": {**test.arguments, "to": called[to]}})


def _staged_by(plan: ExecutionPlan) -> dict[TableKey, str]:
    """The staging models of a resolved plan by the tables that they read."""
    return {action.detail.table: action.name for action in plan.actions if isinstance(action.detail, StagingDetail)}


def _circle(actions: Sequence[PlanAction]) -> list[PlanAction]:
    """The steps that wait for each other, and those that wait for them."""
    waiting = {action.name: set(action.dependencies) for action in actions if action.type != CREATE_SOURCE}
    while ready := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in ready:
            del waiting[name]
    return [action for action in actions if action.type != CREATE_SOURCE and action.name in waiting]


def _concerns(finding: Finding, actions: Collection[PlanAction]) -> bool:
    return any(finding.action == action.name for action in actions)


def _dropped(action: PlanAction, because: str) -> Finding:
    finding = _note("dropped", f"{action.name} was dropped from the model's plan: {because}", action)
    return finding.model_copy(update={"severity": "warning"})


def _note(code: str, message: str, action: PlanAction) -> Finding:
    return Finding(code=code, severity="note", message=message, action=action.name)
