"""What was found in a database: columns, tables, keys, and the snapshot that holds them.

The three public dataclasses (`ColumnMapping`, `TableMapping` and `ModelType`) keep the constructors of the user's
quick start; whatever was added since is an optional field at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from cartridge.domain.check import choice, flag, optional_text, strings, text, whole_number
from cartridge.errors import InputError

TableKey = tuple[str, str]
"""(schema, table): how every table is named inside cartridge."""

Origin = Literal["declared", "measured", "inferred"]
"""Where a key comes from, in falling order of trust: the database says so, the data say so, the names say so."""

_TEXT_OR_NONE = (str, type(None))
TABLE_TYPES = ("table", "view", "materialized_view", "foreign_table", "partitioned_table", "external_table")


class ModelType(StrEnum):
    """The layers a user may ask for. Sources are always planned."""

    STAGING = "staging"
    INTERMEDIATE = "intermediate"
    MARTS = "marts"
    SNAPSHOT = "snapshot"


@dataclass
class ColumnMapping:
    """One column of a source table.

    Raises:
        ValueError: a field has a wrong type; the message names the field.
    """

    name: str
    data_type: str
    nullable: bool = True
    is_primary_key: bool = False
    is_foreign_key: bool = False
    foreign_key_table: str | None = None
    """The referenced table, as `table` (the same schema first) or `schema.table`."""
    foreign_key_column: str | None = None
    description: str | None = None
    sample_values: list[Any] | None = None
    default: str | None = None
    """The column's default, as the database prints it."""

    def __post_init__(self) -> None:
        # A large scan makes a hundred thousand columns: what is of the very types needs no closer look.
        if not (
            type(self.name) is str
            and self.name
            and type(self.data_type) is str
            and type(self.nullable) is bool
            and type(self.is_primary_key) is bool
            and type(self.is_foreign_key) is bool
            and type(self.foreign_key_table) in _TEXT_OR_NONE
            and type(self.foreign_key_column) in _TEXT_OR_NONE
            and type(self.description) in _TEXT_OR_NONE
            and type(self.default) in _TEXT_OR_NONE
        ):
            self._check()

    def _check(self) -> None:
        text(self, "name")
        text(self, "data_type", empty=True)
        for name in ("nullable", "is_primary_key", "is_foreign_key"):
            flag(self, name)
        for name in ("foreign_key_table", "foreign_key_column", "description", "default"):
            optional_text(self, name)


@dataclass(frozen=True, order=True)
class Relationship:
    """A foreign key: `columns` of `table` hold the values of `ref_columns` of `ref_table`. The only internal form.

    `confidence` is between 0 and 1; a declared key has 1. `evidence` says in short sentences why it is believed.
    """

    table: TableKey
    columns: tuple[str, ...]
    ref_table: TableKey
    ref_columns: tuple[str, ...]
    origin: Origin = "declared"
    confidence: float = 1.0
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns or len(self.columns) != len(self.ref_columns):
            raise InputError(
                f"Relationship.columns: {self.table[1]} -> {self.ref_table[1]} needs as many columns as ref_columns, "
                f"at least one; got {len(self.columns)} and {len(self.ref_columns)}"
            )
        choice(self, "origin", ("declared", "measured", "inferred"))
        if not 0 <= self.confidence <= 1:
            raise InputError(f"Relationship.confidence: must lie between 0 and 1, got {self.confidence!r}")

    def __str__(self) -> str:
        return f"{self.table[1]}({', '.join(self.columns)}) -> {self.ref_table[1]}({', '.join(self.ref_columns)})"


