"""Adapters that let the benchmarks' scorers call cartridge: plain lists and dicts in and out."""

from __future__ import annotations

from typing import Any

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.keys import find_keys
from cartridge.plan.star import MartDesign, design_star


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


SCORED_AS = {"history": "excluded", "configuration": "excluded", "child": "lookup"}
"""Finer roles, in the words of the benchmark."""


def marts(database: dict[str, Any]) -> dict[str, Any]:
    """Roles of tables, and marts with the tables that they read."""
    tables = [_table(table) for table in database["tables"]]
    design = design_star(tables, find_keys(tables))
    return {
        "roles": {key[1]: SCORED_AS.get(role.role, role.role) for key, role in design.roles.items()},
        "marts": [_mart(mart) for mart in design.marts],
    }


def _table(table: dict[str, Any]) -> TableMapping:
    return TableMapping(
        table["name"],
        "main",
        columns=[ColumnMapping(c["name"], c["type"] or "", c.get("nullable", True)) for c in table["columns"]],
        row_count=table["row_count"],
        primary_key_columns=table.get("primary_key"),
        foreign_key_relationships=table.get("foreign_keys"),
    )


def _mart(mart: MartDesign) -> dict[str, Any]:
    read = [mart.grain_table] if mart.grain_table else [table for table, _ in mart.date_columns]
    read += [step.ref_table for fold in mart.folds for step in fold.path]
    read += [rollup.relationship.table for rollup in mart.rollups]
    return {
        "name": mart.name,
        "kind": "dimension" if mart.kind == "date" else mart.kind,
        "grain_table": mart.grain_table[1] if mart.grain_table else None,
        "tables": [table[1] for table in read],
    }
