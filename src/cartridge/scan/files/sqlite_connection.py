"""SQLite files opened for reading only, and SQLite's complaints in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from cartridge.errors import SourceError
from cartridge.render import identifier

_WAIT_SECONDS = 2.0
_WAL = 2


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection; SQLite's errors become ours. Text that is no UTF-8 is read with replacement characters.

    Raises:
        SourceError: the file is half written, encrypted, damaged, locked, or has an unfinished transaction.
    """
    _check_whole(path)
    try:
        connection = sqlite3.connect(_uri(path), uri=True, timeout=_WAIT_SECONDS)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            connection.execute("select count(*) from sqlite_master").fetchone()
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise translated(path, error) from error


def translated(path: Path, error: sqlite3.Error) -> SourceError:
    """SQLite's message about a file as one of ours, with what to do next."""
    message = str(error)
    name = path.name
    if "locked" in message or "busy" in message:
        return SourceError(f"{name} is locked: another process writes to it. Close it there and try again.")
    if "not a database" in message:
        return SourceError(f"{name} is no plain SQLite file: it is encrypted or damaged. Decrypt it or copy it again.")
    if "malformed" in message or "disk I/O" in message:
        return SourceError(
            f"{name} is damaged or only half written ({message}). Copy it again, or run: sqlite3 .recover"
        )
    if "readonly" in message or "unable to open" in message:
        return SourceError(
            f"{name} has an unfinished transaction or a log that cannot be read from here ({message}). Open it once "
            "with the program that writes it, or run: PRAGMA wal_checkpoint"
        )
    return SourceError(f"SQLite cannot read {name}: {message}. Open it with sqlite3 itself to see why.")


def quoted(name: str) -> str:
    """An identifier in SQLite's quotes, which are DuckDB's."""
    return identifier.quoted(name, "duckdb")


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _uri(path: Path) -> str:
    """A file in WAL mode without a log is opened as immutable: else SQLite would create log files beside it."""
    with path.open("rb") as file:
        head = file.read(20)
    uses_log = len(head) == 20 and head[18] == _WAL
    mode = "immutable=1" if uses_log and not _log(path).exists() else "mode=ro"
    return f"file:{quote(str(path.absolute()))}?{mode}"


def _check_whole(path: Path) -> None:
    """Compares the file's size with the number of pages in its header (offsets: sqlite.org/fileformat2.html)."""
    with path.open("rb") as file:
        head = file.read(100)
    size = path.stat().st_size
    if len(head) < 100:
        raise SourceError(f"{path.name} is only half written: {size} bytes are there. Copy it again.")
    page_size = int.from_bytes(head[16:18], "big")
    page_size = 65_536 if page_size == 1 else page_size
    count_is_valid = head[24:28] == head[92:96]
    wanted = page_size * int.from_bytes(head[28:32], "big")
    if count_is_valid and size < wanted and not _log(path).exists():
        raise SourceError(f"{path.name} is only half written: {size:,} of {wanted:,} bytes are there. Copy it again.")
