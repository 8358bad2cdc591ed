"""Real PostgreSQL databases become dbt projects that build on the same server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from cartridge import app
from cartridge.domain.plan import ExecutionPlan, ModelDetail, StagingDetail
from dbt_child import dbt
from postgres_databases import chinook_postgres, database, pagila_script
from servers import postgres_server


@dataclass(frozen=True)
class Built:
    """The URL of a database, and the plan whose models stand in its schema `analytics`."""

    url: str
    plan: ExecutionPlan

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """What the database answers; models are found by their names."""
        with psycopg.connect(self.url, options="-c search_path=analytics,public") as connection:
            return connection.execute(sql).fetchall()

    def count(self, relation: str) -> object:
        """The rows of a relation."""
        return self.query(f"select count(*) from {relation}")[0][0]

    def marts(self) -> Iterator[tuple[str, ModelDetail]]:
        """The planned facts, dimensions and bridges."""
        for action in self.plan.actions:
            if isinstance(action.detail, ModelDetail) and action.detail.role in {"fact", "dimension", "bridge"}:
                yield action.name, action.detail


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


def build(url: str, project: Path) -> Built:
    """Scans, plans, applies and builds; complaints of dbt are failures."""
    return asyncio.run(_build(url, project))


async def _build(url: str, project: Path) -> Built:
    request = app.request_for(await app.scan(url))
    assert request.target_warehouse == "postgres"
    plan, changes = await app.decide(request, project)
    await app.apply(changes, project)
    parts = conninfo_to_dict(url)
    environment = {
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts["port"]),
        "POSTGRES_USER": str(parts["user"]),
        "DBT_ENV_SECRET_POSTGRES_PASSWORD": str(parts.get("password") or "any"),
        "POSTGRES_DATABASE": str(parts["dbname"]),
    }
    outcome = dbt(project, "build", "--no-partial-parse", "--show-all-deprecations", environment=environment)
    assert outcome.complaints == []
    assert outcome.success
    assert set(outcome.results.values()) <= {"success", "pass"}
    built = {name.split(".")[2] for name in outcome.results if name.startswith("model.")}
    assert built == {action.name for action in plan.actions if action.type != "create_source"}
    return Built(url, plan)


@pytest.fixture(scope="module")
def chinook(server: str, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(chinook_postgres(server, "chinook_built"), tmp_path_factory.mktemp("chinook") / "project")


def test_every_staging_model_has_the_rows_of_its_source(chinook: Built) -> None:
    staged = [action for action in chinook.plan.actions if isinstance(action.detail, StagingDetail)]
    assert len(staged) == 11
    for action in staged:
        assert isinstance(action.detail, StagingDetail)
        schema, table = action.detail.table
        assert chinook.count(action.name) == chinook.count(f'"{schema}"."{table}"'), action.name


def test_every_mart_has_the_rows_of_its_grain(chinook: Built) -> None:
    marts = list(chinook.marts())
    assert len(marts) >= 5
    for name, detail in marts:
        assert chinook.count(name) == chinook.count(detail.inputs[0].model), name
        keys = ", ".join(detail.grain)
        assert chinook.query(f"select {keys} from {name} group by {keys} having count(*) > 1") == [], name


@pytest.mark.deep
def test_pagila_builds(server: str, tmp_path: Path) -> None:
    """Domains, enums, arrays, a partitioned table, views and schemas of its own; it has no rows."""
    built = build(database(server, "pagila_built", pagila_script()), tmp_path / "project")
    assert {name for name, _ in built.marts()} >= {"fct_rentals", "fct_payments", "dim_customers", "dim_films"}
