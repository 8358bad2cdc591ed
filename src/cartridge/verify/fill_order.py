"""In which order tables are filled, where cycles are opened, and which cycles have no first row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.schema import Relationship, TableKey


@dataclass(frozen=True)
class Order:
    """All tables, parents first. `deferred` keys are filled last. `unsatisfiable` tables are in a cycle of keys that
    must all be filled: no row can be the first as long as each is checked by itself; each has the reason."""

    tables: tuple[TableKey, ...]
    deferred: frozenset[Relationship]
    unsatisfiable: Mapping[TableKey, str]


def order_of(
    tables: Sequence[TableKey], edges: Sequence[Relationship], may_be_empty: Callable[[Relationship], bool]
) -> Order:
    """Order the tables. Every cycle is opened at a key that may be empty, else at the first of its keys."""
    waiting = sorted(tables)
    open_edges = sorted(edge for edge in edges if edge.table != edge.ref_table)
    done: list[TableKey] = []
    deferred: set[Relationship] = set()
    unsatisfiable: dict[TableKey, str] = {}
    while waiting:
        blocked = {edge.table for edge in open_edges if edge.ref_table in waiting}
        done += [table for table in waiting if table not in blocked]
        if len(blocked) < len(waiting):
            waiting = [table for table in waiting if table in blocked]
            continue
        cycle = _cycle(waiting, open_edges)
        opening = next((edge for edge in cycle if may_be_empty(edge)), None)
        if opening is None:
            opening = min(cycle)
            for edge in cycle:
                unsatisfiable.setdefault(edge.table, _no_first_row(cycle))
        deferred.add(opening)
        open_edges.remove(opening)
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
    names = ", ".join(str(edge) for edge in sorted(cycle))
    return (
        f"unsatisfiable row by row: these foreign keys form a cycle in which none may be empty, so no row can be the "
        f"first unless their check is deferred: {names}"
    )
