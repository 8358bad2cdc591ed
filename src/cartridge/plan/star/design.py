"""The star schema as values: the role of every table, and every mart with all that is needed to write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import Relationship, TableKey

RoleName = Literal[
    "fact", "event", "dimension", "lookup", "bridge", "child", "history", "configuration", "excluded"
]  # fmt: skip
"""What a table is for its analyst. `lookup`: folded into whatever refers to it; `event`: something that happened, with
nothing to sum; `child`: rows that only mean something inside their parent; `excluded`: the application's or the
loader's own."""

ColumnUse = Literal["key", "foreign_key", "degenerate", "measure", "attribute", "date", "omit"]
Additivity = Literal["additive", "semi_additive", "non_additive"]
"""Whether a measure may be summed over every dimension, over every dimension but time, or over none."""


class KnownKey(Protocol):
    """A primary key, as far as it is needed here."""

    @property
    def columns(self) -> tuple[str, ...]: ...


class KnownKeys(Protocol):
    """The keys of the whole schema, as far as they are needed here (`plan.keys.Keys`)."""

    @property
    def primary_keys(self) -> Mapping[TableKey, KnownKey]: ...

    @property
    def relationships(self) -> tuple[Relationship, ...]: ...


@dataclass(frozen=True)
class ColumnRole:
    """What one column is. `omit`: no mart takes it, `because` says why. `label`: it names the row to a reader."""

    column: str
    use: ColumnUse
    additivity: Additivity | None = None
    label: bool = False
    because: str = ""


@dataclass(frozen=True)
class TableRole:
    """The role of a table. `confidence` lies between 0 and 1; `evidence` holds the signals for and against."""

    role: RoleName
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Fold:
    """A table joined along a chain of many-to-one relationships, each from child to parent, the first from the grain.

    `alias` is the role it plays (`billing_address`), unique within the mart and a good prefix for its columns;
    `columns` are the columns of the last table that the mart takes.
    """

    path: tuple[Relationship, ...]
    alias: str
    columns: tuple[str, ...]
    because: str = ""

    @property
    def table(self) -> TableKey:
        """The table that is joined."""
        return self.path[-1].ref_table


@dataclass(frozen=True)
class RollupMeasure:
    """One aggregate over the children of a row; `sum_product` sums `column * factor`."""

    name: str
    function: Literal["sum", "sum_product", "average", "count_rows"]
    column: str | None = None
    factor: str | None = None


@dataclass(frozen=True)
class Rollup:
    """Children aggregated to the grain before they are joined: `relationship` leads from the child to the grain table.

    `name` is the children's business name, plural (`invoice_lines`)."""

    relationship: Relationship
    name: str
    measures: tuple[RollupMeasure, ...]


@dataclass(frozen=True)
class LineAmount:
    """A computed measure `quantity * unit_price` of the grain table. A discount beside them is not applied: whether it
    is a share or an amount cannot be seen from a schema, so the name says gross."""

    name: str
    quantity: str
    unit_price: str
    because: str = ""


@dataclass(frozen=True)
class MartDesign:
    """One mart. `name` is the business entity in snake case, plural, without any prefix; unique within the design.

    `grain_table` is None for the generated date dimension, which spans `date_columns`. `columns` are the grain table's
    columns with their roles, `omit` included.
    """

    kind: Literal["fact", "dimension", "bridge", "date"]
    name: str
    grain_table: TableKey | None
    columns: tuple[ColumnRole, ...] = ()
    folds: tuple[Fold, ...] = ()
    rollups: tuple[Rollup, ...] = ()
    computed: tuple[LineAmount, ...] = ()
    date_columns: tuple[tuple[TableKey, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class UnionDesign:
    """Tables of one shape that are one table to an analyst. The first of `tables` stands for them in roles and marts.

    `labels` (one a table) say what differs: the schema, the tenant or the period. The same key may come from several
    of the tables, so the label belongs to the key of them all.
    """

    name: str
    tables: tuple[TableKey, ...]
    labels: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class StarDesign:
    """Every table with a role, the marts worth having, the roles of all columns, and the tables that are one."""

    roles: Mapping[TableKey, TableRole]
    marts: tuple[MartDesign, ...]
    columns: Mapping[TableKey, tuple[ColumnRole, ...]] = field(default_factory=dict)
    unions: tuple[UnionDesign, ...] = ()
