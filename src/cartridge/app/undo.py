"""The last apply of a project, listed and taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartridge.apply import Applied, UndoReport


async def undo(project: str | Path) -> UndoReport:
    """Brings every file of the last apply back, byte for byte; see `cartridge.apply.undo`.

    Raises:
        UndoError: there is nothing to undo, or files moved since (each is named). Nothing was undone.
        LockedError: another command is writing in this project.
        ApplyError: the system refused a step; everything is as it was before.
    """
    return await asyncio.to_thread(_undo, Path(project))


def _undo(project: Path) -> UndoReport:
    from cartridge.app.saved_plan import forget_applied  # noqa: PLC0415
    from cartridge.apply import recover  # noqa: PLC0415
    from cartridge.apply import undo as undo_last  # noqa: PLC0415

    report = undo_last(project)
    forget_applied(project)
    recover(project)  # nothing was broken off: a folder that remembers nothing any more is tidied away
    return report


async def history(project: str | Path) -> tuple[Applied, ...]:
    """The applies that can be undone, newest first.

    Raises:
        ApplyError: a journal is not readable.
    """
    from cartridge.apply import history as applies  # noqa: PLC0415

    return await asyncio.to_thread(applies, Path(project))
