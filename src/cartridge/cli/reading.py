"""Scanning a source, with progress: the first step of most commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartridge.cli.output import Output, plural
from cartridge.cli.progress import step
from cartridge.cli.sources import Selection

if TYPE_CHECKING:
    from cartridge.domain.schema import SchemaSnapshot


async def read_source(output: Output, source: str, selection: Selection) -> SchemaSnapshot:
    """The selected part of the source.

    Raises:
        SourceError: the source cannot be read, or nothing in it was selected.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.scan import masked  # noqa: PLC0415

    with step(output, f"Reading {masked(source)}") as reading:
        snapshot = await app.scan(
            source,
            tables=selection.tables,
            exclude=selection.exclude,
            schemas=selection.schemas,
            progress=reading,
        )
        reading.done(described(snapshot))
    return snapshot


def described(snapshot: SchemaSnapshot) -> str:
    """The snapshot in a few words: "16 tables, 1 view, 20 foreign keys; 1 left out"."""
    views = sum(table.is_view for table in snapshot.tables)
    parts = [plural(len(snapshot.tables) - views, "table")]
    if views:
        parts.append(plural(views, "view"))
    parts.append(plural(len(snapshot.relationships), "foreign key"))
    left_out = f"; {len(snapshot.left_out)} left out" if snapshot.left_out else ""
    return ", ".join(parts) + left_out
