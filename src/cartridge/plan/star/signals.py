"""Signals for a fact against signals for a dimension.

The weights are points of evidence, tuned by hand on textbook schemas; none decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import TableKey
from cartridge.plan.describe import article
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import is_insertion, personal, words_of
from cartridge.plan.star.design import ColumnRole, TableRole
from cartridge.plan.star.graph import Graph
from cartridge.plan.star.shapes import (
    event_dates,
    is_calendar,
    is_crossed,
    is_list,
    named_within,
    polymorphic,
)  # fmt: skip
from cartridge.plan.types import is_number


@dataclass(frozen=True)
class Signal:
    """Points for a fact (`fact` True) or for a dimension, and what was seen."""

    fact: bool
    points: float
    says: str


def scored_role(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> TableRole:
    """Fact or dimension, whichever has more points. `before` holds the roles of an earlier round, as far as known."""
    signals = [*_fact_signals(graph, table, before), *_dimension_signals(graph, table, before)]
    fact = sum(signal.points for signal in signals if signal.fact)
    dimension = sum(signal.points for signal in signals if not signal.fact)
    chosen = fact > dimension
    confidence = round(0.5 + 0.49 * abs(fact - dimension) / max(fact + dimension, 4.0), 2)
    evidence = tuple(
        Evidence(about="role", says=signal.says, against=signal.fact != chosen)
        for signal in sorted(signals, key=lambda s: (s.fact != chosen, -s.points))
    )
    return TableRole("fact" if chosen else "dimension", confidence, evidence)


def _fact_signals(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> list[Signal]:
    words = graph.names.words(table)
    found: list[Signal] = []
    dates = event_dates(graph, table)
    happens = words[-1] in v.TRANSACTIONS | v.EVENTS
    made = [c.column for c in graph.of(table, "date") if is_insertion(words_of(c.column))]
    if dates:
        found.append(Signal(True, 2, f"{dates[0]} says when something happened"))
    elif made and happens:
        found.append(Signal(True, 1.5, f"{made[0]} says when it happened"))
    elif any(is_calendar(graph, parent) for parent in graph.parent_tables(table)):
        found.append(Signal(True, 2, "it refers to a calendar"))
    sums = [column.column for column in graph.of(table, "measure") if column.additivity == "additive"]
    if sums:
        counts = all("count" in words_of(column) for column in sums)
        found.append(Signal(True, 1 if counts else 2, f"{', '.join(sums[:3])} can be summed"))
    found += _reference_signals(graph, table, before)
    if words[-1] in v.TRANSACTIONS:
        found.append(Signal(True, 2.5, f"{a(words[-1])} is something that happens"))
    elif words[-1] in v.EVENTS:
        found.append(Signal(True, 1.5, f"{a(words[-1])} mostly is something that happens"))
    elif len(words) > 1 and words[-1] in v.LINES and graph.parents[table]:
        found.append(Signal(True, 2, f"{a(words[-1])} is a row of a document"))
    if not any(column.label for column in graph.columns[table]):
        found.append(Signal(True, 1, "no column names its rows"))
    numbers = [c for c in graph.columns[table] if c.use in {"measure", "attribute"} and _number(graph, table, c)]
    others = len(graph.of(table, "attribute", "measure", "date", "degenerate")) - len(numbers)
    if len(numbers) > 3 and len(numbers) > 2 * others and graph.parents[table]:
        found.append(Signal(True, 1.5, f"{len(numbers)} numbers, and little else"))
    return found


def _number(graph: Graph, table: TableKey, column: ColumnRole) -> bool:
    mapping = graph.tables[table].column(column.column)
    return mapping is not None and is_number(mapping.data_type)


def _reference_signals(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> list[Signal]:
    found: list[Signal] = []
    parents = [p for p in graph.parent_tables(table) if _weighty(graph, p, before)]
    ends = [*(parent[1] for parent in parents), *polymorphic(graph, table)]
    if len(ends) > 1:
        found.append(Signal(True, 1.5 if len(ends) == 2 else 2.5, f"it brings together {', '.join(ends[:4])}"))
    facts = [p for p in graph.parent_tables(table) if p in before and before[p].role in {"fact", "event"}]
    owning = [p for p in facts if named_within(graph, table, p)]
    if owning:
        found.append(Signal(True, 2.5, f"its name says that it belongs to {owning[0][1]}"))
    elif facts:
        found.append(Signal(True, 1, f"it refers to the fact {facts[0][1]}"))
    if is_crossed(graph, table):
        found.append(Signal(True, 1.5, f"its key is made of references ({', '.join(graph.primary[table])})"))
        levels = [column.column for column in graph.of(table, "measure") if column.additivity == "semi_additive"]
        if levels:
            found.append(Signal(True, 1.5, f"{levels[0]} is a level at a moment"))
    if graph.parents[table] and not graph.children[table]:
        found.append(Signal(True, 1, "nothing refers to it"))
    return found


def _weighty(graph: Graph, parent: TableKey, before: Mapping[TableKey, TableRole]) -> bool:
    """Whether a reference is to a thing of its own, not to a list of values or a place."""
    if parent in before and before[parent].role in {"excluded", "configuration", "history"}:
        return False
    return not (is_list(graph, parent) or is_calendar(graph, parent))


_SUMMED = ("additive", "semi_additive")


def _dimension_signals(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> list[Signal]:
    words = graph.names.words(table)
    document = words[-1] in v.TRANSACTIONS
    found: list[Signal] = []
    labels = [column.column for column in graph.columns[table] if column.label]
    if labels:
        found.append(Signal(False, 1 if document else 2, f"{labels[0]} names its rows"))
    people = personal(graph.tables[table].columns)
    if people:
        found.append(Signal(False, 0.5 if document else 1.5, f"{people[0]} describes somebody who can be reached"))
    readers = [c for c in graph.child_tables(table) if not named_within(graph, c, table)]
    readers = [c for c in readers if c not in before or before[c].role not in {"excluded", "history"}]
    if readers:
        points = 1.0 if document else {1: 1.0, 2: 1.5}.get(len(readers), 2.5)
        said = f"{len(readers)} tables refer" if len(readers) > 1 else f"{readers[0][1]} refers"
        found.append(Signal(False, points, f"{said} to it"))
    if words[-1] in v.ENTITY_WORDS and not document and not _line(words):
        found.append(Signal(False, 2.5, f"{a(words[-1])} is a thing, not an event"))
    elif words[-1] in (v.CLASSES | v.PLACES) and not document and not is_crossed(graph, table):
        counted = words[-1] in v.CLASSES and any(c.additivity in _SUMMED for c in graph.columns[table])
        found.append(Signal(False, 1 if counted else 3, f"{a(words[-1])} is one of a list of values"))
    return [*found, *_plainness(graph, table)]


def _line(words: tuple[str, ...]) -> bool:
    return len(words) > 1 and words[-1] in v.LINES


def _plainness(graph: Graph, table: TableKey) -> list[Signal]:
    found: list[Signal] = []
    if not graph.parents[table] and not refers_elsewhere(graph, table):
        found.append(Signal(False, 1.5, "it refers to no other table"))
    if not any(column.additivity == "additive" for column in graph.columns[table]):
        found.append(Signal(False, 1, "nothing in it can be summed"))
    if not event_dates(graph, table):
        found.append(Signal(False, 1, "no date says when something happened"))
    texts = graph.of(table, "attribute")
    if len(texts) > 3:
        found.append(Signal(False, 1, f"{len(texts)} columns describe it"))
    return found


def refers_elsewhere(graph: Graph, table: TableKey) -> bool:
    """Whether a column is a key of something that was not scanned along."""
    own = set(graph.primary.get(table, ()))
    return any(
        column.is_foreign_key or (column.name not in own and words_of(column.name)[-1:] == ("id",))
        for column in graph.tables[table].columns
    )


def a(word: str) -> str:
    """The word with its article."""
    return article(word)
