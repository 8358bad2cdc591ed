"""What can be seen of a table by itself and beside its neighbours, before any role is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import is_date, is_event_date, is_insertion, mentions, words_of
from cartridge.plan.star.design import ColumnRole
from cartridge.plan.star.graph import Graph

_CALENDAR_PARTS = frozenset({"year", "month", "quarter", "qtr", "week", "weekday", "day"})


def is_calendar(graph: Graph, table: TableKey) -> bool:
    """Whether a table has a row per day."""
    words = set(words_of(table[1]))
    parts = {part for c in graph.tables[table].columns for part in words_of(c.name) if part in _CALENDAR_PARTS}
    named = words & {"date", "calendar", "day", "time"} or mentions(words_of(table[1]), {"date", "calendar"})
    return bool(named) and len(parts) >= 3 and not graph.parents[table]


def content(graph: Graph, table: TableKey) -> tuple[ColumnRole, ...]:
    """The columns that say something: no keys, nothing technical, not the row's own creation."""
    return tuple(
        column
        for column in graph.of(table, "attribute", "measure", "date", "degenerate")
        if not (column.use == "date" and is_insertion(words_of(column.column)))
    )


def foreign_columns(relationships: Sequence[Relationship]) -> set[str]:
    """The columns that references stand in."""
    return {column for relationship in relationships for column in relationship.columns}


_TRIVIAL = frozenset(
    {
        "position",
        "sort",
        "sequence",
        "ordering",
        "ordinal",
        "is",
        "primary",
        "active",
        "default",
        "order",
        "ord",
        "rank",
    }
    | {"type", "role", "kind", "status", "relationship"}
)


def polymorphic(graph: Graph, table: TableKey) -> list[str]:
    """The id columns of pairs such as `commentable_type`, `commentable_id`: references to one of several tables."""
    names = {column.name.lower(): column.name for column in graph.tables[table].columns}
    found = [names[f"{name.removesuffix('_type')}_id"] for name in names if _paired(name, names)]
    return [name for name in found if all(name not in r.columns for r in graph.parents[table])]


def _paired(name: str, names: Collection[str]) -> bool:
    return name.endswith("_type") and f"{name.removesuffix('_type')}_id" in names


_TRANSPORT = frozenset({"received_at", "sent_at", "original_timestamp", "uuid_ts"})


def is_tracked(graph: Graph, table: TableKey) -> bool:
    """Whether a collector of events wrote the rows: who acted, if only as a browser, and the moments of the way.

    Source: the warehouse schemas that Segment and RudderStack document.
    """
    names = {column.name.lower() for column in graph.tables[table].columns}
    return "anonymous_id" in names and len(names & _TRANSPORT) > 1


def is_trivial(column: ColumnRole) -> bool:
    """Whether a column only orders, marks or classifies its row."""
    return bool(_TRIVIAL.intersection(words_of(column.column)))


def event_dates(graph: Graph, table: TableKey) -> list[str]:
    """The columns that say when something happened, those in the key too."""
    keyed = [graph.tables[table].column(column.column) for column in graph.of(table, "key")]
    found = [
        c.name for c in keyed if c and is_date(c, words_of(c.name)) and is_event_date(words_of(c.name), c.data_type)
    ]
    return found + [column.column for column in graph.of(table, "date") if not column.because]


def is_crossed(graph: Graph, table: TableKey) -> bool:
    """Whether two or more references make up the key, so that a row stands where things meet."""
    key = set(graph.primary[table])
    return len([r for r in graph.parents[table] if set(r.columns) & key]) > 1


def is_list(graph: Graph, table: TableKey) -> bool:
    """Whether a table is a list of values or places by its name and size."""
    words = graph.names.words(table)
    return words[-1] in (v.CLASSES | v.PLACES) and words[-1] not in v.TRANSACTIONS and len(content(graph, table)) <= 8


def named_within(graph: Graph, child: TableKey, parent: TableKey) -> bool:
    """Whether the child's name holds the parent's: `order_item` and `order`."""
    mine, theirs = graph.names.words(child), graph.names.words(parent)
    return len(mine) > len(theirs) and mine[: len(theirs)] == theirs


def is_name_and_value(graph: Graph, table: TableKey) -> bool:
    """Whether a table holds names and values (`meta_key`, `meta_value`) of the rows of one other table."""
    lasts = {words_of(column.name)[-1] for column in graph.tables[table].columns}
    pair = bool(lasts & {"key", "name", "attribute", "field", "property"}) and "value" in lasts
    sums = any(column.additivity for column in graph.columns[table])
    small = len(content(graph, table)) + len(graph.of(table, "key")) <= 5
    plain = pair and small and not sums and not event_dates(graph, table)
    return (plain and len(graph.parent_tables(table)) == 1) or _holds_values(graph, table)


def _holds_values(graph: Graph, table: TableKey) -> bool:
    """Whether a row is the value of one attribute, kept elsewhere, of another row (entity, attribute, value)."""
    said = [column for column in content(graph, table) if not is_trivial(column)]
    named = any(set(words_of(r.columns[-1])) & _ATTRIBUTES for r in graph.parents[table])
    values = [column for column in said if words_of(column.column)[0] == "value"]
    moments = set(event_dates(graph, table)) - {column.column for column in values}
    alone = bool(values) and len(values) == len(said) and not moments
    return named and alone and len(graph.parents[table]) > 1


_ATTRIBUTES = frozenset({"attribute", "property", "field", "parameter", "characteristic", "metafield"})
"""What a reference means whose values stand beside it."""
