"""Tables and a project's context -> an execution plan that passed the gate, resolved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from cartridge.domain.plan import CREATE_STAGING, ExecutionPlan, ModelGenerationRequest, PlanAction
from cartridge.domain.project import ModelState, ProjectContext, ProjectState
from cartridge.domain.schema import ModelType, SchemaSnapshot, TableMapping
from cartridge.domain.warehouse import WAREHOUSES
from cartridge.errors import PlanError, PlanFileError
from cartridge.plan import gated, scope_of
from cartridge.plan.naming import safe_name, source_name
from cartridge.plan.neighbours import candidates, staging_models
from cartridge.plan.staging import stage

FILE_KINDS = frozenset({"duckdb", "sqlite"})
"""Sources that are files; their dbt target is DuckDB, which attaches them."""


@dataclass(frozen=True)
class PlanOptions:
    """What a user may ask of a plan. `layers` are those of `ModelType` (all of them unless given); `target` is the
    warehouse that the models are written for (unless given: the source's own, DuckDB for files). `tables`, `exclude`
    and `schemas` say what was scanned of the source, `planner` who decided: "offline", "draft" (a person's file), or a
    model as `vendor/model`."""

    layers: tuple[str, ...] = ()
    project_name: str | None = None
    target: str | None = None
    include_views: bool = False
    all_tables: bool = False
    """Whether the scan took all tables of its schemas."""
    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    planner: str = "offline"
    business_context: str | None = None
    """What the user says of the business, for a model."""


def request_for(
    snapshot: SchemaSnapshot, options: PlanOptions | None = None, context: ProjectContext | None = None
) -> ModelGenerationRequest:
    """The request that a scan stands for.

    Raises:
        InputError: a layer is not known.
    """
    asked = options or PlanOptions()
    tables = [table for table in snapshot.tables if asked.include_views or not table.is_view]
    known = context or ProjectContext(project_name=asked.project_name or default_project_name(snapshot))
    wanted = _layers(asked.layers, known)
    learned = known.state.warehouse if known.state else None
    target = asked.target or learned
    return ModelGenerationRequest(
        tables=_with_database(tables, snapshot),
        model_types=wanted,  # type: ignore[arg-type]
        target_warehouse=target or own_target(snapshot),
        context=known,
        relationships=list(snapshot.relationships),
        profile=dict(snapshot.profile) if snapshot.profile else None,
        overlaps=list(snapshot.overlaps),
        file_source=snapshot.file if snapshot.kind in FILE_KINDS else None,
        source_dialect=snapshot.dialect,
        all_tables=asked.all_tables,
        business_context=asked.business_context,
    )


def own_target(snapshot: SchemaSnapshot) -> str:
    """The warehouse where dbt reads the tables of a scan: the scanned one if dbt builds on it, else DuckDB, which
    attaches files, and into which `cartridge load` copies all others."""
    builds_there = snapshot.kind not in FILE_KINDS and snapshot.dialect in WAREHOUSES
    return snapshot.dialect if builds_there else "duckdb"


def copied_first(snapshot: SchemaSnapshot, target: str | None) -> str | None:
    """What must happen before dbt can build on `target`, where that does not reach the scanned database itself."""
    if target != "duckdb" or not snapshot.dialect or own_target(snapshot) == snapshot.dialect:
        return None
    if snapshot.kind in FILE_KINDS:
        return None
    return (
        f"No dbt project builds on {snapshot.dialect} itself: this one is written for duckdb, and the tables must be "
        "copied there, for example with `cartridge load SOURCE warehouse.duckdb`. Name another warehouse with --target."
    )


def _layers(asked: Sequence[str], context: ProjectContext) -> list[str]:
    """A new project gets all layers; in one that is there, marts are its owners' business unless asked for."""
    everything = [ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS]
    named = [layer.strip().lower() for layer in asked if layer.strip()]
    if named == ["all"] or (not named and not context.is_incremental):
        return [*everything]
    return named or [ModelType.STAGING]


async def project_context(project: Path, tables: Sequence[TableMapping]) -> ProjectContext | None:
    """What is known of the dbt project in a folder, with the columns of the models that `tables` may refer to or that
    stage them already; None where there is no project yet.

    Raises:
        ProjectError: the project cannot be read.
    """
    if not (project / "dbt_project.yml").exists():
        return None
    return await asyncio.to_thread(_project_context, project, list(tables))


def _project_context(project: Path, tables: list[TableMapping]) -> ProjectContext:
    from cartridge.project import read_project, with_columns  # noqa: PLC0415

    state = read_project(project)
    return with_columns(project, state, sorted(_of_interest(state, tables))).context()


def _of_interest(state: ProjectState, tables: Sequence[TableMapping]) -> set[str]:
    """The models that `tables` may refer to, or that stage a table of one of their names."""
    scanned = {table.name.lower() for table in tables}
    names = {model.name for model in candidates(state, tables)}
    names |= {model.name for model, called in _stagers(state) if called & scanned}
    return names


def _stagers(state: ProjectState) -> Iterator[tuple[ModelState, set[str]]]:
    """The staging models, each with its table's names: dbt's and the database's, in small letters."""
    identifiers = {
        (source.name, table.name): table.identifier or table.name
        for source in state.sources.values()
        for table in source.tables
    }
    for pair, model in staging_models(state).items():
        yield model, {pair[1].lower(), identifiers.get(pair, pair[1]).lower()}


def with_known_columns(
    request: ModelGenerationRequest, project: Path, plan: ExecutionPlan | None
) -> ModelGenerationRequest:
    """The request with the columns of the project's models that its tables or the plan may read."""
    from cartridge.project import with_columns  # noqa: PLC0415

    context = request.context
    if context is None or context.state is None:
        return request
    state = context.state
    read = {name for step in (plan.actions if plan else ()) for name in step.dependencies}
    names = _of_interest(state, request.tables) | read
    missing = sorted(name for name in names if name in state.models and state.models[name].columns is None)
    if not missing:
        return request
    return replace(request, context=replace(context, state=with_columns(project, state, missing)))


def default_project_name(snapshot: SchemaSnapshot) -> str:
    """The generated project is called after the database, or the one schema that was scanned."""
    schemas = {table.schema for table in snapshot.tables}
    schema = schemas.pop() if len(schemas) == 1 else ""
    return safe_name(source_name(schema, snapshot.database) if schema else snapshot.database, "project")


def _with_database(tables: Sequence[TableMapping], snapshot: SchemaSnapshot) -> list[TableMapping]:
    for table in tables:
        if table.database is None:
            table.database = snapshot.database
    return list(tables)


async def with_untouched(request: ModelGenerationRequest, project: Path) -> ModelGenerationRequest:
    """The request, knowing which staging models that lack a column of their table nobody edited: their file is what
    rendering their own columns gives, so that the column can be added to them."""
    context = request.context
    if context is None or context.state is None or not _may_lack_columns(context.state, request.tables):
        return request
    names = await asyncio.to_thread(lambda: frozenset(_untouched(request, project)))
    state = replace(context.state, untouched=names)
    return replace(request, context=replace(context, state=state))


def _may_lack_columns(state: ProjectState, tables: Sequence[TableMapping]) -> bool:
    """Whether a staging model has fewer columns than a table that it may stage. One that has as many and lacks one has
    another instead, so somebody edited it."""
    widest: dict[str, int] = {}
    for table in tables:
        name = table.name.lower()
        widest[name] = max(widest.get(name, 0), len(table.columns))
    return any(
        model.columns is not None and any(widest.get(name, 0) > len(model.columns) for name in called)
        for model, called in _stagers(state)
    )


def _untouched(request: ModelGenerationRequest, project: Path) -> Iterator[str]:
    from cartridge.render import render  # noqa: PLC0415

    scope = scope_of(request)
    models = scope.state.models if scope.state else {}
    for key, shape in scope.staged_before.items():
        if shape is None or not models[shape.name].path.endswith(".sql"):
            continue
        selected = {column.origin for column in shape.columns.values()}
        if all((key, column.name) in selected for column in scope.tables[key].columns):
            continue  # nothing to add
        whole = stage(scope.tables[key], scope)
        own = tuple(column for column in whole.columns if column.name in shape.columns)
        if not own:
            continue
        path = models[shape.name].path
        action = PlanAction(
            step_id=1,
            type=CREATE_STAGING,
            name=shape.name,
            file_path=path,
            detail=whole.model_copy(update={"columns": own}),
            properties_path=f"{path}.yml",
        )
        files = render(ExecutionPlan(strategy="brownfield", actions=[action]), request).files
        text = next(file.text for file in files if file.path == path)
        if len(own) == len(shape.columns) and (project / path).read_bytes() == text.encode():
            yield shape.name


class Planner(Protocol):
    """Whoever writes plans: an `AIProvider`, or anything with its method."""

    async def generate_execution_plan(self, request: ModelGenerationRequest) -> ExecutionPlan:
        """A plan that passed the gate."""


async def plan(
    request: ModelGenerationRequest, provider: Planner | None = None, *, draft: ExecutionPlan | None = None
) -> ExecutionPlan:
    """A resolved plan: written by `provider` (offline unless given), or read as `draft`; the gate is the same.

    Raises:
        PlanError: the plan did not pass the gate.
        ProviderError, ReplyError: the model could not be asked, or answered no plan.
    """
    if provider is not None and draft is None:
        draft = await provider.generate_execution_plan(request)
        if not isinstance(draft, ExecutionPlan):
            raise PlanError(f"{type(provider).__name__} gave no ExecutionPlan, but {type(draft).__name__}")
    return await asyncio.to_thread(gated, request, draft)


def read_draft(path: Path) -> ExecutionPlan:
    """A draft from a file: the six-field form, or a saved plan that was edited (its plan is taken, its bytes are not).

    Raises:
        PlanFileError: the file is missing or is no plan; names the first field that is wrong.
    """
    return draft_from(read_json(path), str(path))


def draft_from(content: dict[str, Any], called: str) -> ExecutionPlan:
    """As `read_draft`, from a JSON object; `called` names it in messages."""
    body: Any = content.get("plan", content) if "format" in content else content
    try:
        return ExecutionPlan.model_validate(body)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PlanFileError(
            f"{called} is no plan: {where or 'the document'}: {first['msg']}. "
            'A draft is {"strategy": ..., "actions": [{"step_id", "type", "name", "file_path", "description", '
            '"dependencies"}]}'
        ) from None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        PlanFileError: the file is missing, unreadable, truncated, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanFileError(f"{path} does not exist. Make a plan with: cartridge plan SOURCE -o {path.name}") from None
    except UnicodeDecodeError:
        raise PlanFileError(f"{path} holds no plan: it is no text. Name the file that cartridge plan wrote") from None
    except OSError as fault:
        raise PlanFileError(f"{path} cannot be read: {fault.strerror}") from None
    except (json.JSONDecodeError, RecursionError) as fault:
        raise PlanFileError(
            f"{path} is not a whole JSON document ({fault}): truncated, or edited by hand. Plan again"
        ) from None
    if not isinstance(content, dict):
        raise PlanFileError(f"{path} holds no plan: a plan is a JSON object")
    return content
