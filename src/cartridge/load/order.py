"""The order in which tables are loaded, parents first, and the foreign keys that no order can honour."""

from __future__ import annotations

from collections.abc import Sequence

from cartridge.domain.schema import Relationship, TableKey, TableMapping
from cartridge.load.report import LeftOff


def parents_first(
    tables: Sequence[TableMapping], relationships: Sequence[Relationship]
) -> tuple[tuple[TableMapping, ...], tuple[Relationship, ...], tuple[LeftOff, ...]]:
    """The tables ordered, the keys that the copy may declare, and those left off with the reason.

    A cycle of tables is opened at a key whose columns may be NULL, where there is one. The order depends on names only.
    """
    present = {table.key: table for table in tables}
    usable, left_off = _declarable(present, relationships)
    ordered: list[TableMapping] = []
    waiting = dict(sorted(present.items()))
    while waiting:
        ready = [key for key in waiting if not _parents(key, usable) & waiting.keys()]
        if not ready:
            closing = _closing_edge(waiting, usable)
            usable.remove(closing)
            left_off.append(LeftOff(str(closing), "it closes a cycle of foreign keys, which DuckDB cannot declare"))
            continue
        ordered += [waiting.pop(key) for key in ready]
    return tuple(ordered), tuple(usable), tuple(left_off)


def _declarable(
    present: dict[TableKey, TableMapping], relationships: Sequence[Relationship]
) -> tuple[list[Relationship], list[LeftOff]]:
    usable: list[Relationship] = []
    left_off: list[LeftOff] = []
    for edge in sorted(item for item in relationships if item.origin == "declared" and item.table in present):
        if edge.ref_table not in present:
            left_off.append(LeftOff(str(edge), f"{edge.ref_table[1]} is not loaded"))
        elif edge.ref_table[0] != edge.table[0]:
            left_off.append(LeftOff(str(edge), "it leads to another schema, which DuckDB cannot declare"))
        else:
            usable.append(edge)
    return usable, left_off


def _parents(key: TableKey, edges: Sequence[Relationship]) -> set[TableKey]:
    return {edge.ref_table for edge in edges if edge.table == key} - {key}


def _closing_edge(waiting: dict[TableKey, TableMapping], edges: Sequence[Relationship]) -> Relationship:
    """An edge that lies on a cycle of the waiting tables: of those that may be NULL, the first by name."""
    inner = [edge for edge in edges if edge.table in waiting and edge.ref_table in waiting]
    inner = [edge for edge in inner if edge.table != edge.ref_table]
    on_cycle = [edge for edge in inner if _reaches(edge.ref_table, edge.table, inner)]

    def required(edge: Relationship) -> bool:
        columns = [waiting[edge.table].column(name) for name in edge.columns]
        return all(column is not None and not column.nullable for column in columns)

    return min(on_cycle, key=lambda edge: (required(edge), edge))


def _reaches(start: TableKey, goal: TableKey, edges: Sequence[Relationship]) -> bool:
    seen: set[TableKey] = set()
    open_keys = [start]
    while open_keys:
        key = open_keys.pop()
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            open_keys += [edge.ref_table for edge in edges if edge.table == key]
    return False
