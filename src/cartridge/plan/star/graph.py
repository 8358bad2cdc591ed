"""The tables of a schema and how they refer to each other, ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.schema import Relationship, TableKey, TableMapping
from cartridge.plan.loaders import unique_keys
from cartridge.plan.star.columns import KeyColumns, column_roles, is_audit, words_of
from cartridge.plan.star.design import ColumnRole, KnownKeys
from cartridge.plan.star.names import BusinessNames

Path = tuple[Relationship, ...]


@dataclass(frozen=True)
class Graph:
    """Tables with their keys, columns and references. Audit references and those to unknown tables are not in it."""

    tables: Mapping[TableKey, TableMapping]
    primary: Mapping[TableKey, tuple[str, ...]]
    columns: Mapping[TableKey, tuple[ColumnRole, ...]]
    parents: Mapping[TableKey, tuple[Relationship, ...]]
    children: Mapping[TableKey, tuple[Relationship, ...]]
    selves: Mapping[TableKey, tuple[Relationship, ...]]
    names: BusinessNames
    related: int
    """How many tables refer to another, or are referred to."""
    alike: Mapping[tuple[str, tuple[str, ...]], tuple[TableKey, ...]]
    """Tables by schema and the words of their name."""

    def parent_tables(self, table: TableKey) -> tuple[TableKey, ...]:
        """The distinct tables that a table refers to, in the order of its references."""
        return tuple(dict.fromkeys(r.ref_table for r in self.parents[table]))

    def child_tables(self, table: TableKey) -> tuple[TableKey, ...]:
        """The distinct tables that refer to a table."""
        return tuple(dict.fromkeys(r.table for r in self.children[table]))

    def is_key(self, table: TableKey, columns: Sequence[str]) -> bool:
        """Whether the columns are the table's primary key, a declared unique key or its loader's row key."""
        wanted = set(columns)
        keys = [self.primary.get(table, ()), *unique_keys(self.tables[table])]
        return any(wanted == set(key) for key in keys if key)

    def one_to_one(self, relationship: Relationship) -> bool:
        """Whether the child's reference is its whole key: at most one child a parent."""
        return self.is_key(relationship.table, relationship.columns)

    def of(self, table: TableKey, *uses: str) -> tuple[ColumnRole, ...]:
        """The table's columns of the given uses."""
        return tuple(column for column in self.columns[table] if column.use in uses)


def build_graph(tables: Sequence[TableMapping], keys: KnownKeys, called: Mapping[TableKey, str] | None = None) -> Graph:
    """The graph of some tables. One reference per column set: the most trusted, then the first.

    `called` names tables that stand for several.
    """
    by_key = {table.key: table for table in tables}
    primary = {
        key: keys.primary_keys[key].columns if key in keys.primary_keys else table.primary_key
        for key, table in by_key.items()
    }
    usable, audits = _references(by_key, keys.relationships, primary)
    foreign_of: dict[TableKey, set[str]] = {key: set() for key in by_key}
    for relationship in usable:
        foreign_of[relationship.table].update(relationship.columns)
    roles = {
        key: column_roles(table, KeyColumns(primary[key], frozenset(foreign_of[key]), frozenset(audits.get(key, ()))))
        for key, table in by_key.items()
    }
    across = [r for r in usable if r.table != r.ref_table]
    return Graph(
        by_key,
        primary,
        roles,
        _grouped(by_key, across, parent=False),
        _grouped(by_key, across, parent=True),
        _grouped(by_key, [r for r in usable if r.table == r.ref_table], parent=False),
        BusinessNames(list(by_key), called or {}),
        len({key for r in across for key in (r.table, r.ref_table)}),
        _alike(by_key),
    )


def _alike(tables: Mapping[TableKey, TableMapping]) -> dict[tuple[str, tuple[str, ...]], tuple[TableKey, ...]]:
    groups: dict[tuple[str, tuple[str, ...]], list[TableKey]] = {}
    for key in tables:
        groups.setdefault((key[0], words_of(key[1])), []).append(key)
    return {words: tuple(group) for words, group in groups.items()}


def _grouped(
    tables: Mapping[TableKey, TableMapping], found: Sequence[Relationship], *, parent: bool
) -> dict[TableKey, tuple[Relationship, ...]]:
    groups: dict[TableKey, list[Relationship]] = {key: [] for key in tables}
    for relationship in found:
        groups[relationship.ref_table if parent else relationship.table].append(relationship)
    return {key: tuple(group) for key, group in groups.items()}


_TRUST = {"declared": 0, "measured": 1, "inferred": 2}


def _references(
    tables: Mapping[TableKey, TableMapping],
    relationships: Sequence[Relationship],
    primary: Mapping[TableKey, tuple[str, ...]],
) -> tuple[list[Relationship], dict[TableKey, set[str]]]:
    """The references that marts may follow, in the order of tables and columns, and the columns that only audit."""
    order = {key: at for at, key in enumerate(tables)}
    place = {key: {column.name: at for at, column in enumerate(table.columns)} for key, table in tables.items()}
    chosen: dict[tuple[TableKey, tuple[str, ...]], Relationship] = {}
    audits: dict[TableKey, set[str]] = {}
    for relationship in sorted(relationships, key=lambda r: (_TRUST[r.origin], -r.confidence)):
        if not _exists(relationship, tables):
            continue
        if any(is_audit(words_of(column)) for column in relationship.columns):
            audits.setdefault(relationship.table, set()).update(relationship.columns)
            continue
        same = relationship.table == relationship.ref_table
        if same and set(relationship.columns) == set(primary[relationship.table]):
            continue
        chosen.setdefault((relationship.table, relationship.columns), relationship)
    found = sorted(
        chosen.values(), key=lambda r: (order[r.table], min(place[r.table][c] for c in r.columns), r.columns)
    )
    return found, audits


def _exists(relationship: Relationship, tables: Mapping[TableKey, TableMapping]) -> bool:
    """Whether both ends are there; a foreign key to a table that was not scanned cannot be joined."""
    child, parent = tables.get(relationship.table), tables.get(relationship.ref_table)
    return (
        child is not None
        and parent is not None
        and all(child.column(name) for name in relationship.columns)
        and all(parent.column(name) for name in relationship.ref_columns)
    )
