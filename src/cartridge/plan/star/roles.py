"""The role of every table: the plain cases first, then signals for and against, then the finer roles.

Signals are weighed in two rounds, because a table that refers to a fact (a line to its header) and one that facts refer
to are told apart only by the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import Relationship, TableKey, TableProfile
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import mentions, personal, words_of
from cartridge.plan.star.design import ColumnRole, RoleName, TableRole
from cartridge.plan.star.graph import Graph
from cartridge.plan.star.shapes import (
    content,
    event_dates,
    foreign_columns,
    is_calendar,
    is_list,
    is_name_and_value,
    is_tracked,
    is_trivial,
    polymorphic,
)
from cartridge.plan.star.signals import a, scored_role
from cartridge.plan.star.technical import technical

_MANY_ROWS = 2000
"""A list of values longer than this is no lookup."""
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
                scored[table] = scored_role(graph, table, before)
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
    if is_tracked(graph, table):
        sums = any(column.additivity == "additive" for column in graph.columns[table])
        says = "rows as a collector of events writes them: who acted, when it was sent and received"
        return _role("fact" if sums else "event", 0.9, says)
    bridge = _bridge(graph, table)
    if bridge:
        return bridge
    return _child(graph, table)


def _bridge(graph: Graph, table: TableKey) -> TableRole | None:
    """A table that joins two others many-to-many and says next to nothing itself."""
    parents = graph.parents[table]
    readers = set(graph.child_tables(table)) - set(graph.parent_tables(table))
    if len(parents) + len(polymorphic(graph, table)) < 2 or readers:
        return None
    foreign, key = foreign_columns(parents), graph.primary[table]
    keyed = bool(key) and set(key) <= foreign
    if any(graph.one_to_one(relationship) for relationship in parents):
        return None
    if len(key) > 1 and any(column not in foreign and not is_trivial(ColumnRole(column, "key")) for column in key):
        return None
    things = [r for r in parents if not is_list(graph, r.ref_table) and not _says_who_did(r)]
    rest = [column for column in content(graph, table) if column.column not in foreign]
    words = graph.names.words(table)
    sums = [c for c in rest if c.use == "measure" and not mentions(words_of(c.column), _WEIGHTS)]
    pairs = polymorphic(graph, table)
    texts = [c for c in rest if c.use in {"attribute", "degenerate"} and not is_trivial(c) and c.column not in pairs]
    dates = [column for column in rest if column.use == "date" and not column.because]
    if sums or len(texts) > 1 or (dates and not keyed) or (len(things) > 2 and (dates or not keyed)):
        return None
    if not keyed and (texts or words[-1] in v.TRANSACTIONS):
        return None
    ends = " and ".join([*dict.fromkeys(relationship.ref_table[1] for relationship in parents), *pairs])
    says = f"it pairs {ends} and holds nothing else to count or describe"
    return _role("bridge", 0.9 if keyed and not rest else 0.75, says)


def _says_who_did(reference: Relationship) -> bool:
    """Whether a reference is to who made the row what it is (`invited_by_id`): that is nothing that the row pairs."""
    return "by" in words_of(reference.columns[-1])


_WEIGHTS = frozenset({"percent", "pct", "percentage", "share", "ratio", "per"})
"""What a bridge may say of its pair: which part of the whole falls on it."""


def _child(graph: Graph, table: TableKey) -> TableRole | None:
    """A list inside a document: unnested by the loader, or keyed by its parent and a place in the list."""
    names = {column.name.lower() for column in graph.tables[table].columns}
    sums = any(column.additivity == "additive" for column in graph.columns[table])
    if is_name_and_value(graph, table):
        return _role("child", 0.8, "names and values that hang on another row")
    if names & _UNNESTED:
        if sums:
            return _role("fact", 0.75, "lines of a document, unnested by the loader, with amounts to sum")
        return _role("child", 0.85, "a list inside a document, unnested by the loader, with nothing to sum")
    key, parents = set(graph.primary[table]), graph.parents[table]
    inside = [r for r in parents if set(r.columns) < key]
    listed = {parent for parent in graph.parent_tables(table) if not is_list(graph, parent)}
    alone = len(listed) == 1 and listed <= {relationship.ref_table for relationship in inside}
    silent = not sums and not event_dates(graph, table) and not graph.children[table]
    if alone and silent and not key <= foreign_columns(parents):
        says = f"its key is that of {min(listed)[1]} and a place in a list, with nothing to count"
        return _role("child", 0.75, says)
    return None


_UNNESTED = frozenset({"_dlt_parent_id", "_airbyte_parent_hashid", "_sdc_source_key_id", "_sdc_level_0_id"})


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
    says = [column for column in content(graph, table) if not (is_trivial(column) or _remark(column))]
    if not says and graph.parents[table]:
        return "" if word in v.ENTITY_WORDS else "it only passes references on"
    if word in (v.CLASSES | v.PLACES):
        made = word in v.BUSINESS_PLACES and len(says) > 1 and _of_facts(folding, roles)
        listed = not made and len(says) <= _LISTED and not any(column.additivity == "additive" for column in says)
        return f"{a(word)} is one of a short list that describes {folding[0][1]}" if listed else ""
    things = [parent for parent in graph.parent_tables(table) if not is_list(graph, parent)]
    if word in v.MAINSTAYS or personal(graph.tables[table].columns) or len(things) > 1:
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
