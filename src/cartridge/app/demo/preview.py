"""The first rows of a built model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cartridge.render.identifier import quoted


@dataclass(frozen=True)
class Rows:
    """Rows of a table: the names of its columns, the first rows as text, and how many rows there are."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int


def first_rows(database: Path, model: str, columns: Sequence[str], limit: int = 5) -> Rows:
    """The first rows of some columns of a model in a DuckDB file, in the order of the first of them."""
    import duckdb  # noqa: PLC0415 - heavy, and an extra

    table, *names = (quoted(name, "duckdb") for name in (model, *columns))
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f"select {', '.join(names)} from {table} order by 1 limit {limit:d}").fetchall()  # noqa: S608
        counted = connection.execute(f"select count(*) from {table}").fetchall()  # noqa: S608 - quoted names
    rows = tuple(tuple("" if value is None else str(value) for value in row) for row in found)
    return Rows(tuple(columns), rows, counted[0][0])
