"""Staging: one view per table, in the conventions of the project."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from cartridge.domain.plan import (
    CREATE_STAGING,
    UPDATE_STAGING,
    Evidence,
    Finding,
    PlanAction,
    StagingDetail,
)
from cartridge.domain.schema import ModelType, TableKey
from cartridge.plan.describe import words
from cartridge.plan.drift import new_columns
from cartridge.plan.finding import warning
from cartridge.plan.naming import Home, shortened, staging_home, with_source
from cartridge.plan.scope import Scope
from cartridge.plan.shape import shape_of
from cartridge.plan.staging import add_tests, stage, telling
from cartridge.plan.steps.work import Work, material_reason, name_reason


def plan_staging(work: Work) -> None:
    """One view per table: the only place where the source is read."""
    scope = work.scope
    if not scope.wants(ModelType.STAGING):
        return
    for key in scope.staged_before:
        if not new_columns(key, scope):
            work.known["already-staged"].append(_how_staged(work, key))
    details = _to_stage(work)
    staged = scope.existing_shapes("staging")
    for key, (home, detail) in details.items():
        shape = shape_of(_staging_action(work, key, home, detail), {}, work.scope.tables)
        if shape is not None:
            staged[key] = shape
    for key, (home, detail) in details.items():
        tested = add_tests(detail, scope, scope.readable(staged, home.path))
        shape = work.add(_staging_action(work, key, home, tested))
        if shape is not None:
            work.stands_for[key] = shape


def _to_stage(work: Work) -> dict[TableKey, tuple[Home, StagingDetail]]:
    """The tables that get a model, with its place and what it selects; the others are reported."""
    scope = work.scope
    details = {}
    renamed = set(scope.renamed_tables.values())
    for key, home in _staging_homes(work).items():
        if key in renamed:
            continue
        free = _free_home(work, key, home)
        if free is None:
            there = "" if scope.state is None else f" (there is a {home.name})"
            work.known["already-staged"].append(f"{key[1]}{there}")
        elif work.taken(free.name):
            work.findings.append(_name_taken(work, key, free))
        else:
            habit = scope.conventions.staging.habit
            detail = stage(scope.tables[key], scope)
            details[key] = (free, detail.model_copy(update={"materialized": habit}) if habit else detail)
    return details


def _free_home(work: Work, key: TableKey, home: Home) -> Home | None:
    """The home whose name is free, with the source's name in it where the plain one is taken (and taken still, where
    that is no help); None where the node of that name stands for the table, as far as anybody knows."""
    if not work.taken(home.name):
        return home
    node = work.scope.state.models.get(home.name) if work.scope.state else None
    if node is None or node.unknown or (node.kind == "model" and not node.refs and not node.sources):
        return None
    source = work.scope.sources[key].source
    named = with_source(home, source, work.scope.state)
    return named if named and not work.taken(named.name) else home


def _how_staged(work: Work, key: TableKey) -> str:
    """The table's name, and what stages it where that is not the usual model."""
    ref = work.scope.sources[key]
    node = work.scope.stagers[ref.source, ref.table]
    if not node.enabled:
        return f"{key[1]} (by {node.name}, which is disabled)"
    return key[1] if node.entry else f"{key[1]} (by {node.kind} {node.name})"


def _name_taken(work: Work, key: TableKey, home: Home) -> Finding:
    node = work.scope.state.models[home.name] if work.scope.state else None
    ref = work.scope.sources[key]
    owner = f" of package {node.package}" if node and node.package else ""
    what = f"{node.kind} {node.path}{owner}" if node else "another model"
    return warning(
        "name-taken",
        f"{ref.source}.{ref.table} is not staged: its model would be {home.name}, which is the name of {what}",
        "Rename that one, or stage the table by hand under another name",
    )


