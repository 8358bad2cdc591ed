"""Schemas in compact text, for tests: one table a line, `table: column type, ...`; `schema.table` where it matters.

In case files each table carries its true key in brackets, and each foreign key its target: `orders [id]: id, buyer_id >
users.id`. A question mark (`[?a+b]`, `?> users.id`) marks a key that is true and may stay unfound.
"""

from __future__ import annotations

from dataclasses import dataclass

from cartridge.domain.schema import ColumnMapping, TableKey, TableMapping
from cartridge.plan.keys import Keys

TYPES = {"int": "bigint", "text": "varchar(200)", "num": "numeric(12,2)", "time": "timestamp", "bool": "boolean"}


def tables(text: str) -> list[TableMapping]:
    """Tables from text. A column without a type is an integer."""
    found = []
    for line in filter(None, (line.strip() for line in text.strip().splitlines())):
        name, _, columns = line.partition(":")
        schema, _, table = name.strip().rpartition(".")
        mapped = []
        for part in filter(None, (part.strip() for part in columns.split(","))):
            column, _, kind = part.rpartition(" ") if " " in part else (part, "", "int")
            mapped.append(ColumnMapping(column, TYPES.get(kind, kind)))
        found.append(TableMapping(table, schema or "main", columns=mapped))
    return found


@dataclass(frozen=True)
class Case:
    """A schema with its true keys: `must` be found, `may` be found; nothing else may."""

    tables: list[TableMapping]
    must: set[str]
    may: set[str]
    primary: dict[str, str]


def case(text: str) -> Case:
    """Read a case file."""
    plain, must, may, keys = [], set(), set(), {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        head, _, body = line.partition(":")
        table, _, key = head.partition(" [")
        keys[table] = key.rstrip("]")
        columns = []
        for part in filter(None, (part.strip() for part in body.split(","))):
            column, arrow, target = part.partition(">")
            name = column.rstrip("? ")
            columns.append(name)
            if arrow:
                (may if column.endswith("?") else must).add(f"{table}.{name.split(' ')[0]} -> {target.strip()}")
        plain.append(f"{table}: {', '.join(columns)}")
    return Case(tables("\n".join(plain)), must, may, keys)


def full_name(table: TableKey) -> str:
    """`table`, or `schema.table` outside of the schema `main`."""
    return table[1] if table[0] == "main" else ".".join(table)


def edges(keys: Keys) -> set[str]:
    """`orders.customer_id -> customers.id` for every foreign key."""
    return {
        f"{r.table[1]}.{','.join(r.columns)} -> {r.ref_table[1]}.{','.join(r.ref_columns)}" for r in keys.relationships
    }


def primary(keys: Keys) -> dict[str, str]:
    """The primary key's columns by table name."""
    return {table[1]: ",".join(key.columns) for table, key in keys.primary_keys.items()}
