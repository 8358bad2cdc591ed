"""When a loader wrote a row, as each warehouse says a moment."""

from __future__ import annotations

from collections.abc import Mapping

from cartridge.domain.warehouse import Warehouse

_SECONDS = frozenset(("_dlt_load_id",))
"""Columns of seconds since 1970, written as text: dlt's number of a load."""
_FROM_SECONDS: Mapping[Warehouse, str] = {
    "bigquery": "timestamp_seconds(cast(cast({} as float64) as int64))",
    "databricks": "timestamp_seconds(cast({} as double))",
    "duckdb": "to_timestamp(cast({} as double))",
    "postgres": "to_timestamp(cast({} as double precision))",
    "redshift": "timestamp 'epoch' + cast({} as double precision) * interval '1 second'",
    "snowflake": "to_timestamp(cast({} as number(20, 0)))",
    "spark": "timestamp_seconds(cast({} as double))",
}


def moment_of(column: str, written: str, warehouse: Warehouse) -> str:
    """The SQL of the moment that a loader's column holds; `written` is the column as SQL."""
    return _FROM_SECONDS[warehouse].format(written) if column.lower() in _SECONDS else written
