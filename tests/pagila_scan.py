"""Pagila's schema as a scan: read from PostgreSQL's own dump, which is regular enough for a few patterns."""

from __future__ import annotations

import re

from cartridge.domain.schema import ColumnMapping, Relationship, SchemaSnapshot, TableMapping
from shared_data import shared

_TABLE = re.compile(r"^CREATE TABLE public\.(\w+) \(\n(.*?)\n\)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r'^\s{4}("?)(\w+)\1 (.+?)(?: DEFAULT .+?| GENERATED .+?)?( NOT NULL)?,?$', re.MULTILINE)
_KEY = re.compile(r"ALTER TABLE ONLY public\.(\w+)\s+ADD CONSTRAINT \w+ PRIMARY KEY \(([^)]*)\)")
_FOREIGN = re.compile(
    r"ALTER TABLE ONLY public\.(\w+)\s+ADD CONSTRAINT \w+ FOREIGN KEY \(([^)]*)\) REFERENCES public\.(\w+)\(([^)]*)\)"
)
_INLINE = re.compile(r"^\s+(?:CONSTRAINT \w+ )?PRIMARY KEY \(([^)]*)\)", re.MULTILINE)
_PARTITION = re.compile(r"ATTACH PARTITION public\.(\w+)")
_DOMAIN = re.compile(r'CREATE DOMAIN public\.("?)(\w+)\1 AS (\w+)')


def pagila() -> SchemaSnapshot:
    """The tables of Pagila without the partitions of `payment`; it has no rows, so nothing was measured."""
    script = shared("databases/pagila.schema.postgresql.sql").read_text(encoding="utf-8")
    partitions = set(_PARTITION.findall(script))
    domains = {name: base for _, name, base in _DOMAIN.findall(script)}
    keys = {table: _names(columns) for table, columns in _KEY.findall(script)}
    keys |= {table: _names(found[1]) for table, body in _TABLE.findall(script) if (found := _INLINE.search(body))}
    tables = [
        TableMapping(
            name, "public", columns=_columns(body, domains), primary_key_columns=keys.get(name), database="pagila"
        )
        for name, body in _TABLE.findall(script)
        if name not in partitions
    ]
    relationships = sorted(
        {
            Relationship(("public", child), tuple(_names(columns)), ("public", parent), tuple(_names(targets)))
            for child, columns, parent, targets in _FOREIGN.findall(script)
            if child not in partitions
        }
    )
    return SchemaSnapshot("postgres", "pagila", "postgres", tuple(tables), tuple(relationships))


def _names(text: str) -> list[str]:
    return [name.strip().strip('"') for name in text.split(",")]


def _columns(body: str, domains: dict[str, str]) -> list[ColumnMapping]:
    columns = []
    for _, name, data_type, filled in _COLUMN.findall(_INLINE.sub("", body)):
        plain = data_type.replace('"', "").removeprefix("public.")
        columns.append(ColumnMapping(name, domains.get(plain, plain), nullable=not filled))
    return columns
