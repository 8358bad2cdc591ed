"""The client of an SAP system: the column that every key begins with, and that says nothing of the row.

Source: SAP's data dictionary, where client-dependent tables have MANDT as the first key field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cartridge.domain.schema import Relationship, TableKey, TableMapping
from cartridge.plan.keys.model import Keys

_NAMES = frozenset(("mandt", "mandant", "client"))
_MOST = 0.6
"""The share of a schema's tables that begin with it."""
_FEWEST = 3

Clients = Mapping[TableKey, str]
"""By table: the column of its client."""


def clients_of(tables: Sequence[TableMapping], relationships: Sequence[Relationship]) -> Clients:
    """The client columns of schemas in which most tables begin with one and no key is declared."""
    declared = {edge.table for edge in relationships if edge.origin == "declared"}
    spoken_for = {table.schema for table in tables if _declares(table) or table.key in declared}
    led = [table for table in tables if len(table.columns) > 1 and table.columns[0].name.lower() in _NAMES]
    sizes, counts = Counter(table.schema for table in tables), Counter(table.schema for table in led)
    return {
        table.key: table.columns[0].name
        for table in led
        if counts[table.schema] >= max(_FEWEST, _MOST * sizes[table.schema])
        and table.schema not in spoken_for
        and table.name.lower() != "t000"  # the clients themselves
    }


def _declares(table: TableMapping) -> bool:
    keys = table.primary_key or table.unique_keys or table.foreign_key_relationships
    return bool(keys) or any(column.is_foreign_key for column in table.columns)


def without_clients(tables: Iterable[TableMapping], clients: Clients) -> list[TableMapping]:
    """The tables, their clients left out."""
    return [replace(table, columns=table.columns[1:]) if table.key in clients else table for table in tables]


def edges_without(edges: Iterable[Relationship], clients: Clients) -> list[Relationship]:
    """The relationships, without the client that both ends begin with."""
    return [
        replace(edge, columns=edge.columns[1:], ref_columns=edge.ref_columns[1:])
        if len(edge.columns) > 1 and clients.get(edge.table) == edge.columns[0]
        else edge
        for edge in edges
    ]


def with_clients(keys: Keys, clients: Clients) -> Keys:
    """The keys, each with its client before it."""
    return replace(
        keys,
        primary_keys={
            key: replace(found, columns=(clients[key], *found.columns)) if key in clients else found
            for key, found in keys.primary_keys.items()
        },
        relationships=tuple(_with_client(edge, clients) for edge in keys.relationships),
        doubtful=tuple(_with_client(edge, clients) for edge in keys.doubtful),
        possible_keys={
            key: tuple((clients[key], *columns) for columns in found) if key in clients else found
            for key, found in keys.possible_keys.items()
        },
    )


def _with_client(edge: Relationship, clients: Clients) -> Relationship:
    here, there = clients.get(edge.table), clients.get(edge.ref_table)
    if here is None or there is None:
        return edge
    return replace(edge, columns=(here, *edge.columns), ref_columns=(there, *edge.ref_columns))
