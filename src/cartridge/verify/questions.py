"""What must hold of built data, read off the plan: row counts, grains, sums and joins. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cartridge.domain.plan import Join, ModelDetail, OutputColumn, PlanAction, StagingDetail

Kind = Literal["rows", "grain", "sums", "orphans"]

_ADDED = {"column", "product", "sum", "sum_product"}
"""Functions whose result adds up to the sum of what they read."""


@dataclass(frozen=True)
class Relation:
    """A model, or a table of a source where `source` is given, as dbt names it."""

    name: str
    source: str | None = None

    def __str__(self) -> str:
        return f"source {self.source}.{self.name}" if self.source else self.name


@dataclass(frozen=True)
class Query:
    """One number: an aggregate over a relation.

    `rows`: count of rows; `groups`: count of distinct combinations of `columns`; `duplicates`: combinations of
    `columns`, none of them null, that appear more than once; `nulls`: rows where one of `columns` is null; `sum`: sum
    of the product of `columns`; `unmatched`: rows whose `columns` are all there and find no row in `other` by
    `other_columns`. Rows in which one of `filled` is null do not count for `groups` and `sum`.
    """

    what: Literal["rows", "groups", "duplicates", "nulls", "sum", "unmatched"]
    relation: Relation
    columns: tuple[str, ...] = ()
    other: Relation | None = None
    other_columns: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """Two numbers that must agree; no `expected` queries mean zero, several are added up.

    `at_most` allows `found` to be smaller. `join` is the one that the question is about.
    """

    kind: Kind
    action: PlanAction
    about: str
    found: Query
    expected: tuple[Query, ...] = ()
    at_most: bool = False
    join: Join | None = None

    @property
    def queries(self) -> tuple[Query, ...]:
        """All queries that the question needs."""
        return (self.found, *self.expected)


def questions_of(action: PlanAction) -> Iterator[Question]:
    """Everything that must hold of the data of one action."""
    own = Relation(action.name)
    match action.detail:
        case StagingDetail() as detail:
            source = Relation(detail.source_table, detail.source)
            yield Question("rows", action, f"as many rows as {source}", Query("rows", own), (Query("rows", source),))
            yield from _grain(action, detail.grain)
        case ModelDetail() as detail if detail.role != "date" and detail.inputs:
            yield from _rows(action, detail)
            yield from _grain(action, detail.grain)
            yield from _sums(action, detail)
            yield from _orphans(action, detail)
        case ModelDetail() as detail:
            yield from _grain(action, detail.grain)
        case _:
            return


def _grain(action: PlanAction, grain: tuple[str, ...]) -> Iterator[Question]:
    if grain:
        own = Relation(action.name)
        names = ", ".join(grain)
        yield Question("grain", action, f"one row per {names}", Query("duplicates", own, grain))
        yield Question("grain", action, f"no empty {names}", Query("nulls", own, grain))


def _rows(action: PlanAction, detail: ModelDetail) -> Iterator[Question]:
    own, base = Relation(action.name), Relation(detail.inputs[0].model)
    inner = any(join.kind == "inner" for join in detail.joins)
    if detail.role == "union":
        names = " and ".join(read.model for read in detail.inputs)
        expected = tuple(Query("rows", Relation(read.model)) for read in detail.inputs)
        yield Question("rows", action, f"as many rows as {names} together", Query("rows", own), expected)
    elif not detail.group_by:
        yield Question("rows", action, f"as many rows as {base}", Query("rows", own), (Query("rows", base),), inner)
    else:
        groups = _of_base(detail, [column for column in detail.columns if column.name in detail.group_by])
        if groups is not None:
            expected = (Query("groups", base, groups, filled=_filled(detail)),)
            about = f"one row for each {', '.join(groups)} of {base}"
            yield Question("rows", action, about, Query("rows", own), expected, inner)


def _of_base(detail: ModelDetail, columns: list[OutputColumn]) -> tuple[str, ...] | None:
    """The base's names of columns that all pass through from it; None where one comes from elsewhere."""
    base = detail.inputs[0].alias
    if not all(column.function == "column" and column.alias in (None, base) for column in columns):
        return None
    return tuple(column.column or column.name for column in columns)


def _filled(detail: ModelDetail) -> tuple[str, ...]:
    """The base's columns that must hold a value for a row to count."""
    return tuple(column.column or column.name for column in detail.columns if column.name in detail.filled)


def _sums(action: PlanAction, detail: ModelDetail) -> Iterator[Question]:
    """Sums of the base's measures: they survive whatever neither multiplies nor loses rows."""
    if detail.role == "union" or any(join.kind == "inner" for join in detail.joins):
        return
    read = detail.inputs[0]
    for column in detail.columns:
        aggregated = column.function in ("sum", "sum_product")
        if column.role != "measure" or column.function not in _ADDED or aggregated != bool(detail.group_by):
            continue
        if column.alias not in (None, read.alias):
            continue
        factors = (column.column or column.name, *((column.factor,) if column.factor else ()))
        yield Question(
            "sums",
            action,
            f"{column.name} adds up to {' * '.join(factors)} of {read.model}",
            Query("sum", Relation(action.name), (column.name,)),
            (Query("sum", Relation(read.model), factors, filled=_filled(detail)),),
        )


def _orphans(action: PlanAction, detail: ModelDetail) -> Iterator[Question]:
    """Only many rows that point at one promise that it is there: an order need not have any payment summed to it."""
    models = {read.alias: read.model for read in detail.inputs}
    for join in detail.joins:
        lefts = {key.left_alias for key in join.keys}
        if join.cardinality != "many_to_one" or len(lefts) != 1 or not {*lefts, join.alias} <= set(models):
            continue
        left, right = Relation(models[lefts.pop()]), Relation(models[join.alias])
        query = Query(
            "unmatched",
            left,
            tuple(key.left_column for key in join.keys),
            right,
            tuple(key.right_column for key in join.keys),
        )
        names = ", ".join(query.columns)
        yield Question("orphans", action, f"every {names} of {left} finds its row in {right}", query, join=join)
