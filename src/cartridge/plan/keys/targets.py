"""Which columns other tables may refer to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from cartridge.domain.schema import TableKey
from cartridge.plan.keys.families import may_meet
from cartridge.plan.keys.names import FULL, STRIPPED
from cartridge.plan.keys.reading import Column, Schema, Table

_HABIT = 0.6
"""The share of a schema's primary keys that makes a habit."""


class Targets:
    """Single-column primary keys first, then other columns that name a row; by table and by name."""

    def __init__(self, schema: Schema, primary: Mapping[TableKey, tuple[str, ...]]) -> None:
        """Index the keys."""
        self.schema = schema
        self.primary = primary
        self._by_table: dict[TableKey, list[Column]] = {}
        self._by_name: dict[tuple[str, str], list[Column]] = defaultdict(list)
        for key, table in schema.tables.items():
            self._by_table[key] = list(self._keys(table))
            for column in self._by_table[key]:
                for name in {reading.joined for reading in column.readings if reading.stem}:
                    self._by_name[key[0], name].append(column)
        self._saying_key = self._schemas_that_say_key()

    def _schemas_that_say_key(self) -> frozenset[str]:
        """The schemas whose keys are called so: most primary keys, and other text columns besides, say a key word."""
        called: Counter[str] = Counter()
        keys: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for (schema, _), table in self.schema.tables.items():
            for column in table.ids:
                others[schema] += column.family == "text" and not self.is_key(column)
        for (schema, name), own in self.primary.items():
            key = self.schema.tables[schema, name].by_name.get(own[0]) if len(own) == 1 else None
            keys[schema] += 1
            called[schema] += key is not None and key.key_like
        return frozenset(schema for schema in keys if others[schema] > 1 and called[schema] >= _HABIT * keys[schema])

    def expects_key_word(self, column: Column, target: Column) -> bool:
        """Whether a text without a key's word would break the schema's habit if it held the target."""
        plain = column.family == "text" and column.reading.kind in ("none", "name")
        return plain and target.key_like and column.table[0] in self._saying_key

    def _keys(self, table: Table) -> Iterator[Column]:
        own = self.primary.get(table.key, ())
        if len(own) == 1 and own[0] in table.by_name:
            yield table.by_name[own[0]]
        if len(own) == 2 and own[1] == table.version and own[0] in table.by_name:
            yield table.by_name[own[0]]  # it tells the row, if not which version of it
        uniques = [unique[0] for unique in table.mapping.unique_keys or () if len(unique) == 1 and (unique[0],) != own]
        for name in uniques:
            if name in table.by_name:
                yield table.by_name[name]
        if table.keeps_versions:
            return
        for column in table.columns:
            if (column.name,) == own or column.name in uniques or not _called_as_key(column, table):
                continue
            if self.schema.names_row(column):
                yield column

    def of(self, table: TableKey, column: Column) -> Column | None:
        """The key of a table that a column can hold: the one of its own name first, then the primary key.

        Where no key's type fits, the primary key all the same: the caller weighs that.
        """
        fitting = [key for key in self._by_table[table] if key != column and may_meet(key.data_type, column.data_type)]
        names = {reading.joined for reading in column.readings}
        same = [key for key in fitting if names & {reading.joined for reading in key.readings}]
        return next(iter(same or fitting or self._by_table[table][:1]), None)

    def called(self, name: str, schema: str) -> list[Column]:
        """The keys of that joined name in one schema."""
        return self._by_name.get((schema, name), [])

    def is_key(self, column: Column) -> bool:
        """Whether the column alone is its table's primary key."""
        return self.primary.get(column.table) == (column.name,)


def _called_as_key(column: Column, table: Table) -> bool:
    """Whether a column beside the primary key names a row too: called after its table, or a calendar's day."""
    named = any(table.named("".join(reading.stem)) in (FULL, STRIPPED) for reading in column.readings)
    if table.is_calendar and column.family == "date" and column.position <= 2:
        return True
    return named and column.reading.kind in ("id", "code")
