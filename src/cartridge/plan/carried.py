"""Which tables can be carried into a project. One that cannot is refused alone, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cartridge.domain.schema import ColumnMapping, TableKey, TableMapping

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can hold it, but no file of UTF-8."""


def carried(
    tables: Mapping[TableKey, TableMapping],
) -> tuple[dict[TableKey, TableMapping], tuple[tuple[TableKey, str], ...]]:
    """The tables that can be planned, and the others with the reason for each."""
    reasons = {key: _reason(table) for key, table in tables.items()}
    kept = {key: _readable(table) for key, table in tables.items() if reasons[key] is None}
    return kept, tuple((key, reason) for key, reason in reasons.items() if reason is not None)


def readable(text: str) -> str:
    """The text with the mark of a lost character in the place of what no file can hold."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def _reason(table: TableMapping) -> str | None:
    if not table.columns:
        return "it has no columns"
    for what, name in (("schema", table.schema), ("table", table.name), ("database", table.database or "")):
        if readable(name) != name:
            return f"the name of its {what} holds half a character, which no file can hold"
    half = [column.name for column in table.columns if readable(column.name) != column.name]
    if half:
        return f"the name of its column {readable(half[0])!r} holds half a character, which no file can hold"
    return None


def _readable(table: TableMapping) -> TableMapping:
    """The table with comments and types that a file can hold; most are so already."""
    said = (table.description, *(part for c in table.columns for part in (c.description, c.data_type)))
    if all(text is None or readable(text) == text for text in said):
        return table
    columns = [_readable_column(column) for column in table.columns]
    return replace(table, columns=columns, description=readable(table.description or "") or None)


def _readable_column(column: ColumnMapping) -> ColumnMapping:
    described = readable(column.description or "") or None
    return replace(column, description=described, data_type=readable(column.data_type))
