"""Coverage: the plan fits the project, its sources are not declared twice, and no table is forgotten in silence."""

from __future__ import annotations

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SNAPSHOT,
    CREATE_SOURCE,
    CREATE_STAGING,
    ExecutionPlan,
    Finding,
    SourceDetail,
    StagingDetail,
)
from cartridge.domain.schema import ModelType, TableKey
from cartridge.plan.carried import readable
from cartridge.plan.finding import note, warning
from cartridge.plan.resolve import SOURCE_MARK, exists, source_detail, tables_named, tables_of_source
from cartridge.plan.scope import Scope

_LAYER = {
    CREATE_STAGING: ModelType.STAGING,
    CREATE_INTERMEDIATE: ModelType.INTERMEDIATE,
    CREATE_MART: ModelType.MARTS,
    CREATE_SNAPSHOT: ModelType.SNAPSHOT,
}


def strategy_of_the_project(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """The strategy follows from what is there, whatever the plan says."""
    found = "brownfield" if scope.is_brownfield else "greenfield"
    if plan.strategy == found:
        return plan, []
    counted = f"{len(scope.existing_models)} models and {len(scope.existing_sources)} sources"
    says = f"the project has {counted}" if scope.is_brownfield else "there is no project yet"
    return plan.model_copy(update={"strategy": found}), [
        note("strategy", f"the plan said {plan.strategy}, but {says}: taken as {found}")
    ]


def sources_that_exist(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """A source that the project declares is appended to, never declared again."""
    findings = []
    actions = []
    for action in plan.actions:
        mended = action
        if action.type == CREATE_SOURCE and exists(action.name, scope):
            tables = tables_of_source(action.name, scope)
            detail = action.detail
            if isinstance(detail, SourceDetail) and detail.mode != "append" and not _beside(action.name, plan, scope):
                mended = action.model_copy(update={"detail": detail.model_copy(update={"mode": "append"})})
            elif detail is None and tables:
                mended = action.model_copy(update={"detail": source_detail(tables, scope, append=True)})
            if mended is not action:
                findings.append(
                    note(
                        "source-exists",
                        f"source {action.name} exists: its new tables are appended",
                        action=action,
                    )
                )
        actions.append(mended)
    return plan.model_copy(update={"actions": actions}), findings


def _beside(source: str, plan: ExecutionPlan, scope: Scope) -> bool:
    """Whether the plan found that the file which declares the source cannot be extended, and goes to another."""
    known = scope.state.sources.get(source) if scope.state else None
    return any(found.code == "cannot-insert" and known and found.path == known.path for found in plan.findings)


def covered(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every table of the request is staged, or said to be left out; other layers than asked for are noted."""
    findings = [note("left-out", f"{readable(key[1])} was left out: {reason}") for key, reason in scope.left_out]
    findings += [finding for finding in scope.findings if finding not in plan.findings]
    findings += _other_layers(plan, scope)
    staged = _staged(plan, scope)
    for source, tables in scope.by_source.items():
        missing = [table.name for table in tables if table.key not in staged]
        if missing and scope.wants(ModelType.STAGING):
            listed = ", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
            findings.append(
                warning(
                    "uncovered-table",
                    f"no staging model reads {listed} of source {source}",
                    "Add a create_staging step for each, or leave the tables out of the request",
                )
            )
    return plan, findings


def _other_layers(plan: ExecutionPlan, scope: Scope) -> list[Finding]:
    return [
        note("other-layer", f"{action.name} is of layer {_LAYER[action.type]}, which was not asked for", action=action)
        for action in plan.actions
        if action.type in _LAYER and not scope.wants(_LAYER[action.type])
    ]


def _staged(plan: ExecutionPlan, scope: Scope) -> set[TableKey]:
    """Tables that a staging model of the plan or of the project reads."""
    found: set[TableKey] = set()
    for action in plan.actions:
        if action.type != CREATE_STAGING:
            continue
        if isinstance(action.detail, StagingDetail):
            found.add(action.detail.table)
            continue
        for name in action.dependencies:
            tables = tables_named(action.name, tables_of_source(name.removeprefix(SOURCE_MARK), scope))
            found |= {table.key for table in tables} if len(tables) == 1 else set()
    return found | set(scope.staged_before)
