"""What synthetic rows must honour: the schema's keys first, and of the plan's own claims only what they leave open.

A plan's join is honoured only where the schema knows no key of those columns. So a join on the wrong key finds nothing,
and a join that nobody but the plan believes in comes out as consistent with itself, never as proven. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cartridge.domain.plan import DataTest, ExecutionPlan, ModelDetail, StagingDetail
from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.keys import Keys, find_keys
from cartridge.render.data_tests import referred_model
from cartridge.verify.lineage import Lineage
from cartridge.verify.sandbox_plan import SandboxPlan
from cartridge.verify.synthetic import ColumnKey, Rules


@dataclass(frozen=True)
class Truth:
    """What holds in the sandbox: the keys of the schema, all relationships that the rows honour, and the rules."""

    keys: Keys
    relationships: tuple[Relationship, ...]
    rules: Rules


def truth_of(sandbox: SandboxPlan, lineage: Lineage, *, seed: int = 0) -> Truth:
    """Gather what the rows of the sandbox must honour."""
    request = sandbox.request
    keys = find_keys(request.tables, request.relationships or (), request.profile)
    primary = {key: found.columns for key, found in keys.primary_keys.items()}
    primary |= {table.key: table.primary_key for table in sandbox.existing.values() if table.primary_key}
    claims = _Claims(sandbox.plan, keys, lineage)
    rules = Rules(
        seed=seed,
        dialect=request.source_dialect,
        primary_keys=primary,
        unique=claims.unique(),
        not_null=frozenset((*claims.not_null(), *_filled_in_existing(sandbox, lineage))),
        values=claims.values(),
        written_as=claims.written_as(),
        profile=request.profile or {},
    )
    own = tuple(sorted({*_joins(sandbox.plan, keys, lineage), *_tested_against_existing(sandbox, keys, lineage)}))
    return Truth(keys, (*keys.relationships, *own), rules)


def _joins(plan: ExecutionPlan, keys: Keys, lineage: Lineage) -> Iterator[Relationship]:
    """The plan's joins on columns of no known key; a side that is summed to one row a key needs none."""
    known = {(edge.table, column) for edge in keys.relationships for column in edge.columns}
    for action in plan.actions:
        if not isinstance(action.detail, ModelDetail):
            continue
        models = {read.alias: read.model for read in action.detail.inputs}
        for join in action.detail.joins:
            lefts = {key.left_alias for key in join.keys}
            if join.cardinality == "one_to_many" or len(lefts) != 1:
                continue
            left = lineage.sources(models.get(lefts.pop(), ""), [key.left_column for key in join.keys])
            right = lineage.sources(models.get(join.alias, ""), [key.right_column for key in join.keys])
            if left is None or right is None or left == right:
                continue
            summed = lineage.join_ground(action.detail, join) == "built"
            if not summed and not any((left[0], column) in known for column in left[1]):
                yield Relationship(left[0], left[1], right[0], right[1], origin="inferred", confidence=0.5)


def _tested_against_existing(sandbox: SandboxPlan, keys: Keys, lineage: Lineage) -> Iterator[Relationship]:
    """Columns that a test holds to be found in a model of the project, where the table behind it is not here."""
    here = {table.key for table in sandbox.tables}
    known = {(edge.table, column) for edge in keys.relationships if edge.ref_table in here for column in edge.columns}
    for action in sandbox.plan.actions:
        if not isinstance(action.detail, StagingDetail):
            continue
        for column in action.detail.columns:
            source = lineage.source(action.name, column.name)
            for test in column.tests:
                there = sandbox.existing.get(referred_model(test) or "")
                field = test.arguments.get("field")
                if source is None or there is None or not isinstance(field, str) or source in known:
                    continue
                yield Relationship(source[0], (source[1],), there.key, (field,), origin="inferred", confidence=0.5)


def _filled_in_existing(sandbox: SandboxPlan, lineage: Lineage) -> Iterator[ColumnKey]:
    """Columns of models of the project that a planned model passes on and tests to be filled: no schema says more."""
    existing = {table.key for table in sandbox.existing.values()}
    for action in sandbox.plan.actions:
        if not isinstance(action.detail, ModelDetail):
            continue
        keys = {column.name for column in action.detail.columns for test in column.tests if test.name == "not_null"}
        for name in sorted({*keys, *action.detail.grain}):
            source = lineage.source(action.name, name)
            if source is not None and source[0] in existing:
                yield source


class _Claims:
    """What the tests and grains of staging models say of source columns, where the schema leaves it open."""

    def __init__(self, plan: ExecutionPlan, keys: Keys, lineage: Lineage) -> None:
        self._details = [
            (action.name, action.detail) for action in plan.actions if isinstance(action.detail, StagingDetail)
        ]
        self._declared = {key for key, found in keys.primary_keys.items() if found.origin == "declared"}
        self._lineage = lineage

    def _open(self, table: TableKey, test: DataTest | None) -> bool:
        """Whether a claim is honoured: it was measured, or the table declares no key that could speak against it."""
        return table not in self._declared or (test is not None and test.basis == "measured")

    def unique(self) -> dict[TableKey, tuple[tuple[str, ...], ...]]:
        found: dict[TableKey, list[tuple[str, ...]]] = {}
        for model, detail in self._details:
            claims: list[tuple[tuple[str, ...], DataTest | None]] = [(detail.grain, None)]
            for column in detail.columns:
                claims += [((column.name,), test) for test in column.tests if test.name == "unique"]
            for columns, test in claims:
                source = self._lineage.sources(model, columns) if columns else None
                if source is not None and self._open(source[0], test):
                    found.setdefault(source[0], []).append(source[1])
        return {table: tuple(dict.fromkeys(keys)) for table, keys in found.items()}

    def not_null(self) -> Iterator[ColumnKey]:
        for model, detail in self._details:
            for column in detail.columns:
                tests = [test for test in column.tests if test.name == "not_null"]
                source = self._lineage.source(model, column.name)
                if source is not None and any(self._open(source[0], test) for test in tests):
                    yield source
            for name in detail.grain:
                source = self._lineage.source(model, name)
                if source is not None and self._open(source[0], None):
                    yield source

    def values(self) -> dict[ColumnKey, tuple[str, ...]]:
        found: dict[ColumnKey, tuple[str, ...]] = {}
        for model, detail in self._details:
            for column in detail.columns:
                source = self._lineage.source(model, column.name)
                for test in column.tests:
                    values = test.arguments.get("values")
                    if source is not None and test.name == "accepted_values" and values:
                        found[source] = tuple(str(value) for value in values)
        return found

    def written_as(self) -> dict[ColumnKey, str]:
        return {
            (detail.table, column.source): column.cast
            for _, detail in self._details
            for column in detail.columns
            if column.cast is not None
        }
