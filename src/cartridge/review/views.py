"""What the page is told: a plan as a graph, and each step whole, as plain JSON values.

A step is always called by the number that it has in the plan as it was opened, so that it stays the same step on the
page whatever changes: "x:NAME" is a model or source of the project that the plan only reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cartridge.app import SavedPlan
from cartridge.app.revise import Revision
from cartridge.domain.change import FileChange
from cartridge.domain.plan import (
    CREATE_SOURCE,
    ExecutionPlan,
    Finding,
    ModelDetail,
    PlanAction,
    SnapshotDetail,
    SourceDetail,
    StagingDetail,
)
from cartridge.plan.amend import Amendment, amendable, materializations
from cartridge.render.diff import file_diff
from cartridge.render.summary import by_layer, summary, what_it_makes
from cartridge.review.columns import columns_of, tests_of

SOURCE_MARK = "source:"


@dataclass(frozen=True)
class Changes:
    """What a reviewer changed of the plan that was opened, by step number."""

    amendments: Mapping[int, Amendment] = field(default_factory=dict)
    rejected: tuple[int, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything was changed."""
        return bool(self.amendments or self.rejected)


def overview(opened: SavedPlan, revision: Revision, changes: Changes) -> dict[str, Any]:
    """The whole plan for the graph and the list: every step of the opened plan, those left out marked so."""
    now = dict(zip(revision.steps, revision.plan.actions, strict=True))
    layers = {action.step_id: layer for layer, actions in by_layer(opened.plan) for action in actions}
    findings = [_finding(found, revision.step_of(found)) for found in revision.findings]
    nodes = [_node(action, now.get(action.step_id), layers[action.step_id], changes) for action in opened.plan.actions]
    edges, existing = _lineage(opened.plan)
    return {
        "title": (opened.options.project_name or opened.snapshot.database),
        "strategy": opened.plan.strategy,
        "warehouse": opened.request.target_warehouse,
        "summary": summary(revision.plan.model_copy(update={"findings": list(revision.findings)})),
        "nodes": nodes,
        "existing": existing,
        "edges": edges,
        "findings": findings,
        "changes": changes_json(changes),
        "files": [_file(file) for file in revision.changes.files] if revision.changes else [],
        "cartridge": opened.cartridge,
    }


def changes_json(changes: Changes) -> dict[str, Any]:
    """The changes as the page sends them."""
    return {
        "amendments": {
            str(step): {name: value for name, value in vars(amendment).items() if value is not None}
            for step, amendment in changes.amendments.items()
        },
        "rejected": list(changes.rejected),
    }


def _node(action: PlanAction, now: PlanAction | None, layer: str, changes: Changes) -> dict[str, Any]:
    shown = now or action
    gone = None if now else "asked" if action.step_id in changes.rejected else "follows"
    return {
        "id": str(action.step_id),
        "name": shown.name,
        "planned_name": action.name,
        "type": action.type,
        "layer": layer,
        "role": action.detail.role if isinstance(action.detail, ModelDetail) else None,
        "source": _source_of(action),
        "path": shown.file_path,
        "properties_path": shown.properties_path,
        "description": _described(shown),
        "materialized": getattr(shown.detail, "materialized", None),
        "makes": what_it_makes(shown),
        "confidence": action.confidence,
        "gone": gone,
        "changed": action.step_id in changes.amendments,
        "fields": list(amendable(action)),
        "materializations": list(materializations(action)),
    }


def _described(action: PlanAction) -> str:
    """A source's description is its detail's, where it has one: that is what gets written."""
    return (isinstance(action.detail, SourceDetail) and action.detail.description) or action.description


def _source_of(action: PlanAction) -> str | None:
    match action.detail:
        case SourceDetail():
            return action.name
        case StagingDetail() | SnapshotDetail():
            return action.detail.source
        case _:
            return None


def _finding(found: Finding, step: int | None) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "mend": found.mend,
        "node": str(step) if step else None,
        "path": found.path,
    }


def _file(file: FileChange) -> dict[str, Any]:
    return {"path": file.path, "operation": file.operation, "steps": [str(step) for step in file.step_ids]}


