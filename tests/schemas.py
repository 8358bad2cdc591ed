"""Schemas in a compact notation, one line a table, for tests.

    orders(id pk, customer_id -> customers, total num, placed_at ts, note)
    sales.order_lines(order_id pk -> orders, line pk int, amount num)

A column is a name, then any of: a type (`int num float bool date ts json blob uuid`, or any other single word; default
text, for keys and references int), `pk`, `unique`, `null`, and `-> table` or `-> table.column` (default: the table's
only key column; a column with a dot in its own name cannot be written). A table may be said with its schema, the
default is `public`. Lines that begin with `#`, and empty lines, do not count; a table may go over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cartridge.domain.schema import ColumnMapping, Relationship, TableKey, TableMapping

_TYPES = {
    "int": "integer", "num": "numeric(12, 2)", "float": "double precision", "bool": "boolean", "date": "date",
    "ts": "timestamp", "json": "jsonb", "blob": "bytea", "uuid": "uuid", "text": "text",
}  # fmt: skip
_TABLE = re.compile(r"(?P<name>[^\n(]+?)\s*\((?P<columns>[^)]*)\)")


@dataclass(frozen=True)
class WrittenKey:
    """A primary key as written."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class WrittenKeys:
    """The keys as written, in the form of `plan.keys.Keys`."""

    primary_keys: Mapping[TableKey, WrittenKey] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()


@dataclass(frozen=True)
class WrittenSchema:
    """Tables without and with their declarations, and the declarations by themselves."""

    tables: list[TableMapping]
    keys: WrittenKeys

    def key(self, name: str) -> TableKey:
        """The key of a table by its name, or by `schema.name`."""
        return next(t.key for t in self.tables if name in {t.name, f"{t.schema}.{t.name}"})

    def declared(self) -> list[TableMapping]:
        """The tables with their keys as the database would declare them."""
        return [
            TableMapping(
                table.name,
                table.schema,
                columns=table.columns,
                primary_key_columns=list(self.keys.primary_keys[table.key].columns)
                if table.key in self.keys.primary_keys
                else None,
                foreign_key_relationships=[r for r in self.keys.relationships if r.table == table.key] or None,
            )
            for table in self.tables
        ]


def read_schema(text: str) -> WrittenSchema:
    """The tables and keys that a text in the notation of this module describes."""
    text = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    tables: list[TableMapping] = []
    primary: dict[TableKey, WrittenKey] = {}
    wanted: list[tuple[TableKey, str, str]] = []
    for found in _TABLE.finditer(text):
        schema, _, name = found["name"].strip().rpartition(".")
        key = (schema or "public", name)
        columns = []
        for written in found["columns"].split(","):
            column, marks, target = _column(written)
            columns.append(column)
            if "pk" in marks:
                primary[key] = WrittenKey((*(primary[key].columns if key in primary else ()), column.name))
            if target:
                wanted.append((key, column.name, target))
        tables.append(TableMapping(name, key[0], columns=columns))
    names = {name: table.key for table in tables for name in (f"{table.schema}.{table.name}", table.name)}
    relationships = tuple(_relationship(child, column, target, names, primary) for child, column, target in wanted)
    return WrittenSchema(tables, WrittenKeys(primary, relationships))


def _column(written: str) -> tuple[ColumnMapping, set[str], str]:
    own, _, target = (part.strip() for part in written.partition("->"))
    words = own.split()
    marks = {word for word in words[1:] if word in {"pk", "unique", "null"}}
    types = [word for word in words[1:] if word not in marks]
    default = "int" if "pk" in marks or target else "text"
    data_type = _TYPES.get(types[0], types[0]) if types else _TYPES[default]
    return ColumnMapping(words[0], data_type, nullable="pk" not in marks), marks, target


def _relationship(
    child: TableKey, column: str, target: str, names: Mapping[str, TableKey], primary: Mapping[TableKey, WrittenKey]
) -> Relationship:
    if target in names:
        parent = names[target]
        return Relationship(child, (column,), parent, primary[parent].columns[:1])
    table, _, other = target.rpartition(".")
    return Relationship(child, (column,), names[table], (other,))
