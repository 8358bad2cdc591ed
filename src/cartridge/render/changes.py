"""A resolved plan, put into bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.plan import (
    CREATE_SOURCE,
    ExecutionPlan,
    Finding,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    SnapshotDetail,
    SourceDetail,
    StagingDetail,
)
from cartridge.domain.warehouse import warehouse_of
from cartridge.errors import PlanError
from cartridge.render.dates import date_sql
from cartridge.render.materialization import Defaults, config_of, defaults_of
from cartridge.render.model import model_sql
from cartridge.render.properties import Entry, model_entry, snapshot_entry, source_entry
from cartridge.render.scaffold import KEPT_IF_PRESENT, scaffold
from cartridge.render.sql import Target
from cartridge.render.staging import staging_sql
from cartridge.render.yaml_text import Value, document


@dataclass
class _Properties:
    """What one YAML file is to hold, by section, and for which actions."""

    sections: dict[str, list[Entry]] = field(default_factory=dict)
    step_ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, section: str, entry: Entry, action: PlanAction) -> None:
        self.sections.setdefault(section, []).append(entry)
        self.step_ids.append(action.step_id)
        self.names.append(action.name)


def render(plan: ExecutionPlan, request: ModelGenerationRequest, texts: Mapping[str, str] | None = None) -> ChangeSet:
    """Every file that the plan writes, as it will be. Nothing is decided here and nothing is read.

    `texts` holds the current text of the files that exist at paths the plan touches. In an existing project a YAML file
    is inserted into; any other file whose text differs is a "create" with the hash of what is there, for `apply` to
    judge.

    Raises:
        PlanError: an action is not resolved, or a YAML file cannot be inserted into; its finding names the action.
        InputError: the target warehouse is not known.
    """
    current = texts or {}
    target = Target(warehouse_of(request), request.source_dialect)
    defaults = defaults_of(plan, request)
    files: dict[str, FileChange] = {}
    properties: dict[str, _Properties] = {}
    for action in plan.actions:
        try:
            text = _text(action, target, defaults)
            _document(action, target, properties)
        except PlanError as error:
            raise _refused(action, str(error)) from error
        if text is not None:
            why = f"{action.type.removeprefix('create_').removeprefix('update_')} model {action.name}"
            files[action.file_path] = _created(action.file_path, text, current, (action.step_id,), why)
    for path, content in properties.items():
        sections: dict[str, Value] = {"version": 2, **content.sections}
        why = "properties of " + ", ".join(content.names[:3]) + (" ..." if len(content.names) > 3 else "")
        files[path] = _created(path, document(sections), current, tuple(content.step_ids), why)
    if plan.strategy == "greenfield" and plan.actions:
        for path, (text, why) in scaffold(plan, request, defaults).items():
            if path in KEPT_IF_PRESENT and path in current:
                files.setdefault(path, _created(path, current[path], current, (), why))
            else:
                files.setdefault(path, _created(path, text, current, (), why))
    return ChangeSet(tuple(files[path] for path in sorted(files)))


def _text(action: PlanAction, target: Target, defaults: Defaults) -> str | None:
    """The SQL of an action; None for those that are YAML alone."""
    match action.detail:
        case SourceDetail() | SnapshotDetail():
            return None
        case StagingDetail() as detail:
            return staging_sql(detail, target, config_of(action, detail, defaults, target))
        case ModelDetail() as detail:
            config = config_of(action, detail, defaults, target)
            return date_sql(detail, target, config) if detail.role == "date" else model_sql(detail, target, config)
        case None:
            raise PlanError("it is not resolved: it has no detail")


def _document(action: PlanAction, target: Target, properties: dict[str, _Properties]) -> None:
    path = action.file_path if action.type == CREATE_SOURCE else action.properties_path
    if isinstance(action.detail, SnapshotDetail) and path is None:
        path = action.file_path
    if not path:
        raise PlanError("it is not resolved: it has no properties_path")
    if not path.endswith((".yml", ".yaml")):
        raise PlanError(f"its properties go to {path!r}, which is no .yml file")
    content = properties.setdefault(path, _Properties())
    match action.detail:
        case SourceDetail() as detail:
            content.add("sources", source_entry(action, detail, target), action)
        case SnapshotDetail() as detail:
            content.add("snapshots", snapshot_entry(action, detail, target), action)
        case StagingDetail() | ModelDetail() as detail:
            content.add("models", model_entry(action, detail, target), action)


def _created(path: str, text: str, current: Mapping[str, str], step_ids: tuple[int, ...], why: str) -> FileChange:
    before = text_hash(current[path]) if path in current else None
    same = current.get(path) == text
    return FileChange(
        path=path, operation="nothing" if same else "create", text=text, before=before, step_ids=step_ids, why=why
    )


def text_hash(text: str) -> str:
    """sha256 of a file's text, as `FileChange.before` holds it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _refused(action: PlanAction, reason: str) -> PlanError:
    finding = Finding(
        code="cannot-render",
        severity="error",
        message=f"step {action.step_id} ({action.type} {action.name}) cannot be rendered: {reason}",
        mend="Correct the action, or plan again.",
        step_id=action.step_id,
        action=action.name,
        path=action.file_path,
    )
    return PlanError(f"{finding.message}. {finding.mend}", [finding])
