"""A plan as it is proven in the sandbox: the same models in DuckDB's SQL, over stub tables instead of sources and of
models that exist already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cartridge.domain.plan import (
    CREATE_SOURCE,
    CREATE_STAGING,
    UPDATE_STAGING,
    DataTest,
    Detail,
    ExecutionPlan,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    SnapshotDetail,
    SourceColumn,
    SourceDetail,
    SourceTable,
    StagingDetail,
)
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, TableKey, TableMapping
from cartridge.plan.scope import scope_of
from cartridge.plan.shape import ColumnShape
from cartridge.render.data_tests import referred_model

DATABASE = "sandbox_source"
"""The alias under which the file with the stub tables is attached."""
EXISTING = "existing_models"
"""The schema of the tables that stand in for models of the project."""
FILE = "source.duckdb"


@dataclass(frozen=True)
class Stub:
    """A table to make: `table` says what it holds, `schema` and `name` where it is in the attached file."""

    schema: str
    name: str
    table: TableMapping


@dataclass(frozen=True)
class SandboxPlan:
    """What to build. `models` are the texts of files that stand in for existing models; `unprovable` maps the names of
    planned models that cannot be proven here to the reason; `dropped` are tests left out with them."""

    plan: ExecutionPlan
    request: ModelGenerationRequest
    stubs: tuple[Stub, ...]
    existing: Mapping[str, TableMapping]
    unprovable: Mapping[str, str]
    dropped: tuple[str, ...]

    @property
    def tables(self) -> list[TableMapping]:
        """The tables of all stubs, each once."""
        return list({stub.table.key: stub.table for stub in self.stubs}.values())


def sandbox_plan(plan: ExecutionPlan, request: ModelGenerationRequest) -> SandboxPlan:
    """Rewrite a resolved plan for the sandbox."""
    existing, unknown = _existing_models(plan, request)
    sources = _Sources(plan, request)
    unprovable = _unprovable(plan, sources, unknown)
    actions, dropped = [], []
    for action in plan.actions:
        if action.type == CREATE_SOURCE or action.name in unprovable or action.detail is None:
            continue
        detail, lost = _without_tests_on(action.detail, {*unprovable, *unknown})
        dropped += [f"{test.name} on {action.name}" for test in lost]
        actions.append(_placed(action, detail))
    return SandboxPlan(
        plan=ExecutionPlan(strategy="greenfield", actions=[*sources.actions(existing), *actions]),
        request=replace(
            request,
            target_warehouse="duckdb",
            file_source=FILE,
            context=ProjectContext(project_name="sandbox"),
        ),
        stubs=(*sources.stubs(), *(Stub(EXISTING, name, table) for name, table in sorted(existing.items()))),
        existing=existing,
        unprovable=unprovable,
        dropped=tuple(dropped),
    )


def _placed(action: PlanAction, detail: Detail) -> PlanAction:
    """The action with paths of the sandbox's own, whatever the layout of the real project."""
    kind = CREATE_STAGING if action.type == UPDATE_STAGING else action.type
    changes: dict[str, object] = {"type": kind, "detail": detail}
    if isinstance(detail, SnapshotDetail):
        changes |= {"file_path": f"snapshots/{action.name}.yml", "properties_path": None}
    else:
        changes |= {
            "file_path": f"models/planned/{action.name}.sql",
            "properties_path": "models/planned/properties.yml",
        }
    return action.model_copy(update=changes)


