"""What a load is asked for, where its rows come from, and what it says when it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from cartridge.domain.progress import Progress, silent
from cartridge.domain.schema import LeftOut, TableKey, TableMapping

StorageClass = Literal["integer", "real", "text", "blob"]


class RowReader(Protocol):
    """The rows of an open source. One consistent view of it for as long as it is open, where the database can."""

    def count(self, table: TableMapping) -> int:
        """How many rows the table has."""
        ...

    def classes(self, table: TableMapping, limit: int | None) -> Mapping[str, frozenset[StorageClass]] | None:
        """The storage classes that occur in each column, by column name, over the first `limit` rows. None where the
        database itself holds every column to its type, so that the declared type is the truth."""
        ...

    def rows(self, table: TableMapping, limit: int | None, size: int) -> Iterator[list[Sequence[Any]]]:
        """The rows in blocks of at most `size`, values in the order of `table.columns`."""
        ...


@dataclass(frozen=True)
class LoadOptions:
    """`limit`: at most so many rows of each table. `overwrite`: an existing target is replaced, once all is loaded."""

    limit: int | None = None
    overwrite: bool = False
    progress: Progress = silent


@dataclass(frozen=True)
class KeptAs:
    """A column that did not become the type its declaration asks for, and why."""

    column: str
    declared: str
    loaded: str
    reason: str


@dataclass(frozen=True)
class LeftOff:
    """A key of the source that is not declared in the copy, and why. `key` is written out, as in `a(b) -> c(d)`."""

    key: str
    reason: str


@dataclass(frozen=True)
class LoadedTable:
    """One copied table. `rows` were copied of the `source_rows` there are; they differ only under a limit."""

    table: TableKey
    rows: int
    source_rows: int
    types: Mapping[str, str]
    """The DuckDB type of every column."""
    kept_as: tuple[KeptAs, ...] = ()
    left_off: tuple[LeftOff, ...] = ()


@dataclass(frozen=True)
class LoadReport:
    """What was loaded into `target`. Views are not copied; they are listed, with every table left out."""

    target: Path
    tables: tuple[LoadedTable, ...]
    views: tuple[TableKey, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    left_off: tuple[LeftOff, ...] = ()
    """Foreign keys that no order of tables can honour: cycles, and keys between schemas."""

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)
