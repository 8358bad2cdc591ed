"""Access: private models are read within their group only."""

from __future__ import annotations

from cartridge.domain.plan import ExecutionPlan, Finding
from cartridge.plan.access import forbidden
from cartridge.plan.finding import error
from cartridge.plan.scope import Scope


def private_models_left_alone(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """No model reads a private model of another group: dbt refuses to parse that."""
    findings = []
    for action in plan.actions:
        barred = forbidden(action.file_path, scope.state) & set(action.dependencies)
        for name in sorted(barred):
            model = scope.state.models[name] if scope.state else None
            group = f"group {model.group}" if model and model.group else "no group"
            findings.append(
                error(
                    "private-model",
                    f"{action.name} reads {name}, which is private to {group}",
                    f"Place it where that group's models are, or make {name} protected",
                    action,
                )
            )
    return plan, findings
