"""Layers: the rules of dbt-project-evaluator that can be judged on a plan.

A mart or an intermediate model that reads a source is an error; what is only against good practice is a warning.
"""

from __future__ import annotations

from collections import Counter

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SOURCE,
    CREATE_STAGING,
    ExecutionPlan,
    Finding,
    ModelDetail,
    PlanAction,
    StagingDetail,
)
from cartridge.plan.compose import MOST_JOINS
from cartridge.plan.describe import article
from cartridge.plan.finding import error, warning
from cartridge.plan.resolve import SOURCE_MARK
from cartridge.plan.scope import Scope

_WORD = {CREATE_MART: "mart", CREATE_INTERMEDIATE: "intermediate", CREATE_STAGING: "staging"}


def layers_respected(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Sources are read by staging models only, and layers are read upwards."""
    kinds = _kinds(plan, scope)
    findings = []
    for action in plan.actions:
        read = [(name, kinds.get(name, "model")) for name in action.dependencies]
        findings += _of_action(action, read)
    findings += _read_twice(plan)
    return plan, findings


def _kinds(plan: ExecutionPlan, scope: Scope) -> dict[str, str]:
    kinds = dict.fromkeys(scope.existing_sources, "source")
    known = scope.state.models if scope.state else {}
    kinds |= {name: known[name].layer if name in known else "model" for name in scope.existing_models}
    for action in plan.actions:
        if action.type == CREATE_SOURCE:
            kinds.setdefault(action.name, "source")
            kinds[SOURCE_MARK + action.name] = "source"
    kinds |= {SOURCE_MARK + name: "source" for name in scope.existing_sources}
    kinds |= {action.name: _WORD[action.type] for action in plan.actions if action.type in _WORD}
    return kinds


def _of_action(action: PlanAction, read: list[tuple[str, str]]) -> list[Finding]:
    sources = [name for name, kind in read if kind == "source"]
    if action.type in {CREATE_MART, CREATE_INTERMEDIATE}:
        return _downstream(action, read, sources)
    if action.type == CREATE_STAGING:
        return _staging(action, read, sources)
    return []


def _downstream(action: PlanAction, read: list[tuple[str, str]], sources: list[str]) -> list[Finding]:
    word = _WORD[action.type]
    if sources:
        return [
            error(
                f"{word}-on-source",
                f"{action.name}: {article(word)} model reads source {', '.join(sources)} directly",
                "Let it read the staging model of that table",
                action,
            )
        ]
    if not read:
        return [error("root-model", f"{action.name} reads nothing", "Name the models it reads in dependencies", action)]
    stacked = isinstance(action.detail, ModelDetail) and action.detail.role in {"date", "union"}
    if len(read) > MOST_JOINS + 1 and not stacked:
        return [
            warning(
                "too-many-joins",
                f"{action.name} reads {len(read)} models; more than {MOST_JOINS} joins are hard to follow",
                "Put some of them together in an intermediate model",
                action,
            )
        ]
    return []


def _staging(action: PlanAction, read: list[tuple[str, str]], sources: list[str]) -> list[Finding]:
    findings = []
    downstream = [name for name, kind in read if kind in {"mart", "intermediate"}]
    if downstream:
        findings.append(
            warning(
                "staging-on-marts",
                f"{action.name}: a staging model reads {', '.join(downstream)}",
                "Staging reads sources only; make it an intermediate model",
                action,
            )
        )
    siblings = [name for name, kind in read if kind == "staging"]
    if siblings:
        findings.append(
            warning(
                "staging-on-staging",
                f"{action.name}: a staging model reads staging model {', '.join(siblings)}",
                "Staging reads sources only; make it an intermediate model",
                action,
            )
        )
    if len(sources) > 1:
        findings.append(
            error(
                "several-sources",
                f"{action.name}: a staging model reads one table, but depends on sources {', '.join(sources)}",
                "Keep the one source whose table it reads",
                action,
            )
        )
    if not sources and not downstream and not siblings:
        findings.append(
            error(
                "staging-without-source",
                f"{action.name}: a staging model reads a source, and none is among its dependencies",
                "Add the source that holds its table",
                action,
            )
        )
    return findings


def _read_twice(plan: ExecutionPlan) -> list[Finding]:
    """Source fan-out: two staging models over one table."""
    tables = Counter(a.detail.table for a in plan.actions if isinstance(a.detail, StagingDetail))
    return [
        warning(
            "source-fan-out",
            f"{action.name}: table {action.detail.table[1]} is staged more than once",
            "Stage a table once, and let others read that model",
            action,
        )
        for action in plan.actions
        if isinstance(action.detail, StagingDetail) and tables[action.detail.table] > 1
    ]
