"""The planner that needs no model and no key: a tuple of steps, read top to bottom.

Every step looks at what the steps before it planned and adds its own actions, each with its detail and its reasons.
The result is a draft like any other and passes the same gate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SNAPSHOT,
    CREATE_SOURCE,
    CREATE_STAGING,
    Evidence,
    ExecutionPlan,
    Finding,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    StagingDetail,
)
from cartridge.domain.schema import ModelType, TableKey
from cartridge.plan.change_behaviour import incremental, snapshot
from cartridge.plan.describe import words
from cartridge.plan.finding import note
from cartridge.plan.marts import (
    Staged,
    mart_detail,
    rollup_detail,
    rollup_key,
    singular_name,
    union_detail,
    with_references,
)
from cartridge.plan.naming import Home, model_home, shortened, sources_file, staging_home
from cartridge.plan.neighbours import is_neighbour, mart_entities
from cartridge.plan.resolve import exists, source_detail, with_grain_tests
from cartridge.plan.scope import Scope, scope_of
from cartridge.plan.shape import ModelShape, model_shape, shape_of
from cartridge.plan.staging import add_tests, stage
from cartridge.plan.star import MartDesign, StarDesign, design_star


def draft_offline(request: ModelGenerationRequest) -> ExecutionPlan:
    """A plan for the request, from its tables, keys and conventions alone.

    Raises:
        InputError: the target warehouse is not known, or a table is given twice.
    """
    scope = scope_of(request)
    work = Work(scope, stands_for=scope.existing_shapes("staging"))
    for step in STEPS:
        step(work)
    strategy = "brownfield" if work.scope.is_brownfield else "greenfield"
    actions = [action.model_copy(update={"step_id": place}) for place, action in enumerate(work.actions, 1)]
    return ExecutionPlan(strategy=strategy, actions=actions, findings=work.findings)


@dataclass(frozen=True)
class Why:
    """What an action says of itself, and its reasons."""

    description: str
    evidence: tuple[Evidence, ...]


@dataclass
class Work:
    """What has been planned so far."""

    scope: Scope
    actions: list[PlanAction] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    shapes: dict[str, ModelShape] = field(default_factory=dict)
    stands_for: dict[TableKey, ModelShape] = field(default_factory=dict)
    """The model that stands for a source table downstream: its staging model, or a union."""
    rollups: dict[str, ModelShape] = field(default_factory=dict)
    marts: dict[str, MartDesign] = field(default_factory=dict)
    suggested: list[str] = field(default_factory=list)
    """Marts that would be planned if that layer were asked for."""

    @cached_property
    def star(self) -> StarDesign:
        """The star schema over the tables that are not views."""
        tables = [table for table in self.scope.tables.values() if not table.is_view]
        tables += [neighbour.table for neighbour in self.scope.neighbours]
        return design_star(tables, self.scope.keys, self.scope.request.profile)

    @property
    def stand_ins(self) -> Staged:
        """The models by the tables they stand for."""
        return Staged(self.stands_for, self.documents)

    @cached_property
    def documents(self) -> frozenset[TableKey]:
        """Tables of facts and events."""
        return frozenset(key for key, role in self.star.roles.items() if role.role in {"fact", "event"})

    def existing_mart(self, design: MartDesign, name: str) -> str | None:
        """The project's mart that is what the design would make: by name, by entity, or as its calendar."""
        if self.taken(name):
            return name
        entities = self.existing_entities
        wanted = (
            ("date", "day", "calendar", "calendar_date") if design.kind == "date" else (singular_name(design.name),)
        )
        return next((entities[word] for word in wanted if word in entities), None)

    @cached_property
    def existing_entities(self) -> dict[str, str]:
        """What the project's marts are about."""
        return mart_entities(self.scope.state)

    def taken(self, name: str) -> bool:
        """Whether a model of the project or of this plan bears the name."""
        return name in self.scope.existing_models or name in self.shapes

    def add(self, action: PlanAction) -> ModelShape | None:
        """Adds an action; returns the shape of its model."""
        self.actions.append(action)
        shape = shape_of(action, self.shapes)
        if shape is not None:
            self.shapes[action.name] = shape
        return shape


