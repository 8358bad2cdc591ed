"""What was found in a source, drawn."""

from __future__ import annotations

import asyncio

from cartridge.domain.schema import SchemaSnapshot
from cartridge.plan.keys import PrimaryKey, find_keys, held_against
from cartridge.render.erd import Picture, mermaid


async def erd(snapshot: SchemaSnapshot) -> str:
    """The tables of a scan as a Mermaid ER diagram; views are left out.

    What the database declares and the data honour is drawn solid, what only names and types suggest dashed.
    """
    return await asyncio.to_thread(_erd, snapshot)


def _erd(snapshot: SchemaSnapshot) -> str:
    tables = [table for table in snapshot.tables if not table.is_view]
    found = find_keys(tables, snapshot.relationships, snapshot.profile, snapshot.overlaps)
    keys = held_against(found, snapshot.overlaps)
    return mermaid(
        Picture(
            tables=tables,
            primary_keys={table: key.columns for table, key in keys.primary_keys.items()},
            guessed=frozenset(key.table for key in keys.primary_keys.values() if not _proven(key, snapshot)),
            relationships=keys.relationships,
            overlaps=snapshot.overlaps,
            profile=snapshot.profile or {},
        )
    )


def _proven(key: PrimaryKey, snapshot: SchemaSnapshot) -> bool:
    """Whether a key is declared, or all rows were counted: no value twice, none missing."""
    profile = (snapshot.profile or {}).get(key.table)
    if key.origin != "inferred" or profile is None or profile.sampled:
        return key.origin != "inferred"
    filled = all((column := profile.columns.get(name)) is not None and not column.nulls for name in key.columns)
    return filled and profile.key_duplicates.get(key.columns) == 0
