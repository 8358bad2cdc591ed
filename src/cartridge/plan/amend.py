"""A reviewer's changes to a plan: names, paths, materialisations, descriptions, and steps that are not wanted.

What depends on a changed step follows: dependencies, inputs, and tests that refer to it take the new name; what reads a
step that is not wanted is left out with it. The result is a draft, for the gate to judge.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, get_args

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SNAPSHOT,
    CREATE_SOURCE,
    CREATE_STAGING,
    DataTest,
    ExecutionPlan,
    Finding,
    Materialization,
    ModelDetail,
    PlanAction,
    SourceDetail,
    StagingDetail,
)
from cartridge.errors import InputError
from cartridge.plan.choose import choose

_MODELS = (CREATE_STAGING, CREATE_INTERMEDIATE, CREATE_MART)


@dataclass(frozen=True)
class Amendment:
    """What a reviewer changed of one step; None: left as it was planned."""

    name: str | None = None
    file_path: str | None = None
    materialized: str | None = None
    description: str | None = None


def amendable(action: PlanAction) -> tuple[str, ...]:
    """The fields of `Amendment` that may change in an action. A source is called after its schema, and what exists
    already keeps its name and place."""
    if action.type in _MODELS:
        return ("name", "file_path", "materialized", "description")
    if action.type == CREATE_SNAPSHOT:
        return ("name", "file_path", "description")
    if isinstance(action.detail, SourceDetail) and action.detail.mode == "create":
        return ("file_path", "description")
    return ()


def materializations(action: PlanAction) -> tuple[str, ...]:
    """How the model of an action may be materialised; incremental only where the plan knows a key for it."""
    detail = action.detail
    if action.type not in _MODELS or not isinstance(detail, StagingDetail | ModelDetail):
        return ()
    incremental = detail.materialized == "incremental" or bool(getattr(detail, "incremental_key", ()))
    return tuple(kind for kind in get_args(Materialization) if kind != "incremental" or incremental)


def amend(plan: ExecutionPlan, amendments: Mapping[int, Amendment], rejected: Collection[int] = ()) -> ExecutionPlan:
    """The plan with some steps changed, and without those of `rejected` and what depends on them; steps are named by
    their numbers, and keep them.

    Raises:
        InputError: there is no such step, a field of it may not change, or nothing is left.
    """
    by_id = {action.step_id: action for action in plan.actions}
    for step_id in (*amendments, *rejected):
        if step_id not in by_id:
            raise InputError(f"The plan has no step {step_id}.")
    for step_id, amendment in amendments.items():
        _require_allowed(by_id[step_id], amendment)
    kept = choose(plan, skip=[str(step_id) for step_id in sorted(rejected)]) if rejected else plan
    names = {
        by_id[step_id].name: amendment.name
        for step_id, amendment in amendments.items()
        if amendment.name is not None and amendment.name != by_id[step_id].name
    }
    actions = [_amended(action, amendments.get(action.step_id, Amendment()), names) for action in kept.actions]
    return kept.model_copy(
        update={"actions": actions, "findings": [_said_anew(found, names) for found in kept.findings]}
    )


def _require_allowed(action: PlanAction, amendment: Amendment) -> None:
    allowed = amendable(action)
    for field in ("name", "file_path", "materialized", "description"):
        value = getattr(amendment, field)
        if value is not None and field not in allowed:
            raise InputError(f"The {field} of {action.name} cannot be changed; {', '.join(allowed) or 'nothing'} can.")
    if amendment.materialized is not None and amendment.materialized not in materializations(action):
        known = ", ".join(materializations(action))
        raise InputError(f"{action.name} cannot be materialised as {amendment.materialized!r}; known: {known}.")


def _amended(action: PlanAction, amendment: Amendment, names: Mapping[str, str]) -> PlanAction:
    changes: dict[str, Any] = {}
    if action.type != CREATE_SOURCE and action.name in names:
        changes |= _renamed_paths(action, names[action.name])
        changes["name"] = names[action.name]
    if amendment.file_path is not None:
        changes |= _moved(action, amendment.file_path)
    if amendment.description is not None:
        changes["description"] = amendment.description
    if any(name in names for name in action.dependencies):
        changes["dependencies"] = [names.get(name, name) for name in action.dependencies]
    detail = _detail(action, amendment, names)
    if detail is not action.detail:
        changes["detail"] = detail
    return action.model_copy(update=changes) if changes else action


def _renamed_paths(action: PlanAction, name: str) -> dict[str, str]:
    """Files that are called after the model are called after its new name; what no file can be called keeps its own,
    for the gate to say so of the name alone."""
    if not re.fullmatch(r"\w+", name):
        return {}
    found = {}
    for field in ("file_path", "properties_path"):
        path = getattr(action, field)
        if path is None:
            continue
        old = PurePosixPath(path)
        stem = re.sub(rf"(?<![a-zA-Z0-9]){re.escape(action.name)}(?![a-zA-Z0-9])", name, old.stem)
        if stem != old.stem:
            found[field] = str(old.with_name(stem + old.suffix))
    return found


def _moved(action: PlanAction, path: str) -> dict[str, str]:
    """The new path; properties that lay beside the model move with it into another folder."""
    changes = {"file_path": path}
    old, new = PurePosixPath(action.file_path), PurePosixPath(path)
    properties = PurePosixPath(action.properties_path) if action.properties_path else None
    if action.type == CREATE_SOURCE:
        return {**changes, "properties_path": path} if properties else changes
    if properties and properties.parent == old.parent != new.parent:
        changes["properties_path"] = str(new.parent / properties.name)
    return changes


def _detail(action: PlanAction, amendment: Amendment, names: Mapping[str, str]) -> Any:
    detail: Any = action.detail
    changes: dict[str, Any] = {}
    if amendment.materialized is not None and amendment.materialized != detail.materialized:
        changes["materialized"] = amendment.materialized
    if amendment.description is not None and isinstance(detail, SourceDetail):
        changes["description"] = amendment.description
    if names:
        changes |= _references(detail, names)
    return detail.model_copy(update=changes) if changes else detail


def _references(detail: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """What in a detail refers to a step by its name, under the new names."""
    changes: dict[str, Any] = {}
    for field in ("inputs", "date_spans"):
        read = getattr(detail, field, ())
        if any(entry.model in names for entry in read):
            changes[field] = tuple(
                entry.model_copy(update={"model": names.get(entry.model, entry.model)}) for entry in read
            )
    tests = getattr(detail, "tests", ())
    if any(_refers(test, names) for test in tests):
        changes["tests"] = tuple(_test(test, names) for test in tests)
    columns = getattr(detail, "columns", ())
    if any(_refers(test, names) for column in columns for test in column.tests):
        changes["columns"] = tuple(
            column.model_copy(update={"tests": tuple(_test(test, names) for test in column.tests)})
            for column in columns
        )
    return changes


def _refers(test: DataTest, names: Mapping[str, str]) -> bool:
    return test.name == "relationships" and test.arguments.get("to") in names


def _test(test: DataTest, names: Mapping[str, str]) -> DataTest:
    if not _refers(test, names):
        return test
    return test.model_copy(update={"arguments": {**test.arguments, "to": names[test.arguments["to"]]}})


def _said_anew(finding: Finding, names: Mapping[str, str]) -> Finding:
    """What a planner had to say of a step, said of its new name."""
    if finding.action is None or finding.action not in names:
        return finding
    new = names[finding.action]
    message = re.sub(rf"(?<!\w){re.escape(finding.action)}(?!\w)", lambda _: new, finding.message)
    return finding.model_copy(update={"action": new, "message": message})