# ---------------------------------------------------------------- sources


def plan_sources(work: Work) -> None:
    """One source per schema. A source known by name only declares its tables already, as far as anybody knows."""
    scope = work.scope
    known_by_name = scope.existing_sources - set(scope.state.sources if scope.state else ())
    for source, tables in scope.by_source().items():
        if source in known_by_name:
            work.findings.append(note("source-exists", f"source {source} exists: it is not declared again"))
            continue
        state = scope.state.sources.get(source) if scope.state else None
        declared = {entry.name for entry in state.tables} if state else set()
        new = [table for table in tables if scope.sources[table.key].table not in declared]
        if not new:
            continue
        append = exists(source, scope)
        path = state.path if state and state.path else sources_file(scope.conventions, source)
        schema = tables[0].schema or source
        verb = "Adds" if append else "Declares"
        work.add(
            PlanAction(
                step_id=0,
                type=CREATE_SOURCE,
                name=source,
                file_path=path,
                description=f"{verb} {_count(len(new), 'table')} of schema {schema} as dbt source {source}.",
                detail=source_detail(new, scope, append),
                properties_path=path,
                evidence=(Evidence(about="name", says=_source_reason(source, schema), basis="convention"),),
            )
        )


def _source_reason(source: str, schema: str) -> str:
    if source.lower() == schema.lower():
        return f"the source bears the name of its schema, {schema}"
    return f"schema {schema!r} says nothing of what it holds, so the database names the source"


# ---------------------------------------------------------------- staging


def plan_staging(work: Work) -> None:
    """One view per table: the only place where the source is read."""
    scope = work.scope
    if not scope.wants(ModelType.STAGING):
        return
    details = {}
    for key, home in _staging_homes(work).items():
        if key in scope.staged_before or work.taken(home.name):
            work.findings.append(note("already-staged", f"{key[1]} is staged already: left alone"))
            continue
        details[key] = (home, stage(scope.tables[key], scope))
    staged = scope.existing_shapes("staging")
    for key, (home, detail) in details.items():
        shape = shape_of(_staging_action(work, key, home, detail), {})
        if shape is not None:
            staged[key] = shape
    for key, (home, detail) in details.items():
        tested = add_tests(detail, scope, staged)
        shape = work.add(_staging_action(work, key, home, tested))
        if shape is not None:
            work.stands_for[key] = shape


def _staging_homes(work: Work) -> dict[TableKey, Home]:
    """A home per table; tables that would share one get a hash of their own name, except the one that spells it."""
    scope = work.scope
    homes = {
        key: staging_home(scope.conventions, scope.sources[key].source, table.name)
        for key, table in scope.tables.items()
    }
    claims = Counter(home.name.casefold() for home in homes.values())
    for key, home in homes.items():
        if claims[home.name.casefold()] > 1 and not home.name.endswith(f"_{key[1]}"):
            name = shortened(home.name, f"{key[0]}.{key[1]}", always=True)
            homes[key] = replace(home, name=name, path=home.path.replace(f"{home.name}.sql", f"{name}.sql"))
    return homes


def _staging_action(work: Work, key: TableKey, home: Home, detail: StagingDetail) -> PlanAction:
    table = work.scope.tables[key]
    renamed = [f"{column.source} -> {column.name}" for column in detail.columns if column.source != column.name]
    evidence = [_name_reason(work.scope, "staging", home.name)]
    found = work.scope.keys.primary_keys.get(key)
    if found:
        says = f"{', '.join(found.columns)}: {found.origin} key"
        evidence.append(Evidence(about="grain", says=_with(says, found.evidence), basis=found.origin))
    else:
        evidence.append(Evidence(about="grain", says="no key is declared and none was found", against=True))
    if renamed:
        listed = ", ".join(renamed[:4]) + (f" and {len(renamed) - 4} more" if len(renamed) > 4 else "")
        evidence.append(Evidence(about="column", says=f"renamed in house style: {listed}", basis="convention"))
    grain = detail.grain_says or "no key is known"
    return PlanAction(
        step_id=0,
        type=CREATE_STAGING,
        name=home.name,
        file_path=home.path,
        description=f"Staged {words(table.name)}: {grain}.",
        dependencies=[detail.source],
        detail=detail,
        properties_path=home.properties_path,
        evidence=tuple(evidence),
        confidence=found.confidence if found else None,
    )


