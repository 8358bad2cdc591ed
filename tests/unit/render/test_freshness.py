"""The moments of loaders, in the SQL of each warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import duckdb
import pytest
import sqlglot

from cartridge.domain.warehouse import Warehouse
from cartridge.render.freshness import moment_of


def test_seconds_become_a_moment() -> None:
    said = moment_of("_dlt_load_id", "_dlt_load_id", "duckdb")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(f"select epoch({said}) from (select '1700000000.25' as _dlt_load_id)").fetchone()
    assert found == (1700000000.25,)
    assert datetime.fromtimestamp(1700000000, UTC).year == 2023


@pytest.mark.parametrize("warehouse", get_args(Warehouse))
def test_every_warehouse_has_an_expression(warehouse: Warehouse) -> None:
    said = moment_of("_dlt_load_id", '"_dlt_load_id"' if warehouse != "bigquery" else "`_dlt_load_id`", warehouse)
    sqlglot.parse_one(f"select {said}", dialect=warehouse)
    assert moment_of("_fivetran_synced", "_fivetran_synced", warehouse) == "_fivetran_synced"
