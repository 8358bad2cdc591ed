"""Which paths may be written: relative, inside the project whatever the symlinks say, unlike any other but for case."""

from __future__ import annotations

import re
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
    """The real places of many paths below one root (itself resolved), each folder resolved once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[str, Path | None] = {"": root}

    def of(self, path: str) -> Path | None:
        """As `resolve_inside`, for a path that `path_fault` has nothing against."""
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = resolve_inside(folder, self._root)
        real = self._folders[folder]
        if real is None or (target := real / name).is_symlink():
            return resolve_inside(path, self._root)
        return target


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
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self.like(folder)
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
    if (first := spelled.get(folded(path))) is not None:
        return first if first != path else None
    folder = path.rpartition("/")[0]
    if folder and (above := _spelled_first(folder, spelled)) is not None:
        return above
    spelled[folded(path)] = path
    return None
