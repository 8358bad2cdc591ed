"""Real databases become dbt projects: planned, applied, built on their data, and counted by queries of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from cartridge import app
from cartridge.domain.plan import ExecutionPlan, ModelDetail, PlanAction, StagingDetail
from cartridge.render import profile_environment
from databases import chinook_duckdb, northwind_duckdb, shop_duckdb
from dbt_child import dbt


@dataclass(frozen=True)
class Built:
    """A database, the project that was made of it, and its plan."""

    source: Path
    project: Path
    plan: ExecutionPlan

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Asks the built models, and the source under the alias that the staging views call it by."""
        with duckdb.connect(str(self.project / "warehouse.duckdb"), read_only=True) as connection:
            connection.execute(f"attach '{self.source}' as {self.source.stem} (read_only)")
            return connection.execute(sql).fetchall()

    def count(self, relation: str) -> int:
        """The rows of a relation."""
        return int(str(self.query(f"select count(*) from {relation}")[0][0]))

    def models(self, *roles: str) -> list[tuple[PlanAction, ModelDetail]]:
        """The planned models of some roles."""
        found = [(action, action.detail) for action in self.plan.actions]
        return [
            (action, detail) for action, detail in found if isinstance(detail, ModelDetail) and detail.role in roles
        ]


DATABASES: dict[str, Callable[[Path], Path]] = {
    "chinook": chinook_duckdb,
    "northwind": northwind_duckdb,
    "shop": shop_duckdb,
}


@pytest.fixture(scope="module", params=DATABASES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp(request.param)
    source = DATABASES[request.param](folder / f"{request.param}.duckdb")
    return asyncio.run(_build(source, folder / "project"))


async def _build(source: Path, project: Path) -> Built:
    snapshot = await app.scan(str(source))
    request = app.request_for(snapshot)
    plan, changes = await app.decide(request, project)
    await app.apply(changes, project)
    variables = {v.name: str(source) for v in profile_environment(plan, request) if v.role == "source"}
    outcome = dbt(project, "build", "--no-partial-parse", "--show-all-deprecations", environment=variables)
    assert outcome.complaints == []
    assert outcome.success
    assert set(outcome.results.values()) <= {"success", "pass"}
    names = {name.split(".")[2] for name in outcome.results if name.startswith("model.")}
    assert names == {action.name for action in plan.actions if action.type != "create_source"}
    return Built(source, project, plan)


def test_every_staging_model_has_the_rows_of_its_source(built: Built) -> None:
    staged = [(action, action.detail) for action in built.plan.actions if isinstance(action.detail, StagingDetail)]
    assert len(staged) >= 10
    for action, detail in staged:
        schema, table = detail.table
        assert built.count(action.name) == built.count(f'{built.source.stem}."{schema}"."{table}"'), action.name


def test_every_fact_and_dimension_has_the_rows_of_its_grain(built: Built) -> None:
    marts = built.models("fact", "dimension", "bridge")
    assert len(marts) >= 5
    for action, detail in marts:
        assert built.count(action.name) == built.count(detail.inputs[0].model), action.name


def test_no_mart_repeats_its_key(built: Built) -> None:
    for action, detail in built.models("fact", "dimension", "bridge", "rollup", "date"):
        assert detail.grain, action.name
        keys = ", ".join(detail.grain)
        repeated = built.query(f"select {keys} from {action.name} group by all having count(*) > 1")
        assert repeated == [], action.name


def test_measures_sum_to_what_their_source_holds(built: Built) -> None:
    compared = 0
    for action, detail in built.models("fact"):
        base = detail.inputs[0]
        for column in detail.columns:
            if column.role != "measure" or column.function != "column" or column.alias != base.alias:
                continue
            mart = built.query(f"select sum(cast({column.name} as decimal(38, 6))) from {action.name}")
            source = built.query(f"select sum(cast({column.column} as decimal(38, 6))) from {base.model}")
            assert mart == source, f"{action.name}.{column.name}"
            compared += 1
    assert compared >= 2


def test_children_summed_to_their_parents_lose_nothing(built: Built) -> None:
    for action, detail in built.models("rollup"):
        counts = [column.name for column in detail.columns if column.function == "count_rows"]
        assert counts, action.name
        summed = built.query(f"select sum({counts[0]}) from {action.name}")[0][0]
        keys = " and ".join(f"{name} is not null" for name in detail.grain)
        children = built.query(f"select count(*) from {detail.inputs[0].model} where {keys}")[0][0]
        assert summed == children, action.name


def test_planning_again_finds_nothing_to_do(built: Built) -> None:
    async def again() -> ExecutionPlan:
        snapshot = await app.scan(str(built.source))
        context = await app.project_context(built.project, snapshot.tables)
        plan, changes = await app.decide(app.request_for(snapshot, None, context), built.project)
        assert not changes.pending
        return plan

    assert asyncio.run(again()).actions == []
