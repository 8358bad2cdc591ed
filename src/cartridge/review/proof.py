"""What dbt said, laid on the steps of the plan."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cartridge.app import Revision
from cartridge.domain.change import DataCheck, NodeResult, VerifyReport

WORST = ("error", "fail", "missing", "skipped", "warn", "pass", "success")
"""The statuses, the worst first: a step has that of its worst result."""


def proof_view(report: VerifyReport, revision: Revision) -> dict[str, Any]:
    """The verdict, and by step the results of its model, tests and checks. Steps are named as they were opened."""
    numbers = {action.step_id: str(step) for action, step in zip(revision.plan.actions, revision.steps, strict=True)}
    steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
    elsewhere: list[dict[str, Any]] = []
    for node in report.nodes:
        step = numbers.get(node.step_id or 0)
        (steps[step] if step else elsewhere).append(_node(node))
    for check in report.checks:
        step = numbers.get(check.step_id or 0)
        (steps[step] if step else elsewhere).append(_check(check))
    return {
        "proven": report.proven,
        "sandbox": report.sandbox,
        "target": report.target,
        "dbt": report.dbt_version,
        "deprecations": report.deprecations,
        "notes": list(report.notes),
        "counts": _counts(report),
        "steps": {step: {"status": _worst(results), "results": results} for step, results in steps.items()},
        "elsewhere": elsewhere,
    }


def _worst(results: list[dict[str, Any]]) -> str:
    return str(min((result["status"] for result in results), key=WORST.index))


def _node(node: NodeResult) -> dict[str, Any]:
    told = {"rows": node.rows, "failures": node.failures, "seconds": round(node.seconds, 2), "standing": node.standing}
    return {**_said(node), "kind": node.kind, **told}


def _check(check: DataCheck) -> dict[str, Any]:
    return {**_said(check), "kind": "check", "rows": None, "failures": None, "seconds": 0, "standing": None}


def _said(found: NodeResult | DataCheck) -> dict[str, Any]:
    return {"name": found.name, "status": found.status, "message": found.message, "mend": found.mend}


def _counts(report: VerifyReport) -> dict[str, int]:
    """How many of what were good, and how many there are."""
    tests = [node for node in report.nodes if node.kind == "test"]
    models = [node for node in report.nodes if node.kind != "test"]
    return {
        "models": len(models),
        "built": sum(node.status == "success" for node in models),
        "tests": len(tests),
        "passed": sum(node.status == "pass" for node in tests),
        "checks": len(report.checks),
        "held": sum(check.status == "pass" for check in report.checks),
    }
