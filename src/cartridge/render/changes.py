"""A resolved plan, put into bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_SOURCE,
    UPDATE_STAGING,
    ExecutionPlan,
    Finding,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    SnapshotDetail,
    SourceDetail,
    StagingDetail,
)
from cartridge.domain.project import Conventions, Documentation, Layer, ModelState, ProjectState
from cartridge.domain.style import YamlStyle
from cartridge.domain.warehouse import warehouse_of
from cartridge.errors import PlanError
from cartridge.render.dates import date_sql
from cartridge.render.insert import Addition, Refused, insert, names_in, renamed
from cartridge.render.materialization import Defaults, config_of, defaults_of, property_config
from cartridge.render.model import model_sql
from cartridge.render.properties import Entry, model_entry, snapshot_entry, source_entry, with_config
from cartridge.render.scaffold import KEPT_IF_PRESENT, SCAFFOLD, scaffold
from cartridge.render.source_place import SourceWords, source_words
from cartridge.render.sql import Target
from cartridge.render.staging import staging_sql
from cartridge.render.style import styled
from cartridge.render.yaml_style import layout_for
from cartridge.render.yaml_text import Value, document


@dataclass
class _Properties:
    """What one YAML file is to hold, by section, and for which actions."""

    sections: dict[str, list[Entry]] = field(default_factory=dict)
    actions: list[PlanAction] = field(default_factory=list)
    amended: dict[tuple[str, str], str] = field(default_factory=dict)
    """The list (`tables`, `columns`) that is added to where an item of that (section, name) is there already."""
    appended: set[tuple[str, str]] = field(default_factory=set)
    """Items that must be there."""

    def add(self, section: str, entry: Entry, action: PlanAction, amended: str | None = None) -> None:
        self.sections.setdefault(section, []).append(entry)
        self.actions.append(action)
        if amended:
            self.amended[section, str(entry["name"])] = amended
        if _appends(action):
            self.appended.add((section, str(entry["name"])))

    def additions(self, text: str) -> list[Addition] | Refused:
        """What a file that holds `text` lacks."""
        found = []
        for section, entries in self.sections.items():
            there = names_in(text, section)
            if isinstance(there, Refused):
                return there
            missing = []
            for entry in entries:
                item = (section, str(entry["name"]))
                if entry["name"] not in there and item not in self.appended:
                    missing.append(entry)
                elif (key := self.amended.get(item)) and entry.get(key):
                    found.append(Addition(section, tuple(entry[key]), inside=(item[1], key)))  # type: ignore[arg-type]
            if missing:
                found.append(Addition(section, tuple(missing)))
        return found


def touched_paths(plan: ExecutionPlan) -> frozenset[str]:
    """Every path that `render` may write for this plan: whoever reads `texts` reads these."""
    paths = {action.file_path for action in plan.actions}
    paths |= {action.properties_path for action in plan.actions if action.properties_path}
    return frozenset(paths | (SCAFFOLD if plan.strategy == "greenfield" else set()))


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
    state = request.context.state if request.context and plan.strategy == "brownfield" else None
    house = _house(state, defaults)
    files: dict[str, FileChange] = {}
    properties: dict[str, _Properties] = {}
    for action in plan.actions:
        try:
            text = _text(action, _in_style(action, target, state), defaults)
            _document(action, target, properties, house)
        except PlanError as error:
            raise _refused(action, str(error)) from error
        if text is not None:
            files[action.file_path] = _sql_file(action, text, current)
    for path, content in properties.items():
        files[path] = _properties_file(path, content, current, plan, request)
    if plan.strategy == "greenfield" and plan.actions:
        for path, (text, why) in scaffold(plan, request, defaults).items():
            if path not in KEPT_IF_PRESENT or current.get(path, text) == text:
                files.setdefault(path, _created(path, text, current, (), why))
    return ChangeSet(tuple(files[path] for path in sorted(files)))


def _text(action: PlanAction, target: Target, defaults: Defaults) -> str | None:
    """The SQL of an action; None for those that are YAML alone."""
    match action.detail:
        case SourceDetail() | SnapshotDetail():
            return None
        case StagingDetail() as detail:
            text = staging_sql(detail, target, config_of(action, detail, defaults, target))
        case ModelDetail() as detail:
            config = config_of(action, detail, defaults, target)
            text = date_sql(detail, target, config) if detail.role == "date" else model_sql(detail, target, config)
        case None:
            raise PlanError("it is not resolved: it has no detail")
    return styled(text, target.style, target.warehouse)


def _in_style(action: PlanAction, target: Target, state: ProjectState | None) -> Target:
    """The target with the style that the project's SQL of the action's layer is in."""
    if state is None or state.conventions is None:
        return target
    if isinstance(action.detail, StagingDetail):
        return replace(target, style=state.conventions.style("staging", action.detail.source))
    layer: Layer = "intermediate" if action.type == CREATE_INTERMEDIATE else "mart"
    return replace(target, style=state.conventions.style(layer))


@dataclass(frozen=True)
class _House:
    """What property files say: how much, where models are materialised, how sources are written; and the models of the
    project."""

    documentation: Documentation
    defaults: Defaults
    sources: SourceWords
    models: Mapping[str, ModelState] = field(default_factory=dict)


def _house(state: ProjectState | None, defaults: Defaults) -> _House:
    """Of an existing project; of a new one everything is written down."""
    conventions = state.conventions if state else None
    if state is None or conventions is None:
        return _House(Documentation(), defaults, SourceWords())
    return _House(conventions.documentation, defaults, source_words(state), state.models)


def _document(action: PlanAction, target: Target, properties: dict[str, _Properties], house: _House) -> None:
    path = action.file_path if action.type == CREATE_SOURCE else action.properties_path
    if isinstance(action.detail, SnapshotDetail) and path is None:
        path = action.file_path
    if not path:
        raise PlanError("it is not resolved: it has no properties_path")
    if not path.endswith((".yml", ".yaml")):
        raise PlanError(f"its properties go to {path!r}, which is no .yml file")
    before = house.models.get(action.name) if action.type == UPDATE_STAGING else None
    if before is not None and before.properties_path is None:
        return  # a new column is no reason to begin with documentation
    content = properties.setdefault(path, _Properties())
    match action.detail:
        case SourceDetail() as detail:
            content.add("sources", source_entry(action, detail, target, house.sources), action, "tables")
        case SnapshotDetail() as detail:
            content.add("snapshots", snapshot_entry(action, detail, target), action)
        case StagingDetail() | ModelDetail() as detail:
            amended = "columns" if action.type == UPDATE_STAGING else None
            entry = model_entry(action, _added(detail, before), target, house.documentation)
            config = property_config(action, detail, house.defaults)
            content.add("models", with_config(entry, config), action, amended)


def _added(detail: StagingDetail | ModelDetail, before: ModelState | None) -> StagingDetail | ModelDetail:
    """Of a staging model that is there the new columns alone: what its properties say of the others is not touched."""
    if before is None or before.columns is None or not isinstance(detail, StagingDetail):
        return detail
    known = {name.lower() for name in before.columns}
    return detail.model_copy(update={"columns": tuple(c for c in detail.columns if c.name.lower() not in known)})


def _sql_file(action: PlanAction, text: str, current: Mapping[str, str]) -> FileChange:
    """A model's file. An update keeps every byte that is there: it is refused where the file was edited."""
    why = f"{action.type.removeprefix('create_').removeprefix('update_')} model {action.name}"
    change = _created(action.file_path, text, current, (action.step_id,), why)
    if action.type != UPDATE_STAGING or change.operation == "nothing" or change.before is None:
        return change
    left = iter(text)
    if not all(character in left for character in current[action.file_path]):
        raise _refused(action, "the file was edited by hand, so its columns cannot be added without changing it")
    return replace(change, operation="insert")


