"""Database, warehouse or saved file -> SchemaSnapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cartridge.app.locate import remember
from cartridge.domain.progress import Progress, silent
from cartridge.domain.schema import SchemaSnapshot


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
    from cartridge.scan.source import DBT  # noqa: PLC0415

    if source.startswith(DBT):
        from cartridge.app.dbt_source import scan_through_dbt  # noqa: PLC0415
        from cartridge.scan.selection import Selection  # noqa: PLC0415

        selection = Selection(tuple(tables), tuple(exclude), tuple(schemas))
        return await asyncio.to_thread(scan_through_dbt, source, selection, progress or silent)
    snapshot = await asyncio.to_thread(
        scan_source, source, tables=tables, exclude=exclude, schemas=schemas, progress=progress
    )
    if snapshot.file is not None and Path(source).name == snapshot.file:
        remember(snapshot, Path(source))
    return snapshot
