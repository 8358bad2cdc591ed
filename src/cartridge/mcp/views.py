"""What the tools answer: short JSON values, built from the same values that the command line prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from cartridge.app import SavedPlan
from cartridge.domain.change import DataCheck, NodeResult, Standing, VerifyReport
from cartridge.domain.plan import Finding, PlanAction
from cartridge.domain.schema import SchemaSnapshot
from cartridge.render.summary import by_layer, confidence, summary, what_it_makes, worst_first

MOST_TABLES = 200
MOST_STEPS = 150
MOST_FINDINGS = 40
"""Longer lists are cut, with a count of what is left: an agent's context is as short as a person's patience."""


def of_scan(snapshot: SchemaSnapshot) -> dict[str, Any]:
    """The tables with their keys; the columns only of few tables."""
    refers: dict[tuple[str, str], list[str]] = {}
    for edge in snapshot.relationships:
        refers.setdefault(edge.table, []).append(f"{', '.join(edge.columns)} -> {'.'.join(edge.ref_table)}")
    with_columns = len(snapshot.tables) <= MOST_TABLES // 10
    tables = [
        {
            "table": ".".join(table.key),
            "rows": table.row_count,
            "primary_key": list(table.primary_key),
            "refers_to": refers.get(table.key, []),
            "columns": {column.name: column.data_type for column in table.columns}
            if with_columns
            else len(table.columns),
        }
        for table in snapshot.tables[:MOST_TABLES]
    ]
    left_out = [f"{table.name}: {table.reason}" for table in snapshot.left_out]
    return _cut({"tables": tables, "left_out": left_out, "notes": list(snapshot.notes)}, snapshot.tables, MOST_TABLES)


def of_plan(saved: SavedPlan) -> dict[str, Any]:
    """The plan in short: what it makes, by layer, and what was found."""
    steps = [_step(action) for _, actions in by_layer(saved.plan) for action in actions]
    body = {
        "summary": summary(saved.plan),
        "files": dict(Counter(file.operation for file in saved.changes.pending)),
        "steps": steps[:MOST_STEPS],
        **of_findings(saved.plan.findings),
    }
    return _cut(body, steps, MOST_STEPS)


def _step(action: PlanAction) -> dict[str, Any]:
    step = {"step": action.step_id, "type": action.type, "name": action.name, "makes": what_it_makes(action)}
    return {**step, "sure": sure} if (sure := confidence(action)) else step


def of_findings(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings, the worst first."""
    worst = worst_first(findings)
    shown = [finding.model_dump(exclude_none=True) for finding in worst[:MOST_FINDINGS]]
    return {
        "errors": sum(finding.severity == "error" for finding in findings),
        **_cut({"findings": shown}, worst, MOST_FINDINGS),
    }


def of_proof(report: VerifyReport) -> dict[str, Any]:
    """What the sandbox showed: counts by standing, and every fault with its mend."""
    shown: list[NodeResult | DataCheck] = [*report.nodes, *report.checks]
    faults = [
        {"name": fault.name, "status": fault.status, "message": fault.message, "mend": fault.mend}
        for fault in shown
        if fault.status not in ("success", "pass")
    ]
    body = {
        "proven": report.proven,
        "standing": {standing: len(report.by_standing(standing)) for standing in get_args(Standing)},
        "faults": faults[:MOST_FINDINGS],
        "notes": list(report.notes),
    }
    return _cut(body, faults, MOST_FINDINGS)


def _cut(body: dict[str, Any], whole: Sequence[object], most: int) -> dict[str, Any]:
    return {**body, "and_more": len(whole) - most} if len(whole) > most else body
