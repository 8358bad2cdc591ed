"""Columns that loaders (Fivetran, Airbyte, dlt, Stitch and the like) add to every table."""

from __future__ import annotations

import re

from cartridge.domain.schema import TableMapping

LOADER_COLUMNS = ("_dlt_", "_airbyte_", "_fivetran_", "_sdc_", "_etl_", "_loaded_", "_ingest", "_extracted_", "__hevo")
"""How the columns start that loaders add to every table."""


ROW_KEY = "_dlt_id"
"""What dlt calls every row by; no two of a table are alike, whether the database is told so or not."""


def unique_keys(table: TableMapping) -> tuple[tuple[str, ...], ...]:
    """The keys of a table besides its primary key: those that are declared unique, and the row key of its loader."""
    declared = tuple(tuple(key) for key in table.unique_keys or () if key)
    written = tuple((column.name,) for column in table.columns if column.name.lower() == ROW_KEY)
    return tuple(dict.fromkeys((*declared, *written)))


def is_loaders(name: str) -> bool:
    """Whether a loader added the column. Its name stays: readers know it by that."""
    return name.lower().startswith(LOADER_COLUMNS) and re.fullmatch(r"\w+", name, re.ASCII) is not None
