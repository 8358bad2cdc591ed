"""Columns that loaders (Fivetran, Airbyte, dlt, Stitch and the like) add to every table."""

from __future__ import annotations

import re

LOADER_COLUMNS = ("_dlt_", "_airbyte_", "_fivetran_", "_sdc_", "_etl_", "_loaded_", "_ingest", "_extracted_", "__hevo")
"""How the columns start that loaders add to every table."""


def is_loaders(name: str) -> bool:
    """Whether a loader added the column. Its name stays: readers know it by that."""
    return name.lower().startswith(LOADER_COLUMNS) and re.fullmatch(r"\w+", name, re.ASCII) is not None
