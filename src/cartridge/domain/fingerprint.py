"""One digest over what a plan depends on in a source, so that a moved schema is noticed, and only then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cartridge.domain.schema import ColumnMapping, Relationship, SchemaSnapshot, TableMapping

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode
"""A text for any value, one for one."""


def fingerprint(source: SchemaSnapshot | Sequence[TableMapping]) -> str:
    """sha256 (64 hex digits) over names, types, nullability and declared keys of all tables.

    Row counts, comments, defaults, samples, and the order of tables, columns and keys do not count; the order of the
    columns within a key does. A snapshot has the fingerprint of its tables.
    """
    tables = source.tables if isinstance(source, SchemaSnapshot) else source
    content = sorted((_table(table) for table in tables), key=_canonical)
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _table(table: TableMapping) -> dict[str, Any]:
    return {
        "schema": table.schema,
        "name": table.name,
        "type": table.table_type,
        "columns": sorted((_column(column) for column in table.columns), key=_canonical),
        "primary_key": list(table.primary_key),
        "unique_keys": sorted(table.unique_keys or []),
        "foreign_keys": sorted((_foreign_key(key) for key in table.foreign_key_relationships or []), key=_canonical),
    }


def _column(column: ColumnMapping) -> list[Any]:
    target = [column.foreign_key_table, column.foreign_key_column] if column.is_foreign_key else None
    return [column.name, column.data_type, column.nullable, target]


def _foreign_key(key: Any) -> Any:
    if isinstance(key, Relationship):
        return [list(key.columns), list(key.ref_table), list(key.ref_columns)]
    return key
