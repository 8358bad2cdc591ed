"""Names: usable by dbt and the warehouse, and free."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cartridge.domain.plan import CREATE_SOURCE, ExecutionPlan, Finding, PlanAction
from cartridge.plan.finding import error, warning
from cartridge.plan.naming import MAX_BYTES, safe_name
from cartridge.plan.resolve import SOURCE_MARK
from cartridge.plan.scope import Scope

_USABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOLDING = frozenset({"postgres", "redshift", "snowflake", "duckdb", "spark", "databricks"})
"""Warehouses in which two names that differ only in case are one."""


def names_usable(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every name is one that dbt takes and that the warehouse neither cuts off nor folds into another."""
    findings = []
    for action in plan.actions:
        if not _USABLE.fullmatch(action.name):
            findings.append(
                error(
                    "unusable-name",
                    f"step {action.step_id}: {action.name[:80]!r} is no name for dbt (letters, digits and _ only)",
                    f"Call it {safe_name(action.name, 'model')}",
                    action,
                )
            )
        elif len(action.name.encode()) > MAX_BYTES and scope.target in {"postgres", "redshift"}:
            findings.append(
                error(
                    "name-too-long",
                    f"{action.name} has {len(action.name)} bytes; {scope.target} cuts names off at {MAX_BYTES}",
                    f"Call it {safe_name(action.name, 'model')}",
                    action,
                )
            )
    return plan, findings


def names_free(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """No name is used twice or taken in the project; dbt's names are global over models, seeds and snapshots."""
    findings: list[Finding] = []
    models = [action for action in plan.actions if action.type != CREATE_SOURCE]
    sources = [action for action in plan.actions if action.type == CREATE_SOURCE]
    for group in (models, sources):
        findings += _twice(group, scope)
    taken = {name.casefold() if scope.target in _FOLDING else name: name for name in scope.existing_models}
    for action in models:
        name = action.name.casefold() if scope.target in _FOLDING else action.name
        if name in taken and not action.type.startswith("update_"):
            findings.append(
                error(
                    "name-taken",
                    f"{action.name} is taken: the project has a model, seed or snapshot {taken[name]}",
                    "Use the existing one as a dependency, or choose another name",
                    action,
                )
            )
    both = {action.name for action in models} & {action.name for action in sources}
    findings += [
        warning(
            "source-and-model",
            f"{name} names both a source and a model of this plan",
            f"Dependencies on it mean the model; write {SOURCE_MARK}{name} for the source",
        )
        for name in sorted(both)
    ]
    return plan, findings


def _twice(actions: list[PlanAction], scope: Scope) -> list[Finding]:
    """One finding for each name, at the last of the steps that bear it."""
    found = []
    for bearers in _bearers(actions, scope).values():
        last = bearers[-1]
        if len(bearers) > 1:
            steps = ", ".join(str(action.step_id) for action in bearers)
            found.append(
                error(
                    "duplicate-name",
                    f"{last.name} names {len(bearers)} steps of the plan: {steps}",
                    "Give every model and source its own name; what reads it is judged then",
                    last,
                )
            )
    return found


def _bearers(actions: Iterable[PlanAction], scope: Scope) -> dict[str, list[PlanAction]]:
    """The steps by their names, as the warehouse tells names apart."""
    found: dict[str, list[PlanAction]] = {}
    for action in actions:
        found.setdefault(action.name.casefold() if scope.target in _FOLDING else action.name, []).append(action)
    return found


_FOLLOWERS = frozenset(
    {
        "path-clash", "cycle", "unknown-source", "unknown-table", "ambiguous-table", "no-grain", "unknown-column",
        "unknown-test-target", "fan-out",
    }
)  # fmt: skip
"""What cannot be said of a step while it is unclear which of two models it reads."""


def without_followers(plan: ExecutionPlan, findings: list[Finding], scope: Scope) -> list[Finding]:
    """The findings without those that follow from another one: of models of one name, and of what reads them, only the
    name is said."""
    models = [action for action in plan.actions if action.type != CREATE_SOURCE]
    unclear = {action.name for bearers in _bearers(models, scope).values() if len(bearers) > 1 for action in bearers}
    if not unclear:
        return findings
    readers: dict[str, list[str]] = {}
    for action in models:
        for name in (*action.dependencies, *_tested_against(action)):
            readers.setdefault(name, []).append(action.name)
    waiting = list(unclear)
    while waiting:
        new = set(readers.get(waiting.pop(), ())) - unclear
        unclear |= new
        waiting += new
    return [
        found
        for found in findings
        if found.code not in _FOLLOWERS or (found.action is not None and found.action not in unclear)
    ]


def _tested_against(action: PlanAction) -> set[str]:
    """The models that the tests of a step refer to."""
    columns = getattr(action.detail, "columns", ())
    tests = [
        *getattr(action.detail, "tests", ()),
        *(test for column in columns for test in getattr(column, "tests", ())),
    ]
    return {str(test.arguments.get("to")) for test in tests if test.name == "relationships"}
