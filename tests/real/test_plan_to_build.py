"""Real databases become dbt projects: copied out of SQLite, scanned, planned, applied, verified on their data by dbt,
and counted by queries of our own."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from cartridge import app
from cartridge.app.load import load
from cartridge.app.saved_plan import saved_plan
from cartridge.domain.change import VerifyReport
from cartridge.domain.plan import ExecutionPlan, ModelDetail, PlanAction, StagingDetail
from cartridge.verify import WITH_SCHEMA_WARNINGS, DbtOptions
from databases import northwind_sqlite, shop_duckdb
from shared_data import shared


@dataclass(frozen=True)
class Built:
    """A database, the project that was made of it, its plan and the proof by dbt."""

    origin: Path
    """The SQLite file; where it was DuckDB from the start, the source."""
    source: Path
    project: Path
    plan: ExecutionPlan
    proof: VerifyReport

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


def chinook_sqlite(path: Path) -> Path:
    return Path(shutil.copy(shared("databases/chinook.sqlite"), path))


DATABASES: dict[str, Callable[[Path], Path]] = {
    "chinook.sqlite": chinook_sqlite,
    "northwind.sqlite": northwind_sqlite,
    "shop.duckdb": shop_duckdb,
}


@pytest.fixture(scope="module", params=DATABASES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp(Path(request.param).stem)
    return asyncio.run(_build(DATABASES[request.param](folder / request.param), folder / "project"))


async def _build(origin: Path, project: Path) -> Built:
    source = origin.with_suffix(".duckdb")
    if source != origin:
        await load(str(origin), source)
    snapshot = await app.scan(str(source))
    request = app.request_for(snapshot)
    plan, changes = await app.decide(request, project)
    await app.apply(changes, project)
    options = DbtOptions(command=WITH_SCHEMA_WARNINGS)
    proof = await app.verify(project, saved_plan(plan, changes, snapshot, request), source=source, options=options)
    return Built(origin, source, project, plan, proof)


def test_dbt_proves_it_without_a_complaint(built: Built) -> None:
    proof = built.proof
    assert (proof.proven, proof.sandbox, proof.warnings, proof.deprecations, proof.notes) == (True, False, 0, 0, ())
    assert {node.status for node in proof.nodes} == {"success", "pass"}
    planned = {action.name for action in built.plan.actions if action.type != "create_source"}
    assert {node.name for node in proof.nodes if node.kind == "model"} == planned
    assert sum(node.kind == "test" for node in proof.nodes) >= 40
    assert {check.status for check in proof.checks} == {"pass"}
    assert {check.kind for check in proof.checks} == {"columns", "rows", "grain", "sums", "orphans"}
    assert {check.name for check in proof.checks if check.kind == "rows"} >= planned - {"dim_dates"}


def test_every_table_of_sqlite_was_copied_whole(built: Built) -> None:
    if built.origin == built.source:
        return
    with closing(sqlite3.connect(built.origin)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        held = {name: connection.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}
    held.pop("sqlite_sequence", None)
    copied = [
        name
        for (name,) in built.query(
            f"select table_name from duckdb_tables() where database_name = '{built.source.stem}'"
        )
    ]
    assert {str(name): built.count(f'{built.source.stem}.main."{name}"') for name in copied} == held
    staged = {
        action.detail.table[1]: action for action in built.plan.actions if isinstance(action.detail, StagingDetail)
    }
    assert {name: built.count(action.name) for name, action in staged.items()} == held


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
