"""Intermediate models, where they earn their place: siblings stacked, children summed."""

from __future__ import annotations

from dataclasses import replace

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    Evidence,
)
from cartridge.domain.schema import ModelType
from cartridge.plan.marts import (
    rollup_detail,
    rollup_key,
    union_detail,
)
from cartridge.plan.naming import model_home
from cartridge.plan.resolve import with_grain_tests
from cartridge.plan.steps.work import Why, Work, in_habit, model_action


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
        detail = in_habit(detail, work.scope.conventions.intermediate)
        tested = with_grain_tests(detail, work.scope, union.tables[0])
        work.add(model_action(work, CREATE_INTERMEDIATE, home, tested, why))
        shape = replace(shape, name=home.name)
        work.shapes[home.name] = shape
        work.stands_for |= dict.fromkeys(union.tables, shape)


def plan_rollups(work: Work) -> None:
    """Children are summed to their parent in a model of their own: joining them directly would multiply rows."""
    if not work.scope.wants(ModelType.INTERMEDIATE) or not work.scope.wants(ModelType.MARTS):
        return
    for design in work.star.marts:
        if work.existing_mart(design, model_home(work.scope.conventions, design.kind, design.name).name):
            continue
        for rollup in design.rollups:
            child = work.scope.tables.get(rollup.relationship.table)
            optional = {column.name for column in child.columns if column.nullable} if child else set[str]()
            detail = rollup_detail(rollup, work.stand_ins, optional)
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
            tested = with_grain_tests(in_habit(detail, work.scope.conventions.intermediate), work.scope)
            shape = work.add(model_action(work, CREATE_INTERMEDIATE, home, tested, why))
            if shape is not None:
                work.rollups[rollup_key(rollup)] = shape
