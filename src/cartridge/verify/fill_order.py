"""In which order tables are filled, where cycles are opened, and which tables can hold no row at all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.schema import Relationship, TableKey


@dataclass(frozen=True)
class Order:
    """All tables, parents first. `deferred` keys are filled last; `unsatisfiable` tables have a reason each."""

    tables: tuple[TableKey, ...]
    deferred: frozenset[Relationship]
    unsatisfiable: Mapping[TableKey, str]


def order_of(
    tables: Sequence[TableKey], edges: Sequence[Relationship], may_be_empty: Callable[[Relationship], bool]
) -> Order:
    """Order the tables. Takes as many steps as there are tables and keys at most."""
    waiting = sorted(tables)
    open_edges = sorted(edge for edge in edges if edge.table != edge.ref_table)
    done: list[TableKey] = []
    deferred: set[Relationship] = set()
    unsatisfiable: dict[TableKey, str] = {}
    while waiting:
        blocked = {edge.table for edge in open_edges if edge.ref_table in waiting}
        ready = [table for table in waiting if table not in blocked]
        if ready:
            for table in ready:
                reason = _lacks_parent(table, edges, unsatisfiable, may_be_empty)
                if reason:
                    unsatisfiable[table] = reason
            done += ready
            waiting = [table for table in waiting if table in blocked]
            continue
        cycle = _cycle(waiting, open_edges)
        opening = next((edge for edge in cycle if may_be_empty(edge)), None)
        if opening is not None:
            deferred.add(opening)
            open_edges.remove(opening)
            continue
        for edge in cycle:
            unsatisfiable.setdefault(edge.table, _no_first_row(cycle))
            open_edges.remove(edge)
    return Order(tuple(done), frozenset(deferred), unsatisfiable)


def _cycle(waiting: Sequence[TableKey], edges: Sequence[Relationship]) -> list[Relationship]:
    """The edges of one cycle; there is one, since every waiting table waits for another that waits."""
    onward = {edge.table: edge for edge in reversed(edges) if edge.table in waiting and edge.ref_table in waiting}
    path: list[Relationship] = []
    places: dict[TableKey, int] = {}
    table = waiting[0]
    while table not in places:
        places[table] = len(path)
        path.append(onward[table])
        table = onward[table].ref_table
    return path[places[table] :]


def _no_first_row(cycle: Sequence[Relationship]) -> str:
    names = ", ".join(str(edge) for edge in cycle)
    return f"no first row is possible: each of these foreign keys must be filled, and they form a cycle: {names}"


def _lacks_parent(
    table: TableKey,
    edges: Sequence[Relationship],
    unsatisfiable: Mapping[TableKey, str],
    may_be_empty: Callable[[Relationship], bool],
) -> str | None:
    """A table that must refer to an empty one is empty too."""
    if table in unsatisfiable:
        return None
    for edge in edges:
        if edge.table == table and edge.ref_table in unsatisfiable and not may_be_empty(edge):
            return f"no row is possible: {edge} must be filled, and {edge.ref_table[1]} can hold no row"
    return None
