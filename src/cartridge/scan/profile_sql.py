"""The queries of a profile: one aggregate over a table, one overlap for an edge. Only counts and ranges come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cartridge.domain.schema import ColumnMapping, Relationship, TableKey, TableMapping
from cartridge.plan.types import family
from cartridge.render.identifier import quoted

Engine = Literal["duckdb", "sqlite", "postgres", "mysql", "snowflake", "bigquery", "databricks", "redshift", "spark"]


@dataclass(frozen=True)
class Spelling:
    """What engines write differently. `text` is the type of text; `approximate` estimates distinct values, `sample`
    takes a repeatable share of a table (without it a table is read from its beginning), `nested` makes a value that
    can be compared of one that cannot, `tuples` one of several columns ("row" where rows are values)."""

    text: str = "varchar"
    approximate: str | None = None
    sample: str | None = None
    nested: str = "{}"
    tuples: Literal["row", "concat", "||"] = "concat"


_ESTIMATE = "approx_count_distinct({})"
_SPARK = Spelling("string", _ESTIMATE, "tablesample ({percent:.6f} percent) repeatable (0)", "cast({} as string)")
SPELLINGS: Mapping[Engine, Spelling] = {
    "duckdb": Spelling(approximate=_ESTIMATE, nested="case when {0} is not null then hash({0}) end", tuples="row"),
    "sqlite": Spelling("text", tuples="||"),
    "postgres": Spelling(
        sample="tablesample system ({percent:.6f}) repeatable (0)", nested="cast({} as text)", tuples="row"
    ),
    "mysql": Spelling("char"),
    "snowflake": Spelling(
        approximate=_ESTIMATE, sample="sample system ({percent:.6f}) seed (0)", nested="cast({} as varchar)"
    ),
    "bigquery": Spelling("string", _ESTIMATE, "tablesample system ({percent:.6f} percent)", "to_json_string({})"),
    "databricks": _SPARK,
    "redshift": Spelling(nested="json_serialize({})", tuples="||"),
    "spark": _SPARK,
}
"""After each vendor's SQL reference: sampling clauses, estimates of distinct values, casts of nested types."""

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
    beginning; engines that can sample do so.
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
        if clause := SPELLINGS[engine].sample:
            return f"(select * from {name} {clause.format(percent=100 * self.cap / self.rows)})"  # noqa: S608 - quoted
        if self.first is None:
            return f"(select * from {name} limit {self.cap})"  # noqa: S608 - quoted
        length = max(1, self.cap * self.span // self.rows // _SLICES)
        starts = [self.first + self.span * number // _SLICES for number in range(_SLICES)]
        ranges = " or ".join(f"rowid between {start} and {start + length - 1}" for start in starts)
        return f"(select * from {name} where {ranges})"  # noqa: S608 - quoted


def name_of(engine: Engine, key: TableKey) -> str:
    """The quoted name of a table, with its schema, so that no name of a query's own part can be meant."""
    return ".".join(_quoted(engine, part) for part in key)


def _quoted(engine: Engine, name: str) -> str:
    """MySQL quotes as Spark does, SQLite as DuckDB."""
    return quoted(name, "spark" if engine == "mysql" else "duckdb" if engine == "sqlite" else engine)


def _text(engine: Engine, value: str) -> str:
    return f"cast({value} as {SPELLINGS[engine].text})"


def column_query(engine: Engine, table: TableMapping, portion: Portion, keys: Sequence[tuple[str, ...]]) -> str:
    """Rows read; for each column its values, distinct values, minimum and maximum; for each key its surplus rows."""
    terms = ["count(*)"]
    for column in table.columns:
        name = _quoted(engine, column.name)
        low, high = _range(engine, column)
        terms += [f"count({name})", _distinct(engine, column, portion), low, high]
    terms += [_duplicates(engine, key) for key in keys]
    return f"select {', '.join(terms)} from {portion.of(engine, name_of(engine, table.key))} as profiled"  # noqa: S608


def values_query(engine: Engine, table: TableMapping, columns: Sequence[ColumnMapping]) -> str:
    """The distinct values of each column as text: rows of (position in `columns`, value)."""
    source = name_of(engine, table.key)
    return " union all ".join(
        f"select distinct {i}, {_text(engine, _quoted(engine, column.name))} from {source} "  # noqa: S608 - quoted
        f"where {_quoted(engine, column.name)} is not null"
        for i, column in enumerate(columns)
    )


def overlap_query(engine: Engine, edge: Relationship, portion: Portion, *, as_text: Sequence[bool]) -> str:
    """Child rows, orphans, distinct child values, those matched, distinct parent values, whether none repeats.

    `as_text` says for each column pair whether both sides are compared as text, because their types differ.
    """

    def side(source: str, columns: Sequence[str]) -> str:
        names = [_quoted(engine, column) for column in columns]
        compared = [_text(engine, name) if cast else name for name, cast in zip(names, as_text, strict=True)]
        listed = ", ".join(f"{value} as v{i}" for i, value in enumerate(compared))
        present = " and ".join(f"{name} is not null" for name in names)
        groups = ", ".join(str(i + 1) for i in range(len(names)))
        return (
            f"select {listed}, count(*) as n from {source} as profiled "  # noqa: S608 - quoted
            f"where {present} group by {groups}"
        )

    same = " and ".join(f"parent.v{i} = child.v{i}" for i in range(len(edge.columns)))
    return (
        f"with child as ({side(portion.of(engine, name_of(engine, edge.table)), edge.columns)}), "  # noqa: S608 - quoted
        f"parent as ({side(name_of(engine, edge.ref_table), edge.ref_columns)}) "
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
    name = _quoted(engine, column.name)
    if engine != "sqlite":
        return _text(engine, f"min({name})"), _text(engine, f"max({name})")
    if family(column.data_type) in _NUMBERS:
        value = f"case when typeof({name}) in ('integer', 'real') then {name} end"
    else:
        # SQLite lets any text stand in a date column: only what its own functions read as a moment comes back.
        printed = "date" if family(column.data_type) == "date" else "datetime"
        value = f"case when typeof({name}) = 'text' then {printed}({name}) end"
    return f"cast(min({value}) as text)", f"cast(max({value}) as text)"


def _distinct(engine: Engine, column: ColumnMapping, portion: Portion) -> str:
    spelling, name = SPELLINGS[engine], _quoted(engine, column.name)
    value = spelling.nested.format(name) if family(column.data_type) in _NESTED else name
    if spelling.approximate and portion.read > EXACT_ROWS:
        return spelling.approximate.format(value)
    return f"count(distinct {value})"


def _duplicates(engine: Engine, key: Sequence[str]) -> str:
    """Rows beyond the first with the same values. Most engines have no rows as values: there they are joined as text,
    each with its length before it."""
    names = [_quoted(engine, column) for column in key]
    present = " and ".join(f"{name} is not null" for name in names)
    tuples = SPELLINGS[engine].tuples
    if len(names) == 1:
        value = names[0]
    elif tuples == "row":
        value = f"row({', '.join(names)})"
    else:
        parts = [part for name in names for part in (_length(engine, name), "':'", _text(engine, name))]
        value = " || ".join(parts) if tuples == "||" else f"concat({', '.join(parts)})"
    return f"count(case when {present} then 1 end) - count(distinct case when {present} then {value} end)"


def _length(engine: Engine, name: str) -> str:
    return _text(engine, f"length({_text(engine, name)})")
