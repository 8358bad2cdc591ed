"""What the steps share: what is planned so far, and how an action says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    Evidence,
    Finding,
    ModelDetail,
    PlanAction,
)
from cartridge.domain.project import LayerRule
from cartridge.domain.schema import TableKey
from cartridge.plan.change_behaviour import LARGE_ROWS
from cartridge.plan.conventions.learned import LearnedConventions
from cartridge.plan.marts import (
    Staged,
    singular_name,
)
from cartridge.plan.naming import Home, model_names
from cartridge.plan.neighbours import mart_entities
from cartridge.plan.presets import DEFAULT_PRESET
from cartridge.plan.scope import Scope
from cartridge.plan.shape import ModelShape, shape_of
from cartridge.plan.star import MartDesign, StarDesign, design_star


@dataclass(frozen=True)
class Why:
    """What an action says of itself, and its reasons."""

    description: str
    evidence: tuple[Evidence, ...]
    rows: int | None = None
    """How many rows the model has, where that is known."""


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
    known: dict[str, list[str]] = field(default_factory=lambda: {"already-staged": [], "mart-exists": []})
    """What was left alone since it is there already, by the code of the finding."""
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
        return Staged(self.stands_for, self.documents, self.scope.noun)

    @cached_property
    def documents(self) -> frozenset[TableKey]:
        """Tables of facts and events."""
        return frozenset(key for key, role in self.star.roles.items() if role.role in {"fact", "event"})

    def existing_mart(self, design: MartDesign, name: str) -> str | None:
        """The project's mart that is what the design would make: by name, table or entity, or as its calendar."""
        if self.taken(name):
            return name
        if design.grain_table is not None and design.grain_table in self.scope.marts:
            return self.scope.marts[design.grain_table]
        namesake = self._namesake(design)
        if namesake:
            return namesake
        entities = self.existing_entities
        wanted = (
            ("date", "day", "calendar", "calendar_date") if design.kind == "date" else (singular_name(design.name),)
        )
        return next((entities[word] for word in wanted if word in entities), None)

    def _namesake(self, design: MartDesign) -> str | None:
        """The project's mart that reads the table of the design and bears its name in the singular, the plural or as
        it is, also where the name had to be cut: then its words are no longer to be read off it."""
        state, ref = self.scope.state, self.scope.sources.get(design.grain_table or ("", ""))
        stager = self.scope.stagers.get((ref.source, ref.table)) if ref else None
        if state is None or stager is None:
            return None
        names = model_names(self.scope.conventions, design.kind, design.name)
        found = (state.models[name] for name in sorted(names & state.models.keys()))
        return next((model.name for model in found if stager.name in model.refs), None)

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
        shape = shape_of(action, self.shapes, self.scope.tables)
        if shape is not None:
            self.shapes[action.name] = shape
        return shape


def model_action(work: Work, kind: str, home: Home, detail: ModelDetail, why: Why) -> PlanAction:
    """The action that makes an intermediate model or mart, with the reasons of its name and joins."""
    layer = "intermediate" if kind == CREATE_INTERMEDIATE else "marts"
    joins = [Evidence(about="join", says=f"{join.alias}: {join.because}", basis=join.basis) for join in detail.joins]
    decided = any(reason.about == "materialized" for reason in why.evidence)
    material = () if decided else (material_reason(detail.materialized, work.scope, layer, why.rows),)
    return PlanAction(
        step_id=0,
        type=kind,
        name=home.name,
        file_path=home.path,
        description=why.description,
        dependencies=list(dict.fromkeys(entry.model for entry in detail.inputs)),
        detail=detail,
        properties_path=home.properties_path,
        evidence=(name_reason(work.scope, layer, home.name), *why.evidence, *joins, *material),
    )


def material_reason(kind: str, scope: Scope, layer: str, rows: int | None = None) -> Evidence:
    """Why a model is a view or a table, and what would make it something else."""
    if scope.conventions.preset == "learned" and not _shows_none(scope, layer):
        says = f"{kind}, as the project's own {layer} models are"
        return Evidence(about="materialized", says=says, basis="convention")
    if layer != "marts":
        return Evidence(about="materialized", says=f"{kind}: few readers, and no work worth keeping", basis="default")
    size = f"{rows:,} rows: " if rows is not None else ""
    says = f"{size}{kind}, built anew each run; a fact from {LARGE_ROWS:,} rows on is incremental where that is safe"
    return Evidence(about="materialized", says=says, basis="default")


def in_habit(detail: ModelDetail, rule: LayerRule) -> ModelDetail:
    """The model materialised as most of the project's models of its kind are, unless there is a reason against it."""
    if rule.habit is None or detail.materialized not in {"view", "table"}:
        return detail
    return detail.model_copy(update={"materialized": rule.habit})


def _shows_none(scope: Scope, layer: str) -> bool:
    """Whether a project has no model of a layer above staging and asks for nothing: the preset's rule then holds."""
    learned = scope.conventions
    asked = isinstance(learned, LearnedConventions) and bool(learned.asked)
    if scope.state is None or layer == "staging" or asked:
        return False
    return not any(model.layer == layer.removesuffix("s") for model in scope.state.own_models)


def name_reason(scope: Scope, layer: str, name: str) -> Evidence:
    """Where a name comes from."""
    preset = scope.conventions.preset
    if preset == "learned" and _shows_none(scope, layer):
        says = f"{name} and its folder follow the preset {DEFAULT_PRESET}: the project has no such models"
        return Evidence(about="name", says=says, basis="default")
    if preset == "learned":
        return Evidence(
            about="name", says=f"{name} and its folder follow the project's own {layer} models", basis="convention"
        )
    return Evidence(about="name", says=f"{name} and its folder follow the preset {preset}", basis="default")


def counted(number: int, noun: str) -> str:
    """The number with its noun: "1 table", "2 tables"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
