"""Take the last apply back, byte for byte, as long as nothing of it moved since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cartridge.apply.check import digest, file_digest
from cartridge.apply.journal import JOURNAL, Entry, Home, Journal, read_journal
from cartridge.apply.lock import locked, translated
from cartridge.apply.paths import resolve_inside
from cartridge.apply.recover import recover_locked
from cartridge.apply.transaction import mode_of, run
from cartridge.domain.progress import Progress
from cartridge.errors import UndoError


@dataclass(frozen=True)
class Applied:
    """One apply that can be undone: its number, when it was made (UTC, ISO 8601), and the files it wrote."""

    number: int
    at: str
    created: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class UndoReport:
    """What an undo did: files that were `removed`, and those that were `restored` to the bytes from before."""

    number: int
    removed: tuple[str, ...]
    restored: tuple[str, ...]


def history(project: Path) -> tuple[Applied, ...]:
    """The applies of a project that can be undone, newest first; only the newest can be undone next.

    Raises:
        ApplyError: a journal is not readable.
    """
    home = Home(project.resolve())
    with translated(home):
        return tuple(_applied(read_journal(home.done(number) / JOURNAL)) for number in reversed(home.numbers()))


def _applied(journal: Journal) -> Applied:
    return Applied(
        number=journal.number,
        at=journal.at,
        created=tuple(entry.path for entry in journal.entries if entry.before is None),
        changed=tuple(entry.path for entry in journal.entries if entry.before is not None),
    )


def undo(project: Path, *, progress: Progress | None = None) -> UndoReport:
    """Bring every file of the last apply back to the bytes from before it, and remove what it created.

    Raises:
        UndoError: there is nothing to undo, or files moved since (each is named). Nothing was undone.
        LockedError: another command is writing in this project.
        ApplyError: the system refused a step; everything is as it was before.
    """
    home = Home(project.resolve())
    with translated(home):
        if not home.folder.exists():
            raise _nothing(project)
        return _undo(home, progress)


def _undo(home: Home, progress: Progress | None) -> UndoReport:
    with locked(home):
        broken_off = recover_locked(home)
        if broken_off is not None and broken_off.journal.kind == "undo" and broken_off.outcome == "finished":
            return _report(broken_off.journal)
        number = max(home.numbers(), default=None)
        if number is None:
            raise _nothing(home.root)
        applied = read_journal(home.done(number) / JOURNAL)
        if applied.number != number or applied.kind != "apply":
            raise UndoError(f"{home.done(number)} is not the journal of apply {number}. Nothing was undone.")
        contents = _contents_before(home, applied)
        reverse = _reverse(home, applied)
        run(home, reverse, contents, progress)
    return _report(reverse)


def _report(journal: Journal) -> UndoReport:
    return UndoReport(
        number=journal.number,
        removed=tuple(entry.path for entry in journal.entries if entry.after is None),
        restored=tuple(entry.path for entry in journal.entries if entry.after is not None),
    )


def _nothing(project: Path) -> UndoError:
    if not project.exists():
        return UndoError(f"There is nothing to undo: {project} does not exist. Name the project with --project.")
    return UndoError(f"There is nothing to undo in {project}: no apply of cartridge is on record there.")


def _contents_before(home: Home, applied: Journal) -> list[bytes | None]:
    """The bytes of every file before the apply; refuses where a file moved since, or a kept copy is gone."""
    moved: list[str] = []
    contents: list[bytes | None] = []
    for index, entry in enumerate(applied.entries):
        target = resolve_inside(entry.path, home.root)
        if target is None or _digest_or_none(target) != entry.after:
            moved.append(f"  {entry.path}: {'is gone' if target and not target.exists() else 'was changed since'}")
        kept = home.done(applied.number) / "old" / str(index)
        content = None if entry.before is None else _kept(kept)
        if entry.before is not None and (content is None or digest(content) != entry.before):
            moved.append(f"  {entry.path}: the copy from before, {kept}, is gone or was changed")
        contents.append(content)
    if moved:
        raise UndoError(
            "\n".join(
                [
                    f"Nothing was undone: {len(moved)} of {len(applied.entries)} files moved since they were written.",
                    *moved,
                    "Bring them back to what was applied (or remove the rest by hand), then `cartridge undo` again.",
                ]
            )
        )
    return contents


def _digest_or_none(target: Path) -> str | None:
    try:
        return file_digest(target)
    except OSError:  # a folder stands there now, or it cannot be read: moved, either way
        return None


def _kept(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _reverse(home: Home, applied: Journal) -> Journal:
    """The journal that takes an apply back."""
    return Journal(
        kind="undo",
        number=applied.number,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        entries=tuple(
            Entry(entry.path, entry.after, entry.before, mode_of(home.root / entry.path)) for entry in applied.entries
        ),
        remove=tuple(reversed(applied.make)),
    )
