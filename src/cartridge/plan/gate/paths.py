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

_YAML = (".yml", ".yaml")
_SUFFIXES = {CREATE_SOURCE: _YAML, CREATE_SNAPSHOT: (*_YAML, ".sql")}

MOST_BYTES = 255
"""What file systems allow for one name of a path."""


def paths_safe(plan: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """Every path lies below the project's model folders and can be written on any file system."""
    findings: list[Finding] = []
    actions = [_mended(action, findings) for action in plan.actions]
    for action in actions:
        findings += _unsafe(action, scope)
    findings += _clashes(actions)
    return plan.model_copy(update={"actions": actions}), findings


def _unsafe(action: PlanAction, scope: Scope) -> list[Finding]:
    roots = _roots(action, scope)
    known = tuple(scope.state.properties) if scope.state else ()
    properties = action.properties_path
    checked = [(action.file_path, _SUFFIXES.get(action.type, (".sql",)), _example(action, scope))]
    if properties is not None and properties != action.file_path and properties not in known:
        checked.append((properties, _YAML, f"{roots[0]}/models.yml"))
    return [
        error(
            "unsafe-path",
            f"{action.name}: path {path[:120]!r} {fault}",
            f"Use a relative path below {', '.join(f'{folder}/' for folder in roots)} such as {example}",
            action,
        )
        for path, suffixes, example in checked
        if (fault := _fault(path, suffixes, roots))
    ]


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


def _fault(path: str, suffixes: tuple[str, ...], roots: tuple[str, ...]) -> str:
    parts = path.split("/")
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
