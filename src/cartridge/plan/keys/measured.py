"""What a profile says of a guess: columns that cannot name a row, references that the values contradict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from cartridge.domain.schema import ColumnProfile, Overlap, TableKey, TableProfile

_NEARLY = 0.9
"""Distinct counts may be approximate: from this share of the rows on, a column may still be unique."""
_OUTSIDE = 0.5
"""The share of a column's range that may lie outside its target's before the reference is dropped: orphans are few."""


_FEWEST_ROWS = 2
"""One row alone repeats nothing."""


class Measured:
    """Answers from a profile; where a table or column was not profiled, there is no objection."""

    def __init__(self, profile: Mapping[TableKey, TableProfile] | None, overlaps: Sequence[Overlap] = ()) -> None:
        """Without a profile nothing is ever contradicted. What `overlaps` counted needs no guess from ranges: one
        sentinel among the orphans (-1, 999999) stretches a range beyond all measure."""
        self._profile = profile or {}
        self._counted = {
            (edge.table, edge.columns, edge.ref_table, edge.ref_columns)
            for edge in (overlap.relationship for overlap in overlaps)
        }

    def _column(self, table: TableKey, name: str) -> tuple[TableProfile, ColumnProfile] | None:
        whole = self._profile.get(table)
        column = whole.columns.get(name) if whole else None
        return (whole, column) if whole and column else None

    def denies_key(self, table: TableKey, columns: Sequence[str]) -> str:
        """Why the columns together cannot be a key, as a clause; empty where they can."""
        whole = self._profile.get(table)
        repeated = whole.key_duplicates.get(tuple(columns), 0) if whole else 0
        if repeated:
            return f"{repeated} rows repeat the values of others"
        seen = [(name, found) for name in columns if (found := self._column(table, name))]
        for name, (_, column) in seen:
            if column.nulls:
                return f"`{name}` has {column.nulls} NULLs"
        if not seen or len(seen) < len(columns):
            return ""
        rows = seen[0][1][0].rows
        combinations = math.prod(max(column.distinct, 1) for _, (_, column) in seen)
        if combinations < _NEARLY * rows:
            return f"{combinations} combinations cannot tell {rows} rows apart"
        return ""

    def supports_key(self, table: TableKey, name: str) -> str:
        """What speaks for one column as a key, as a sentence; empty where nothing is known."""
        found = self._column(table, name)
        if found is None or found[0].rows < 2 or self.denies_key(table, (name,)):
            return ""
        return f"{found[1].distinct} distinct values in {found[0].rows} rows, no NULL"

    def proves_key(self, table: TableKey, columns: Sequence[str]) -> str:
        """What proves the columns together as a key, as a sentence: every row was counted. Empty where none did."""
        whole = self._profile.get(table)
        if whole is None or whole.sampled or whole.rows < _FEWEST_ROWS or whole.key_duplicates.get(tuple(columns)) != 0:
            return ""
        seen = [found[1] for name in columns if (found := self._column(table, name))]
        if len(seen) < len(columns) or any(column.nulls for column in seen):
            return ""
        return f"none of {whole.rows:,} rows repeats another's values, and none is NULL"

    def denies_reference(self, table: TableKey, name: str, ref_table: TableKey, ref_name: str) -> str:
        """Why the values cannot refer there, as a clause; empty where they can."""
        if (table, (name,), ref_table, (ref_name,)) in self._counted:
            return ""
        here, there = self._column(table, name), self._column(ref_table, ref_name)
        if here is None or there is None or here[1].distinct == 0:
            return ""
        if there[0].sampled:
            return ""
        if here[1].distinct * _NEARLY > max(there[1].distinct, there[0].rows):
            return f"{here[1].distinct} distinct values cannot all be among {there[0].rows} rows"
        share = outside(here[1], there[1])
        if share > _OUTSIDE:
            return f"{here[1].minimum} to {here[1].maximum} lies outside {there[1].minimum} to {there[1].maximum}"
        return ""


def outside(column: ColumnProfile, target: ColumnProfile) -> float:
    """The share of a column's range (0 to 1) that its target's range does not cover; 0 where ranges are unknown."""
    low, high = _number(column.minimum), _number(column.maximum)
    first, last = _number(target.minimum), _number(target.maximum)
    if low is None or high is None or first is None or last is None or high < low:
        return 0.0
    if high < first or low > last:
        return 1.0
    if high == low:
        return 0.0
    return (max(first - low, 0.0) + max(high - last, 0.0)) / (high - low)


def _number(text: str | None) -> float | None:
    """A printed number, date or time as a number on one axis; None for anything else."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        pass
    else:
        return value if math.isfinite(value) else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    day = moment.toordinal() * 86400.0
    return day + moment.hour * 3600 + moment.minute * 60 + moment.second
