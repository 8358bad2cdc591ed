"""Marts: facts, dimensions, bridges, and one calendar."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from cartridge.domain.plan import (
    CREATE_MART,
    Evidence,
    ModelDetail,
)
from cartridge.domain.schema import ModelType, TableKey
from cartridge.plan.access import forbidden
from cartridge.plan.change_behaviour import incremental
from cartridge.plan.drift import drift
from cartridge.plan.finding import note, of_project
from cartridge.plan.marts import (
    mart_detail,
    with_references,
)
from cartridge.plan.naming import layer_rule, model_home
from cartridge.plan.neighbours import is_neighbour
from cartridge.plan.resolve import with_grain_tests
from cartridge.plan.shape import ModelShape, model_shape
from cartridge.plan.star import MartDesign
from cartridge.plan.steps.work import Why, Work, in_habit, model_action


def plan_dimensions(work: Work) -> None:
    """Dimensions first: facts are tested against them."""
    _plan_marts(work, ("dimension",))


def plan_facts(work: Work) -> None:
    """Facts and bridges, at the finest grain."""
    _plan_marts(work, ("fact", "bridge"))


def plan_dates(work: Work) -> None:
    """One generated calendar over the dates of the facts; a project that has marts without one can do without."""
    state = work.scope.state
    if state and any(model.layer == "mart" and model.enabled for model in state.own_models):
        return
    _plan_marts(work, ("date",))


def _plan_marts(work: Work, kinds: Iterable[str]) -> None:
    scope = work.scope
    dimensions = cache(lambda: _dimensions(work))
    for design in work.star.marts:
        if design.kind not in kinds or (design.grain_table and is_neighbour(design.grain_table)):
            continue
        home = model_home(scope.conventions, design.kind, design.name)
        existing = work.existing_mart(design, home.name)
        if existing:
            work.known["mart-exists"].append(existing)
            continue
        detail = mart_detail(design, work.stand_ins, work.rollups)
        if detail is None:
            continue
        if not scope.wants(ModelType.MARTS):
            work.suggested.append(home.name)
            continue
        barred = sorted(forbidden(home.path, scope.state) & {entry.model for entry in detail.inputs})
        if barred:
            says = f"{home.name} is not planned: it would read {', '.join(barred)}, private to another group"
            work.findings.append(note("private-input", says, "Make them protected, or place the mart in their group"))
            continue
        detail, growth = _growing(design, in_habit(detail, layer_rule(scope.conventions, design.kind)), work)
        detail = with_grain_tests(detail, scope, design.grain_table)
        if scope.request.include_tests and scope.conventions.documentation.references:
            shape = model_shape(home.name, detail, work.shapes)
            detail = with_references(detail, shape, scope.readable(dimensions(), home.path), scope)
        why = Why(_mart_sentence(design, detail), (*_mart_evidence(work, design), *growth), _rows(work, design))
        work.add(model_action(work, CREATE_MART, home, detail, why))
        work.marts[home.name] = design


def _dimensions(work: Work) -> dict[TableKey, ModelShape]:
    """What a mart may refer to for a table: the project's own mart, or the dimension that was just planned."""
    planned = {
        design.grain_table: work.shapes[name]
        for name, design in work.marts.items()
        if design.kind == "dimension" and design.grain_table is not None
    }
    return work.scope.existing_shapes("mart") | dict(work.scope.mart_shapes) | planned


def say_what_is_known(work: Work) -> None:
    """Says what moved, what was left alone since the project has it, and which marts could be had."""
    work.findings += [*of_project(work.scope.state), *drift(work.scope)]
    says = {"already-staged": "staged already", "mart-exists": "there already, as marts"}
    for code, names in work.known.items():
        if names:
            work.findings.append(note(code, f"{_listed(names)}: {says[code]}, left alone"))
    if work.suggested and work.scope.is_brownfield:
        worth = f"marts worth having: {_listed(work.suggested)}"
        work.findings.append(note("suggested-marts", worth, "Plan them with --layers all"))


def _listed(names: list[str]) -> str:
    """The first dozen, and how many more."""
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


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


def _rows(work: Work, design: MartDesign) -> int | None:
    table = work.scope.tables.get(design.grain_table) if design.grain_table else None
    return table.row_count if table else None


def _mart_evidence(work: Work, design: MartDesign) -> tuple[Evidence, ...]:
    role = work.star.roles.get(design.grain_table) if design.grain_table else None
    return (*design.evidence, *(role.evidence if role else ()))
