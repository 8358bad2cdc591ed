"""All files or none: prepare, carry out, roll back, and what a killed process left behind.

The order is that of a write-ahead log: every new content and a copy of every old one reach the disk first (one sync for
all of them), then a rename makes the journal count, then each file takes its place by one rename or link. Whatever
happens after the journal counts, the contents to finish with, and those to go back with, are both there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from cartridge.apply.check import file_digest
from cartridge.apply.journal import (
    JOURNAL,
    ROLLBACK,
    Entry,
    Home,
    Journal,
    discard,
    settle,
    settle_folder,
    write_journal,
)
from cartridge.apply.paths import Places
from cartridge.domain.progress import Progress
from cartridge.errors import ApplyError, ConflictError


def run(home: Home, journal: Journal, contents: Sequence[bytes | None], progress: Progress | None = None) -> None:
    """Carry out a whole transaction; `contents[i]` are the bytes that entry i has afterwards (None: no file).

    The caller holds the lock, and nothing is pending.

    Raises:
        ConflictError: a file changed since it was checked. All is as it was before.
        ApplyError: the disk is full, a permission is missing or the like. All is as it was before.
    """
    try:
        _prepare(home, journal, contents)
    except BaseException as error:  # an interrupt leaves as little behind as a full disk does
        with contextlib.suppress(OSError):
            discard(home)
        if isinstance(error, OSError):
            raise _failed(error) from None
        raise
    try:
        carry_out(home, journal, progress)
    except BaseException as error:  # nor may an interrupt, or a progress callback that fails, leave half of the files
        if is_done(home, journal):
            raise
        left = roll_back(home, journal)
        if not isinstance(error, OSError | ConflictError):
            raise
        failure = error if isinstance(error, ConflictError) else _failed(error)
        note = f"\nThese were changed meanwhile and left alone: {', '.join(left)}" if left else ""
        raise type(failure)(f"{failure}{note}") from None


def is_done(home: Home, journal: Journal) -> bool:
    """Whether a transaction that was begun has passed the point from which there is no way back."""
    return home.done(journal.number).exists() == (journal.kind == "apply")


def _failed(error: OSError) -> ApplyError:
    where = f" ({error.filename})" if error.filename else ""
    return ApplyError(
        f"Nothing was written: {error.strerror or error}{where}. Everything is as it was before. "
        "Make room or mend the permissions, then run the command again."
    )


def _prepare(home: Home, journal: Journal, contents: Sequence[bytes | None]) -> None:
    """Bring both contents of every file to the disk, then let the journal count."""
    new, old = home.pending / "new", home.pending / "old"
    for folder in (home.pending, new, old):
        folder.mkdir()
    written: list[Path] = []
    places = Places(home.root)
    for index, (entry, content) in enumerate(zip(journal.entries, contents, strict=True)):
        if content is not None:
            copy = new / str(index)
            copy.write_bytes(content)
            written.append(copy)
        if entry.before is not None:
            target = _inside(places, entry.path)
            shutil.copyfile(target, old / str(index))
            written.append(old / str(index))
            if content is not None:
                _dress(copy, entry, target)
            _dress(old / str(index), entry, target)
    draft = home.pending / "journal.draft"
    write_journal(draft, journal)
    settle(home.pending, [*written, draft])
    draft.rename(home.pending / JOURNAL)
    settle_folder(home.pending)


def _dress(copy: Path, entry: Entry, target: Path) -> None:
    """Give a copy the mode and, where that is allowed, the owner of the file that it will replace."""
    if entry.mode is not None:
        copy.chmod(entry.mode)
    status = target.stat()
    mine = copy.stat()
    if (status.st_uid, status.st_gid) != (mine.st_uid, mine.st_gid):
        with contextlib.suppress(OSError):  # only root may give files away; the content matters more
            os.chown(copy, status.st_uid, status.st_gid)


def _inside(places: Places, path: str) -> Path:
    """The real place of a path of the project.

    Raises:
        ConflictError: it lies outside the project by now.
    """
    target = places.of(path)
    if target is None:
        raise ConflictError(f"Nothing was written: a symlink leads {path} out of the project by now.")
    return target


def carry_out(home: Home, journal: Journal, progress: Progress | None = None) -> None:
    """Take a prepared transaction to its end, from wherever it stands; what is done is not done again.

    Raises:
        ConflictError: a file holds neither the bytes from before nor those from after.
        OSError: the system refused a step.
    """
    places = Places(home.root)
    for folder in journal.make:
        _inside(places, folder).mkdir(exist_ok=True)
    for index, entry in enumerate(journal.entries):
        _put(home.pending / "new" / str(index), _inside(places, entry.path), entry)
        if progress is not None:
            progress(f"Writing {entry.path}", index + 1, len(journal.entries))
    for folder in journal.remove:
        _remove_if_empty(_inside(places, folder))
    _finish(home, journal)


def _put(new: Path, target: Path, entry: Entry) -> None:
    """Let the content `new` take its place. A new file is one step, which fails where something is there by now."""
    is_taken = False
    if entry.before is None and entry.after is not None:
        try:
            os.link(new, target)
        except FileExistsError:  # by others, or by this transaction before it was broken off
            is_taken = True
        except OSError:  # a file system without links: the check just below has to do
            pass
        else:
            return
    found = file_digest(target)
    if found == entry.after:
        return
    if is_taken or found != entry.before or (entry.after is not None and not new.is_file()):
        raise ConflictError(f"Nothing was written: {entry.path} was changed while the files were written.")
    if entry.after is None:
        target.unlink()
    else:
        new.replace(target)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or gone: either is as it should be
        folder.rmdir()


def _finish(home: Home, journal: Journal) -> None:
    """Make what was done last, then mark it so by one rename: an apply enters the history, an undo leaves it."""
    places = Places(home.root)
    settle(home.root, (_inside(places, entry.path) for entry in journal.entries if entry.after is not None))
    if journal.kind == "undo":
        home.done(journal.number).rename(home.pending / "undone")
        discard(home)
        return
    if (home.pending / "new").exists():
        shutil.rmtree(home.pending / "new")
    home.history.mkdir(exist_ok=True)
    home.pending.rename(home.done(journal.number))
    with contextlib.suppress(OSError):  # it is done; a power cut would merely have it finished once more
        settle_folder(home.history)
        settle_folder(home.folder)


def roll_back(home: Home, journal: Journal) -> tuple[str, ...]:
    """Take a transaction back from wherever it stands. Returns the paths that others changed meanwhile: left alone.

    Raises:
        ApplyError: the system refused a step; the next command goes on with it.
    """
    left: list[str] = []
    try:
        if (home.pending / JOURNAL).exists():
            (home.pending / JOURNAL).rename(home.pending / ROLLBACK)
            settle_folder(home.pending)
        places = Places(home.root)
        for index, entry in reversed(list(enumerate(journal.entries))):
            if not _take_back(places, home.pending, index, entry):
                left.append(entry.path)
        for folder in reversed(journal.make):
            _remove_if_empty(_inside(places, folder))
        settle(home.root, [])
        discard(home)
    except (OSError, ConflictError) as error:
        raise ApplyError(
            f"Taking the files back was broken off: {error}. Mend that, then run any "
            f"cartridge command in {home.root}: it goes on from here."
        ) from None
    return tuple(sorted(left))


def _take_back(places: Places, pending: Path, index: int, entry: Entry) -> bool:
    new, old = pending / "new" / str(index), pending / "old" / str(index)
    try:
        target = _inside(places, entry.path)
        found = file_digest(target)
    except (ConflictError, OSError):
        return False
    if found == entry.before:
        return True
    if found != entry.after:
        return False
    if entry.before is None:
        if new.exists() and not new.samefile(target):  # the same bytes, but others wrote them
            return False
        target.unlink()
    elif old.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        old.replace(target)
    else:
        return False
    return True


def mode_of(path: Path) -> int | None:
    """The permission bits of a file; None where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
