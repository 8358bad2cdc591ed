"""The shape of a model: its columns, where each comes from, and what one row is.

Joins between models are found through origins: a column that came from `orders.customer_id` meets the model whose
grain came from `customers.id`, however often both were renamed on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.plan import (
    Basis,
    Detail,
    ModelDetail,
    PlanAction,
    StagingDetail,
)
from cartridge.domain.schema import Relationship, TableKey, TableMapping
from cartridge.plan.loaders import unique_keys

ColumnOrigin = tuple[TableKey, str]
"""(table, source column)."""


@dataclass(frozen=True)
class ColumnShape:
    """One column of a model. `origin` is None where it was computed or is not known."""

    name: str
    data_type: str = ""
    origin: ColumnOrigin | None = None
    role: str = "attribute"
    description: str | None = None


@dataclass(frozen=True)
class ModelShape:
    """A model as its readers see it. `grain` names the columns of its key; empty: not known."""

    name: str
    columns: Mapping[str, ColumnShape]
    grain: tuple[str, ...] = ()
    table: TableKey | None = None
    """The source table whose rows it keeps, where it keeps one's."""
    unique: tuple[tuple[str, ...], ...] = ()
    """Keys besides the grain: what its source table declares unique, or its loader numbers."""

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Every key that is known, the grain first: a join to the whole of one multiplies no row."""
        return tuple(dict.fromkeys(key for key in (self.grain, *self.unique) if key))

    def named(self, origin: ColumnOrigin) -> str | None:
        """The column that came from `origin`, or None."""
        return next((c.name for c in self.columns.values() if c.origin == origin), None)


@dataclass(frozen=True)
class Edge:
    """`child.child_columns` hold values of `parent.parent_columns`, a key of the parent: no row multiplies."""

    child: str
    child_columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    one_to_one: bool
    basis: Basis
    because: str
    relationship: Relationship | None = None


def unique_in(table: TableMapping | None, columns: Mapping[str, ColumnShape]) -> tuple[tuple[str, ...], ...]:
    """The unique keys of a table, as a model with these columns and the table's rows calls them."""
    if table is None:
        return ()
    names = {column.origin: column.name for column in reversed([*columns.values()])}
    wanted = [[names.get((table.key, name)) for name in key] for key in unique_keys(table)]
    return tuple(tuple(name for name in key if name) for key in wanted if all(key))


def shape_of(
    action: PlanAction, shapes: Mapping[str, ModelShape], tables: Mapping[TableKey, TableMapping]
) -> ModelShape | None:
    """The shape of the model that a resolved action makes; None for a source or an action without detail.

    `tables` say what is unique besides the grain.
    """
    detail: Detail | None = action.detail
    if isinstance(detail, StagingDetail):
        staged = {
            c.name: ColumnShape(c.name, c.cast or c.data_type, (detail.table, c.source), c.group, c.description)
            for c in detail.columns
        }
        unique = unique_in(tables.get(detail.table), staged)
        return ModelShape(action.name, staged, detail.grain, detail.table, unique)
    if isinstance(detail, ModelDetail):
        return model_shape(action.name, detail, shapes)
    return None


def model_shape(name: str, detail: ModelDetail, shapes: Mapping[str, ModelShape]) -> ModelShape:
    """The shape of an intermediate model or mart, given those of its inputs."""
    models = {entry.alias: shapes.get(entry.model) for entry in detail.inputs}
    columns: dict[str, ColumnShape] = {}
    for column in detail.columns:
        read = models.get(column.alias or "")
        known = read.columns.get(column.column or "") if read and column.function == "column" else None
        columns[column.name] = ColumnShape(
            column.name,
            column.data_type or (known.data_type if known else ""),
            known.origin if known else None,
            column.role,
            column.description,
        )
    base = models.get(detail.inputs[0].alias) if detail.inputs else None
    keeps = base.table if base and not detail.group_by and detail.role not in {"union", "date"} else None
    return ModelShape(name, columns, detail.grain, keeps, _kept(base.unique, detail) if base and keeps else ())


