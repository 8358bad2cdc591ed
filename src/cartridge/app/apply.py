"""ChangeSet -> files of a project, all or none."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cartridge.domain.change import ApplyReport, ChangeSet
from cartridge.domain.progress import Progress


async def apply(changes: ChangeSet, project: str | Path, *, progress: Progress | None = None) -> ApplyReport:
    """Writes the change set into the folder `project`, which is made if it is missing.

    Raises:
        ConflictError: a planned path holds other bytes; nothing was written.
        ApplyError: the folder cannot be written; nothing was written.
    """
    from cartridge.apply import commit  # noqa: PLC0415

    return await asyncio.to_thread(commit, changes, Path(project), progress=progress)
