"""What moved in a source between two scans: just what the fingerprint covers, by table and column."""

from __future__ import annotations

from collections.abc import Iterator

from cartridge.domain.schema import ColumnMapping, Relationship, SchemaSnapshot, TableKey, TableMapping


def schema_moves(before: SchemaSnapshot, now: SchemaSnapshot) -> tuple[str, ...]:
    """One sentence for each table of `before` that is gone, and for each of its columns and keys that is another now.

    Tables that only `now` has are not looked at: a plan made without them is none the worse.
    """
    found = {table.key: table for table in now.tables}
    moves: list[str] = []
    for table in sorted(before.tables, key=lambda table: table.key):
        there = found.get(table.key)
        where = _said(table.key)
        if there is None:
            moves.append(f"table {where} is gone")
        else:
            moves += [f"{where}: {says}" for says in _table_moves(table, there)]
    return tuple(moves)


def _said(key: TableKey) -> str:
    return ".".join(part for part in key if part)


def _table_moves(before: TableMapping, now: TableMapping) -> Iterator[str]:
    if before.table_type != now.table_type:
        yield f"was a {_words(before.table_type)} and is a {_words(now.table_type)} now"
    columns = {column.name: column for column in now.columns}
    known = {column.name for column in before.columns}
    for column in before.columns:
        there = columns.get(column.name)
        if there is None:
            yield f"column {column.name} is gone"
        else:
            yield from _column_moves(column, there)
    yield from (f"column {column.name} is new" for column in now.columns if column.name not in known)
    if before.primary_key != now.primary_key:
        yield f"the primary key was {_listed(before.primary_key)} and is {_listed(now.primary_key)} now"
    if sorted(before.unique_keys or []) != sorted(now.unique_keys or []):
        yield "its unique keys changed"
    if _references(before) != _references(now):
        gone, new = _references(before) - _references(now), _references(now) - _references(before)
        yield "; ".join(
            [f"foreign key {key} is gone" for key in sorted(gone)] + [f"{key} is new" for key in sorted(new)]
        )


def _column_moves(before: ColumnMapping, now: ColumnMapping) -> Iterator[str]:
    if before.data_type != now.data_type:
        yield f"column {before.name} was {before.data_type} and is {now.data_type} now"
    if before.nullable != now.nullable:
        yield f"column {before.name} {'may be null now' if now.nullable else 'may not be null any more'}"


def _words(table_type: str) -> str:
    return table_type.replace("_", " ")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _references(table: TableMapping) -> set[str]:
    """The foreign keys that the database declares, as text."""
    keys = [key for key in table.foreign_key_relationships or () if isinstance(key, Relationship)]
    found = {f"{', '.join(key.columns)} -> {_said(key.ref_table)} ({', '.join(key.ref_columns)})" for key in keys}
    for column in table.columns:
        if column.is_foreign_key and not any(column.name in key.columns for key in keys):
            found.add(f"{column.name} -> {column.foreign_key_table} ({column.foreign_key_column})")
    return found
