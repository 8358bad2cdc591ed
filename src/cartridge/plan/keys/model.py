"""What the search for keys answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cartridge.domain.plan import Finding
from cartridge.domain.schema import Origin, Relationship, TableKey


@dataclass(frozen=True)
class PrimaryKey:
    """The columns that name one row of a table. `confidence` is between 0 and 1; `evidence` are short sentences."""

    table: TableKey
    columns: tuple[str, ...]
    origin: Origin
    confidence: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Keys:
    """All keys of a request: at most one primary key a table, every foreign key once, and what was wrong with some.

    `relationships` are sorted; no column of a table appears in two inferred ones.
    """

    primary_keys: Mapping[TableKey, PrimaryKey] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    doubtful: tuple[Relationship, ...] = ()
    """Foreign keys that may be meant and are not believed: worth a look at the data, not worth a join."""
    findings: tuple[Finding, ...] = ()
    possible_keys: Mapping[TableKey, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """Of tables without a declared key: whatever may be the key, several columns each. The data can tell."""

    def of(self, table: TableKey) -> tuple[Relationship, ...]:
        """The foreign keys that a table holds."""
        return tuple(found for found in self.relationships if found.table == table)

    def to(self, table: TableKey) -> tuple[Relationship, ...]:
        """The foreign keys that refer to a table."""
        return tuple(found for found in self.relationships if found.ref_table == table)
