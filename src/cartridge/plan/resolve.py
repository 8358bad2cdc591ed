"""From six fields to detail: what each action of a draft selects, joins, keeps and tests.

Pure and idempotent: a resolved plan resolves to itself. The six fields win: detail that contradicts them is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from posixpath import dirname

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SOURCE,
    CREATE_STAGING,
    DataTest,
    ExecutionPlan,
    Finding,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    SourceColumn,
    SourceDetail,
    SourceTable,
    StagingDetail,
)
from cartridge.domain.schema import TableKey, TableMapping
from cartridge.errors import PlanError
from cartridge.plan.change_behaviour import FRESHNESS_HOURS, loaded_at
from cartridge.plan.compose import Dead, base_and_pieces, compose
from cartridge.plan.conventions.sources import may_share
from cartridge.plan.declared import table_habits
from cartridge.plan.describe import article, table_sentence
from cartridge.plan.finding import error, note, raise_errors
from cartridge.plan.naming import model_home, staging_home
from cartridge.plan.scope import Scope, scope_of
from cartridge.plan.shape import ModelShape, shape_of
from cartridge.plan.staging import add_tests, severity, stage
from cartridge.plan.words import singular, tokens

SOURCE_MARK = "source:"
"""Written before a dependency that means a source where a model bears the same name."""


def resolve(draft: ExecutionPlan, request: ModelGenerationRequest) -> ExecutionPlan:
    """The plan with the detail of every action.

    Raises:
        PlanError: an action names no table, or its inputs cannot be put together; the findings name each.
    """
    resolved, findings = resolve_in(draft, scope_of(request))
    raise_errors(findings)
    kept = [finding for finding in draft.findings if finding not in findings]
    return resolved.model_copy(update={"findings": [*kept, *findings]})


def resolve_in(draft: ExecutionPlan, scope: Scope) -> tuple[ExecutionPlan, list[Finding]]:
    """As `resolve`, within a scope that is read already; errors are returned among the findings."""
    work = _Work(scope, shapes=scope.known_shapes(), staged=scope.existing_shapes("staging"))
    actions = [_resolved(action, work) for action in draft.actions]
    actions = [_tested(action, work) for action in actions]
    return draft.model_copy(update={"actions": actions}), work.findings


@dataclass
class _Work:
    scope: Scope
    findings: list[Finding] = field(default_factory=list)
    shapes: dict[str, ModelShape] = field(default_factory=dict)
    staged: dict[TableKey, ModelShape] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    """Steps whose detail was made here and has no tests yet."""
    unknown: set[str] = field(default_factory=set)
    """Models of the plan whose columns are not known, since they read models that are known by name only."""


def _resolved(action: PlanAction, work: _Work) -> PlanAction:
    makers = {
        CREATE_SOURCE: _source,
        CREATE_STAGING: _staging,
        CREATE_INTERMEDIATE: _model,
        CREATE_MART: _model,
    }
    maker = makers.get(action.type)
    made = maker(action, work) if maker else action
    if made.properties_path is None and made.type in makers:
        made = made.model_copy(update={"properties_path": _properties(made, work.scope)})
    shape = shape_of(made, work.shapes, work.scope.tables)
    if shape is not None:
        work.shapes[made.name] = shape
        if isinstance(made.detail, StagingDetail):
            work.staged.setdefault(made.detail.table, shape)
    return made


def _properties(action: PlanAction, scope: Scope) -> str:
    """The YAML file beside the model, called as the conventions call it."""
    if action.type == CREATE_SOURCE:
        return action.file_path
    if isinstance(action.detail, StagingDetail):
        home = staging_home(scope.conventions, action.detail.source, action.detail.table[1])
    else:
        home = model_home(scope.conventions, "intermediate" if action.type == CREATE_INTERMEDIATE else "fact", "model")
    folder = dirname(action.file_path)
    return f"{folder}/{home.properties_path.rsplit('/', 1)[-1]}" if folder else home.properties_path


# ---------------------------------------------------------------- sources


def _source(action: PlanAction, work: _Work) -> PlanAction:
    if isinstance(action.detail, SourceDetail):
        return action
    tables = tables_of_source(action.name, work.scope)
    if not tables:
        known = ", ".join(work.scope.by_source)
        work.findings.append(
            error(
                "unknown-source",
                f"no table of the request belongs to source {action.name!r}",
                f"Name it after a schema that was scanned: {known}",
                action,
            )
        )
        return action
    return action.model_copy(update={"detail": source_detail(tables, work.scope, exists(action.name, work.scope))})


def exists(source: str, scope: Scope) -> bool:
    """Whether the project declares the source already. To what a package declares nothing can be added."""
    known = scope.state.sources.get(source) if scope.state else None
    return source in scope.existing_sources and (known is None or known.package is None)


def tables_of_source(name: str, scope: Scope) -> list[TableMapping]:
    """The tables that a source of that name declares: its schema's, or all where there is one schema only."""
    by_source = scope.by_source
    if name in by_source:
        return by_source[name]
    same = [tables for source, tables in by_source.items() if tokens(source) == tokens(name)]
    same += [tables for tables in by_source.values() if not same and tokens(tables[0].schema) == tokens(name)]
    if same:
        return same[0]
    return next(iter(by_source.values())) if len(by_source) == 1 else []