def _lineage(plan: ExecutionPlan) -> tuple[list[list[str]], list[dict[str, str]]]:
    """Arrows between nodes, and what is read and not planned: the project's own."""
    models = {action.name: str(action.step_id) for action in plan.actions if action.type != CREATE_SOURCE}
    sources = {action.name: str(action.step_id) for action in plan.actions if action.type == CREATE_SOURCE}
    edges: dict[tuple[str, str], None] = {}
    existing: dict[str, dict[str, str]] = {}
    for action in plan.actions:
        for dependency in action.dependencies:
            name = dependency.removeprefix(SOURCE_MARK)
            start = sources.get(name) if dependency.startswith(SOURCE_MARK) else models.get(name) or sources.get(name)
            if start is None:
                start = f"x:{name}"
                reads_source = isinstance(action.detail, StagingDetail | SnapshotDetail)
                kind = "source" if reads_source or dependency.startswith(SOURCE_MARK) else "model"
                existing.setdefault(start, {"id": start, "name": name, "kind": kind})
            if start != str(action.step_id):
                edges[start, str(action.step_id)] = None
    return [list(edge) for edge in edges], list(existing.values())


def step_views(opened: SavedPlan, revision: Revision) -> dict[str, dict[str, Any]]:
    """Every step whole, by its number; for a file that holds the page and the plan."""
    reader = Steps(opened, revision)
    return {str(action.step_id): reader.view(action.step_id) for action in opened.plan.actions}


class Steps:
    """Reads single steps out of a revision. Where the gate refused the changes, the files are those of the plan that
    was opened, and the answer says so."""

    def __init__(self, opened: SavedPlan, revision: Revision) -> None:
        self._opened = opened
        self._refused = revision.changes is None
        files = (revision.changes or opened.changes).files
        self._now = dict(zip(revision.steps, revision.plan.actions, strict=True))
        self._then = {action.step_id: action for action in opened.plan.actions}
        self._files = {file.path: file for file in files}
        self._before = {file.path: file for file in opened.changes.files}
        self._models: dict[str, PlanAction] = {action.name: action for action in revision.plan.actions}
        self._readers: dict[str, list[str]] = defaultdict(list)

    def view(self, step_id: int) -> dict[str, Any]:
        """One step: why, the files it is written to, its columns with their origin, and its tests."""
        then = self._then[step_id]
        action = self._now.get(step_id, then)
        written = then if self._refused or step_id not in self._now else action
        files = [self._file_view(path, written, then) for path in _paths(written)]
        return {
            "id": str(step_id),
            "evidence": [reason.model_dump(exclude_defaults=True) for reason in action.evidence or ()],
            "grain": list(getattr(action.detail, "grain", ())),
            "files": [file for file in files if file],
            "columns": columns_of(action, self._models),
            "tests": tests_of(action),
            "joins": _joins(action),
            "stale": self._refused,
        }

    def _file_view(self, path: str, action: PlanAction, then: PlanAction) -> dict[str, Any] | None:
        file = self._files.get(path) or self._before.get(path)
        if file is None:
            return None
        language = "sql" if path.endswith(".sql") else "yaml"
        view: dict[str, Any] = {"path": path, "language": language, "operation": file.operation}
        if file.before_text is not None:
            return {**view, "diff": file_diff(file) or None, "text": None if file.text != file.before_text else ""}
        entry = own_entry(file.text, action.name) if language == "yaml" else None
        old = self._before.get(then.file_path if language == "sql" else (then.properties_path or then.file_path))
        before = None
        if old is not None and old.text != file.text:
            before = own_entry(old.text, then.name) if language == "yaml" else old.text
        text = entry or file.text
        shared = entry is not None and len(entry) < len(file.text)
        changed = before is not None and before != text
        diff = file_diff(FileChange(path, "insert", text, before_text=before)) if changed else None
        return {**view, "text": text, "changed": diff, "shared": shared}


def _paths(action: PlanAction) -> list[str]:
    return list(dict.fromkeys(path for path in (action.file_path, action.properties_path) if path))


def own_entry(text: str, name: str) -> str | None:
    """The item of a list in a YAML text that cartridge wrote which has that name: its lines. None: there is none."""
    lines = text.splitlines(keepends=True)
    start = next((place for place, line in enumerate(lines) if _named(line, name)), None)
    if start is None:
        return None
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent):
        end += 1
    return "".join(lines[start:end]).rstrip() + "\n"


def _named(line: str, name: str) -> bool:
    written = line.strip().removeprefix("- name: ")
    return line.lstrip().startswith("- name: ") and written.strip("\"'") == name


def _joins(action: PlanAction) -> list[dict[str, Any]]:
    if not isinstance(action.detail, ModelDetail):
        return []
    models = {entry.alias: entry.model for entry in action.detail.inputs}
    return [
        {
            "model": models.get(join.alias, join.alias),
            "on": [f"{key.left_alias}.{key.left_column} = {join.alias}.{key.right_column}" for key in join.keys],
            "kind": join.kind,
            "cardinality": join.cardinality.replace("_", " "),
            "basis": join.basis,
            "because": join.because,
        }
        for join in action.detail.joins
    ]
