"""Chinook on a real Apache Spark: the plan that DuckDB gets but for its dialect, built and counted."""

from __future__ import annotations

import asyncio
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.domain.plan import ExecutionPlan, ModelDetail, StagingDetail
from shared_data import shared
from spark_session import PROGRAMS, ask, load, spark_environment

pytestmark = pytest.mark.deep


@dataclass(frozen=True)
class Built:
    """A project on Spark: its plan and that for DuckDB, and the artefact of the build."""

    plan: ExecutionPlan
    on_duckdb: ExecutionPlan
    results: list[dict[str, Any]]
    project: Path
    environment: dict[str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("spark")
    environment = {**spark_environment(folder), "SPARK_METHOD": "session"}
    source, project = shared("databases/chinook.sqlite"), folder / "project"
    plan, on_duckdb = asyncio.run(_apply(source, project))
    load(source, "main", project, environment)
    done = subprocess.run(
        [str(PROGRAMS / "dbt"), "build", "--profiles-dir", ".", "--show-all-deprecations"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "Deprecat" not in done.stdout
    results = json.loads((project / "target" / "run_results.json").read_text())["results"]
    return Built(plan, on_duckdb, results, project, environment)


async def _apply(source: Path, project: Path) -> tuple[ExecutionPlan, ExecutionPlan]:
    snapshot = await app.scan(str(source))
    on_duckdb, _ = await app.decide(app.request_for(snapshot), None)
    plan, changes = await app.decide(app.request_for(snapshot, PlanOptions(target="spark")), project)
    await app.apply(changes, project)
    return plan, on_duckdb


def test_every_model_is_built_and_every_test_passes(built: Built) -> None:
    assert {result["status"] for result in built.results} <= {"success", "pass"}
    models = {name[2] for result in built.results if (name := result["unique_id"].split("."))[0] == "model"}
    assert models == {action.name for action in built.plan.actions if action.type != "create_source"}


def test_the_plan_is_that_of_duckdb_but_for_its_dialect(built: Built) -> None:
    def told(plan: ExecutionPlan) -> list[tuple[object, ...]]:
        return [
            (
                action.type,
                action.name,
                action.file_path,
                action.dependencies,
                action.description,
                [column.name for column in getattr(action.detail, "columns", ())],
                getattr(action.detail, "grain", ()),
            )
            for action in plan.actions
        ]

    assert told(built.plan) == told(built.on_duckdb)


def test_rows_keys_and_sums_are_those_of_the_source(built: Built) -> None:
    staged = [action for action in built.plan.actions if isinstance(action.detail, StagingDetail)]
    marts = [
        (action, action.detail)
        for action in built.plan.actions
        if isinstance(action.detail, ModelDetail) and action.detail.role in {"fact", "dimension", "bridge"}
    ]
    assert len(staged) == 11
    assert len(marts) >= 5
    pairs = [
        (f"analytics.{a.name}", f"main.`{a.detail.table[1]}`") for a in staged if isinstance(a.detail, StagingDetail)
    ]
    pairs += [(f"analytics.{action.name}", f"analytics.{detail.inputs[0].model}") for action, detail in marts]
    counted = [f"select (select count(*) from {one}), (select count(*) from {other})" for one, other in pairs]
    repeated = [
        f"select count(*) from (select 1 from analytics.{action.name} group by {', '.join(detail.grain)}"
        " having count(*) > 1)"
        for action, detail in marts
    ]
    totals = ["select (select sum(total) from analytics.fct_invoices), (select sum(Total) from main.`Invoice`)"]
    answers = ask([*counted, *repeated, *totals], built.project, built.environment)
    for (one, other), ((left, right),) in zip(pairs, answers, strict=False):
        assert left == right, f"{one} beside {other}"
        assert left > 0, one
    assert answers[len(counted) : -1] == [[[0]]] * len(repeated)
    assert answers[-1][0][0] == answers[-1][0][1] == "2328.60"