# ---------------------------------------------------------------- snapshots


def plan_snapshots(work: Work) -> None:
    """The history of dimensions whose rows are overwritten, where it is asked for."""
    scope = work.scope
    if not scope.wants(ModelType.SNAPSHOT):
        return
    for key, role in work.star.roles.items():
        made = snapshot(scope.tables[key], scope) if role.role == "dimension" and key in scope.tables else None
        if made is None:
            continue
        detail, reason = made
        name = shortened(f"snap_{detail.source}__{detail.source_table}")
        if work.taken(name):
            continue
        work.add(
            PlanAction(
                step_id=0,
                type=CREATE_SNAPSHOT,
                name=name,
                file_path=f"snapshots/{name}.yml",
                description=f"Keeps every version of {words(key[1])}, by the {detail.strategy} strategy.",
                dependencies=[detail.source],
                detail=detail,
                properties_path=f"snapshots/{name}.yml",
                evidence=(reason,),
            )
        )


# ---------------------------------------------------------------- intermediate models


def plan_unions(work: Work) -> None:
    """Sibling tables (a shop each, a year each) are stacked, so that marts read one table."""
    if not work.scope.wants(ModelType.INTERMEDIATE):
        return
    for union in work.star.unions:
        made = union_detail(union, work.stand_ins, "source_table")
        home = model_home(work.scope.conventions, "intermediate", f"{union.name}_unioned")
        if made is None or work.taken(home.name):
            continue
        detail, shape = made
        why = Why(
            f"All {union.name.replace('_', ' ')} under each other: {detail.grain_says}.",
            (Evidence(about="grain", says=union.because),),
        )
        work.add(_model_action(work, CREATE_INTERMEDIATE, home, with_grain_tests(detail, work.scope), why))
        shape = replace(shape, name=home.name)
        work.shapes[home.name] = shape
        work.stands_for |= dict.fromkeys(union.tables, shape)


def plan_rollups(work: Work) -> None:
    """Children are summed to their parent in a model of their own: joining them directly would multiply rows."""
    if not work.scope.wants(ModelType.INTERMEDIATE) or not work.scope.wants(ModelType.MARTS):
        return
    for design in work.star.marts:
        for rollup in design.rollups:
            detail = rollup_detail(rollup, work.stand_ins)
            parents = design.name
            home = model_home(work.scope.conventions, "intermediate", f"{rollup.name}_summed_to_{parents}")
            if detail is None or rollup_key(rollup) in work.rollups or work.taken(home.name):
                continue
            many = rollup.name.replace("_", " ")
            says = f"joined as they are, {many} would repeat the rows of {parents}"
            why = Why(
                f"{many.capitalize()} summed to {detail.grain_says}.",
                (Evidence(about="grain", says=says, basis=rollup.relationship.origin),),
            )
            tested = with_grain_tests(detail, work.scope)
            shape = work.add(_model_action(work, CREATE_INTERMEDIATE, home, tested, why))
            if shape is not None:
                work.rollups[rollup_key(rollup)] = shape


# ---------------------------------------------------------------- marts


def plan_dimensions(work: Work) -> None:
    """Dimensions first: facts are tested against them."""
    _plan_marts(work, ("dimension",))


def plan_facts(work: Work) -> None:
    """Facts and bridges, at the finest grain."""
    _plan_marts(work, ("fact", "bridge"))


def plan_dates(work: Work) -> None:
    """One generated calendar over the dates of the facts."""
    _plan_marts(work, ("date",))


