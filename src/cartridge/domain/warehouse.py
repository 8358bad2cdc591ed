"""The warehouses that a project may be written for, and the names they go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cartridge.domain.plan import ModelGenerationRequest
from cartridge.errors import InputError

Warehouse = Literal["bigquery", "databricks", "duckdb", "postgres", "redshift", "snowflake", "spark"]
"""The name of a warehouse: that of its dbt adapter, and of its sqlglot dialect."""

WAREHOUSES: Mapping[str, Warehouse] = {
    "bigquery": "bigquery",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "postgres": "postgres",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
}
"""Every name that a warehouse goes by."""


def warehouse_of(request: ModelGenerationRequest) -> Warehouse:
    """The warehouse that a request is written for. Its `target_warehouse` wins over the context's type.

    Raises:
        InputError: the name is not known; the message lists the known ones.
    """
    name = request.target_warehouse
    found = WAREHOUSES.get(name.strip().lower())
    if found is None:
        known = ", ".join(sorted(WAREHOUSES))
        raise InputError(f"target_warehouse: {name!r} is not a known warehouse. Known: {known}")
    return found