class _Sources:
    """Every source table that the plan reads or declares, with the table of the request that it stands for."""

    def __init__(self, plan: ExecutionPlan, request: ModelGenerationRequest) -> None:
        self._tables = {table.key: table for table in request.tables}
        self._steps: dict[str, PlanAction] = {}
        self._declared: dict[str, dict[str, SourceTable]] = {}
        self._keys: dict[tuple[str, str], TableKey] = {}
        for action in plan.actions:
            match action.detail:
                case SourceDetail() as detail:
                    self._steps.setdefault(action.name, action)
                    for table in detail.tables:
                        self._declare(action.name, table, (detail.schema_name, table.identifier or table.name))
                case StagingDetail() | SnapshotDetail() as detail:
                    read = SourceTable(name=detail.source_table, identifier=detail.table[1])
                    self._declare(detail.source, read, detail.table)
                    self._keys[detail.source, detail.source_table] = detail.table
                case _:
                    pass
        self._schemas = {name: f"source_{place}" for place, name in enumerate(sorted(self._declared), 1)}

    def _declare(self, source: str, table: SourceTable, key: TableKey) -> None:
        self._declared.setdefault(source, {}).setdefault(table.name, table)
        self._keys.setdefault((source, table.name), key)

    def fault(self, source: str, table: str) -> str | None:
        """Why a source table cannot be made here."""
        found = self._table(source, table)
        if found is None or not found.columns:
            return f"the columns of {source}.{table} are not known"
        names = [column.name.casefold() for column in found.columns]
        if len(set(names)) < len(names):
            return f"{source}.{table} has columns that differ only in case, which DuckDB takes for one"
        return None

    def _table(self, source: str, table: str) -> TableMapping | None:
        key = self._keys[source, table]
        found = self._tables.get(key)
        if found is not None:
            return found
        named = [candidate for candidate in self._tables.values() if candidate.name == key[1]]
        if len(named) == 1:
            return named[0]
        columns = self._declared[source][table].columns
        return TableMapping(key[1], key[0], columns=[_column(column) for column in columns])

    def _made(self) -> Iterator[tuple[str, SourceTable, TableMapping, str]]:
        """(source, its table, what it holds, the name it is made under), names apart also for who folds case."""
        for source in sorted(self._declared):
            taken: set[str] = set()
            for name, table in sorted(self._declared[source].items()):
                found = self._table(source, name)
                if found is None or self.fault(source, name) is not None:
                    continue
                physical = table.identifier or table.name
                while physical.casefold() in taken:
                    physical += "_"
                taken.add(physical.casefold())
                yield source, table, found, physical

    def stubs(self) -> tuple[Stub, ...]:
        return tuple(Stub(self._schemas[source], physical, table) for source, _, table, physical in self._made())

    def actions(self, existing: Mapping[str, TableMapping]) -> list[PlanAction]:
        """One `create_source` for each source, over the stub tables; and one for the stand-ins of models, so that
        their file is attached where the plan reads no source."""
        tables: dict[str, list[SourceTable]] = {}
        for source, table, _, physical in self._made():
            tables.setdefault(source, []).append(table.model_copy(update={"identifier": physical}))
        made = [
            PlanAction(
                step_id=self._steps[source].step_id if source in self._steps else 0,
                type=CREATE_SOURCE,
                name=source,
                file_path=f"models/sources/{self._schemas[source]}.yml",
                detail=SourceDetail(schema_name=self._schemas[source], database=DATABASE, tables=tuple(found)),
                evidence=self._steps[source].evidence if source in self._steps else None,
            )
            for source, found in tables.items()
        ]
        return [*made, self._stand_ins(existing)] if existing else made

    def _stand_ins(self, existing: Iterable[str]) -> PlanAction:
        name = EXISTING
        while name in self._declared:
            name += "_"
        tables = tuple(SourceTable(name=model) for model in sorted(existing))
        return PlanAction(
            step_id=0,
            type=CREATE_SOURCE,
            name=name,
            file_path=f"models/sources/{EXISTING}.yml",
            detail=SourceDetail(schema_name=EXISTING, database=DATABASE, tables=tables),
        )


def _column(column: SourceColumn) -> ColumnMapping:
    return ColumnMapping(column.name, column.data_type)


def _existing_models(
    plan: ExecutionPlan, request: ModelGenerationRequest
) -> tuple[dict[str, TableMapping], dict[str, str]]:
    """Stand-ins for the models of the project that the plan refers to, and those whose columns nobody knows."""
    state = request.context.state if request.context is not None else None
    planned = {action.name for action in plan.actions if action.type != CREATE_SOURCE}
    wanted = sorted(_referred(plan) - planned)
    shapes = scope_of(request).known_shapes() if wanted else {}
    tables = {table.key: table for table in request.tables}
    found: dict[str, TableMapping] = {}
    unknown: dict[str, str] = {}
    for name in wanted:
        model = state.models.get(name) if state is not None else None
        if model is None or model.columns is None or not model.columns:
            unknown[name] = f"the columns of the existing model {name} are not known"
            continue
        shape = shapes[name]
        grain = list(model.grain or shape.grain)
        columns = []
        for column in model.columns:
            source = _source_column(shape.columns[column], tables)
            kind = _kind(plan, name, column) or (source.data_type if source is not None else "")
            columns.append(ColumnMapping(column, kind, column not in grain and (source is None or source.nullable)))
        found[name] = TableMapping(name, EXISTING, columns=columns, primary_key_columns=grain or None)
    return found, unknown


