"""The journal of one transaction, and the folder that holds it.

A transaction is a folder, and its place and the name of its journal say how far it came, because a rename is the one
step that happens wholly or not at all:

    .cartridge/pending/                      nothing of the project was touched: thrown away
    .cartridge/pending/journal.json          all contents are on the disk: carried on to the end
    .cartridge/pending/rollback.json         an error came up on the way: taken back
    .cartridge/history/000001/journal.json   done, and what undo needs

Beside the journal lie `new/N` and `old/N`: the bytes of entry N after and before.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cartridge.apply.paths import HOME, path_fault
from cartridge.errors import ApplyError

JOURNAL = "journal.json"
ROLLBACK = "rollback.json"
_FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """One file of a transaction: sha256 before and after (None: no file), and the mode of the file that was there."""

    path: str
    before: str | None
    after: str | None
    mode: int | None = None


@dataclass(frozen=True)
class Journal:
    """One transaction. `number` counts the applies of a project; an undo bears the number of what it takes back.

    `make` are the folders that the transaction creates, parents first; `remove` those it removes where they are empty
    in the end, children first. `at` is the time in UTC, ISO 8601.
    """

    kind: Literal["apply", "undo"]
    number: int
    at: str
    entries: tuple[Entry, ...]
    make: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Home:
    """The places inside `<project>/.cartridge/`. `root` is the project's real folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / HOME
        self.lock = self.folder / "lock"
        self.ignore = self.folder / ".gitignore"
        self.pending = self.folder / "pending"
        self.history = self.folder / "history"

    def done(self, number: int) -> Path:
        """Where the transaction of that number lies once it is done."""
        return self.history / f"{number:06d}"

    def numbers(self) -> list[int]:
        """The numbers of all applies that can be undone, oldest first."""
        if not self.history.is_dir():
            return []
        return sorted(int(entry.name) for entry in self.history.iterdir() if re.fullmatch(r"\d{6,}", entry.name))

    def mark(self) -> tuple[list[int], int]:
        """What differs once another command is done: an undo and an apply leave the same numbers, at another time."""
        numbers = self.numbers()
        return numbers, self.history.stat().st_mtime_ns if numbers else 0


def write_journal(path: Path, journal: Journal) -> None:
    """Write a journal beside its final name; only the rename that follows makes it count."""
    told = {"format": _FORMAT, **vars(journal), "entries": [vars(entry) for entry in journal.entries]}
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")


def read_journal(path: Path) -> Journal:
    """Read a journal, trusting nothing in it: a project may come with a forged one.

    Raises:
        ApplyError: it is no journal of this version, or it names a path that may not be written.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise _unreadable(path, f"it has format {data['format']!r}, this version writes {_FORMAT}")
        journal = Journal(
            kind=data["kind"],
            number=data["number"],
            at=str(data["at"]),
            entries=tuple(_entry(item) for item in data["entries"]),
            make=tuple(data["make"]),
            remove=tuple(data["remove"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path, str(error)) from None
    if journal.kind not in ("apply", "undo") or not isinstance(journal.number, int) or journal.number < 1:
        raise _unreadable(path, "its kind or number is wrong")
    for name in (*(entry.path for entry in journal.entries), *journal.make, *journal.remove):
        fault = path_fault(name) if isinstance(name, str) else "not text"
        if fault:
            raise _unreadable(path, f"it names a path that may not be written ({name!r}: {fault})")
    return journal


def _entry(item: Any) -> Entry:
    entry = Entry(item["path"], item["before"], item["after"], item["mode"])
    for sha in (entry.before, entry.after):
        if sha is not None and not _SHA256.fullmatch(sha):
            raise ValueError("a hash is not a sha256")
    if entry.mode is not None and not 0 <= int(entry.mode) <= 0o7777:
        raise ValueError("a mode is out of range")
    return entry


def _unreadable(path: Path, reason: str) -> ApplyError:
    return ApplyError(
        f"The journal {path} cannot be read: {reason}. Nothing was written. If no cartridge command of another version "
        f"was broken off here, move {path.parent} away and run the command again."
    )


def settle(folder: Path, files: Iterable[Path]) -> None:
    """Return once everything written so far is on the disk, in one step where the system has it.

    Linux has `syncfs` (the file system of `folder`, and no other: a plain `sync` can wait for a dead network drive);
    elsewhere each of `files` is synced by itself.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        if hasattr(library, "syncfs"):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                if library.syncfs(descriptor) != 0:
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number), str(folder))
            finally:
                os.close(descriptor)
            return
    for file in files:
        with file.open("rb") as handle:
            os.fsync(handle.fileno())


def settle_folder(folder: Path) -> None:
    """Return once the names in `folder` are on the disk. Systems that cannot open folders order renames themselves."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(home: Home) -> None:
    """Throw the pending transaction away. The journal goes last-to-first: without it, the rest counts for nothing."""
    for name in (JOURNAL, ROLLBACK):
        (home.pending / name).unlink(missing_ok=True)
    if home.pending.exists():
        shutil.rmtree(home.pending)
