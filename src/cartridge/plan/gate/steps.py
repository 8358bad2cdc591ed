"""Steps: known types, ids 1..n, an order in which everything is there before it is read."""

from __future__ import annotations

from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush

from cartridge.domain.plan import (
    ACTION_TYPES,
    CREATE_SOURCE,
    CREATE_STAGING,
    ExecutionPlan,
    Finding,
    PlanAction,
)
from cartridge.plan.finding import error, note
from cartridge.plan.resolve import SOURCE_MARK, tables_named
from cartridge.plan.scope import Scope


def types_known(plan: ExecutionPlan, _: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every action has a type that cartridge can execute."""
    findings = []
    for action in plan.actions:
        if action.type not in ACTION_TYPES:
            near = get_close_matches(action.type, ACTION_TYPES, n=1)
            findings.append(
                error(
                    "unknown-type",
                    f"step {action.step_id} ({action.name}): {action.type!r} is no action type",
                    f"Did you mean {near[0]}?" if near else f"Known: {', '.join(ACTION_TYPES)}",
                    action,
                )
            )
    return plan, findings


def dependencies_known(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every dependency is an action of the plan, or a model or source of the project."""
    findings: list[Finding] = []
    sources = {action.name for action in plan.actions if action.type == CREATE_SOURCE} | scope.existing_sources
    models = {action.name for action in plan.actions if action.type != CREATE_SOURCE} | scope.existing_models
    actions = []
    for action in plan.actions:
        mended = _with_its_source(action, sources, scope, findings)
        for name in mended.dependencies:
            if name.startswith(SOURCE_MARK):
                known = name.removeprefix(SOURCE_MARK) in sources
            else:
                known = name in sources or name in models
                if name in sources and name in models and not _is_step(name, plan):
                    findings.append(
                        error(
                            "ambiguous-dependency",
                            f"{action.name} depends on {name!r}, which is both a source and a model of the project",
                            f"Write {SOURCE_MARK}{name} for the source",
                            action,
                        )
                    )
            if not known:
                findings.append(_unknown(mended, name, sorted(sources | models)))
        actions.append(mended)
    return plan.model_copy(update={"actions": actions}), findings


def _is_step(name: str, plan: ExecutionPlan) -> bool:
    return any(action.name == name for action in plan.actions)


def _unknown(action: PlanAction, name: str, known: list[str]) -> Finding:
    near = get_close_matches(name, known, n=1)
    mend = f"Did you mean {near[0]}?" if near else "Add a step that makes it before this one, or take it out"
    return error(
        "unknown-dependency",
        f"{action.name} depends on {name!r}, which neither a step of the plan nor the project provides",
        mend,
        action,
    )


def _with_its_source(action: PlanAction, sources: set[str], scope: Scope, findings: list[Finding]) -> PlanAction:
    """Mends a staging model's dependencies: `source.table` becomes `source`; none becomes the one that can be meant."""
    if action.type != CREATE_STAGING:
        return action
    dependencies = [_without_table(name, sources) for name in action.dependencies]
    if not dependencies:
        by_source = scope.by_source
        meant = [
            name for name in sorted(sources & set(by_source)) if len(tables_named(action.name, by_source[name])) == 1
        ]
        dependencies = meant if len(meant) == 1 else []
    if dependencies == action.dependencies:
        return action
    findings.append(
        note("source-dependency", f"{action.name} reads source {', '.join(dependencies)}: said so", action=action)
    )
    return action.model_copy(update={"dependencies": dependencies})


def _without_table(name: str, sources: set[str]) -> str:
    head, dot, _ = name.removeprefix(SOURCE_MARK).partition(".")
    return head if dot and name not in sources and head in sources else name


def steps_ordered(plan: ExecutionPlan, _: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every action comes after those it depends on. An order that is only mixed up is mended; a cycle is an error."""
    index = _indexed(plan)
    wanted = {place: _needs(action, index) for place, action in enumerate(plan.actions)}
    if all(need < place for place, needs in wanted.items() for need in needs):
        return plan, []
    try:
        order = _stable_order(wanted)
    except CycleError as fault:
        names = [plan.actions[place].name for place in fault.args[1]]
        return plan, [
            error("cycle", f"steps depend on each other in a circle: {' -> '.join(names)}", "Take one dependency out")
        ]
    moved = [plan.actions[place] for place in order]
    return plan.model_copy(update={"actions": moved}), [
        note("step-order", "steps were put in the order in which they depend on each other")
    ]


def _indexed(plan: ExecutionPlan) -> dict[str, int]:
    index: dict[str, int] = {}
    for place, action in enumerate(plan.actions):
        if action.type == CREATE_SOURCE:
            index[SOURCE_MARK + action.name] = place
            index.setdefault(action.name, place)
    for place, action in enumerate(plan.actions):
        if action.type != CREATE_SOURCE:
            index[action.name] = place
    return index


def _needs(action: PlanAction, index: dict[str, int]) -> list[int]:
    return sorted({index[name] for name in action.dependencies if name in index})


def _stable_order(wanted: dict[int, list[int]]) -> list[int]:
    """A topological order that keeps to the given one wherever it can."""
    sorter = TopologicalSorter(wanted)
    sorter.prepare()
    ready = list(sorter.get_ready())
    heapify(ready)
    order: list[int] = []
    while ready:
        place = heappop(ready)
        order.append(place)
        sorter.done(place)
        for freed in sorter.get_ready():
            heappush(ready, freed)
    return order


def steps_numbered(plan: ExecutionPlan, _: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Ids count from 1 in the order of the steps."""
    if [action.step_id for action in plan.actions] == list(range(1, len(plan.actions) + 1)):
        return plan, []
    actions = [action.model_copy(update={"step_id": place}) for place, action in enumerate(plan.actions, 1)]
    return plan.model_copy(update={"actions": actions}), [note("step-ids", "step ids were numbered anew, 1 to n")]
