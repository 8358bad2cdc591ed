"""What stands in the way of a change set, found before anything is written."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cartridge.apply.paths import Neighbours, Places, clashes, path_fault
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError, ConflictError

_SHOWN = 20
"""Faults that a message lists in full before it counts the rest."""


@dataclass(frozen=True)
class Write:
    """One file to write: `target` is its real place, `before` the sha256 of what is there (None: nothing is)."""

    path: str
    target: Path
    content: bytes
    before: str | None


@dataclass(frozen=True)
class Work:
    """What a change set comes to on this disk: the files to write, and those that hold the planned bytes already."""

    writes: tuple[Write, ...]
    unchanged: tuple[str, ...]


def digest(content: bytes) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str | None:
    """The sha256 of the file at `path`; None where nothing is there.

    Raises:
        OSError: something is there that cannot be read as a file.
    """
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def check(changeset: ChangeSet, project: Path) -> Work:
    """Compare a change set with the disk; touches nothing.

    Raises:
        ConflictError: a planned path holds other bytes, cannot be written, or may not be. Names every such path.
        ApplyError: `project` itself is no folder.
    """
    root = project.resolve()
    if root.exists() and not root.is_dir():
        raise ApplyError(f"{project} is a file, not a folder: name the folder of the dbt project. Nothing was written.")
    targets, faults = _targets(changeset, root)
    writes: list[Write] = []
    unchanged: list[str] = []
    for file in changeset.files:
        if file.path in faults:
            continue
        found = _compare(file, *targets[file.path])
        if isinstance(found, str):
            faults[file.path] = found
        elif found is None:
            unchanged.append(file.path)
        else:
            writes.append(found)
    if faults:
        raise ConflictError(_message({file.path: faults[file.path] for file in changeset.files if file.path in faults}))
    return Work(tuple(writes), tuple(unchanged))


def _targets(changeset: ChangeSet, root: Path) -> tuple[dict[str, tuple[Path, bool]], dict[str, str]]:
    """The real place of each planned path, and whether a file is there; and the paths that may not be written, with
    the reason."""
    look = _Look(root)
    alike = clashes(file.path for file in changeset.files)
    faults = {path: f"differs only in case from the planned {other}" for path, other in alike.items()}
    targets: dict[str, tuple[Path, bool]] = {}
    claimed: dict[Path, str] = {}
    seen: set[str] = set()
    for file in changeset.files:
        if file.path in seen:
            faults[file.path] = "is planned twice"
        seen.add(file.path)
        if file.path in faults:
            continue
        found = look.at(file)
        if not isinstance(found, str) and claimed.setdefault(found[0], file.path) != file.path:
            found = f"is the same file as {claimed[found[0]]}"
        if isinstance(found, str):
            faults[file.path] = found
        else:
            targets[file.path] = found
    return targets, faults


class _Look:
    """What stands at planned paths: a plan has thousands of files in few folders, so each folder is looked at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._neighbours = Neighbours(root)
        self._places = Places(root)
        self._folders: dict[Path, str | None] = {}

    def at(self, file: FileChange) -> tuple[Path, bool] | str:
        """The real place and whether a file is there; else why the path may not be written."""
        fault = path_fault(file.path)
        if fault:
            return fault
        target = self._places.of(file.path)
        if target is None:
            return "a symlink leads out of the project"
        if file.operation == "create" and (like := self._neighbours.like(file.path)) is not None:
            return f"differs only in case from {like}, which exists"
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            return "a folder of that name exists"
        if mode is not None and not stat.S_ISREG(mode):
            return "something that is no plain file has that name"
        folder = target.parent
        if folder not in self._folders:
            self._folders[folder] = self._barred(folder)
        return self._folders[folder] or (target, mode is not None)

    def _barred(self, folder: Path) -> str | None:
        while not folder.exists() and folder != self._root:
            folder = folder.parent
        while not folder.exists():
            folder = folder.parent
        if not folder.is_dir():
            return f"{folder.name} is a file, not a folder"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"no permission to write into the folder {folder}"
        return None


def _mode(path: Path) -> int | None:
    """The kind and the permissions of what is there; None where nothing is."""
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise


def _compare(file: FileChange, target: Path, is_there: bool) -> Write | str | None:
    """What has to be written; a sentence where the disk does not allow it; None where the file is as planned."""
    try:
        content = file.text.encode("utf-8")
        before = file_digest(target) if is_there else None
    except UnicodeEncodeError:
        return "its text cannot be written as UTF-8"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if before is not None and before == digest(content):
        return None
    return _moved(file, before) or Write(file.path, target, content, before)


def _moved(file: FileChange, found: str | None) -> str | None:
    """How the disk differs from what the plan was made from."""
    if file.operation == "create":
        return None if found is None else "exists and holds other text"
    if found is None:
        return "was there when the plan was made, and is gone"
    return None if found == file.before else "was changed since the plan was made"


def _message(faults: dict[str, str]) -> str:
    lines = [
        f"  {path!a}: {fault}" if not path.isprintable() else f"  {path}: {fault}" for path, fault in faults.items()
    ]
    if len(lines) > _SHOWN:
        names = ", ".join(list(faults)[_SHOWN:])
        lines = [*lines[:_SHOWN], f"  and {len(faults) - _SHOWN} more: {names}"]
    count = "1 file stands" if len(faults) == 1 else f"{len(faults)} files stand"
    return "\n".join(
        [
            f"Nothing was written: {count} in the way.",
            *lines,
            "Move what is there, or make the plan again against the project as it is now (`cartridge plan`).",
        ]
    )
