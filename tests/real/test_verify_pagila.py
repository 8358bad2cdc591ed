"""A real schema without a single row (enums, domains, arrays, partitions, a cycle of keys), proven for six targets."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import get_args

import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.domain.change import Standing
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.warehouse import warehouse_of
from cartridge.render import render
from cartridge.verify import verify_in_sandbox
from cartridge.verify.target_sql import parse_faults
from pagila_scan import pagila
from trust_record import record

SAMPLE = ("postgres", *(pytest.param(name, marks=pytest.mark.deep) for name in
          ("duckdb", "snowflake", "bigquery", "databricks", "redshift")))  # fmt: skip
TARGETS = ("duckdb", "postgres", "snowflake", "bigquery", "databricks", "redshift")


def planned(target: str) -> tuple[ExecutionPlan, ModelGenerationRequest]:
    request = app.request_for(pagila(), PlanOptions(target=target))
    return asyncio.run(app.plan(request)), request


@pytest.mark.parametrize("target", SAMPLE)
def test_pagila_is_proven_in_the_sandbox(target: str, request: pytest.FixtureRequest) -> None:
    plan, asked = planned(target)
    report = verify_in_sandbox(plan, asked)
    wrong = [node for node in report.nodes if node.status not in ("success", "pass")]
    wrong += [check for check in report.checks if check.status != "pass"]
    assert wrong == []
    assert report.proven
    engine = "Run on DuckDB" if target == "duckdb" else f"{target} SQL parsed, not run"
    assert engine in report.notes[0]
    models = [node for node in report.nodes if node.kind == "model"]
    assert len(models) == sum(action.type != "create_source" for action in plan.actions)
    assert report.by_standing("proven")
    assert report.by_standing("consistent")
    assert all(node.standing for node in report.nodes)
    if os.environ.get("CARTRIDGE_DEEP"):
        worth = ", ".join(f"{len(report.by_standing(found))} {found}" for found in get_args(Standing))
        record(
            f"Pagila in the sandbox, for {target}",
            f"{len(models)} models and {len(report.nodes) - len(models)} tests: {worth}; "
            f"{len(report.checks)} checks of the data passed",
        )


@pytest.mark.parametrize("target", TARGETS)
def test_the_sql_of_every_target_parses(target: str) -> None:
    plan, request = planned(target)
    assert warehouse_of(request) == target
    changes = render(plan, request)
    assert parse_faults(changes, warehouse_of(request)) == {}
    written = {Path(file.path).stem for file in changes.files if file.path.endswith(".sql")}
    assert written == {action.name for action in plan.actions if action.type != "create_source"}
