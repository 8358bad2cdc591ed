"""From what the user calls a source to the scanner that reads it. Looked up, never guessed."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from cartridge.domain.masking import masked
from cartridge.domain.progress import Progress, silent
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import SourceError
from cartridge.scan.kinds import KINDS, KNOWN, SCHEMES
from cartridge.scan.selection import Selection
from cartridge.scan.servers.connection import ScanInterruptedError

DBT = "dbt:"
"""How a source begins that is the connection of a dbt project's profile."""
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<rest>.*)", re.DOTALL)


_DLT = re.compile(rb"^\W*engine_version\W", re.MULTILINE)
_DBT_CATALOG = re.compile(rb"schemas\.getdbt\.com/dbt/catalog/")


class Scanner(Protocol):
    """What the module of a `SourceKind` offers."""

    def read(self, source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
        """The schema of the source: a path for files, else the URL."""
        ...


@dataclass(frozen=True)
class Located:
    """A source whose kind is known. `target` is the path of a file, or the whole URL; it may hold a secret."""

    kind: str
    target: str

    def __repr__(self) -> str:
        return f"Located(kind={self.kind!r}, target={masked(self.target)!r})"


def scan(
    source: str,
    *,
    tables: Sequence[str] = (),
    exclude: Sequence[str] = (),
    schemas: Sequence[str] = (),
    progress: Progress | None = None,
) -> SchemaSnapshot:
    """Reads the schema of a database file, a database behind a URL, or a saved scan. Nothing is written.

    `tables` and `exclude` are glob patterns over `table` or `schema.table`; case does not count.

    Raises:
        SourceError: the source does not exist, is of no known kind, cannot be read, or nothing was selected.
        MissingExtraError: the package that reads this kind is not installed.
    """
    located = locate(source)
    selection = Selection(tuple(tables), tuple(exclude), tuple(schemas))
    scanner, progress = _scanner(located.kind), progress or silent
    try:
        try:
            return scanner.read(located.target, selection, progress)
        except ScanInterruptedError:
            return _once_more(scanner, located, selection, progress)
    except SourceError as error:
        shown = masked(source)
        if shown in str(error) or Path(located.target).name in str(error):
            raise
        raise SourceError(f"{shown}: {error}") from error


def _once_more(scanner: Scanner, located: Located, selection: Selection, progress: Progress) -> SchemaSnapshot:
    try:
        return scanner.read(located.target, selection, progress)
    except ScanInterruptedError as error:
        raise SourceError(
            f"{error} It did so twice. Look into the server's log, and for time-outs between here and there."
        ) from error


def locate(source: str) -> Located:
    """The kind of a source, from the scheme of its URL or the content of its file.

    Raises:
        SourceError: there is no such file, or its content is of no known kind; an unknown scheme.
    """
    if source.startswith(DBT):
        return Located("dbt", source)
    url = _URL.fullmatch(source)
    if url is None:
        return Located(_kind_of_file(Path(source)), source)
    scheme = url["scheme"].lower().partition("+")[0]
    if scheme == "ddl":
        _must_be_file(Path(url["rest"].removeprefix("/")))
        return Located("ddl", source)
    kind = SCHEMES.get(scheme)
    if kind is None:
        raise SourceError(f"{masked(source)}: {url['scheme']}:// is not a source that can be scanned. {KNOWN}")
    if not KINDS[kind].is_file:
        return Located(kind, source)
    path = Path(url["rest"].removeprefix("/").partition("?")[0])
    found = _kind_of_file(path)
    if found != kind:
        raise SourceError(f"{path} is named as {kind}, but its content is {found}. Name it without {scheme}://.")
    return Located(kind, str(path))


def _scanner(kind: str) -> Scanner:
    return cast("Scanner", importlib.import_module(KINDS[kind].module))


def _must_be_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a folder, not a database. Name the file. {KNOWN}")
    if not path.exists():
        raise SourceError(f"{path} does not exist.{_near_files(path)} {KNOWN}")


def _kind_of_file(path: Path) -> str:
    _must_be_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    kind = _kind_of_content(head) or ("ddl" if path.suffix.lower() == ".sql" and head and b"\0" not in head else None)
    if kind is None:
        raise SourceError(f"{path} {_why_unknown(head)}. {KNOWN}")
    return kind


def _kind_of_content(head: bytes) -> str | None:
    """DuckDB writes DUCK (encrypted: DUCKE) after an eight byte checksum."""
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _DLT.search(text):
        return "dlt"
    if text[:1] == b"{":
        return "dbt_catalog" if _DBT_CATALOG.search(text) else "saved"
    return None


def _why_unknown(head: bytes) -> str:
    if not head:
        return "is empty (0 bytes)"
    if b"\0" in head:
        return "is no database that is known here; if it is an encrypted SQLite file, decrypt it first"
    return "is neither a database, a saved scan, a schema of dlt nor a catalogue of dbt"


def _near_files(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f" Nor does its folder {folder}."
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else ""
