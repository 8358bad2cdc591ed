"""Asking a source's data about its keys."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from cartridge.domain.schema import SchemaSnapshot, TableKey
from cartridge.plan.keys import find_keys

if TYPE_CHECKING:
    from cartridge.scan import ProfileOptions


async def profile(source: str, snapshot: SchemaSnapshot, options: ProfileOptions | None = None) -> SchemaSnapshot:
    """The snapshot with a profile, and with the keys that names suggest held against the data.

    Declared keys are checked; inferred ones that every row honours become measured relationships.

    Raises:
        SourceError: the source cannot be opened, or is a saved scan.
    """
    from cartridge.scan import ProfileOptions  # noqa: PLC0415
    from cartridge.scan import profile as profile_source  # noqa: PLC0415

    options = options or ProfileOptions()
    tables = [table for table in snapshot.tables if not table.is_view]
    keys = find_keys(tables, snapshot.relationships)
    candidate_keys: defaultdict[TableKey, list[tuple[str, ...]]] = defaultdict(list, {
        table: list(columns) for table, columns in options.candidate_keys.items()
    })  # fmt: skip
    for found in keys.primary_keys.values():
        candidate_keys[found.table].append(found.columns)
    for table, possible in keys.possible_keys.items():
        candidate_keys[table] += possible
    candidates = [edge for edge in (*keys.relationships, *keys.doubtful) if edge.origin == "inferred"]
    asked = replace(options, candidate_keys=dict(candidate_keys))
    return await asyncio.to_thread(profile_source, source, snapshot, asked, candidates)
