"""The role of every table: signals for a fact against signals for a dimension, after the plain cases are settled.

The weights are points of evidence, tuned by hand on textbook schemas; none decides alone. Two rounds are made, because
a table that refers to a fact (a line to its header) and one that facts refer to are told apart only by the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import Relationship, TableKey, TableProfile
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import is_insertion, mentions, personal, words_of
from cartridge.plan.star.design import ColumnRole, RoleName, TableRole
from cartridge.plan.star.graph import Graph
from cartridge.plan.star.technical import technical

_CALENDAR_PARTS = frozenset({"year", "month", "quarter", "qtr", "week", "weekday", "day"})
_MANY_ROWS = 2000
"""A list of values longer than this is no lookup."""


@dataclass(frozen=True)
class Signal:
    """Points for a fact (`fact` True) or for a dimension, and what was seen."""

    fact: bool
    points: float
    says: str


Roles = dict[TableKey, TableRole]
Profile = Mapping[TableKey, TableProfile] | None


def table_roles(graph: Graph, profile: Profile = None) -> Roles:
    """A role for every table of the graph."""
    settled: Roles = {}
    for table in graph.tables:
        plain = _plain(graph, table)
        if plain:
            settled[table] = plain
    scored: Roles = dict(settled)
    for _ in range(2):
        before = dict(scored)
        for table in graph.tables:
            if table not in settled:
                scored[table] = _scored(graph, table, before)
    return {table: _refined(graph, table, scored, profile) for table in graph.tables}


def _role(role: RoleName, confidence: float, *says: str) -> TableRole:
    return TableRole(role, confidence, tuple(Evidence(about="role", says=sentence) for sentence in says))


def _plain(graph: Graph, table: TableKey) -> TableRole | None:
    """The role of a table whose case is plain: technical, calendar, bridge, or a document's child."""
    verdict = technical(graph, table)
    if verdict:
        return _role(*verdict)
    if is_calendar(graph, table):
        return _role("dimension", 0.9, "its rows are days, with their week, month and year")
    bridge = _bridge(graph, table)
    if bridge:
        return bridge
    return _document_child(graph, table)


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


def _bridge(graph: Graph, table: TableKey) -> TableRole | None:
    """A table that joins two others many-to-many and says next to nothing itself."""
    parents = graph.parents[table]
    if len(parents) < 2 or graph.children[table]:
        return None
    foreign = {column for relationship in parents for column in relationship.columns}
    keyed = bool(graph.primary[table]) and set(graph.primary[table]) <= foreign
    rest = [column for column in content(graph, table) if column.column not in foreign]
    words = graph.names.words(table)
    sums = [column for column in rest if column.use == "measure"]
    texts = [column for column in rest if column.use in {"attribute", "degenerate"} and not _trivial(column)]
    dates = [column for column in rest if column.use == "date" and not column.because]
    if sums or len(texts) > 1 or (dates and not keyed) or (len(parents) > 2 and not keyed):
        return None
    if not keyed and (texts or words[-1] in v.TRANSACTIONS | v.ENTITY_WORDS):
        return None
    ends = " and ".join(dict.fromkeys(relationship.ref_table[1] for relationship in parents))
    says = f"it pairs {ends} and holds nothing else to count or describe"
    return _role("bridge", 0.9 if keyed and not rest else 0.75, says)


def _trivial(column: ColumnRole) -> bool:
    words = set(words_of(column.column))
    return bool(
        words
        & {
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
            "rank",
            "type",
        }
    )


def _document_child(graph: Graph, table: TableKey) -> TableRole | None:
    """A list inside a document, unnested by the loader into a table of its own."""
    names = {column.name.lower() for column in graph.tables[table].columns}
    if not names & {"_dlt_parent_id", "_airbyte_parent_hashid", "_sdc_source_key_id", "_sdc_level_0_id"}:
        return None
    if any(column.additivity == "additive" for column in graph.columns[table]):
        return _role("fact", 0.75, "lines of a document, unnested by the loader, with amounts to sum")
    return _role("child", 0.85, "a list inside a document, unnested by the loader, with nothing to sum")


# ------------------------------------------------------------------ points


