"""The first rows of a built model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rows:
    """Rows of a table: the names of its columns, the first rows as text, and how many rows there are."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int


def first_rows(database: Path, model: str, limit: int = 5) -> Rows:
    """The first rows of a model in a DuckDB file, in the order of its first column."""
    import duckdb  # noqa: PLC0415 - heavy, and an extra

    quoted = '"' + model.replace('"', '""') + '"'
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f"select * from {quoted} order by 1 limit {limit:d}")  # noqa: S608 - a quoted name
        columns = tuple(item[0] for item in found.description)
        rows = tuple(tuple("" if value is None else str(value) for value in row) for row in found.fetchall())
        counted = connection.execute(f"select count(*) from {quoted}").fetchall()  # noqa: S608 - a quoted name
    return Rows(columns, rows, counted[0][0])
