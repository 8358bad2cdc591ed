"""Adapters that let the benchmarks' scorers call cartridge: plain lists and dicts in and out."""

from __future__ import annotations

from typing import Any

from cartridge.domain.project import ModelState, ProjectState, SourceState, SourceTableState
from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.conventions import TablePlace
from cartridge.plan.keys import find_keys
from cartridge.plan.naming import learned_conventions, staging_home
from cartridge.plan.presets import PRESETS
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


_LEARNED: dict[int, tuple[dict[str, Any], Any]] = {}
"""The conventions of the project asked about last; the project itself is kept, so that its id stays its own."""


def layout(project: dict[str, Any], source: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    """Name, path and properties file of a table's staging model."""
    if id(project) not in _LEARNED:
        _LEARNED.clear()
        _LEARNED[id(project)] = (project, learned_conventions(_project_state(project)) or PRESETS["dbt-labs"])
    place = TablePlace(source["schema"], source["database"], table.get("identifier"), source["path"])
    home = staging_home(_LEARNED[id(project)][1], source["name"], table["name"], place)
    return {"name": home.name, "path": home.path, "yml_path": home.properties_path}


def _project_state(project: dict[str, Any]) -> ProjectState:
    models = {
        model["path"]: ModelState(
            model["name"],
            model["path"],
            layer="other" if model["layer"] == "unknown" else model["layer"],
            refs=tuple(model["refs"]),
            sources=tuple((source, table) for source, table in model["sources"]),
            properties_path=model["yml_path"],
            unknown=bool(model.get("dynamic")),
        )
        for model in project["models"]
    }
    sources: dict[str, SourceState] = {}
    for source in project["sources"]:
        tables = tuple(SourceTableState(t["name"], t.get("identifier"), (), source["path"]) for t in source["tables"])
        first = sources.get(source["name"])
        sources[source["name"]] = SourceState(
            source["name"],
            source["schema"],
            source["database"],
            first.path if first else source["path"],
            (first.tables if first else ()) + tables,
        )
    return ProjectState(
        name=project["dbt_name"], model_paths=tuple(project["model_paths"]), models=models, sources=sources
    )
