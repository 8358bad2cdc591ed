"""Which relations of a project's own database are dbt's work, so that they are no raw tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cartridge.domain.project import ProjectState
from cartridge.domain.schema import LeftOut, SchemaSnapshot, TableKey

_MOSTLY = 0.5
"""A schema of which so great a share bears the names of the project's models is one that dbt builds into: a
developer's own, or the one of production."""


def built_by_dbt(state: ProjectState, keys: Iterable[TableKey], target_schema: str) -> dict[TableKey, str]:
    """The relations that dbt makes, with the reason for each.

    dbt builds into the target's schema and those whose names begin with it. What a source declares is raw, wherever it
    is; so is what lies in a schema that a source owns, unless a model bears its name there.
    """
    raw = _Raw(state)
    names = _relations(state)
    by_schema: dict[str, list[TableKey]] = {}
    for key in keys:
        by_schema.setdefault(key[0], []).append(key)
    found: dict[TableKey, str] = {}
    for schema, members in by_schema.items():
        undeclared = [key for key in members if not raw.declares(key)]
        named = [key for key in undeclared if key[1].lower() in names]
        mostly = len(named) > _MOSTLY * len(undeclared)
        if not mostly and not _is_target(schema, target_schema):
            continue
        found |= {key: f"dbt builds it: {names[key[1].lower()]}" for key in named}
        if mostly and not raw.owns(schema):
            rest = (key for key in undeclared if key not in found)
            found |= dict.fromkeys(rest, f"it lies in {schema}, which dbt builds into")
    return found


def _is_target(schema: str, target_schema: str) -> bool:
    return f"{schema}_".lower().startswith(f"{target_schema}_".lower())


def _relations(state: ProjectState) -> dict[str, str]:
    """Lower-case names of the relations of all models, seeds and snapshots, each with the node's own name."""
    found: dict[str, str] = {}
    for model in state.models.values():
        if model.materialized != "ephemeral":
            spelled = [model.alias or model.name, *(f"{model.name}_v{version}" for version in model.versions)]
            found |= {name.lower(): model.name for name in spelled}
    return found


class _Raw:
    """What the sources of a project say is raw. A schema that is known only at run time may be any."""

    def __init__(self, state: ProjectState) -> None:
        self._schemas: set[str] = set()
        self._tables: set[tuple[str, str]] = set()
        for source in state.sources.values():
            schema = (source.place[0] or "").lower()
            self._schemas.add(schema)
            self._tables |= {(schema, (table.identifier or table.name).lower()) for table in source.tables}

    def declares(self, key: TableKey) -> bool:
        name = key[1].lower()
        return (key[0].lower(), name) in self._tables or ("", name) in self._tables

    def owns(self, schema: str) -> bool:
        return schema.lower() in self._schemas


def without_built(snapshot: SchemaSnapshot, state: ProjectState, target_schema: str) -> SchemaSnapshot:
    """The snapshot without dbt's relations. It names no file: the models stand in the very database."""
    built = built_by_dbt(state, (table.key for table in snapshot.tables), target_schema)
    left = tuple(LeftOut(*key, reason) for key, reason in built.items())
    kept = tuple(table for table in snapshot.tables if table.key not in built)
    return replace(
        snapshot,
        file=None,
        tables=kept,
        relationships=tuple(edge for edge in snapshot.relationships if not {edge.table, edge.ref_table} & built.keys()),
        left_out=tuple(sorted({*snapshot.left_out, *left}, key=lambda item: (item.schema, item.name))),
    )
