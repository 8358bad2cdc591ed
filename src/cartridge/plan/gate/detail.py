"""Details: columns exist, joins keep the grain, and what six fields say can be written as SQL.

What is good practice is judged here too, since it takes a plan with all its detail: `graph`, `care` and `places`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cartridge.domain.plan import ExecutionPlan, Finding, ModelDetail, PlanAction, StagingDetail
from cartridge.plan.finding import error
from cartridge.plan.gate.care import models_cared_for
from cartridge.plan.gate.graph import lineage_kept_simple
from cartridge.plan.gate.places import conventions_followed
from cartridge.plan.resolve import resolve_in
from cartridge.plan.scope import Scope
from cartridge.plan.shape import ModelShape, shape_of


def details_hold(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Resolves the plan to see whether it can be, and judges every column and join; the draft itself is returned."""
    resolved, findings = resolve_in(plan, scope)
    shapes = scope.known_shapes()
    for action in resolved.actions:
        if isinstance(action.detail, StagingDetail):
            findings += _staging(action, action.detail, scope)
        elif isinstance(action.detail, ModelDetail):
            findings += _model(action, action.detail, shapes)
        shape = shape_of(action, shapes, scope.tables)
        if shape is not None:
            shapes[action.name] = shape
    known = {action.name for action in plan.actions} | scope.existing_models
    for action in resolved.actions:
        findings += _references(action, known, shapes)
    findings += lineage_kept_simple(resolved, scope)
    findings += models_cared_for(resolved, scope)
    findings += conventions_followed(resolved, scope)
    return plan, findings


def _references(action: PlanAction, known: Collection[str], shapes: Mapping[str, ModelShape]) -> list[Finding]:
    """Tests refer to models that are there, and to columns that those have."""
    columns = getattr(action.detail, "columns", ())
    tests = [
        *getattr(action.detail, "tests", ()),
        *(test for column in columns for test in getattr(column, "tests", ())),
    ]
    findings = []
    for test in tests:
        to, field = test.arguments.get("to"), test.arguments.get("field")
        if test.name != "relationships" or not isinstance(to, str) or "(" in to:
            continue
        shape = shapes.get(to)
        if to not in known:
            findings.append(_untestable(action, f"model {to!r}, which neither the plan nor the project has"))
        elif shape is not None and not (isinstance(field, str) and field in shape.columns):
            findings.append(_untestable(action, f"column {field!r} of {to}, which it does not have"))
    return findings


def _untestable(action: PlanAction, what: str) -> Finding:
    return error(
        "unknown-test-target",
        f"{action.name}: a relationships test refers to {what}",
        "Refer to a model and a column that are there, or take the test out",
        action,
    )


def _staging(action: PlanAction, detail: StagingDetail, scope: Scope) -> list[Finding]:
    table = scope.tables.get(detail.table)
    if table is None:
        return [_missing(action, f"table {detail.table[1]} is not among those of the request")]
    known = {column.name for column in table.columns}
    return [
        _missing(action, f"table {table.name} has no column {column.source!r}")
        for column in detail.columns
        if column.source not in known
    ]


def _missing(action: PlanAction, says: str) -> Finding:
    return error("unknown-column", f"{action.name}: {says}", "Use a name that the scan found, or scan again", action)


def _model(action: PlanAction, detail: ModelDetail, shapes: Mapping[str, ModelShape]) -> list[Finding]:
    aliases = {entry.alias: shapes.get(entry.model) for entry in detail.inputs}
    findings = []
    reads = [
        (alias, column.column)
        for column in detail.columns
        for alias in ([column.alias] if detail.role != "union" else aliases)
        if column.column
    ]
    reads += [(column.alias, column.factor) for column in detail.columns if column.factor]
    for join in detail.joins:
        reads += [(key.left_alias, key.left_column) for key in join.keys]
        reads += [(join.alias, key.right_column) for key in join.keys]
        if join.cardinality == "one_to_many":
            findings.append(_fan_out(action, join.alias))
        else:
            shape = aliases.get(join.alias)
            met = {key.right_column for key in join.keys}
            if shape is not None and shape.grain and not any(met.issuperset(key) for key in shape.keys):
                findings.append(_fan_out(action, join.alias))
    for alias, column in reads:
        if alias not in aliases:
            findings.append(_missing(action, f"reads {alias!r}, which is no input"))
        elif (shape := aliases[alias or ""]) is not None and column not in shape.columns:
            findings.append(_missing(action, f"{shape.name} has no column {column!r}"))
    return list(dict.fromkeys(findings))


def _fan_out(action: PlanAction, alias: str) -> Finding:
    return error(
        "fan-out",
        f"{action.name}: the join to {alias} does not meet its key, so rows would multiply",
        "Join on the whole key of that model, or sum its rows first in an intermediate model",
        action,
    )
