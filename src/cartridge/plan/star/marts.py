"""Which marts are worth having, and what is in each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cartridge.domain.plan import Evidence
from cartridge.domain.schema import TableKey
from cartridge.plan.star.columns import is_insertion, words_of
from cartridge.plan.star.design import MartDesign, TableRole
from cartridge.plan.star.folds import MAX_JOINS, folds, line_amounts, rollups
from cartridge.plan.star.graph import Graph
from cartridge.plan.star.names import unique_names
from cartridge.plan.star.ownership import owner
from cartridge.plan.star.shapes import content, event_dates, is_calendar
from cartridge.plan.star.signals import refers_elsewhere
from cartridge.plan.star.vocabulary import ENTITY_WORDS, MAINSTAYS
from cartridge.plan.types import is_moment

Roles = Mapping[TableKey, TableRole]

DATE_MART = "dates"
_TELLING_COLUMNS = 4
"""A dimension that no mart reads stands alone only if it says at least so much."""


def marts(graph: Graph, roles: Roles) -> tuple[MartDesign, ...]:
    """Facts, dimensions, bridges and the date dimension, each in the order of the tables."""
    facts = [table for table in graph.tables if roles[table].role in {"fact", "event"} and _worth(graph, roles, table)]
    dimensions = _dimensions(graph, roles, facts)
    standing = {*facts, *dimensions}
    bridges = [t for t in graph.tables if roles[t].role == "bridge" and _joins(graph, roles, t, standing)]
    plain = [(table, graph.names.plural(table)) for table in (*facts, *dimensions, *bridges)]
    spans = _date_columns(graph, facts)
    calendar = any(is_calendar(graph, table) for table in dimensions)
    names = unique_names(plain, () if calendar or not spans else (DATE_MART,))
    designed = [_fact(graph, roles, table, names[table]) for table in facts]
    designed += [_dimension(graph, roles, table, names[table]) for table in dimensions]
    designed += [_bridge(graph, roles, table, names[table]) for table in bridges]
    if spans and not calendar:
        designed.append(_dates(spans))
    return tuple(designed)


def _joins(graph: Graph, roles: Roles, bridge: TableKey, standing: Collection[TableKey]) -> bool:
    """Whether a bridge joins two marts; lists that only classify the pair do not count."""
    ends = [r.ref_table for r in graph.parents[bridge] if roles[r.ref_table].role != "lookup"]
    return len(ends) > 1 and all(end in standing for end in ends)


def _worth(graph: Graph, roles: Roles, table: TableKey) -> bool:
    """Whether a fact deserves a mart: it has something to count by, and is no log of the application."""
    words = set(graph.names.words(table))
    measured = any(column.additivity == "additive" for column in graph.columns[table])
    if words & {"log", "audit", "trail"} and not measured and len(graph.parents[table]) < 2:
        return False
    return bool(graph.parents[table] or graph.of(table, "date", "measure")) or refers_elsewhere(graph, table)


def _dimensions(graph: Graph, roles: Roles, facts: Sequence[TableKey]) -> list[TableKey]:
    """Dimensions that facts or their lookups refer to, that a bridge leads to, or that say much by themselves."""
    reached = _reached(graph, roles, facts)
    found = []
    for table in graph.tables:
        if roles[table].role != "dimension":
            continue
        alone = not graph.children[table] and not graph.parents[table]
        named = any(column.label for column in graph.columns[table])
        word = graph.names.words(table)[-1]
        says = len(content(graph, table))
        unknown = alone and named and word in ENTITY_WORDS and word not in MAINSTAYS
        telling = says >= (2 if word in MAINSTAYS else _TELLING_COLUMNS)
        if not facts or table in reached or telling or unknown or is_calendar(graph, table):
            found.append(table)
    return found


def _reached(graph: Graph, roles: Roles, facts: Sequence[TableKey]) -> set[TableKey]:
    """Tables that can be got to from the facts along references, and over bridges in both directions."""
    seen: set[TableKey] = set(facts)
    todo = list(facts)
    bridges = {table for table in graph.tables if roles[table].role == "bridge"}
    while todo:
        table = todo.pop()
        near = list(graph.parent_tables(table))
        near += [p for b in graph.child_tables(table) if b in bridges for p in graph.parent_tables(b)]
        for other in near:
            if other not in seen and roles[other].role in {"dimension", "lookup", "fact", "event"}:
                seen.add(other)
                todo.append(other)
    return seen


def _fact(graph: Graph, roles: Roles, table: TableKey, name: str) -> MartDesign:
    children = rollups(graph, roles, table)
    folded, left = folds(graph, roles, table, MAX_JOINS - len(children))
    header = owner(graph, roles, table)
    says = f"One row per {_words(graph, table)}"
    if header is not None:
        says += f", with what its {_words(graph, header.ref_table)} says"
    if children:
        says += ", with " + " and ".join(_spoken(child.name) for child in children) + " summed"
    reasons = [("grain", "the finest rows of what happened")]
    if header is not None:
        reasons.append(
            ("fold", f"{header.ref_table[1]} is folded in without its amounts: on every line they would repeat")
        )
    reasons += [
        ("fold", f"{child.relationship.table[1]} is summed before the join, so that no row multiplies")
        for child in children
    ]
    reasons += [("left_out", sentence) for sentence in left]
    return MartDesign(
        "fact", name, table, graph.columns[table], folded, children, line_amounts(graph, table),
        evidence=_evidence(reasons), description=says + ".",
    )  # fmt: skip


def _dimension(graph: Graph, roles: Roles, table: TableKey, name: str) -> MartDesign:
    folded, left = folds(graph, roles, table)
    says = f"One row per {_words(graph, table)}"
    whole = [fold.alias.replace("_", " ") for fold in folded]
    if whole:
        says += ", with its " + _listed(whole)
    reasons = [("fold", fold.because) for fold in folded] + [("left_out", sentence) for sentence in left]
    return MartDesign(
        "dimension", name, table, graph.columns[table], folded, evidence=_evidence(reasons), description=says + "."
    )


def _bridge(graph: Graph, roles: Roles, table: TableKey, name: str) -> MartDesign:
    ends = _listed([_words(graph, p) for p in graph.parent_tables(table) if roles[p].role != "lookup"])
    return MartDesign(
        "bridge", name, table, graph.columns[table], folds(graph, roles, table)[0],
        evidence=_evidence([("grain", "many-to-many: joining it to a fact would multiply rows")]),
        description=f"One row per pair of {ends}.",
    )  # fmt: skip


def _dates(spans: Sequence[tuple[TableKey, str]]) -> MartDesign:
    return MartDesign(
        "date", DATE_MART, None, date_columns=tuple(spans),
        evidence=_evidence([("role", f"{_dates_of(spans)} can be grouped by month, quarter and year")]),
        description="One row per day, over all dates of the facts.",
    )  # fmt: skip


def _dates_of(spans: Sequence[tuple[TableKey, str]]) -> str:
    return f"{spans[0][1]} of {spans[0][0][1]}" if len(spans) == 1 else f"{len(spans)} dates of facts"


def _date_columns(graph: Graph, facts: Sequence[TableKey]) -> list[tuple[TableKey, str]]:
    """The dates by which facts are grouped: when something happened, else when its row was made."""
    found: list[tuple[TableKey, str]] = []
    for table in facts:
        happened = [column for column in event_dates(graph, table) if _typed(graph, table, column)]
        made = [c.column for c in graph.of(table, "date") if is_insertion(words_of(c.column))]
        found += [(table, column) for column in happened or [c for c in made if _typed(graph, table, c)][:1]]
    return found


def _typed(graph: Graph, table: TableKey, column: str) -> bool:
    """Whether a date has the type of one; text would need a cast that may fail."""
    return is_moment(_type(graph, table, column))


def _type(graph: Graph, table: TableKey, column: str) -> str:
    mapping = graph.tables[table].column(column)
    return mapping.data_type if mapping else ""


def _words(graph: Graph, table: TableKey) -> str:
    return _spoken(graph.names.singular(table))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _evidence(reasons: Sequence[tuple[str, str]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(about=about, says=says) for about, says in reasons)
