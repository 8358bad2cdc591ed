"""Copying a database into a DuckDB file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cartridge.load import LoadOptions, LoadReport
from cartridge.load import load as load_tables
from cartridge.scan import scan
from cartridge.scan.rows import open_rows


async def load(
    source: str,
    target: Path,
    *,
    options: LoadOptions | None = None,
    tables: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> LoadReport:
    """Copies the tables of a source that `tables` and `exclude` select into the new DuckDB file `target`.

    Raises:
        SourceError: the source cannot be read, or holds nothing to copy.
        InputError: the target exists or cannot be written.
        MissingExtraError: DuckDB is not installed.
    """
    options = options or LoadOptions()

    def work() -> LoadReport:
        with open_rows(source) as rows:
            snapshot = scan(source, tables=tables, exclude=exclude, progress=options.progress)
            return load_tables(snapshot, rows, target, options)

    return await asyncio.to_thread(work)
