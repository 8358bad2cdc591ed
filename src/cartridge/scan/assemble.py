"""What every scanner ends with: keys and relationships written where the public dataclasses have their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cartridge.domain.schema import ColumnMapping, Relationship, TableKey, TableMapping


@dataclass
class FoundTable:
    """A table as a scanner reads it, before its keys are spread over the columns."""

    key: TableKey
    table_type: str = "table"
    columns: list[ColumnMapping] = field(default_factory=list)
    row_count: int | None = None
    description: str | None = None
    primary_key: tuple[str, ...] = ()
    unique_keys: list[tuple[str, ...]] = field(default_factory=list)


def assemble(
    found: Iterable[FoundTable], relationships: Sequence[Relationship], database: str
) -> tuple[TableMapping, ...]:
    """The tables ordered by (schema, name), each with its keys, and its columns marked.

    A column in two foreign keys shows the first (in the order of `relationships`); `foreign_key_relationships` holds
    all of them.
    """
    by_table: defaultdict[TableKey, list[Relationship]] = defaultdict(list)
    for relationship in relationships:
        by_table[relationship.table].append(relationship)
    tables = [_table(item, by_table[item.key], database) for item in found]
    return tuple(sorted(tables, key=lambda table: table.key))


def mark_keys(table: TableMapping, relationships: Sequence[Relationship]) -> None:
    """Marks the columns of a table from its `primary_key_columns` and the foreign keys that leave it."""
    columns: Mapping[str, ColumnMapping] = {column.name: column for column in table.columns}
    for name in table.primary_key_columns or ():
        if name in columns:
            columns[name].is_primary_key = True
    for relationship in relationships:
        schema, name = relationship.ref_table
        shown = name if schema == table.schema else f"{schema}.{name}"
        for own, other in zip(relationship.columns, relationship.ref_columns, strict=True):
            column = columns.get(own)
            if column is not None and not column.is_foreign_key:
                column.is_foreign_key = True
                column.foreign_key_table = shown
                column.foreign_key_column = other
    table.foreign_key_relationships = list(relationships) or None


def _table(item: FoundTable, relationships: Sequence[Relationship], database: str) -> TableMapping:
    unique_keys = sorted({key for key in item.unique_keys if key != item.primary_key})
    table = TableMapping(
        name=item.key[1],
        schema=item.key[0],
        table_type=item.table_type,
        columns=item.columns,
        row_count=item.row_count,
        description=item.description or None,
        primary_key_columns=list(item.primary_key) or None,
        database=database,
        unique_keys=[list(key) for key in unique_keys] or None,
    )
    mark_keys(table, relationships)
    return table