def source_detail(tables: Sequence[TableMapping], scope: Scope, append: bool) -> SourceDetail:
    """What a source declares of `tables`."""
    first = tables[0]
    habits = table_habits(scope.sources[first.key].source, scope.state)
    return SourceDetail(
        mode="append" if append else "create",
        schema_name=first.schema,
        database=scope.catalogue(first),
        shares_database=not append and may_share(scope.conventions.database, scope.catalogue(first)),
        tables=tuple(habits.followed(_source_table(table, scope)) for table in tables),
        description=_source_sentence(first),
    )


def _source_sentence(table: TableMapping) -> str:
    where = f"database {table.database}" if table.database else ""
    schema = f"schema {table.schema}" if table.schema else ""
    return f"Tables of {', '.join(part for part in (schema, where) if part) or 'the source'}, as loaded."


def _source_table(table: TableMapping, scope: Scope) -> SourceTable:
    name = scope.sources[table.key].table
    loaded = loaded_at(table)
    return SourceTable(
        name=name,
        loaded_at_field=loaded,
        freshness_hours=FRESHNESS_HOURS if loaded else None,
        identifier=table.name if table.name != name else None,
        description=table_sentence(table, scope.noun(table.key))
        if scope.request.include_documentation
        else table.description,
        columns=tuple(
            SourceColumn(name=column.name, data_type=column.data_type, description=column.description)
            for column in table.columns
        ),
    )


# ---------------------------------------------------------------- staging


def _staging(action: PlanAction, work: _Work) -> PlanAction:
    scope = work.scope
    source = _source_of(action, work)
    if source is None:
        return action
    detail = action.detail
    if isinstance(detail, StagingDetail) and detail.source == source and detail.table in scope.tables:
        return action
    found = tables_named(action.name, tables_of_source(source, scope))
    if len(found) != 1:
        work.findings.append(_no_single_table(action, source, found, scope))
        return action
    work.fresh.add(action.step_id)
    made = stage(found[0], scope).model_copy(update={"source": source})
    return action.model_copy(update={"detail": made})


def _source_of(action: PlanAction, work: _Work) -> str | None:
    """The source that a staging model reads; its dependencies on models are other findings' matter."""
    names = [name.removeprefix(SOURCE_MARK) for name in action.dependencies]
    known = [name for name in names if tables_of_source(name, work.scope) and name not in work.shapes]
    return known[0] if known else None


def tables_named(name: str, tables: Sequence[TableMapping]) -> list[TableMapping]:
    """The tables whose name ends the model's name, the longest such; words count, not letters, case or number."""
    said = _words(name)
    lengths = {table.key: len(_words(table.name)) for table in tables if _ends(said, _words(table.name))}
    longest = max(lengths.values(), default=0)
    return [table for table in tables if lengths.get(table.key) == longest]


def _words(name: str) -> tuple[str, ...]:
    parts = tokens(name)
    return (*parts[:-1], singular(parts[-1])) if parts else ()


def _ends(said: tuple[str, ...], table: tuple[str, ...]) -> bool:
    return bool(table) and said[-len(table) :] == table


def _no_single_table(action: PlanAction, source: str, found: Sequence[TableMapping], scope: Scope) -> Finding:
    listed = sorted(table.name for table in (found or tables_of_source(source, scope)))
    shown = ", ".join(listed[:12]) + (" ..." if len(listed) > 12 else "")
    said = "several tables end" if found else "no table ends"
    return error(
        "ambiguous-table" if found else "unknown-table",
        f"{action.name}: {said} this name in source {source!r}: {shown}",
        "End the model's name with the name of the one table it reads",
        action,
    )


