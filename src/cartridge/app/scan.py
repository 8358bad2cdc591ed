"""Database, warehouse or saved file -> SchemaSnapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from cartridge.domain.progress import Progress
from cartridge.domain.schema import SchemaSnapshot
from cartridge.plan.keys import find_keys


async def scan(
    source: str,
    *,
    tables: Sequence[str] = (),
    exclude: Sequence[str] = (),
    schemas: Sequence[str] = (),
    progress: Progress | None = None,
) -> SchemaSnapshot:
    """Reads the tables, keys and comments of `source`; see `cartridge.scan.scan`.

    Raises:
        SourceError: the source cannot be read; nothing is written.
    """
    from cartridge.scan import scan as scan_source  # noqa: PLC0415

    return await asyncio.to_thread(
        scan_source, source, tables=tables, exclude=exclude, schemas=schemas, progress=progress
    )


async def profile(
    source: str,
    snapshot: SchemaSnapshot,
    *,
    budget_rows: int | None = None,
    sample_values: bool = False,
    progress: Progress | None = None,
) -> SchemaSnapshot:
    """The snapshot with what its data say: a profile of every table, and how far declared and possible keys hold.

    `budget_rows` limits the rows that are read; values of columns leave the database only with `sample_values`.

    Raises:
        SourceError: the source cannot be read.
    """
    from cartridge.scan import ProfileOptions  # noqa: PLC0415
    from cartridge.scan import profile as profile_source  # noqa: PLC0415

    tables = [table for table in snapshot.tables if not table.is_view]
    keys = find_keys(tables, snapshot.relationships)
    asked = ProfileOptions(
        sample_values=sample_values,
        candidate_keys={
            key: (found.columns,) for key, found in keys.primary_keys.items() if found.origin != "declared"
        },
    )
    asked = replace(asked, budget_rows=budget_rows) if budget_rows is not None else asked
    asked = replace(asked, progress=progress) if progress is not None else asked
    guesses = [found for found in (*keys.relationships, *keys.doubtful) if found.origin != "declared"]
    return await asyncio.to_thread(profile_source, source, snapshot, asked, guesses)
