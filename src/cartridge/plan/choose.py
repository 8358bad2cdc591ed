"""A part of a plan: some of its steps, with all that those need, and without what needs the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from difflib import get_close_matches
from typing import Any

from cartridge.domain.plan import CREATE_SOURCE, DataTest, ExecutionPlan, ModelDetail, PlanAction
from cartridge.errors import InputError
from cartridge.plan.resolve import SOURCE_MARK


def choose(plan: ExecutionPlan, only: Sequence[str] = (), skip: Sequence[str] = ()) -> ExecutionPlan:
    """The steps named by `only` (all, where it is empty) with those they depend on, less the steps named by `skip`
    with those that depend on them. A step is named by its name or its number, a source also as `source:NAME`.

    Tests that refer to a step that is left out are left out with it, and a calendar spans the dates that are left; it
    goes with the last of them. The result is a draft.

    Raises:
        InputError: there is no such step, or nothing is left.
    """
    reads = _reads(plan)
    kept = _reached(_named(plan, only), reads) if only else set(range(len(plan.actions)))
    kept -= _falling(plan, _named(plan, skip), reads)
    if not kept:
        raise InputError("No step of the plan is left: choose fewer with --skip, or others with --only")
    chosen = [action for place, action in enumerate(plan.actions) if place in kept]
    gone = {action.name for action in plan.actions} - {action.name for action in chosen}
    said = [finding for finding in plan.findings if finding.action not in gone]
    left = [_without_tests(_spanning_less(action, gone), gone) for action in chosen]
    return plan.model_copy(update={"actions": left, "findings": said})


def _reads(plan: ExecutionPlan) -> dict[int, set[int]]:
    """The steps that each step depends on, by their places."""
    places: dict[str, int] = {}
    for place, action in enumerate(plan.actions):
        if action.type == CREATE_SOURCE:
            places[SOURCE_MARK + action.name] = place
            places.setdefault(action.name, place)
        else:
            places[action.name] = place
    return {
        place: {places[name] for name in action.dependencies if name in places} - {place}
        for place, action in enumerate(plan.actions)
    }


def _named(plan: ExecutionPlan, names: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for name in names:
        places = {place for place, action in enumerate(plan.actions) if name in _spellings(action)}
        if not places:
            near = get_close_matches(name, [action.name for action in plan.actions], n=3)
            mend = f"Did you mean {' or '.join(near)}?" if near else "`cartridge show` lists its steps."
            raise InputError(f"The plan has no step {name!r}. {mend}")
        found |= places
    return found


def _spellings(action: PlanAction) -> tuple[str, ...]:
    own = (action.name, str(action.step_id))
    return (*own, SOURCE_MARK + action.name) if action.type == CREATE_SOURCE else own


def _falling(plan: ExecutionPlan, skipped: set[int], reads: dict[int, set[int]]) -> set[int]:
    """The steps that are skipped with those that cannot do without them: of what it spans, a calendar needs one."""
    calendars = {place for place, action in enumerate(plan.actions) if _spans(action)}
    readers: dict[int, set[int]] = {place: set() for place in reads}
    for place, needs in reads.items():
        for need in needs if place not in calendars else ():
            readers[need].add(place)
    found = _reached(skipped, readers)
    empty = {place for place in calendars if reads[place] and reads[place] <= found}
    return found | _reached(empty, readers)


def _spans(action: PlanAction) -> bool:
    return isinstance(action.detail, ModelDetail) and bool(action.detail.date_spans)


def _spanning_less(action: PlanAction, gone: Set[str]) -> PlanAction:
    """A calendar over the dates of the models that are left."""
    if not isinstance(action.detail, ModelDetail) or not _spans(action) or gone.isdisjoint(action.dependencies):
        return action
    detail = action.detail.model_copy(
        update={
            "inputs": tuple(entry for entry in action.detail.inputs if entry.model not in gone),
            "date_spans": tuple(span for span in action.detail.date_spans if span.model not in gone),
        }
    )
    dependencies = [name for name in action.dependencies if name not in gone]
    return action.model_copy(update={"detail": detail, "dependencies": dependencies})


def _reached(start: Collection[int], ways: dict[int, set[int]]) -> set[int]:
    found, waiting = set(start), list(start)
    while waiting:
        for place in ways[waiting.pop()] - found:
            found.add(place)
            waiting.append(place)
    return found


def _without_tests(action: PlanAction, gone: Collection[str]) -> PlanAction:
    detail: Any = action.detail
    changes: dict[str, Any] = {}
    if getattr(detail, "tests", ()):
        changes["tests"] = _standing(detail.tests, gone)
    if any(column.tests for column in getattr(detail, "columns", ())):
        changes["columns"] = tuple(
            column.model_copy(update={"tests": _standing(column.tests, gone)}) if column.tests else column
            for column in detail.columns
        )
    return action.model_copy(update={"detail": detail.model_copy(update=changes)}) if changes else action


def _standing(tests: Iterable[DataTest], gone: Collection[str]) -> tuple[DataTest, ...]:
    return tuple(test for test in tests if test.name != "relationships" or test.arguments.get("to") not in gone)