@dataclass
class TableMapping:
    """One table or view of a source.

    `foreign_key_relationships` takes `Relationship` values or mappings in the forms that SQLAlchemy and dbt tools
    print: `columns` / `column` / `constrained_columns` for the own side; `ref_table` / `referred_table` /
    `referenced_table` / `foreign_key_table` with an optional `ref_schema` / `referred_schema`; and `ref_columns` /
    `referred_columns` / `referenced_column` / `foreign_key_column` for the other.

    Raises:
        ValueError: a field has a wrong type, or two columns bear one name; the message names the field.
    """

    name: str
    schema: str
    table_type: str = "table"
    columns: list[ColumnMapping] = field(default_factory=list)
    row_count: int | None = None
    description: str | None = None
    primary_key_columns: list[str] | None = None
    foreign_key_relationships: list[Any] | None = None
    database: str | None = None
    """The database or file that holds the schema; names the source where the schema's own name says nothing."""
    unique_keys: list[list[str]] | None = None
    """Declared unique constraints besides the primary key."""

    def __post_init__(self) -> None:
        text(self, "name")
        text(self, "schema", empty=True)
        text(self, "table_type")
        if not isinstance(self.columns, list) or not all(isinstance(c, ColumnMapping) for c in self.columns):
            raise InputError(f"TableMapping.columns: must be a list of ColumnMapping (table {self.name!r})")
        if len({column.name for column in self.columns}) < len(self.columns):
            names = [column.name for column in self.columns]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"TableMapping.columns: {twice!r} appears twice in table {self.name!r}")
        whole_number(self, "row_count")
        optional_text(self, "description")
        optional_text(self, "database")
        if self.primary_key_columns is not None:
            strings(self, "primary_key_columns")
        if self.foreign_key_relationships is not None and not isinstance(self.foreign_key_relationships, list):
            raise InputError(f"TableMapping.foreign_key_relationships: must be a list (table {self.name!r})")

    @property
    def key(self) -> TableKey:
        """(schema, name)."""
        return (self.schema, self.name)

    @property
    def is_view(self) -> bool:
        """Whether this is a view of any kind."""
        return "view" in self.table_type.lower()

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The declared primary key: `primary_key_columns` where given, else the columns marked as such."""
        if self.primary_key_columns:
            return tuple(self.primary_key_columns)
        return tuple(column.name for column in self.columns if column.is_primary_key)

    def column(self, name: str) -> ColumnMapping | None:
        """The column of that exact name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class ColumnProfile:
    """What one aggregate query says of a column. Counts are rows; `distinct` may be approximate."""

    nulls: int
    distinct: int
    minimum: str | None = None
    maximum: str | None = None
    values: tuple[str, ...] | None = None
    """All values of a low-cardinality column; only where the user asked for sample values."""


@dataclass(frozen=True)
class TableProfile:
    """The profile of one table: `rows` were read (all of them, unless `sampled`)."""

    rows: int
    columns: Mapping[str, ColumnProfile]
    sampled: bool = False
    approximate: bool = False
    """Whether `distinct` is estimated (to a few per cent) rather than counted."""
    key_duplicates: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """For each declared or candidate key that was checked: how many rows repeat the values of another. Rows with a
    NULL in the key do not count. Always exact for the rows read."""


@dataclass(frozen=True)
class Overlap:
    """What one query says of one edge, declared or candidate: do the child's values occur in the parent?

    Rows with a NULL in a key column do not count. `values` are distinct child values, `matched` those found in the
    parent; `rows` are child rows, `orphans` those without a parent. `parent_values` are the parent's distinct values:
    where the child uses few of many, or all of both run 1..n, a full match says little. `parent_unique` says whether
    no value occurs twice in the parent. Of a `sampled` child only some rows were read; the parent always whole.
    """

    relationship: Relationship
    rows: int
    orphans: int
    values: int
    matched: int
    parent_values: int
    parent_unique: bool
    sampled: bool = False

    @property
    def share(self) -> float:
        """The share of distinct child values found in the parent, 0 to 1; 0 where there is no value."""
        return self.matched / self.values if self.values else 0.0

    @property
    def holds(self) -> bool:
        """Whether the data honour the edge as a foreign key: values, all found, in a parent without duplicates."""
        return self.values > 0 and self.orphans == 0 and self.parent_unique


@dataclass(frozen=True)
class LeftOut:
    """A table that the scan saw and did not take, and why."""

    schema: str
    name: str
    reason: str


@dataclass(frozen=True)
class SchemaSnapshot:
    """One scan of one source: what is there, without secrets and without row values.

    `kind` names the scanner (`duckdb`, `sqlite`, `postgres` ...), `dialect` is the sqlglot dialect that its types are
    written in, `database` the database or file name without folder and suffix, `file` the file's name where the source
    is a file (never its folder).
    """

    kind: str
    database: str
    dialect: str
    tables: tuple[TableMapping, ...]
    relationships: tuple[Relationship, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    profile: Mapping[TableKey, TableProfile] | None = None
    file: str | None = None
    overlaps: tuple[Overlap, ...] = ()
    """What was measured of declared and candidate relationships; empty without a profile."""


def table_keys(tables: Sequence[TableMapping]) -> dict[TableKey, TableMapping]:
    """Tables by (schema, name), in the order given."""
    return {table.key: table for table in tables}
