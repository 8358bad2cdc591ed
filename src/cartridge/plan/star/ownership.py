"""Which document a fact belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.star.design import TableRole
from cartridge.plan.star.graph import Graph
from cartridge.plan.star.shapes import named_within


def owner(graph: Graph, roles: Mapping[TableKey, TableRole], table: TableKey) -> Relationship | None:
    """The reference from a fact to the document it belongs to (line to header, payment to order), or None.

    A parent fact that the name holds, else one that is part of the key, else the only one that is always given, else
    the one that all others refer to.
    """
    found = [
        relationship
        for relationship in graph.parents[table]
        if roles[relationship.ref_table].role in {"fact", "event"}
        and graph.is_key(relationship.ref_table, relationship.ref_columns)
    ]
    named = [r for r in found if named_within(graph, table, r.ref_table)]
    if named:
        return max(named, key=lambda r: len(graph.names.words(r.ref_table)))
    keyed = [r for r in found if set(r.columns) <= set(graph.primary[table])]
    given = [r for r in found if not any(_optional(graph, table, column) for column in r.columns)]
    for certain in (keyed, found, given):
        if len(certain) == 1:
            return certain[0]
    parents = {r.ref_table for r in found}
    roots = [r for r in found if all(r.ref_table in graph.parent_tables(p) for p in parents - {r.ref_table})]
    return roots[0] if len(roots) == 1 else None


def _optional(graph: Graph, table: TableKey, column: str) -> bool:
    mapping = graph.tables[table].column(column)
    return mapping is None or mapping.nullable
