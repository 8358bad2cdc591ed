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
from cartridge.scan.selection import Selection

SCANNERS = {
    "duckdb": "cartridge.scan.duckdb_file",
    "sqlite": "cartridge.scan.sqlite_file",
    "postgres": "cartridge.scan.postgres",
    "sqlalchemy": "cartridge.scan.sqlalchemy_url",
    "saved": "cartridge.scan.saved",
    "ddl": "cartridge.scan.ddl_file",
}
"""Kind of source to the module whose `read` scans it."""

SCHEMES = {
    "duckdb": "duckdb",
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "sqlalchemy",
    "mariadb": "sqlalchemy",
    "mssql": "sqlalchemy",
    "oracle": "sqlalchemy",
}
"""URL scheme, without a driver after `+`, to kind."""

FILE_KINDS = frozenset({"duckdb", "sqlite", "saved"})
"""Kinds that live in one file, so that their URL holds a path."""

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<rest>.*)", re.DOTALL)
_KNOWN = (
    "Known sources: a DuckDB file (duckdb:///FILE), a SQLite file (sqlite:///FILE), postgresql://USER@HOST/DATABASE, "
    "a SQLAlchemy URL of MySQL, MariaDB, SQL Server or Oracle, "
    "a file of CREATE TABLE statements (ddl+DIALECT:///FILE.sql), a saved scan (JSON)."
)


class Scanner(Protocol):
    """What a module named in `SCANNERS` offers."""

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
    try:
        return _scanner(located.kind).read(located.target, selection, progress or silent)
    except SourceError as error:
        shown = masked(source)
        if shown in str(error) or Path(located.target).name in str(error):
            raise
        raise SourceError(f"{shown}: {error}") from error


def locate(source: str) -> Located:
    """The kind of a source, from the scheme of its URL or the content of its file.

    Raises:
        SourceError: there is no such file, or its content is of no known kind; an unknown scheme.
    """
    url = _URL.fullmatch(source)
    if url is None:
        return Located(_kind_of_file(Path(source)), source)
    scheme = url["scheme"].lower().partition("+")[0]
    if scheme == "ddl":
        _must_be_file(Path(url["rest"].removeprefix("/")))
        return Located("ddl", source)
    kind = SCHEMES.get(scheme)
    if kind is None:
        raise SourceError(f"{masked(source)}: {url['scheme']}:// is not a source that can be scanned. {_KNOWN}")
    if kind not in FILE_KINDS:
        return Located(kind, source)
    path = Path(url["rest"].removeprefix("/").partition("?")[0])
    found = _kind_of_file(path)
    if found != kind:
        raise SourceError(f"{path} is named as {kind}, but its content is {found}. Name it without {scheme}://.")
    return Located(kind, str(path))


def _scanner(kind: str) -> Scanner:
    return cast("Scanner", importlib.import_module(SCANNERS[kind]))


def _must_be_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a folder, not a database. Name the file. {_KNOWN}")
    if not path.exists():
        raise SourceError(f"{path} does not exist.{_near_files(path)} {_KNOWN}")


def _kind_of_file(path: Path) -> str:
    _must_be_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    kind = _kind_of_content(head) or ("ddl" if path.suffix.lower() == ".sql" and head and b"\0" not in head else None)
    if kind is None:
        raise SourceError(f"{path} {_why_unknown(head)}. {_KNOWN}")
    return kind


def _kind_of_content(head: bytes) -> str | None:
    """DuckDB writes DUCK (encrypted: DUCKE) after an eight byte checksum."""
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "saved"
    return None


def _why_unknown(head: bytes) -> str:
    if not head:
        return "is empty (0 bytes)"
    if b"\0" in head:
        return "is no database that is known here; if it is an encrypted SQLite file, decrypt it first"
    return "is neither a database nor a saved scan"


def _near_files(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f" Nor does its folder {folder}."
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else ""
