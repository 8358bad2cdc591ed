"""What the data say of a scanned schema: counts and ranges of columns, duplicates in keys, overlaps along edges.

One aggregate query a table, one overlap query an edge. No row value leaves the database but minimum and maximum of
numbers, dates and timestamps, and, where sample values were asked for, those of columns with few values that do not
look personal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from cartridge.domain.progress import Progress, silent
from cartridge.domain.schema import (
    ColumnMapping,
    ColumnProfile,
    Overlap,
    Relationship,
    SchemaSnapshot,
    TableKey,
    TableMapping,
    TableProfile,
)
from cartridge.plan.types import family
from cartridge.plan.words import tokens, word_set
from cartridge.scan.evidence import measured
from cartridge.scan.notes import ESTIMATED
from cartridge.scan.personal import look_personal, may_be_personal
from cartridge.scan.profile_sql import (
    EXACT_ROWS,
    SPELLINGS,
    Engine,
    Portion,
    column_query,
    may_have_values,
    name_of,
    overlap_query,
    values_query,
)
from cartridge.scan.queries import Ask, QueryFailed, open_queries

MOST_VALUES = 15
_ROWS_PER_VALUE = 10
"""A column is a category where each of its values stands in so many rows on average."""
_CATEGORY_WORDS = word_set("status state type kind category class code flag level stage phase mode priority is has")
_COLUMNS_PER_QUERY: Mapping[Engine, int] = {"duckdb": 50}
"""DuckDB reads columns one by one anyway, and takes ten times as long to plan the counts of 2,000 of them when they are
asked for by 400."""
_MOST_COLUMNS = 400
"""SQLite returns at most 2,000 columns, PostgreSQL 1,664; each profiled column needs four."""
_SMALLEST_PORTION = 100

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class ProfileOptions:
    """How much may be read. `budget_rows` limits the rows of all queries together, half of them for edges;
    `table_rows` those of one table (larger ones are sampled); `timeout` is in seconds for each query.

    `candidate_keys` are keys that nobody declared, checked for duplicates along with the declared ones.
    """

    budget_rows: int = 50_000_000
    table_rows: int = 1_000_000
    sample_values: bool = False
    concurrency: int = 4
    timeout: float = 30.0
    progress: Progress = silent
    candidate_keys: Mapping[TableKey, Sequence[tuple[str, ...]]] = field(default_factory=dict)


def profile(
    source: str,
    snapshot: SchemaSnapshot,
    options: ProfileOptions | None = None,
    candidates: Sequence[Relationship] = (),
) -> SchemaSnapshot:
    """The snapshot with a profile of its tables and the overlaps along its declared edges and the `candidates`; those
    that the data honour are added to its relationships as measured.

    A table or edge whose query fails or runs out of time, and edges beyond the budget, are named in the notes. The
    result depends on the data and the options alone, not on timing, as long as no query runs out of time.

    Raises:
        SourceError: the source cannot be opened, or is a saved scan.
    """
    options = options or ProfileOptions()
    with open_queries(source, options.timeout) as (engine, ask):
        profiler = _Profiler(engine, ask, options)
        tables = [table for table in snapshot.tables if not table.is_view and table.columns]
        profiles = profiler.tables(tables)
        by_key = {table.key: table for table in tables}
        overlaps = profiler.edges(by_key, [*snapshot.relationships, *candidates])
    counted = profiler.rows
    uncounted = [table for table in snapshot.tables if table.key not in counted and not table.is_view]
    return replace(
        snapshot,
        tables=tuple(replace(table, row_count=counted.get(table.key, table.row_count)) for table in snapshot.tables),
        profile=profiles,
        overlaps=tuple(overlaps),
        relationships=(*snapshot.relationships, *measured(overlaps, by_key, profiles)),
        notes=(*(note for note in snapshot.notes if uncounted or not note.endswith(ESTIMATED)), *profiler.notes),
    )


class _Profiler:
    def __init__(self, engine: Engine, ask: Ask, options: ProfileOptions) -> None:
        self._engine: Engine = engine
        self._ask = ask
        self._options = options
        self._portions: dict[TableKey, Portion] = {}
        self.notes: list[str] = []

    @property
    def rows(self) -> dict[TableKey, int]:
        """How many rows each table has that could be counted, whatever part of them was read."""
        return {key: portion.rows for key, portion in self._portions.items()}

    def tables(self, tables: Sequence[TableMapping]) -> dict[TableKey, TableProfile]:
        """One profile a table, in the order given; failed ones are missing, and noted."""
        sizes = self._each("Counting rows", tables, self._size)
        counted = {table.key: size for table, size in zip(tables, sizes, strict=True) if size is not None}
        cap = fair_cap([size.rows for size in counted.values()], self._options.budget_rows // 2)
        cap = min(cap, self._options.table_rows)
        self._portions = {key: replace(size, cap=cap) for key, size in counted.items()}
        readable = [table for table in tables if table.key in self._portions]
        found = self._each("Profiling tables", readable, self._table)
        return {table.key: one for table, one in zip(readable, found, strict=True) if one is not None}

    def edges(self, tables: Mapping[TableKey, TableMapping], edges: Iterable[Relationship]) -> list[Overlap]:
        """One overlap an edge, in the order given. An edge given twice, declared and as a candidate, counts once."""
        known: dict[Any, Relationship] = {}
        for edge in edges:
            if _is_measurable(edge, tables) and edge.table in self._portions and edge.ref_table in self._portions:
                known.setdefault((edge.table, edge.columns, edge.ref_table, edge.ref_columns), edge)
        affordable: list[Relationship] = []
        left = self._options.budget_rows - self._options.budget_rows // 2
        for edge in known.values():
            cost = self._portions[edge.table].read + self._portions[edge.ref_table].rows
            if cost <= left:
                left -= cost
                affordable.append(edge)
        if len(affordable) < len(known):
            self.notes.append(
                f"{len(known) - len(affordable):,} relationships were not measured: the row budget is spent."
            )
        found = self._each("Measuring relationships", affordable, lambda edge: self._overlap(edge, tables))
        return [one for one in found if one is not None]

    def _each(self, what: str, items: Sequence[T], work: Callable[[T], U]) -> list[U | None]:
        """The results in the order of the items, None for those that failed. Works in several threads."""
        results: list[U | None] = []
        with ThreadPoolExecutor(max_workers=max(1, self._options.concurrency)) as pool:
            futures = [pool.submit(work, item) for item in items]
            for done, (item, future) in enumerate(zip(items, futures, strict=True)):
                self._options.progress(what, done, len(items))
                try:
                    results.append(future.result())
                except QueryFailed as failure:
                    results.append(None)
                    named = f"{item.schema}.{item.name}" if isinstance(item, TableMapping) else str(item)
                    self.notes.append(f"{named} has no profile: {failure}.")
        self._options.progress(what, len(items), len(items))
        return results

    def _size(self, table: TableMapping) -> Portion:
        """The whole table, with the range of its row ids. DuckDB's run from 0; SQLite's may have gaps, or be absent
        (WITHOUT ROWID)."""
        name = name_of(self._engine, table.key)
        rows: int = self._ask(f"select count(*) from {name}")[0][0]  # noqa: S608 - quoted
        if self._engine != "sqlite" or not rows:
            return Portion(rows, rows, 0 if self._engine == "duckdb" else None, rows)
        try:
            ends = f"select (select min(rowid) from {name}), (select max(rowid) from {name})"  # noqa: S608 - quoted
            first, last = self._ask(ends)[0]
        except QueryFailed:
            return Portion(rows, rows, None, rows)
        return Portion(rows, rows, first, last - first + 1)

    def _table(self, table: TableMapping) -> TableProfile:
        portion = self._portions[table.key]
        keys = _keys_of(table, self._options.candidate_keys.get(table.key, ()))
        columns: dict[str, ColumnProfile] = {}
        duplicates: list[int] = []
        rows = 0
        size = _COLUMNS_PER_QUERY.get(self._engine, _MOST_COLUMNS)
        for start in range(0, len(table.columns), size):
            part = replace(table, columns=table.columns[start : start + size])
            row = self._ask(column_query(self._engine, part, portion, keys if start == 0 else ()))[0]
            rows = row[0]
            for i, column in enumerate(part.columns):
                filled, distinct, low, high = row[1 + 4 * i : 5 + 4 * i]
                columns[column.name] = ColumnProfile(rows - filled, min(distinct, filled), low, high)
            if start == 0:
                duplicates = list(row[1 + 4 * len(part.columns) :])
        found = TableProfile(
            rows=rows,
            columns=columns,
            sampled=portion.sampled,
            approximate=SPELLINGS[self._engine].approximate is not None and portion.read > EXACT_ROWS,
            key_duplicates=dict(zip(keys, duplicates, strict=True)),
        )
        return self._with_values(table, found) if self._options.sample_values and not portion.sampled else found

    def _with_values(self, table: TableMapping, found: TableProfile) -> TableProfile:
        categories = [column for column in table.columns if _is_category(table, column, found)]
        if not categories:
            return found
        values: dict[str, list[str]] = {column.name: [] for column in categories}
        for position, value in self._ask(values_query(self._engine, table, categories)):
            values[categories[position].name].append(value)
        columns = dict(found.columns)
        for name, listed in values.items():
            if not look_personal(listed):
                columns[name] = replace(columns[name], values=tuple(sorted(listed)))
        return replace(found, columns=columns)

    def _overlap(self, edge: Relationship, tables: Mapping[TableKey, TableMapping]) -> Overlap:
        child, parent = tables[edge.table], tables[edge.ref_table]
        as_text = [
            _differ(child.column(own), parent.column(other))
            for own, other in zip(edge.columns, edge.ref_columns, strict=True)
        ]
        portion = self._portions[edge.table]
        row = self._ask(overlap_query(self._engine, edge, portion, as_text=as_text))[0]
        return Overlap(
            edge,
            rows=int(row[0]),
            orphans=int(row[1]),
            values=row[2],
            matched=row[3],
            parent_values=row[4],
            parent_unique=bool(row[5]),
            sampled=portion.sampled,
        )


def fair_cap(sizes: Sequence[int], budget: int) -> int:
    """How many rows of each table may be read so that all together stay within the budget: small tables whole, what
    they leave goes to the large ones. Never less than a hundred."""
    left = budget
    waiting = sorted(sizes)
    while waiting:
        share = max(left // len(waiting), _SMALLEST_PORTION)
        if waiting[0] > share:
            return share
        left -= waiting.pop(0)
    return max([*sizes, _SMALLEST_PORTION])


def _keys_of(table: TableMapping, candidates: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    declared = [table.primary_key] if table.primary_key else []
    declared += [tuple(key) for key in table.unique_keys or ()]
    names = {column.name for column in table.columns}
    return [key for key in dict.fromkeys([*declared, *candidates]) if key and names.issuperset(key)]


def _is_measurable(edge: Relationship, tables: Mapping[TableKey, TableMapping]) -> bool:
    child, parent = tables.get(edge.table), tables.get(edge.ref_table)
    if child is None or parent is None:
        return False
    return all(child.column(name) for name in edge.columns) and all(parent.column(name) for name in edge.ref_columns)


def _is_category(table: TableMapping, column: ColumnMapping, found: TableProfile) -> bool:
    """Few values, each in several rows, of a plain type, in no key, under a name that does not speak of a person.
    Integers mostly count or measure something: they are categories where the name says so."""
    seen = found.columns[column.name]
    filled = found.rows - seen.nulls
    if not 2 <= seen.distinct <= MOST_VALUES or filled < _ROWS_PER_VALUE * seen.distinct:
        return False
    in_key = column.is_primary_key or column.is_foreign_key
    counted = family(column.data_type) == "integer" and not _CATEGORY_WORDS.intersection(tokens(column.name))
    return may_have_values(column) and not counted and not in_key and not may_be_personal(table.name, column.name)


def _differ(own: ColumnMapping | None, other: ColumnMapping | None) -> bool:
    """Whether two columns can only be compared as text: one holds text or identifiers, the other does not."""
    kinds = [family(column.data_type) if column else "other" for column in (own, other)]
    numbers = {"integer", "decimal", "float", "boolean"}
    return kinds[0] != kinds[1] and not set(kinds) <= numbers