def _scored(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> TableRole:
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
    dates = [column.column for column in graph.of(table, "date") if not column.because]
    if dates:
        found.append(Signal(True, 2, f"{dates[0]} says when something happened"))
    elif any(is_calendar(graph, parent) for parent in graph.parent_tables(table)):
        found.append(Signal(True, 2, "it refers to a calendar"))
    sums = [column.column for column in graph.of(table, "measure") if column.additivity == "additive"]
    if sums:
        found.append(Signal(True, 2, f"{', '.join(sums[:3])} can be summed"))
    found += _reference_signals(graph, table, before)
    if words[-1] in v.TRANSACTIONS:
        found.append(Signal(True, 2.5, f"{a(words[-1])} is something that happens"))
    elif words[-1] in v.EVENTS:
        found.append(Signal(True, 1.5, f"{a(words[-1])} mostly is something that happens"))
    elif len(words) > 1 and words[-1] in v.LINES and graph.parents[table]:
        found.append(Signal(True, 2, f"{a(words[-1])} is a row of a document"))
    if not any(column.label for column in graph.columns[table]):
        found.append(Signal(True, 1, "no column names its rows"))
    return found


def _reference_signals(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> list[Signal]:
    found: list[Signal] = []
    parents = [p for p in graph.parent_tables(table) if _weighty(graph, p, before)]
    if len(parents) > 1:
        says = f"it brings together {', '.join(parent[1] for parent in parents[:4])}"
        found.append(Signal(True, 1.5 if len(parents) == 2 else 2.5, says))
    facts = [p for p in graph.parent_tables(table) if p in before and before[p].role in {"fact", "event"}]
    owning = [p for p in facts if _named_within(graph, table, p)]
    if owning:
        found.append(Signal(True, 2.5, f"its name says that it belongs to {owning[0][1]}"))
    elif facts:
        found.append(Signal(True, 1, f"it refers to the fact {facts[0][1]}"))
    key = graph.primary[table]
    foreign = {column for relationship in graph.parents[table] for column in relationship.columns}
    if len(key) > 1 and len(foreign & set(key)) > 1:
        found.append(Signal(True, 1.5, f"its key is made of references ({', '.join(key)})"))
    if graph.parents[table] and not graph.children[table]:
        found.append(Signal(True, 1, "nothing refers to it"))
    return found


def _weighty(graph: Graph, parent: TableKey, before: Mapping[TableKey, TableRole]) -> bool:
    """Whether a reference is to a thing of its own, not to a list of values or a place."""
    if parent in before and before[parent].role in {"excluded", "configuration", "history"}:
        return False
    return not (_is_list(graph, parent) or is_calendar(graph, parent))


def _is_list(graph: Graph, table: TableKey) -> bool:
    words = graph.names.words(table)
    return words[-1] in (v.CLASSES | v.PLACES) and words[-1] not in v.TRANSACTIONS and len(content(graph, table)) <= 8


def a(word: str) -> str:
    """The word with its article."""
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _named_within(graph: Graph, child: TableKey, parent: TableKey) -> bool:
    """Whether the child's name holds the parent's: `order_item` and `order`."""
    mine, theirs = graph.names.words(child), graph.names.words(parent)
    return len(mine) > len(theirs) and mine[: len(theirs)] == theirs


def _dimension_signals(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> list[Signal]:
    words = graph.names.words(table)
    found: list[Signal] = []
    labels = [column.column for column in graph.columns[table] if column.label]
    if labels:
        found.append(Signal(False, 2, f"{labels[0]} names its rows"))
    people = personal(graph.tables[table].columns)
    if people:
        found.append(Signal(False, 1.5, f"{people[0]} describes somebody who can be reached"))
    readers = [c for c in graph.child_tables(table) if not _named_within(graph, c, table)]
    readers = [c for c in readers if c not in before or before[c].role not in {"excluded", "history"}]
    if readers:
        points = {1: 1.0, 2: 1.5}.get(len(readers), 2.5)
        found.append(
            Signal(
                False,
                points,
                f"{len(readers)} tables refer to it" if len(readers) > 1 else f"{readers[0][1]} refers to it",
            )
        )
    if words[-1] in v.ENTITY_WORDS and words[-1] not in v.TRANSACTIONS and not _line(words):
        found.append(Signal(False, 2.5, f"{a(words[-1])} is a thing, not an event"))
    elif words[-1] in (v.CLASSES | v.PLACES) - v.TRANSACTIONS:
        found.append(Signal(False, 3, f"{a(words[-1])} is one of a list of values"))
    found += _plainness(graph, table)
    return found


def _line(words: tuple[str, ...]) -> bool:
    return len(words) > 1 and words[-1] in v.LINES


def _plainness(graph: Graph, table: TableKey) -> list[Signal]:
    found: list[Signal] = []
    if not graph.parents[table]:
        found.append(Signal(False, 1.5, "it refers to no other table"))
    if not any(column.additivity == "additive" for column in graph.columns[table]):
        found.append(Signal(False, 1, "nothing in it can be summed"))
    if not any(column.use == "date" and not column.because for column in graph.columns[table]):
        found.append(Signal(False, 1, "no date says when something happened"))
    texts = graph.of(table, "attribute")
    if len(texts) > 3:
        found.append(Signal(False, 1, f"{len(texts)} columns describe it"))
    return found


# ------------------------------------------------------------------ finer roles


def _refined(graph: Graph, table: TableKey, roles: Roles, profile: Profile) -> TableRole:
    """Facts without anything to sum are events, small dimensions that others describe themselves by are lookups."""
    role = roles[table]
    if role.role == "dimension" and not is_calendar(graph, table):
        says = _lookup(graph, table, roles, profile)
        return _with(role, "lookup", says) if says else role
    if role.role == "fact":
        words = graph.names.words(table)
        sums = any(column.use == "measure" for column in graph.columns[table])
        if words[-1] in v.CONTENT and not sums:
            return _with(role, "child", f"{words[-1]}s hang on other rows, and nothing in them is counted")
        if words[-1] in v.EVENTS and not sums and not graph.children[table]:
            return _with(role, "event", "it happens, and nothing in it can be summed")
    return role


def _with(role: TableRole, name: RoleName, says: str) -> TableRole:
    return TableRole(name, role.confidence, (Evidence(about="role", says=says), *role.evidence))


def _lookup(graph: Graph, table: TableKey, roles: Roles, profile: Profile) -> str:
    """Why a dimension is folded into what refers to it, instead of standing alone; empty where it is not."""
    readers = [c for c in graph.child_tables(table) if roles[c].role not in {"excluded", "history", "configuration"}]
    folding = [c for c in readers if roles[c].role != "bridge"]
    if not folding or _long(graph, table, profile):
        return ""
    word = graph.names.words(table)[-1]
    says = [column for column in content(graph, table) if not _trivial(column)]
    if not says and graph.parents[table]:
        return "" if word in v.ENTITY_WORDS else "it only passes references on"
    if word in (v.CLASSES | v.PLACES):
        listed = len(says) <= 8 and not any(column.additivity == "additive" for column in says)
        return f"{a(word)} is one of a short list that describes {folding[0][1]}" if listed else ""
    of_facts = any(roles[c].role in {"fact", "event"} for c in folding)
    big = len(says) > 3 or len(folding) > 2 or bool(personal(graph.tables[table].columns))
    return "" if big or of_facts or word in v.MAINSTAYS else f"{len(says)} columns that describe {folding[0][1]}"


def _long(graph: Graph, table: TableKey, profile: Profile) -> bool:
    """Whether it has more rows than a list of values, and is no place or part of one that is folded whole anyway."""
    known = profile.get(table) if profile else None
    rows = known.rows if known else graph.tables[table].row_count
    folded_anyway = graph.names.words(table)[-1] in v.PLACES
    return rows is not None and rows > _MANY_ROWS and not folded_anyway and bool(graph.parents[table]) is False


def owner(graph: Graph, roles: Mapping[TableKey, TableRole], table: TableKey) -> Relationship | None:
    """The reference from a fact to the document it belongs to (line to header, payment to order), or None.

    A parent fact that the name holds, else one that is part of the key, else the only one, else the one from which the
    others are reached.
    """
    found = [
        r
        for r in graph.parents[table]
        if roles[r.ref_table].role in {"fact", "event"} and graph.is_key(r.ref_table, r.ref_columns)
    ]
    parents = list(dict.fromkeys(r.ref_table for r in found))
    if not found or len(parents) != len(found):
        return _first([r for r in found if _named_within(graph, table, r.ref_table)])
    named = [r for r in found if _named_within(graph, table, r.ref_table)]
    if named:
        return max(named, key=lambda r: len(graph.names.words(r.ref_table)))
    keyed = [r for r in found if set(r.columns) <= set(graph.primary[table])]
    if len(keyed) == 1 or len(found) == 1:
        return (keyed or found)[0]
    for relationship in found:
        above = {r.ref_table for r in graph.parents[relationship.ref_table]}
        if set(parents) - {relationship.ref_table} <= above:
            return relationship
    return None


def _first(found: list[Relationship]) -> Relationship | None:
    return found[0] if found else None