def _source_column(column: ColumnShape, tables: Mapping[TableKey, TableMapping]) -> ColumnMapping | None:
    """The source column that an existing model passes on, where that is known."""
    if column.origin is None or column.origin[0] not in tables:
        return None
    return tables[column.origin[0]].column(column.origin[1])


def _referred(plan: ExecutionPlan) -> set[str]:
    """Every model that the plan reads or tests against."""
    names: set[str] = set()
    for action in plan.actions:
        names |= set(_inputs(action))
        for test in _tests(action.detail):
            names |= _tested_against(test)
    return names


def _inputs(action: PlanAction) -> Iterator[str]:
    if isinstance(action.detail, ModelDetail):
        yield from (read.model for read in action.detail.inputs)
        yield from (span.model for span in action.detail.date_spans)


def _tests(detail: Detail | None) -> Iterator[DataTest]:
    if isinstance(detail, StagingDetail | ModelDetail):
        yield from detail.tests
        for column in detail.columns:
            yield from column.tests


def _tested_against(test: DataTest) -> set[str]:
    model = referred_model(test)
    return {model} if model is not None else set()


def _kind(plan: ExecutionPlan, model: str, column: str) -> str:
    """The type of an existing model's column, as far as what the plan does with it tells; the empty string if not."""
    for action in plan.actions:
        if not isinstance(action.detail, ModelDetail):
            continue
        aliases = {read.alias for read in action.detail.inputs if read.model == model}
        if any(span.model == model and span.column == column for span in action.detail.date_spans):
            return "date"
        for output in action.detail.columns:
            if output.alias in aliases and column in (output.column, output.factor):
                if output.data_type:
                    return output.data_type
                if output.function not in ("column", "count", "count_distinct", "count_rows", "min", "max"):
                    return "decimal(18, 2)"
    return _joined_kind(plan, model, column)


def _joined_kind(plan: ExecutionPlan, model: str, column: str) -> str:
    """The type of the staged column that a column is joined to, or that a test holds to be found in it."""
    types = {
        (action.name, staged.name): staged.cast or staged.data_type
        for action in plan.actions
        if isinstance(action.detail, StagingDetail)
        for staged in action.detail.columns
    }
    for left, right in _joined_columns(plan):
        other = right if left == (model, column) else left if right == (model, column) else None
        if other is not None and types.get(other):
            return types[other]
    return ""


def _joined_columns(plan: ExecutionPlan) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of (model, column) that some join or test holds equal."""
    for action in plan.actions:
        if isinstance(action.detail, StagingDetail | ModelDetail):
            for column in action.detail.columns:
                for test in column.tests:
                    for model in _tested_against(test):
                        yield (action.name, column.name), (model, str(test.arguments.get("field")))
        if isinstance(action.detail, ModelDetail):
            models = {read.alias: read.model for read in action.detail.inputs}
            for join in action.detail.joins:
                for key in join.keys:
                    left, right = models.get(key.left_alias, ""), models.get(join.alias, "")
                    yield (left, key.left_column), (right, key.right_column)


def _unprovable(plan: ExecutionPlan, sources: _Sources, unknown: Mapping[str, str]) -> dict[str, str]:
    """Planned models that rest on something nobody knows, and all that read them."""
    found: dict[str, str] = {}
    for action in plan.actions:
        match action.detail:
            case StagingDetail() | SnapshotDetail() as detail:
                reason = sources.fault(detail.source, detail.source_table)
            case ModelDetail():
                reasons = (unknown.get(name) or _rests_on(name, found) for name in _inputs(action))
                reason = next((text for text in reasons if text), None)
            case SourceDetail():
                reason = None
            case None:
                reason = "it is not resolved"
        if reason is not None:
            found[action.name] = reason
    return found


def _rests_on(name: str, unprovable: Mapping[str, str]) -> str | None:
    return f"it reads {name}, which is not provable here" if name in unprovable else None


def _without_tests_on(detail: Detail, names: Iterable[str]) -> tuple[Detail, list[DataTest]]:
    """The detail without tests that refer to models which are not here, and those tests."""
    absent = set(names)
    lost = [test for test in _tests(detail) if _tested_against(test) & absent]
    if not lost or not isinstance(detail, StagingDetail | ModelDetail):
        return detail, []

    def kept(tests: Iterable[DataTest]) -> tuple[DataTest, ...]:
        return tuple(test for test in tests if not _tested_against(test) & absent)

    columns = tuple(column.model_copy(update={"tests": kept(column.tests)}) for column in detail.columns)
    return detail.model_copy(update={"columns": columns, "tests": kept(detail.tests)}), lost