def _properties_file(
    path: str, content: _Properties, current: Mapping[str, str], plan: ExecutionPlan, request: ModelGenerationRequest
) -> FileChange:
    """A YAML file: written whole where there is none, else inserted into."""
    names = [action.name for action in content.actions]
    why = "properties of " + ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
    step_ids = tuple(action.step_id for action in content.actions)
    conventions = request.context.state.conventions if request.context and request.context.state else None
    style = conventions.yaml if conventions else YamlStyle()
    layout = layout_for(style)
    text = document(_sections(content, conventions), layout)
    change = _created(path, text, current, step_ids, why)
    if path not in current:
        missing = [action for action in content.actions if _appends(action)]
        if missing:
            raise _refused(missing[0], f"its source is declared in {path}, which is not there")
        return change
    if plan.strategy == "greenfield" or change.operation == "nothing":
        return change
    additions = content.additions(current[path])
    result = insert(current[path], additions, layout) if isinstance(additions, list) else additions
    if isinstance(result, Refused):
        where = f"{path}, line {result.line}" if result.line else path
        raise _refused(content.actions[0], f"{where}: cannot be inserted into: {result.reason}", path, result.line)
    if not result.added:
        return replace(change, operation="nothing", text=result.text, before_text=None)
    return replace(change, operation="insert", text=result.text)


def _sections(content: _Properties, conventions: Conventions | None) -> dict[str, Value]:
    key = conventions.tests_key if conventions else "data_tests"
    sections = {
        section: [renamed(entry, key) for entry in entries] if key != "data_tests" else entries
        for section, entries in content.sections.items()
    }
    return {"version": 2, **sections} if not conventions or conventions.yaml["version"] == "yes" else dict(sections)


def _appends(action: PlanAction) -> bool:
    return isinstance(action.detail, SourceDetail) and action.detail.mode == "append"


def _created(path: str, text: str, current: Mapping[str, str], step_ids: tuple[int, ...], why: str) -> FileChange:
    before = text_hash(current[path]) if path in current else None
    same = current.get(path) == text
    return FileChange(
        path=path,
        operation="nothing" if same else "create",
        text=text,
        before=before,
        step_ids=step_ids,
        why=why,
        before_text=None if same else current.get(path),
    )


def text_hash(text: str) -> str:
    """sha256 of a file's text, as `FileChange.before` holds it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _refused(action: PlanAction, reason: str, path: str | None = None, line: int | None = None) -> PlanError:
    finding = Finding(
        code="cannot-insert" if path else "cannot-render",
        severity="error",
        message=f"step {action.step_id} ({action.type} {action.name}) cannot be rendered: {reason}",
        mend="Put its properties into a new file." if path else "Correct the action, or plan again.",
        step_id=action.step_id,
        action=action.name,
        path=path or action.file_path,
        line=line,
    )
    return PlanError(f"{finding.message}. {finding.mend}", [finding])
