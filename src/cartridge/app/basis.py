"""What a plan was decided from in a project: the files it used, so that a moved one is noticed, and only then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cartridge.domain.plan import ExecutionPlan, PlanAction, SourceDetail
from cartridge.domain.project import Conventions, ProjectState
from cartridge.render.data_tests import referred_model

PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class ProjectBasis:
    """The project as a plan saw it.

    `digest` is one hash over all files that were read; `files` has the sha256 of those whose names, columns or settings
    the plan used, by path; `conventions` are those that were learned and followed.
    """

    digest: str
    files: Mapping[str, str] = field(default_factory=dict)
    conventions: Conventions | None = None


def basis_of(plan: ExecutionPlan, state: ProjectState | None) -> ProjectBasis | None:
    """What the plan used of the project; None where there is none yet."""
    if state is None:
        return None
    used = sorted(set(_used(plan, state)))
    return ProjectBasis(
        digest=project_digest(state),
        files={path: state.files[path] for path in used if path in state.files},
        conventions=state.conventions,
    )


def project_digest(state: ProjectState) -> str:
    """sha256 over the paths and hashes of all files of a project that were read."""
    content = json.dumps(sorted(state.files.items()), separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _used(plan: ExecutionPlan, state: ProjectState) -> Iterator[str]:
    """Settings, the files inserted into, the models that are read or tested against, and the sources declared."""
    yield PROJECT_FILE
    for action in plan.actions:
        yield action.file_path
        if action.properties_path:
            yield action.properties_path
        if isinstance(action.detail, SourceDetail) or action.name in state.sources:
            yield from _of_source(action.name, state)
        for name in (*action.dependencies, *_tested_against(action)):
            yield from _of_source(name.removeprefix("source:"), state)
            yield from _of_model(name, state)


def _of_source(name: str, state: ProjectState) -> Iterator[str]:
    source = state.sources.get(name)
    if source is not None:
        yield from (path for path in (source.path, *(table.path for table in source.tables)) if path)


def _of_model(name: str, state: ProjectState) -> Iterator[str]:
    """A model's file and properties, and those of all it reads: its columns may come from there."""
    waiting, seen = [name], set()
    while waiting:
        model = state.models.get(waiting.pop())
        if model is None or model.name in seen:
            continue
        seen.add(model.name)
        yield model.path
        if model.properties_path:
            yield model.properties_path
        waiting.extend(model.refs)


def _tested_against(action: PlanAction) -> Iterator[str]:
    """The models that relationships tests of the action refer to."""
    columns = getattr(action.detail, "columns", ())
    for test in (*getattr(action.detail, "tests", ()), *(test for column in columns for test in column.tests)):
        model = referred_model(test)
        if model is not None:
            yield model
