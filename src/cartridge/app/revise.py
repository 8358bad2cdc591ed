"""A saved plan as a reviewer changed it: through the gate, and rendered again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cartridge.app.again import DRAFT, decided_anew
from cartridge.app.decide import decide
from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import SavedPlan, saved_plan
from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import CREATE_SOURCE, ExecutionPlan, Finding, ModelGenerationRequest
from cartridge.errors import InputError, PlanError
from cartridge.plan.amend import Amendment, amend


@dataclass(frozen=True)
class Revision:
    """What a plan's changes come to.

    `changes` is None where the gate refused them; `plan` then holds the steps as they were asked for, not gated.
    `steps` maps every step of `plan` (by its place) to the number that it had before the changes.
    """

    plan: ExecutionPlan = field(repr=False)
    steps: tuple[int, ...]
    findings: tuple[Finding, ...]
    changes: ChangeSet | None = field(default=None, repr=False)
    basis: SavedPlan | None = field(default=None, repr=False)
    """The plan that was changed."""
    request: ModelGenerationRequest | None = field(default=None, repr=False)
    """What the changed plan answers; None: nothing was changed."""
    amended: frozenset[int] = frozenset()
    """The steps that were changed, by the numbers that they had."""

    @cached_property
    def saved(self) -> SavedPlan | None:
        """The value to save and apply, with its digest; None where the gate refused the changes. Made when it is first
        asked for: that takes longer than everything else together."""
        if self.changes is None or self.basis is None or self.request is None:
            return self.basis if self.changes is not None else None
        return saved_plan(self.plan, self.changes, self.basis.snapshot, self.request, _drafted(self.basis.options))

    def step_of(self, finding: Finding) -> int | None:
        """The step that a finding concerns, by the number that it had before the changes. Of several that bear the name
        it is the one that was changed."""
        named = [
            step for step, action in zip(self.steps, self.plan.actions, strict=True) if action.name == finding.action
        ]
        if len(named) > 1 and len(changed := self.amended.intersection(named)) == 1:
            return min(changed)
        if len(named) != 1 and finding.step_id is not None and 0 < finding.step_id <= len(self.steps):
            return self.steps[finding.step_id - 1]
        return named[0] if named else None


def unrevised(saved: SavedPlan) -> Revision:
    """The revision of a plan that changes nothing."""
    steps = tuple(action.step_id for action in saved.plan.actions)
    return Revision(saved.plan, steps, tuple(saved.plan.findings), saved.changes, saved)


async def revise(
    saved: SavedPlan, project: Path | None, amendments: Mapping[int, Amendment], rejected: Collection[int] = ()
) -> Revision:
    """The plan with a reviewer's changes; see `plan.amend`. Steps that the gate refuses are no error here: the findings
    say what to mend, and there is nothing to save yet.

    Raises:
        InputError: there is no such step, nothing is left, or the plan is for a project and none was named.
        ProjectError: the project cannot be read.
    """
    if not amendments and not rejected:
        return unrevised(saved)
    if project is None and saved.basis is not None:
        raise InputError("This plan adds to a dbt project: name it with --project to change the plan.")
    amended = amend(saved.plan, amendments, rejected)
    steps = tuple(action.step_id for action in amended.actions)
    draft = _numbered(amended)
    try:
        plan, changes, request = await _made(saved, project, draft)
    except PlanError as fault:
        found = tuple(fault.findings) or (_only(fault),)
        return Revision(draft, steps, found, amended=frozenset(amendments))
    traced = _traced(plan, draft, steps)
    return Revision(plan, traced, tuple(plan.findings), changes, saved, request, frozenset(amendments))


async def _made(
    saved: SavedPlan, project: Path | None, draft: ExecutionPlan
) -> tuple[ExecutionPlan, ChangeSet, ModelGenerationRequest]:
    if project is not None:
        return await decided_anew(saved, project, draft)
    request = saved.request
    return *await decide(request, None, draft=draft), request


def _drafted(options: PlanOptions) -> PlanOptions:
    return replace(options, planner=DRAFT)


def _numbered(plan: ExecutionPlan) -> ExecutionPlan:
    """Step ids from 1 without gaps, in the actions and in what was said of them."""
    numbers = {action.step_id: place for place, action in enumerate(plan.actions, 1)}
    return plan.model_copy(
        update={
            "actions": [action.model_copy(update={"step_id": numbers[action.step_id]}) for action in plan.actions],
            "findings": [
                found.model_copy(update={"step_id": numbers.get(found.step_id)}) if found.step_id else found
                for found in plan.findings
            ],
        }
    )


def _traced(made: ExecutionPlan, draft: ExecutionPlan, steps: tuple[int, ...]) -> tuple[int, ...]:
    """The first numbers of the steps of a gated plan, in whose names nothing stands twice; 0: the gate added it."""
    known = {
        (action.type == CREATE_SOURCE, action.name): step for step, action in zip(steps, draft.actions, strict=True)
    }
    return tuple(known.get((action.type == CREATE_SOURCE, action.name), 0) for action in made.actions)


def _only(fault: PlanError) -> Finding:
    return Finding(code="not-writable", severity="error", message=str(fault))