# ---------------------------------------------------------------- intermediate models and marts


def _model(action: PlanAction, work: _Work) -> PlanAction:
    if isinstance(action.detail, ModelDetail) and _reads_what_it_says(action, action.detail):
        return action
    known = [work.shapes[name] for name in action.dependencies if name in work.shapes]
    unknown = [name for name in action.dependencies if name not in work.shapes and name in _models(work)]
    if unknown:
        work.unknown.add(action.name)
        work.findings.append(
            note(
                "unverifiable",
                f"{action.name} reads {', '.join(unknown)}, whose columns are not known, so its joins were not judged",
                "Plan with the project itself (`--project DIR`, or `read_project(DIR).context()`)",
                action,
            )
        )
        return action
    if not known:
        return action
    found = base_and_pieces(known, work.scope.index)
    if isinstance(found, Dead):
        work.findings.append(
            error(
                "no-grain",
                f"{action.name}: {found.says}",
                "Let it depend on models that share keys, or on one model only",
                action,
            )
        )
        return action
    base, pieces = found
    role = "join" if action.type == CREATE_INTERMEDIATE else _mart_role(action.name)
    detail = compose(role, base, pieces)  # type: ignore[arg-type]
    detail = detail.model_copy(
        update={
            "grain_says": grain_says(base, work.scope),
            "materialized": "view" if action.type == CREATE_INTERMEDIATE else "table",
        }
    )
    return action.model_copy(update={"detail": with_grain_tests(detail, work.scope, base.table)})


def _models(work: _Work) -> frozenset[str]:
    return work.scope.existing_models | work.unknown


def _reads_what_it_says(action: PlanAction, detail: ModelDetail) -> bool:
    return {entry.model for entry in detail.inputs} == {name.removeprefix(SOURCE_MARK) for name in action.dependencies}


def _mart_role(name: str) -> str:
    words = set(tokens(name)[:2])
    if words & {"dim", "dimension", "d"}:
        return "dimension"
    return "bridge" if words & {"bridge", "brg", "xref"} else "fact"


def grain_says(shape: ModelShape, scope: Scope) -> str:
    """One row of a model in words."""
    if shape.table is not None and shape.table in scope.tables:
        return f"one row per {scope.noun(shape.table)}"
    if shape.grain:
        return "one row per " + " and ".join(name.removesuffix("_id").replace("_", " ") for name in shape.grain)
    return f"the rows of {shape.name}"


def with_grain_tests(detail: ModelDetail, scope: Scope, table: TableKey | None = None) -> ModelDetail:
    """The same model, its grain tested: it is what every reader relies on.

    Where the rows are those of `table`, whose key is only inferred, a repeated one is worth a warning.
    """
    if not scope.request.include_tests or not detail.grain:
        return detail
    because = f"the model promises {detail.grain_says or article('row')}"
    key = scope.keys.primary_keys.get(table) if table else None
    sure = {"severity": severity(key.origin) if key else "error", "basis": "default", "because": because}
    if len(detail.grain) > 1:
        arguments = {"columns": list(detail.grain)}
        test = DataTest(name="unique_combination", arguments=arguments, **sure)
        return detail.model_copy(update={"tests": (*detail.tests, test)})
    columns = tuple(
        column
        if column.name != detail.grain[0] or column.tests
        else column.model_copy(update={"tests": (DataTest(name="unique", **sure), DataTest(name="not_null", **sure))})
        for column in detail.columns
    )
    return detail.model_copy(update={"columns": columns})


# ---------------------------------------------------------------- tests


def _tested(action: PlanAction, work: _Work) -> PlanAction:
    if action.step_id not in work.fresh or not isinstance(action.detail, StagingDetail):
        return action
    return action.model_copy(
        update={"detail": add_tests(action.detail, work.scope, work.scope.readable(work.staged, action.file_path))}
    )


def require_detail(plan: ExecutionPlan) -> None:
    """Refuses a plan of which an action could not be resolved, as rendering needs every one.

    Raises:
        PlanError: names the actions.
    """
    bare = [action.name for action in plan.actions if action.detail is None]
    if bare:
        raise PlanError(
            f"{', '.join(bare)}: columns of the models they read are not known, so no SQL can be written. "
            "Give the project itself: `--project DIR`, or `read_project(DIR).context()` in Python"
        )
