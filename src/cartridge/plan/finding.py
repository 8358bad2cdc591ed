"""Findings made and weighed."""

from __future__ import annotations

from collections.abc import Sequence

from cartridge.domain.plan import Finding, PlanAction, Severity
from cartridge.domain.project import ProjectState
from cartridge.errors import PlanError


def error(code: str, message: str, mend: str, action: PlanAction | None = None) -> Finding:
    """A finding that the plan cannot be written or built with."""
    return _finding("error", code, message, mend, action)


def warning(code: str, message: str, mend: str, action: PlanAction | None = None) -> Finding:
    """A finding that a reviewer should look at."""
    return _finding("warning", code, message, mend, action)


def note(code: str, message: str, mend: str = "", action: PlanAction | None = None) -> Finding:
    """A finding that says what was mended, left out or could not be judged."""
    return _finding("note", code, message, mend, action)


def _finding(severity: Severity, code: str, message: str, mend: str, action: PlanAction | None) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        message=message,
        mend=mend,
        step_id=action.step_id if action else None,
        action=action.name if action else None,
    )


def of_project(state: ProjectState | None) -> list[Finding]:
    """What in an existing project could not be read, and what dbt would refuse there. For a plan these are warnings:
    the project is as it is, and the plan holds without what was not read."""
    found = [finding for finding in (state.findings if state else ()) if finding.severity != "note"]
    return [finding.model_copy(update={"severity": "warning"}) for finding in found]


def raise_errors(findings: Sequence[Finding]) -> None:
    """Stops where any finding is an error.

    Raises:
        PlanError: one line for each error, with its mend.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = [f"{f.message}. {f.mend}".rstrip(". ") + f" [{f.code}]" for f in errors]
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise PlanError(
            f"The plan did not pass the gate ({count}):\n" + "\n".join(f"- {line}" for line in lines), findings
        )