def _plan_marts(work: Work, kinds: Iterable[str]) -> None:
    scope = work.scope
    dimensions = scope.existing_shapes("mart") | {
        design.grain_table: work.shapes[name]
        for name, design in work.marts.items()
        if design.kind == "dimension" and design.grain_table is not None
    }
    for design in work.star.marts:
        if design.kind not in kinds or (design.grain_table and is_neighbour(design.grain_table)):
            continue
        home = model_home(scope.conventions, design.kind, design.name)
        detail = mart_detail(design, work.stand_ins, work.rollups)
        if detail is None:
            continue
        existing = work.existing_mart(design, home.name)
        if existing:
            work.findings.append(note("mart-exists", f"{existing} exists: {home.name} is not planned beside it"))
            continue
        if not scope.wants(ModelType.MARTS):
            work.suggested.append(home.name)
            continue
        detail, growth = _growing(design, detail, work)
        detail = with_grain_tests(detail, scope)
        if scope.request.include_tests:
            shape = model_shape(home.name, detail, work.shapes)
            detail = with_references(detail, shape, dimensions, scope.keys.relationships)
        why = Why(_mart_sentence(design, detail), (*_mart_evidence(work, design), *growth))
        work.add(_model_action(work, CREATE_MART, home, detail, why))
        work.marts[home.name] = design


def suggest_marts(work: Work) -> None:
    """Says which marts were not asked for, so that nobody has to guess what there is to have."""
    if work.suggested and work.scope.is_brownfield:
        listed = ", ".join(work.suggested[:12])
        more = f" and {len(work.suggested) - 12} more" if len(work.suggested) > 12 else ""
        work.findings.append(
            note("suggested-marts", f"marts worth having: {listed}{more}", "Plan them with --layers all")
        )


def _growing(design: MartDesign, detail: ModelDetail, work: Work) -> tuple[ModelDetail, tuple[Evidence, ...]]:
    """The mart, incremental where its table is large and that is safe; and the reason."""
    if design.grain_table is None or design.grain_table not in work.scope.tables:
        return detail, ()
    if design.grain_table not in work.stands_for:
        return detail, ()
    table, base = work.scope.tables[design.grain_table], work.stands_for[design.grain_table]
    made, reason = incremental(detail, table, base, work.scope)
    return made, (reason,) if reason else ()


def _mart_sentence(design: MartDesign, detail: ModelDetail) -> str:
    if design.description:
        return design.description
    kinds = {"fact": "Fact", "dimension": "Dimension", "bridge": "Bridge", "date": "Calendar"}
    return f"{kinds[design.kind]}: {detail.grain_says}."


def _mart_evidence(work: Work, design: MartDesign) -> tuple[Evidence, ...]:
    role = work.star.roles.get(design.grain_table) if design.grain_table else None
    return (*design.evidence, *(role.evidence if role else ()))


def _model_action(work: Work, kind: str, home: Home, detail: ModelDetail, why: Why) -> PlanAction:
    layer = "intermediate" if kind == CREATE_INTERMEDIATE else "marts"
    joins = [Evidence(about="join", says=f"{join.alias}: {join.because}", basis=join.basis) for join in detail.joins]
    return PlanAction(
        step_id=0,
        type=kind,
        name=home.name,
        file_path=home.path,
        description=why.description,
        dependencies=list(dict.fromkeys(entry.model for entry in detail.inputs)),
        detail=detail,
        properties_path=home.properties_path,
        evidence=(_name_reason(work.scope, layer, home.name), *why.evidence, *joins),
    )


def _name_reason(scope: Scope, layer: str, name: str) -> Evidence:
    preset = scope.conventions.preset
    if preset == "learned":
        return Evidence(about="name", says=f"{name} follows the project's own {layer} models", basis="convention")
    return Evidence(about="name", says=f"{name} follows the preset {preset}", basis="default")


def _with(says: str, evidence: tuple[str, ...]) -> str:
    return f"{says} ({evidence[0]})" if evidence else says


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


STEPS: tuple[Callable[[Work], None], ...] = (
    plan_sources,
    plan_staging,
    plan_snapshots,
    plan_unions,
    plan_rollups,
    plan_dimensions,
    plan_facts,
    plan_dates,
    suggest_marts,
)