def _kept(unique: Sequence[tuple[str, ...]], detail: ModelDetail) -> tuple[tuple[str, ...], ...]:
    """The unique keys of the first input, whose rows a model keeps, under the model's own names."""
    alias = detail.inputs[0].alias
    own = {c.column: c.name for c in reversed(detail.columns) if c.alias == alias and c.function == "column"}
    return tuple(tuple(own[name] for name in key) for key in unique if all(name in own for name in key))


class KeyIndex:
    """Relationships by the columns at either end, for look-ups that do not grow with the schema."""

    def __init__(self, relationships: Sequence[Relationship]) -> None:
        self.relationships = tuple(relationships)
        self._from: dict[frozenset[ColumnOrigin], list[Relationship]] = {}
        self._to: dict[frozenset[ColumnOrigin], list[Relationship]] = {}
        self._tables: dict[TableKey, list[Relationship]] = {}
        for relationship in self.relationships:
            child = frozenset((relationship.table, column) for column in relationship.columns)
            parent = frozenset((relationship.ref_table, column) for column in relationship.ref_columns)
            self._from.setdefault(child, []).append(relationship)
            self._tables.setdefault(relationship.table, []).append(relationship)
            self._to.setdefault(parent, []).append(relationship)

    def of_table(self, table: TableKey) -> Sequence[Relationship]:
        """The foreign keys of a table."""
        return self._tables.get(table, ())

    def targets(self, grain: Sequence[ColumnOrigin]) -> Iterator[tuple[tuple[ColumnOrigin, ...], Relationship | None]]:
        """The grain itself, and the keys that it refers to (a sum per parent has its children's foreign key)."""
        yield tuple(grain), None
        for relationship in self._from.get(frozenset(grain), ()):
            pairs = dict(zip(relationship.columns, relationship.ref_columns, strict=True))
            yield tuple((relationship.ref_table, pairs[column]) for _, column in grain), relationship

    def holders(self, target: Sequence[ColumnOrigin]) -> Iterator[tuple[tuple[ColumnOrigin, ...], Relationship | None]]:
        """The origins under which another model may hold `target`: foreign keys to it, or the same columns."""
        for relationship in self._to.get(frozenset(target), ()):
            pairs = dict(zip(relationship.ref_columns, relationship.columns, strict=True))
            yield tuple((relationship.table, pairs[column]) for _, column in target), relationship
        yield tuple(target), None


def edges(child: ModelShape, parent: ModelShape, keys: KeyIndex) -> Iterator[Edge]:
    """Every way in which `child` meets the grain of `parent`, many-to-one or one-to-one, in a stable order; where there
    is none, those in which it meets the first other unique key that it meets."""
    for key in parent.keys:
        found = list(_edges_to(key, child, parent, keys))
        if found:
            yield from found
            return


def _edges_to(key: tuple[str, ...], child: ModelShape, parent: ModelShape, keys: KeyIndex) -> Iterator[Edge]:
    grain: list[ColumnOrigin] = []
    for name in key:
        column = parent.columns.get(name)
        if column is None or column.origin is None:
            return
        grain.append(column.origin)
    seen: set[tuple[str, ...]] = set()
    for target, via in keys.targets(grain):
        for holder, link in keys.holders(target):
            names = [child.named(origin) for origin in holder]
            columns = tuple(name for name in names if name is not None)
            if len(columns) != len(grain) or columns in seen:
                continue
            seen.add(columns)
            used = link or via
            yield Edge(
                child=child.name,
                child_columns=columns,
                parent=parent.name,
                parent_columns=key,
                one_to_one=set(columns) == set(child.grain),
                basis=used.origin if used else "declared",
                because=str(used) if used else "both carry the same key",
                relationship=used,
            )
