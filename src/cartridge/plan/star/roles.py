"""The role of every table: signals for a fact against signals for a dimension, after the plain cases are settled.

The weights are points of evidence, tuned by hand on textbook schemas; none decides alone. Two rounds are made, because
a table that refers to a fact (a line to its header) and one that facts refer to are told apart only by the first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import Relationship, TableKey, TableProfile
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import is_date, is_event_date, is_insertion, mentions, personal, words_of
from cartridge.plan.star.design import ColumnRole, RoleName, TableRole
from cartridge.plan.star.graph import Graph
from cartridge.plan.star.kinds import family
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
    return _child(graph, table)


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
    readers = set(graph.child_tables(table)) - set(graph.parent_tables(table))
    if len(parents) + len(polymorphic(graph, table)) < 2 or readers:
        return None
    foreign, key = _foreign(parents), graph.primary[table]
    keyed = bool(key) and set(key) <= foreign
    if len(key) > 1 and any(column not in foreign and not _trivial(ColumnRole(column, "key")) for column in key):
        return None
    things = [r for r in parents if not _is_list(graph, r.ref_table)]
    rest = [column for column in content(graph, table) if column.column not in foreign]
    words = graph.names.words(table)
    sums = [c for c in rest if c.use == "measure" and not mentions(words_of(c.column), _WEIGHTS)]
    pairs = polymorphic(graph, table)
    texts = [c for c in rest if c.use in {"attribute", "degenerate"} and not _trivial(c) and c.column not in pairs]
    dates = [column for column in rest if column.use == "date" and not column.because]
    if sums or len(texts) > 1 or (dates and not keyed) or (len(things) > 2 and (dates or not keyed)):
        return None
    if not keyed and (texts or words[-1] in v.TRANSACTIONS):
        return None
    ends = " and ".join([*dict.fromkeys(relationship.ref_table[1] for relationship in parents), *pairs])
    says = f"it pairs {ends} and holds nothing else to count or describe"
    return _role("bridge", 0.9 if keyed and not rest else 0.75, says)


def _foreign(relationships: Sequence[Relationship]) -> set[str]:
    return {column for relationship in relationships for column in relationship.columns}


_WEIGHTS = frozenset({"percent", "pct", "percentage", "share", "ratio", "per"})
"""What a bridge may say of its pair: which part of the whole falls on it."""
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


def _trivial(column: ColumnRole) -> bool:
    """Whether a column only orders, marks or classifies its row."""
    return bool(_TRIVIAL.intersection(words_of(column.column)))


def _child(graph: Graph, table: TableKey) -> TableRole | None:
    """A list inside a document: unnested by the loader, or keyed by its parent and a place in the list."""
    names = {column.name.lower() for column in graph.tables[table].columns}
    sums = any(column.additivity == "additive" for column in graph.columns[table])
    if names & _UNNESTED:
        if sums:
            return _role("fact", 0.75, "lines of a document, unnested by the loader, with amounts to sum")
        return _role("child", 0.85, "a list inside a document, unnested by the loader, with nothing to sum")
    key, parents = set(graph.primary[table]), graph.parents[table]
    inside = [r for r in parents if set(r.columns) < key]
    others = [r for r in parents if r not in inside[:1] and not _is_list(graph, r.ref_table)]
    silent = not sums and not event_dates(graph, table) and not graph.children[table]
    if inside and not others and not key <= _foreign(parents) and silent:
        says = f"its key is that of {inside[0].ref_table[1]} and a place in a list, with nothing to count"
        return _role("child", 0.75, says)
    return None


_UNNESTED = frozenset({"_dlt_parent_id", "_airbyte_parent_hashid", "_sdc_source_key_id", "_sdc_level_0_id"})


def event_dates(graph: Graph, table: TableKey) -> list[str]:
    """The columns that say when something happened, those in the key too."""
    keyed = [graph.tables[table].column(column.column) for column in graph.of(table, "key")]
    found = [c.name for c in keyed if c and is_date(c, words_of(c.name)) and is_event_date(words_of(c.name))]
    return found + [column.column for column in graph.of(table, "date") if not column.because]


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
    return mapping is not None and family(mapping.data_type) in {"integer", "decimal", "float"}


def _reference_signals(graph: Graph, table: TableKey, before: Mapping[TableKey, TableRole]) -> list[Signal]:
    found: list[Signal] = []
    parents = [p for p in graph.parent_tables(table) if _weighty(graph, p, before)]
    ends = [*(parent[1] for parent in parents), *polymorphic(graph, table)]
    if len(ends) > 1:
        found.append(Signal(True, 1.5 if len(ends) == 2 else 2.5, f"it brings together {', '.join(ends[:4])}"))
    facts = [p for p in graph.parent_tables(table) if p in before and before[p].role in {"fact", "event"}]
    owning = [p for p in facts if _named_within(graph, table, p)]
    if owning:
        found.append(Signal(True, 2.5, f"its name says that it belongs to {owning[0][1]}"))
    elif facts:
        found.append(Signal(True, 1, f"it refers to the fact {facts[0][1]}"))
    if _crossed(graph, table):
        found.append(Signal(True, 1.5, f"its key is made of references ({', '.join(graph.primary[table])})"))
        levels = [column.column for column in graph.of(table, "measure") if column.additivity == "semi_additive"]
        if levels:
            found.append(Signal(True, 1.5, f"{levels[0]} is a level at a moment"))
    if graph.parents[table] and not graph.children[table]:
        found.append(Signal(True, 1, "nothing refers to it"))
    return found


def _crossed(graph: Graph, table: TableKey) -> bool:
    """Whether two or more references make up the key, so that a row stands where things meet."""
    key = set(graph.primary[table])
    return len([r for r in graph.parents[table] if set(r.columns) & key]) > 1


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
    document = words[-1] in v.TRANSACTIONS
    found: list[Signal] = []
    labels = [column.column for column in graph.columns[table] if column.label]
    if labels:
        found.append(Signal(False, 1 if document else 2, f"{labels[0]} names its rows"))
    people = personal(graph.tables[table].columns)
    if people:
        found.append(Signal(False, 0.5 if document else 1.5, f"{people[0]} describes somebody who can be reached"))
    readers = [c for c in graph.child_tables(table) if not _named_within(graph, c, table)]
    readers = [c for c in readers if c not in before or before[c].role not in {"excluded", "history"}]
    if readers:
        points = 1.0 if document else {1: 1.0, 2: 1.5}.get(len(readers), 2.5)
        said = f"{len(readers)} tables refer" if len(readers) > 1 else f"{readers[0][1]} refers"
        found.append(Signal(False, points, f"{said} to it"))
    if words[-1] in v.ENTITY_WORDS and not document and not _line(words):
        found.append(Signal(False, 2.5, f"{a(words[-1])} is a thing, not an event"))
    elif words[-1] in (v.CLASSES | v.PLACES) and not document and not _crossed(graph, table):
        counted = words[-1] in v.CLASSES and any(c.additivity in _SUMMED for c in graph.columns[table])
        found.append(Signal(False, 1 if counted else 3, f"{a(words[-1])} is one of a list of values"))
    return [*found, *_plainness(graph, table)]


_SUMMED = ("additive", "semi_additive")


def _line(words: tuple[str, ...]) -> bool:
    return len(words) > 1 and words[-1] in v.LINES


def _plainness(graph: Graph, table: TableKey) -> list[Signal]:
    found: list[Signal] = []
    if not graph.parents[table]:
        found.append(Signal(False, 1.5, "it refers to no other table"))
    if not any(column.additivity == "additive" for column in graph.columns[table]):
        found.append(Signal(False, 1, "nothing in it can be summed"))
    if not event_dates(graph, table):
        found.append(Signal(False, 1, "no date says when something happened"))
    texts = graph.of(table, "attribute")
    if len(texts) > 3:
        found.append(Signal(False, 1, f"{len(texts)} columns describe it"))
    return found


# ------------------------------------------------------------------ finer roles


def _refined(graph: Graph, table: TableKey, roles: Roles, profile: Profile) -> TableRole:
    """Facts without anything to sum are events, small dimensions that others describe themselves by are lookups."""
    role = roles[table]
    words = graph.names.words(table)
    word = words[-1]
    sums = any(column.additivity == "additive" for column in graph.columns[table])
    readers = [child for child in graph.child_tables(table) if roles[child].role in {"fact", "event", "dimension"}]
    if role.role in {"fact", "dimension"} and word in v.CONTENT and not sums and not readers:
        return _with(role, "child", f"{a(word)} hangs on another row, and nothing in it is counted")
    if role.role == "dimension" and not is_calendar(graph, table):
        says = _lookup(graph, table, roles, profile)
        return _with(role, "lookup", says) if says else role
    measured = any(column.use == "measure" for column in graph.columns[table])
    if role.role == "fact" and (word in v.EVENTS or "log" in words) and not measured and not graph.children[table]:
        return _with(role, "event", "it happens, and nothing in it can be summed")
    return role


def _with(role: TableRole, name: RoleName, says: str) -> TableRole:
    return TableRole(name, role.confidence, (Evidence(about="role", says=says), *role.evidence))


def _lookup(graph: Graph, table: TableKey, roles: Roles, profile: Profile) -> str:
    """Why a dimension is folded into what refers to it, instead of standing alone; empty where it is not."""
    readers = [c for c in graph.child_tables(table) if roles[c].role not in {"excluded", "history", "configuration"}]
    folding = [c for c in readers if roles[c].role != "bridge" or len(graph.parents[c]) > 2]
    if not folding or _long(graph, table, profile):
        return ""
    word = graph.names.words(table)[-1]
    says = [column for column in content(graph, table) if not (_trivial(column) or _remark(column))]
    if not says and graph.parents[table]:
        return "" if word in v.ENTITY_WORDS else "it only passes references on"
    if word in (v.CLASSES | v.PLACES):
        made = word in v.BUSINESS_PLACES and len(says) > 1 and _of_facts(folding, roles)
        listed = not made and len(says) <= _LISTED and not any(column.additivity == "additive" for column in says)
        return f"{a(word)} is one of a short list that describes {folding[0][1]}" if listed else ""
    if word in v.MAINSTAYS or personal(graph.tables[table].columns):
        return ""
    if word in v.ENTITY_WORDS:
        small = len(says) <= 3 and len(readers) == 1 and roles[folding[0]].role in {"dimension", "lookup"}
    else:
        small = len(says) <= 1 or (len(says) <= 3 and len(folding) <= 2 and not _of_facts(folding, roles))
    return f"{len(says)} columns that describe {folding[0][1]}" if small else ""


_LISTED = 15
"""A place or a class may say so much of itself and still be a list of values."""


def _remark(column: ColumnRole) -> bool:
    return not column.label and words_of(column.column)[-1] in {"description", "desc", "comment", "note", "remark"}


def _of_facts(readers: Sequence[TableKey], roles: Roles) -> bool:
    return any(roles[reader].role in {"fact", "event"} for reader in readers)


def _long(graph: Graph, table: TableKey, profile: Profile) -> bool:
    """Whether it has more rows than a list of values, and is no place or part of one that is folded whole anyway."""
    known = profile.get(table) if profile else None
    rows = known.rows if known else graph.tables[table].row_count
    folded_anyway = graph.names.words(table)[-1] in v.PLACES
    return rows is not None and rows > _MANY_ROWS and not folded_anyway and bool(graph.parents[table]) is False


def owner(graph: Graph, roles: Mapping[TableKey, TableRole], table: TableKey) -> Relationship | None:
    """The reference from a fact to the document it belongs to (line to header, payment to order), or None.

    A parent fact that the name holds, else one that is part of the key, else the only one that is always given, else
    the one that all others refer to.
    """
    found = [
        relationship
        for relationship in graph.parents[table]
        if roles[relationship.ref_table].role in {"fact", "event"}
        and graph.is_key(relationship.ref_table, relationship.ref_columns)
    ]
    named = [r for r in found if _named_within(graph, table, r.ref_table)]
    if named:
        return max(named, key=lambda r: len(graph.names.words(r.ref_table)))
    keyed = [r for r in found if set(r.columns) <= set(graph.primary[table])]
    given = [r for r in found if not any(_optional(graph, table, column) for column in r.columns)]
    for certain in (keyed, found, given):
        if len(certain) == 1:
            return certain[0]
    parents = {r.ref_table for r in found}
    roots = [r for r in found if all(r.ref_table in graph.parent_tables(p) for p in parents - {r.ref_table})]
    return roots[0] if len(roots) == 1 else None


def _optional(graph: Graph, table: TableKey, column: str) -> bool:
    mapping = graph.tables[table].column(column)
    return mapping is None or mapping.nullable
