"""One apply at a time: a lock that the operating system lets go of when its process dies."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from cartridge.apply.journal import Home
from cartridge.errors import ApplyError, LockedError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HOUSEHOLD = frozenset({"lock", ".gitignore"})


@contextlib.contextmanager
def translated(home: Home) -> Iterator[None]:
    """The border to the file system: what it refuses outside of a transaction is one of our errors.

    Raises:
        ApplyError: a folder of the project cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        raise ApplyError(
            f"Nothing was written: {error.filename or home.root} cannot be used ({error.strerror or error}). "
            "Check the permissions of the project's folder."
        ) from None


@contextlib.contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the project's lock; makes `.cartridge/` where it is missing, and removes it where nothing is left in it.

    Raises:
        LockedError: another process holds it.
        ApplyError: `.cartridge` is a symlink, or cannot be written.
    """
    descriptor = _acquire(home)
    try:
        yield
    finally:
        try:
            _tidy(home)
        finally:
            os.close(descriptor)


def _acquire(home: Home) -> int:
    while True:
        try:
            _furnish(home)
            descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        except FileNotFoundError:
            if home.root.is_dir():
                continue  # the command before us has just tidied the folder away
            raise ApplyError(f"{home.root} is gone. Nothing was written.") from None
        except OSError as error:
            raise ApplyError(
                f"Nothing was written: {home.folder} cannot be written ({error.strerror}). "
                "Check the permissions and the space of the project's folder."
            ) from None
        if not _try_lock(descriptor):
            os.close(descriptor)
            raise LockedError(
                f"Another cartridge command is writing in {home.root}. Wait until it is done, then run this one again."
            )
        if _is_still(home, descriptor):
            return descriptor
        os.close(descriptor)


def _furnish(home: Home) -> None:
    if home.folder.is_symlink():
        raise ApplyError(f"{home.folder} is a symlink. Replace it by a folder of its own; nothing was written.")
    home.folder.mkdir(exist_ok=True)
    if not home.ignore.exists():
        home.ignore.write_text("*\n", encoding="utf-8")


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_still(home: Home, descriptor: int) -> bool:
    """Whether the locked file is the one that others will find; the holder before us may have removed it."""
    try:
        return os.path.samestat(home.lock.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def is_bare(home: Home) -> bool:
    """Whether `.cartridge/` exists and remembers nothing."""
    return home.folder.is_dir() and {entry.name for entry in home.folder.iterdir()} <= _HOUSEHOLD


def _tidy(home: Home) -> None:
    """Leave no trace where there is nothing to remember. Best effort: the work itself is done or refused by now."""
    with contextlib.suppress(OSError):
        if home.history.is_dir() and not any(home.history.iterdir()):
            home.history.rmdir()
        if is_bare(home):
            home.ignore.unlink(missing_ok=True)
            home.lock.unlink(missing_ok=True)
            home.folder.rmdir()
