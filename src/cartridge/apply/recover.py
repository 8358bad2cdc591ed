"""What a killed process left behind is finished or taken back by the next command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cartridge.apply.journal import JOURNAL, ROLLBACK, Home, Journal, discard, read_journal
from cartridge.apply.lock import is_bare, locked, translated
from cartridge.apply.transaction import carry_out, is_done, roll_back
from cartridge.errors import ApplyError, ConflictError


@dataclass(frozen=True)
class Recovery:
    """What recovery did with a broken-off apply or undo. `left` were changed by others meanwhile, and stay so."""

    journal: Journal
    outcome: Literal["finished", "rolled back"]
    left: tuple[str, ...] = ()

    def __str__(self) -> str:
        count = len(self.journal.entries)
        files = "1 file" if count == 1 else f"{count} files"
        text = f"An {self.journal.kind} of {files} had been broken off; it was {self.outcome}."
        return text if not self.left else f"{text} Changed meanwhile and left alone: {', '.join(self.left)}."


def recover(project: Path) -> Recovery | None:
    """Finish or roll back what a killed command left in `project`; None where nothing was left.

    Raises:
        LockedError: another command is at work there.
        ApplyError: the journal is unreadable, or the system refused a step; the message says which.
    """
    home = Home(project.resolve())
    with translated(home):
        if not home.pending.exists() and not is_bare(home):
            return None
        with locked(home):
            return recover_locked(home)


def recover_locked(home: Home) -> Recovery | None:
    """The same for a caller that holds the lock."""
    if (home.pending / ROLLBACK).exists():
        journal = read_journal(home.pending / ROLLBACK)
        return Recovery(journal, "rolled back", roll_back(home, journal))
    if not (home.pending / JOURNAL).exists():
        discard(home)
        return None
    journal = read_journal(home.pending / JOURNAL)
    if is_done(home, journal):
        discard(home)
        return Recovery(journal, "finished")
    try:
        carry_out(home, journal)
    except ConflictError:
        return Recovery(journal, "rolled back", roll_back(home, journal))
    except OSError as error:
        raise ApplyError(
            f"An {journal.kind} had been broken off in {home.root}, and cannot be finished: {error.strerror} "
            f"({error.filename}). Mend that, then run the command again."
        ) from None
    return Recovery(journal, "finished")
