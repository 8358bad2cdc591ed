"""Which paths may be written: relative, inside the project whatever the symlinks say, unlike any other but for case."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

HOME = ".cartridge"
"""The folder of a project that holds the lock, the journal and what undo needs."""

_CLOSED = frozenset({HOME, ".git"})
_DRIVE = re.compile(r"^[A-Za-z]:")
_LONGEST_NAME = 255
"""Bytes of one file name that common file systems take."""


def path_fault(path: str) -> str | None:
    """Why a path may never be written, judged by its text alone; None where nothing speaks against it."""
    parts = path.split("/")
    rules = (
        (path.startswith("/") or bool(_DRIVE.match(path)), "the path is absolute"),
        (".." in parts, "the path leaves its folder by '..'"),
        ("" in parts or "." in parts, "the path is empty, or holds an empty part or '.'"),
        (not _is_plain(path), "the path holds a backslash or a control character"),
        (any(folded(part) in _CLOSED for part in parts), "the path lies in a folder that is never written"),
        (
            len(path) > _LONGEST_NAME // 4
            and any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in parts),
            f"a name in the path is longer than {_LONGEST_NAME} bytes",
        ),
    )
    return next((fault for broken, fault in rules if broken), None)


def _is_plain(path: str) -> bool:
    if path.isascii():
        return "\\" not in path and path.isprintable()
    return "\\" not in path and all(unicodedata.category(character) not in ("Cc", "Cs") for character in path)


def resolve_inside(path: str, root: Path) -> Path | None:
    """The real place of a path below `root` (itself resolved), symlinks followed; None where it lies outside."""
    try:
        real = (root / path).resolve()
    except (OSError, RuntimeError):  # a loop of symlinks is a RuntimeError up to Python 3.12
        return None
    return real if real != root and real.is_relative_to(root) else None


class Places:
    """The real places of many paths below one root (itself resolved), each folder resolved once, and once more where
    something else has taken its place."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[str, tuple[Path | None, _Identity]] = {"": (root, _identity(root))}

    def of(self, path: str) -> Path | None:
        """As `resolve_inside`, for a path that `path_fault` has nothing against."""
        folder, _, name = path.rpartition("/")
        real, identity = self._folders.get(folder, (None, None))
        if real is None or identity != _identity(real):
            real = resolve_inside(folder, self._root)
            self._folders[folder] = real, None if real is None else _identity(real)
        if real is None or (target := real / name).is_symlink():
            return resolve_inside(path, self._root)
        return target


_Identity = tuple[int, int, int] | None


def _identity(path: Path) -> _Identity:
    """What stands there: another folder or a symlink in its place differs. None where nothing is, or may be seen."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, stat.S_IFMT(found.st_mode)


@lru_cache(maxsize=1 << 12)
def folded(name: str) -> str:
    """The form under which case-insensitive and normalising file systems compare names."""
    return unicodedata.normalize("NFC", name).casefold()


class Neighbours:
    """The names in the folders of a project, each folder listed once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[str, dict[str, str]] = {}
        self._folders: dict[str, str | None] = {"": None}

    def like(self, path: str) -> str | None:
        """An existing path that differs from `path`, or from one of its folders, in nothing but case."""
        parts = path.split("/")
        if "/".join(parts[:-1]) not in self._folders:
            for end in range(1, len(parts)):
                folder = "/".join(parts[:end])
                if folder not in self._folders:
                    self._folders[folder] = self._like(folder)
        return self._like(path)

    def _like(self, path: str) -> str | None:
        """The same for a path whose folder was looked at."""
        folder, _, name = path.rpartition("/")
        if (other := self._folders[folder]) is not None:
            return other
        other = self._listed(folder).get(folded(name))
        if other is None or other == name or (self._root / path).exists():
            return None
        return f"{folder}/{other}" if folder else other

    def _listed(self, folder: str) -> dict[str, str]:
        if folder not in self._names:
            try:
                names = sorted(entry.name for entry in (self._root / folder).iterdir())
            except OSError:  # absent, or no folder: nothing there can be like the name
                names = []
            self._names[folder] = {folded(name): name for name in names}
        return self._names[folder]


def clashes(paths: Iterable[str]) -> dict[str, str]:
    """Paths that another path equals but for case, in a folder or in the name; the first to come keeps its right."""
    spelled: dict[str, str] = {}
    found: dict[str, str] = {}
    for path in paths:
        first = _spelled_first(path, spelled)
        if first is not None:
            found[path] = first
    return found


def _spelled_first(path: str, spelled: dict[str, str]) -> str | None:
    """What came before the path, or before a folder of it, in another case; what comes first is noted in `spelled`."""
    new: list[str] = []
    head = path
    while head and (first := spelled.get(folded(head))) != head:
        if first is not None:
            return first
        new.append(head)
        head = head.rpartition("/")[0]
    spelled.update((folded(head), head) for head in new)
    return None
