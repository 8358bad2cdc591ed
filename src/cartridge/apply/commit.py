"""The one door through which files of a project are written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cartridge.apply.check import Work, check, digest
from cartridge.apply.journal import Entry, Home, Journal
from cartridge.apply.lock import locked, translated
from cartridge.apply.recover import recover_locked
from cartridge.apply.transaction import mode_of, run
from cartridge.domain.change import ApplyReport, ChangeSet
from cartridge.domain.progress import Progress


def commit(changeset: ChangeSet, project: Path, *, progress: Progress | None = None) -> ApplyReport:
    """Write a change set into the folder `project`: every file, or none. A second commit changes nothing.

    `project` is made where it does not exist. `progress` is called once a file.

    Raises:
        ConflictError: planned paths hold other bytes or may not be written; the message names each. Nothing was
            written.
        LockedError: another command is writing in this project.
        ApplyError: the disk is full, a permission is missing, or the like. Everything is as it was before.
    """
    home = Home(project.resolve())
    with translated(home):
        work, known = None, home.mark()
        if not home.pending.exists():
            work = check(changeset, project)
            if not work.writes:
                return _report(work)
        home.root.mkdir(parents=True, exist_ok=True)
        with locked(home):
            if work is None or home.pending.exists() or home.mark() != known:  # another command was here meanwhile
                recover_locked(home)
                work = check(changeset, project)
            if work.writes:
                run(home, _journal(home, work), [write.content for write in work.writes], progress)
        return _report(work)


def _journal(home: Home, work: Work) -> Journal:
    entries = tuple(
        Entry(write.path, write.before, digest(write.content), mode_of(write.target) if write.before else None)
        for write in work.writes
    )
    return Journal(
        kind="apply",
        number=max(home.numbers(), default=0) + 1,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        entries=entries,
        make=_missing_folders(home.root, work),
    )


def _missing_folders(root: Path, work: Work) -> tuple[str, ...]:
    """The folders that must be made, parents first."""
    missing: set[Path] = set()
    for home in {write.target.parent for write in work.writes}:
        folder = home
        while folder != root and folder not in missing and not folder.exists():
            missing.add(folder)
            folder = folder.parent
    return tuple(sorted(folder.relative_to(root).as_posix() for folder in missing))


def _report(work: Work) -> ApplyReport:
    return ApplyReport(
        created=tuple(sorted(write.path for write in work.writes if write.before is None)),
        changed=tuple(sorted(write.path for write in work.writes if write.before is not None)),
        unchanged=tuple(sorted(work.unchanged)),
    )
