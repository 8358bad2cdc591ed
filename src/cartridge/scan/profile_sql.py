"""The queries of a profile: one aggregate over a table, one overlap for an edge. Only counts and ranges come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cartridge.domain.schema import ColumnMapping, Relationship, TableKey, TableMapping
from cartridge.plan.types import family
from cartridge.render.identifier import quoted

Engine = Literal["duckdb", "postgres", "sqlite"]

EXACT_ROWS = 200_000
"""Up to so many rows distinct values are counted, above they are estimated, where the engine can."""
_SLICES = 10
_NUMBERS = frozenset({"integer", "decimal", "float"})
_VALUED = frozenset({"string", "boolean", "integer"})
_NESTED = frozenset({"semi_structured", "binary", "other"})


@dataclass(frozen=True)
class Portion:
    """The part of a table that is read: all `rows`, or ten slices of it that lie evenly apart and hold `cap` rows.

    Slices are ranges of row ids among the `span` ids from `first` on: the same ones on every run, and only they are
    read. Where ids are missing, a slice is as much wider. A table without row ids (`first` is None) is read from its
    beginning; PostgreSQL takes a repeatable sample of its pages.
    """

    rows: int
    cap: int
    first: int | None
    span: int

    @property
    def sampled(self) -> bool:
        """Whether only a part is read."""
        return self.rows > self.cap

    @property
    def read(self) -> int:
        """How many rows are read at most."""
        return min(self.rows, self.cap)

    def of(self, engine: Engine, name: str) -> str:
        """What stands after FROM for this part of the table of that quoted name."""
        if not self.sampled:
            return name
        if engine == "postgres":
            percent = 100 * self.cap / self.rows
            return f"(select * from {name} tablesample system ({percent:.6f}) repeatable (0))"  # noqa: S608 - quoted
        if self.first is None:
            return f"(select * from {name} limit {self.cap})"  # noqa: S608 - quoted
        length = max(1, self.cap * self.span // self.rows // _SLICES)
        starts = [self.first + self.span * number // _SLICES for number in range(_SLICES)]
        ranges = " or ".join(f"rowid between {start} and {start + length - 1}" for start in starts)
        return f"(select * from {name} where {ranges})"  # noqa: S608 - quoted


def name_of(key: TableKey) -> str:
    """The quoted name of a table, with its schema, so that no name of a query's own part can be meant."""
    return ".".join(quoted(part, "duckdb") for part in key)


def column_query(engine: Engine, table: TableMapping, portion: Portion, keys: Sequence[tuple[str, ...]]) -> str:
    """Rows read; for each column its values, distinct values, minimum and maximum; for each key its surplus rows."""
    terms = ["count(*)"]
    for column in table.columns:
        name = quoted(column.name, "duckdb")
        low, high = _range(engine, column)
        terms += [f"count({name})", _distinct(engine, column, portion), low, high]
    terms += [_duplicates(engine, key) for key in keys]
    return f"select {', '.join(terms)} from {portion.of(engine, name_of(table.key))} as portion"  # noqa: S608


def values_query(engine: Engine, table: TableMapping, columns: Sequence[ColumnMapping]) -> str:
    """The distinct values of each column as text: rows of (position in `columns`, value)."""
    source = name_of(table.key)
    text = "text" if engine == "sqlite" else "varchar"
    return " union all ".join(
        f"select distinct {i}, cast({quoted(column.name, 'duckdb')} as {text}) from {source} "  # noqa: S608 - quoted
        f"where {quoted(column.name, 'duckdb')} is not null"
        for i, column in enumerate(columns)
    )


def overlap_query(engine: Engine, edge: Relationship, portion: Portion, *, as_text: Sequence[bool]) -> str:
    """Child rows, orphans, distinct child values, those matched, distinct parent values, whether none repeats.

    `as_text` says for each column pair whether both sides are compared as text, because their types differ.
    """

    def side(source: str, columns: Sequence[str]) -> str:
        names = [quoted(column, "duckdb") for column in columns]
        compared = [
            f"cast({name} as {'text' if engine == 'sqlite' else 'varchar'})" if cast else name
            for name, cast in zip(names, as_text, strict=True)
        ]
        listed = ", ".join(f"{value} as v{i}" for i, value in enumerate(compared))
        present = " and ".join(f"{name} is not null" for name in names)
        groups = ", ".join(str(i + 1) for i in range(len(names)))
        return (
            f"select {listed}, count(*) as n from {source} as portion "  # noqa: S608 - quoted
            f"where {present} group by {groups}"
        )

    same = " and ".join(f"parent.v{i} = child.v{i}" for i in range(len(edge.columns)))
    return (
        f"with child as ({side(portion.of(engine, name_of(edge.table)), edge.columns)}), "  # noqa: S608 - quoted
        f"parent as ({side(name_of(edge.ref_table), edge.ref_columns)}) "
        "select coalesce(sum(child.n), 0), coalesce(sum(case when parent.n is null then child.n else 0 end), 0), "
        "count(*), count(parent.n), (select count(*) from parent), (select coalesce(max(n), 0) <= 1 from parent) "
        f"from child left join parent on {same}"
    )


def has_range(column: ColumnMapping) -> bool:
    """Whether minimum and maximum of a column may leave the database: numbers, dates and timestamps only."""
    return family(column.data_type) in {*_NUMBERS, "date", "timestamp"}


def may_have_values(column: ColumnMapping) -> bool:
    """Whether a column's type allows for a short list of values."""
    return family(column.data_type) in _VALUED


def _range(engine: Engine, column: ColumnMapping) -> tuple[str, str]:
    if not has_range(column):
        return "null", "null"
    name = quoted(column.name, "duckdb")
    if engine != "sqlite":
        return f"min({name})::varchar", f"max({name})::varchar"
    if family(column.data_type) in _NUMBERS:
        value = f"case when typeof({name}) in ('integer', 'real') then {name} end"
    else:
        # SQLite lets any text stand in a date column: only what its own functions read as a moment comes back.
        printed = "date" if family(column.data_type) == "date" else "datetime"
        value = f"case when typeof({name}) = 'text' then {printed}({name}) end"
    return f"cast(min({value}) as text)", f"cast(max({value}) as text)"


def _distinct(engine: Engine, column: ColumnMapping, portion: Portion) -> str:
    name = quoted(column.name, "duckdb")
    if engine == "sqlite":
        return f"count(distinct {name})"
    if engine == "postgres":
        return f"count(distinct {name}{'::text' if family(column.data_type) in _NESTED else ''})"
    value = f"hash({name})" if family(column.data_type) in _NESTED else name
    if portion.read <= EXACT_ROWS:
        return f"count(distinct {value}) filter ({name} is not null)"
    return f"approx_count_distinct({value}) filter ({name} is not null)"


def _duplicates(engine: Engine, key: Sequence[str]) -> str:
    """Rows beyond the first with the same values. SQLite has no rows as values: there they are joined as text, each
    with its length before it."""
    names = [quoted(column, "duckdb") for column in key]
    present = " and ".join(f"{name} is not null" for name in names)
    if len(names) == 1:
        value = names[0]
    elif engine == "sqlite":
        value = " || ".join(f"length(cast({name} as text)) || ':' || {name}" for name in names)
    else:
        value = f"row({', '.join(names)})"
    return f"count(case when {present} then 1 end) - count(distinct case when {present} then {value} end)"
