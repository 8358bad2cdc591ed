"""A real schema without a single row (enums, domains, arrays, partitions, a cycle of keys), proven for six targets."""

from __future__ import annotations

import asyncio

import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.warehouse import warehouse_of
from cartridge.render import render
from cartridge.verify import verify_in_sandbox
from cartridge.verify.target_sql import parse_faults
from pagila_scan import pagila

TARGETS = ("duckdb", "postgres", "snowflake", "bigquery", "databricks", "redshift")


def planned(target: str) -> tuple[ExecutionPlan, ModelGenerationRequest]:
    request = app.request_for(pagila(), PlanOptions(target=target))
    return asyncio.run(app.plan(request)), request


def test_pagila_is_proven_in_the_sandbox() -> None:
    plan, request = planned("postgres")
    report = verify_in_sandbox(plan, request)
    wrong = [node for node in report.nodes if node.status not in ("success", "pass")]
    wrong += [check for check in report.checks if check.status != "pass"]
    assert wrong == []
    assert report.proven
    assert "postgres SQL parsed, not run" in report.notes[0]
    models = [node for node in report.nodes if node.kind == "model"]
    assert len(models) == sum(action.type != "create_source" for action in plan.actions)
    assert report.by_standing("proven")
    assert all(node.standing for node in report.nodes)


@pytest.mark.parametrize("target", TARGETS)
def test_the_sql_of_every_target_parses(target: str) -> None:
    plan, request = planned(target)
    assert warehouse_of(request) == target
    assert parse_faults(render(plan, request), warehouse_of(request)) == {}