def update_staging(work: Work) -> None:
    """A new column is added to the staging model that lacks it, where nobody edited that model."""
    scope = work.scope
    if not scope.wants(ModelType.STAGING) or scope.state is None:
        return
    staged = scope.existing_shapes("staging")
    for key, shape in scope.staged_before.items():
        new = new_columns(key, scope)
        if shape is None or not new:
            continue
        model = scope.state.models[shape.name]
        detail = add_tests(stage(scope.tables[key], scope), scope, scope.readable(staged, model.path))
        named = ", ".join(column.name for column in new)
        updated = work.add(
            PlanAction(
                step_id=0,
                type=UPDATE_STAGING,
                name=model.name,
                file_path=model.path,
                description=f"Adds {named} of {key[1]}, which the model does not select yet.",
                dependencies=[detail.source],
                detail=detail.model_copy(update={"materialized": model.materialized or detail.materialized}),
                properties_path=model.properties_path
                or staging_home(scope.conventions, detail.source, key[1]).properties_path,
                evidence=(
                    Evidence(about="column", says=f"{named}: in the source, not in {model.path}", basis="measured"),
                    Evidence(about="path", says="nobody edited the file: it is what its own columns give"),
                ),
            )
        )
        if updated is not None:
            work.stands_for[key] = updated


def _staging_homes(work: Work) -> dict[TableKey, Home]:
    """A home per table that is not staged yet; tables that would share one, with each other or with one that is staged,
    get a hash of their own name, except the one that spells it."""
    scope = work.scope
    homes = {
        key: staging_home(scope.conventions, scope.sources[key].source, table.name)
        for key, table in scope.tables.items()
        if key not in scope.staged_before
    }
    claims = Counter(home.name.casefold() for home in homes.values())
    claims.update(shape.name.casefold() for shape in scope.staged_before.values() if shape is not None)
    for key, home in homes.items():
        if claims[home.name.casefold()] > 1 and not home.name.endswith(f"_{key[1]}"):
            name = shortened(home.name, f"{key[0]}.{key[1]}", always=True)
            homes[key] = replace(home, name=name, path=home.path.replace(f"{home.name}.sql", f"{name}.sql"))
    return homes


def _staging_action(work: Work, key: TableKey, home: Home, detail: StagingDetail) -> PlanAction:
    table = work.scope.tables[key]
    renamed = [f"{column.source} -> {column.name}" for column in detail.columns if column.source != column.name]
    evidence = [name_reason(work.scope, "staging", home.name)]
    found = work.scope.keys.primary_keys.get(key)
    if found:
        says = f"{', '.join(found.columns)}: {found.origin} key"
        evidence.append(
            Evidence(about="grain", says=_with(says, telling(found.origin, found.evidence)), basis=found.origin)
        )
    else:
        evidence.append(_no_key(key, work.scope))
    if renamed:
        listed = ", ".join(renamed[:4]) + (f" and {len(renamed) - 4} more" if len(renamed) > 4 else "")
        evidence.append(Evidence(about="column", says=f"renamed in house style: {listed}", basis="convention"))
    evidence += [
        Evidence(
            about="column",
            says=f"{column.name} is cast from {column.data_type} to {column.cast}, the type of the key it refers to",
            basis="measured",
        )
        for column in detail.columns
        if column.cast
    ]
    evidence.append(material_reason(detail.materialized, work.scope, "staging"))
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


def _no_key(table: TableKey, scope: Scope) -> Evidence:
    """Why a table has no key: what looked like one, and what was counted against it."""
    says = "no key is declared and none was found"
    profile = (scope.request.profile or {}).get(table)
    for columns, repeated in sorted(profile.key_duplicates.items()) if profile else ():
        seen = [found.nulls for name in columns if (found := profile.columns.get(name))] if profile else []
        against = [f"{repeated:,} repeat another's values"] * bool(repeated)
        against += [f"{max(seen):,} are NULL"] * bool(seen and max(seen))
        if profile and against:
            says = f"{', '.join(columns)} is no key: of {profile.rows:,} rows {' and '.join(against)}"
            return Evidence(about="grain", says=says, basis="measured", against=True)
    return Evidence(about="grain", says=says, against=True)


def _with(says: str, reason: str) -> str:
    return f"{says} ({reason})" if reason else says
