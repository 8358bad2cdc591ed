"""Rows that refer to rows of their own table, sorted into levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cartridge.domain.schema import Relationship, TableMapping

MOST_LEVELS = 200
"""Each level is one INSERT; a chain of rows deeper than this is a list, not a hierarchy."""


def levels(connection: Any, table: TableMapping, edges: Sequence[Relationship]) -> str | None:
    """Fills the temporary table `levels` (row, level): level 0 refers to no row, level n to rows of lower levels.

    Reads the view `typed`, whose columns are called by position. Returns why the rows cannot be sorted, or None.
    """
    positions = {column.name: f"c{i}" for i, column in enumerate(table.columns)}
    ready = " and ".join(f"({_ready(edge, positions)})" for edge in edges)
    connection.execute("create or replace temp table levels (row bigint primary key, level integer)")
    total = connection.execute("select count(*) from typed").fetchone()[0]
    sorted_rows = 0
    for level in range(MOST_LEVELS):
        added = connection.execute(
            f"insert into levels select row, {level} from typed child "  # noqa: S608 - own names
            f"where not exists (select 1 from levels where levels.row = child.row) and {ready}"
        ).fetchone()[0]
        sorted_rows += added
        if sorted_rows == total:
            return None
        if not added:
            return f"{total - sorted_rows:,} rows refer to each other, or themselves, in a circle"
    return f"its rows refer to each other more than {MOST_LEVELS:,} levels deep"


def _ready(edge: Relationship, positions: dict[str, str]) -> str:
    own = [positions[name] for name in edge.columns]
    nothing = " or ".join(f"child.{column} is null" for column in own)
    same = " and ".join(
        f"parent.{positions[other]} = child.{column}" for column, other in zip(own, edge.ref_columns, strict=True)
    )
    return f"{nothing} or exists (select 1 from typed parent join levels using (row) where {same})"  # noqa: S608 - own names
