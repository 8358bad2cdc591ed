"""Paths: below the model folders, relative, with the right suffix, each its own."""

from __future__ import annotations

import re
from posixpath import basename, dirname

from cartridge.domain.plan import CREATE_SNAPSHOT, CREATE_SOURCE, ExecutionPlan, Finding, PlanAction
from cartridge.plan.finding import error, note
from cartridge.plan.reserved import DEVICE_NAMES
from cartridge.plan.scope import Scope

_ODD = re.compile(r"[\x00-\x1f\x7f{}<>:\"|?*%#;`$\\]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that some file system, shell or template engine takes for something else."""

_SUFFIXES = {CREATE_SOURCE: (".yml", ".yaml"), CREATE_SNAPSHOT: (".yml", ".yaml", ".sql")}

MOST_BYTES = 255
"""What file systems allow for one name of a path."""


def paths_safe(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every path lies below the project's model folders and can be written on any file system."""
    findings: list[Finding] = []
    actions = [_mended(action, findings) for action in plan.actions]
    for action in actions:
        fault = _fault(action, scope)
        if fault:
            folders = ", ".join(f"{folder}/" for folder in _roots(action, scope))
            findings.append(
                error(
                    "unsafe-path",
                    f"{action.name}: path {action.file_path[:120]!r} {fault}",
                    f"Use a relative path below {folders} such as {_example(action, scope)}",
                    action,
                )
            )
    findings += _clashes(actions)
    return plan.model_copy(update={"actions": actions}), findings


def _roots(action: PlanAction, scope: Scope) -> tuple[str, ...]:
    if action.type == CREATE_SNAPSHOT:
        return ("snapshots", *(scope.state.model_paths if scope.state else ("models",)))
    return scope.state.model_paths if scope.state else ("models",)


def _example(action: PlanAction, scope: Scope) -> str:
    suffix = ".yml" if action.type == CREATE_SOURCE else ".sql"
    return f"{_roots(action, scope)[0]}/{action.name if action.type != CREATE_SOURCE else 'sources'}{suffix}"


def _mended(action: PlanAction, findings: list[Finding]) -> PlanAction:
    path = action.file_path.strip().removeprefix("./")
    if "\\" in path and "/" not in path:
        path = path.replace("\\", "/")
    if action.type != CREATE_SOURCE and path.endswith(".sql") and basename(path) != f"{action.name}.sql":
        findings.append(
            note(
                "path-name",
                f"{action.name}: its file was called {basename(path)[:80]}; dbt names a model after its file",
                action=action,
            )
        )
        path = f"{dirname(path)}/{action.name}.sql".removeprefix("/") if dirname(path) != "/" else path
    return action if path == action.file_path else action.model_copy(update={"file_path": path})


def _fault(action: PlanAction, scope: Scope) -> str:
    path = action.file_path
    parts = path.split("/")
    suffixes = _SUFFIXES.get(action.type, (".sql",))
    roots = _roots(action, scope)
    faults = (
        (not path or path.startswith(("/", "~")) or (len(path) > 1 and path[1] == ":"), "is not relative"),
        (any(part in {"..", "."} for part in parts), "leaves its folder (`..`)"),
        (bool(_ODD.search(path)) or not path.isprintable(), "holds characters that are not safe in a path"),
        (any(not part or part != part.strip() or part.endswith(".") for part in parts), "has an empty or blank part"),
        (any(len(part.encode("utf-8", "replace")) > MOST_BYTES for part in parts), "has a part of over 255 bytes"),
        (any(part.split(".")[0].lower() in DEVICE_NAMES for part in parts), "bears a device name of Windows"),
        (not path.endswith(suffixes), f"does not end in {' or '.join(suffixes)}"),
        (not any(path.startswith(f"{root}/") for root in roots), "is not below a model folder of the project"),
    )
    return next((says for found, says in faults if found), "")


def _clashes(actions: list[PlanAction]) -> list[Finding]:
    seen: dict[str, PlanAction] = {}
    findings = []
    for action in actions:
        other = seen.setdefault(action.file_path.casefold(), action)
        shared = action.type == other.type == CREATE_SOURCE and other.file_path == action.file_path
        if other is not action and not shared:
            findings.append(
                error(
                    "path-clash",
                    f"{action.name} and {other.name} want one file: {action.file_path}",
                    "Give each its own file",
                    action,
                )
            )
    return findings
