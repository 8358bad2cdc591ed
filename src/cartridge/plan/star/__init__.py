"""From tables and keys to a star schema: the role of every table, and the marts worth having."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import Relationship, TableKey, TableMapping, TableProfile
from cartridge.plan.star.design import (
    Additivity,
    ColumnRole,
    ColumnUse,
    Fold,
    KnownKey,
    KnownKeys,
    LineAmount,
    MartDesign,
    RoleName,
    Rollup,
    RollupMeasure,
    StarDesign,
    TableRole,
    UnionDesign,
)
from cartridge.plan.star.graph import build_graph
from cartridge.plan.star.marts import marts
from cartridge.plan.star.roles import table_roles
from cartridge.plan.star.siblings import find_unions, merged

__all__ = [
    "Additivity",
    "ColumnRole",
    "ColumnUse",
    "Fold",
    "KnownKey",
    "KnownKeys",
    "LineAmount",
    "MartDesign",
    "RoleName",
    "Rollup",
    "RollupMeasure",
    "StarDesign",
    "TableRole",
    "UnionDesign",
    "design_star",
]


@dataclass(frozen=True)
class _MergedKeys:
    primary_keys: Mapping[TableKey, KnownKey]
    relationships: tuple[Relationship, ...]


def design_star(
    tables: Sequence[TableMapping], keys: KnownKeys, profile: Mapping[TableKey, TableProfile] | None = None
) -> StarDesign:
    """The role of every table and the marts worth having, independent of the order in which tables are given.

    Tables of one shape (tenants, partitions) are designed as one: roles name them all, marts only the first.
    `keys` is what `plan.keys.find_keys` found, or anything of its form.
    """
    ordered = sorted(tables, key=lambda table: table.key)
    unions = find_unions(ordered)
    kept, relationships = merged(ordered, keys.relationships, unions)
    called = {union.tables[0]: union.name for union in unions}
    graph = build_graph(kept, _MergedKeys(keys.primary_keys, tuple(relationships)), called)
    found = table_roles(graph, profile)
    roles = dict(found)
    for union in unions:
        first = found[union.tables[0]]
        says = Evidence(about="role", says=union.because)
        for table in union.tables:
            roles[table] = TableRole(first.role, first.confidence, (says, *first.evidence))
    return StarDesign({table.key: roles[table.key] for table in ordered}, marts(graph, found), graph.columns, unions)
