"""Snapshots: the history of rows that are overwritten."""

from __future__ import annotations

from cartridge.domain.plan import (
    CREATE_SNAPSHOT,
    PlanAction,
)
from cartridge.domain.schema import ModelType
from cartridge.plan.change_behaviour import snapshot
from cartridge.plan.describe import words
from cartridge.plan.naming import shortened
from cartridge.plan.steps.work import Work


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
