"""A table in one line, for a model that decides what is built on its staging model: key, references, columns by kind.

    stg_shop__orders 9M rows; key id; customer_id -> customers; numbers amount, tax; times paid_at; others state "open?"

Types are left out: whether a column counts, dates or says something is all that a decision needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cartridge.ai.describe import quote, quote_text, samples_of
from cartridge.ai.settings import Settings
from cartridge.ai.short_form import Ground
from cartridge.domain.schema import ColumnMapping, Relationship, TableKey, TableMapping
from cartridge.plan.star.columns import is_audit
from cartridge.plan.types import is_moment, is_number
from cartridge.plan.words import tokens

_NUMBERS, _TIMES, _OTHERS = "numbers", "times", "others"


@dataclass(frozen=True)
class Detail:
    """How much of a table is told: so many columns (None: all), and so many characters of a comment."""

    columns: int | None
    comment: int
    column_comments: bool


FULL = Detail(columns=None, comment=300, column_comments=True)
"""Of a request that fits into one prompt."""
LEAN = Detail(columns=4, comment=80, column_comments=False)
"""Of a request that takes several."""


@dataclass(frozen=True)
class TableLines:
    """The lines of the tables of a request, all with the same detail."""

    ground: Ground
    settings: Settings
    detail: Detail

    @cached_property
    def references(self) -> Mapping[TableKey, Sequence[Relationship]]:
        """The foreign keys of every table that holds some."""
        found: dict[TableKey, list[Relationship]] = {}
        for reference in self.ground.scope.keys.relationships:
            found.setdefault(reference.table, []).append(reference)
        return found

    def line(self, table: TableMapping) -> str:
        """One table."""
        references = self.references.get(table.key, ())
        key = self._key(table.key)
        known = {column for reference in references for column in reference.columns}
        unknown = [column for column in table.columns if column.name not in known and _refers(column)]
        pieces = [self._head(table), f"key {', '.join(map(quote, key))}" if key else "no key"]
        pieces += [self._reference(reference) for reference in references]
        pieces += [f"{quote(column.name)} -> {quote(column.foreign_key_table or '')}" for column in unknown]
        told = known.union(key, (column.name for column in unknown))
        pieces += self._columns(table, [column for column in table.columns if column.name not in told])
        return "; ".join(pieces) + self._comment(table.description)

    def neighbour(self, table: TableKey) -> str:
        """A table of another part: only what joins to it need."""
        return f"{self._name(table)} key {', '.join(map(quote, self._key(table))) or 'unknown'}"

    def _head(self, table: TableMapping) -> str:
        rows = f" {_rounded(table.row_count)} rows" if table.row_count is not None else ""
        return self._name(table.key) + (f" {table.table_type}" if table.table_type != "table" else "") + rows

    def _name(self, table: TableKey) -> str:
        """The staging model that stands for a table; the table's own name where the project stages it already."""
        return quote(self.ground.staging.get(table, table[1]))

    def _key(self, table: TableKey) -> tuple[str, ...]:
        found = self.ground.scope.keys.primary_keys.get(table)
        return found.columns if found else ()

    def _reference(self, reference: Relationship) -> str:
        """`columns -> table`; the other table's columns too, where they are not its key."""
        columns, others = (", ".join(map(quote, names)) for names in (reference.columns, reference.ref_columns))
        text = f"{columns} -> {quote(reference.ref_table[1])}"
        text += f"({others})" if reference.ref_columns != self._key(reference.ref_table) else ""
        return text + ("?" if reference.origin == "inferred" else "")

    def _columns(self, table: TableMapping, columns: Iterable[ColumnMapping]) -> list[str]:
        ranked = sorted(columns, key=_dull)
        shown = ranked[: self.detail.columns]
        profile = (self.ground.scope.request.profile or {}).get(table.key)
        by_kind: dict[str, list[str]] = {_NUMBERS: [], _TIMES: [], _OTHERS: []}
        for column in shown:
            text = quote(column.name) + (self._comment(column.description) if self.detail.column_comments else "")
            if self.settings.send_samples:
                text += samples_of(column, profile.columns.get(column.name) if profile else None)
            by_kind[_kind(column)].append(text)
        found = [f"{kind} {', '.join(names)}" for kind, names in by_kind.items() if names]
        return [*found, f"+{len(ranked) - len(shown)}"] if len(ranked) > len(shown) else found

    def _comment(self, text: str | None) -> str:
        flat = " ".join((text or "").split())
        return f" {quote_text(flat[: self.detail.comment])}" if flat else ""


def _refers(column: ColumnMapping) -> bool:
    """Whether a column is said to refer to a table that is not among the new ones."""
    return column.is_foreign_key and bool(column.foreign_key_table)


def _kind(column: ColumnMapping) -> str:
    if is_number(column.data_type):
        return _NUMBERS
    return _TIMES if is_moment(column.data_type) else _OTHERS


def _dull(column: ColumnMapping) -> tuple[bool, bool]:
    """Columns that tell most come first: measures and dates, then the rest, then who touched the row and when."""
    return is_audit(tokens(column.name)), _kind(column) == _OTHERS


def _rounded(rows: int) -> str:
    """A number of rows as a reader would say it: 9400000 is 9M."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if rows >= size:
            return f"{rows // size}{unit}"
    return str(rows)
