"""Adapters that let the benchmarks' scorers call cartridge: plain lists and dicts in and out."""

from __future__ import annotations

from typing import Any

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.keys import find_keys


def relationships(tables: list[dict[str, Any]]) -> dict[str, Any]:
    """Primary and foreign keys from names and types."""
    keys = find_keys(
        [
            TableMapping(t["name"], "main", columns=[ColumnMapping(c["name"], c["type"] or "") for c in t["columns"]])
            for t in tables
        ]
    )
    return {
        "primary_keys": {table[1]: list(key.columns) for table, key in keys.primary_keys.items()},
        "foreign_keys": [
            {"table": r.table[1], "columns": r.columns, "ref_table": r.ref_table[1], "ref_columns": r.ref_columns}
            for r in keys.relationships
        ],
    }
