"""Tables that no mart should read: the application's machinery, the loader's, left-overs, history, configuration."""

from __future__ import annotations

from collections.abc import Callable

from cartridge.domain.schema import TableKey
from cartridge.plan.describe import article
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import personal, words_of
from cartridge.plan.star.design import RoleName
from cartridge.plan.star.graph import Graph
from cartridge.plan.types import is_moment
from cartridge.plan.words import snake

Verdict = tuple[RoleName, float, str]
"""(role, confidence, why)."""


def technical(graph: Graph, table: TableKey) -> Verdict | None:
    """The verdict over a table that is not for analysis, or None. The rules are asked in order of certainty."""
    for rule in _RULES:
        verdict = rule(graph, table)
        if verdict:
            return verdict
    return None


def _framework(graph: Graph, table: TableKey) -> Verdict | None:
    name = snake(table[1])
    if name in v.FRAMEWORK_TABLES or table[1].lower() in v.FRAMEWORK_TABLES:
        return "excluded", 0.95, "a framework or migration tool keeps its own state here"
    if name in v.UNREFERENCED_FRAMEWORK_TABLES and not (graph.children[table] or graph.parents[table]):
        return "excluded", 0.8, "frameworks keep a table of this name, and no key leads to it or from it"
    if table[1].lower().startswith(v.FRAMEWORK_PREFIXES) or name in v.LOADER_TABLES:
        return "excluded", 0.95, "the name's beginning belongs to a loader or framework"
    if table[0].lower() not in v.FRAMEWORK_SCHEMAS or set(graph.names.words(table)) & v.PEOPLE:
        return None
    beside = any(schema != table[0] for schema, _ in graph.tables)
    return ("excluded", 0.8, f"the schema {table[0]} is the platform's own") if beside else None


def _leftover(graph: Graph, table: TableKey) -> Verdict | None:
    words = words_of(table[1])
    ends = ({words[0], words[-1]} & v.LEFTOVERS) - graph.names.affixes if len(words) > 1 else set()
    if ends:
        word = sorted(ends)[0]
        role: RoleName = "history" if word.startswith("archiv") else "excluded"
        return role, 0.9, f"the word {word} marks a copy of what another table holds"
    return None


def _machinery(graph: Graph, table: TableKey) -> Verdict | None:
    words = graph.names.words(table)
    known = [word for word in words if word in v.MACHINERY]
    if len(known) == len(words) and (len(words) > 1 or not (graph.children[table] or graph.parents[table])):
        return "excluded", 0.85, "every word of its name is of the application's machinery"
    if v.LOADER_MARKS & set(words):
        return "excluded", 0.8, "a record of what the application or the loader did"
    if len(words) > 1 and words[-1] in {"queue", "lock", "cache", "token", "job", "session_token", "nonce"}:
        return "excluded", 0.75, f"a {words[-1]} is part of the application's machinery"
    return None


def _no_columns(graph: Graph, table: TableKey) -> Verdict | None:
    if not graph.tables[table].columns:
        return "excluded", 0.95, "it has no columns"
    if all(column.use == "omit" for column in graph.columns[table]):
        return "excluded", 0.9, "it holds nothing but technical columns"
    return None


def _unreadable(graph: Graph, table: TableKey) -> Verdict | None:
    """A table that adds to its parent only what no mart takes (embeddings, pictures, passwords)."""
    omitted = [column for column in graph.of(table, "omit") if column.because in {"binary or search data", "a secret"}]
    rest = graph.of(table, "attribute", "measure", "date", "degenerate")
    if omitted and not rest and not graph.children[table]:
        return "excluded", 0.85, f"besides keys it holds only what no mart takes ({omitted[0].column})"
    return None


def _history(graph: Graph, table: TableKey) -> Verdict | None:
    words = words_of(table[1])
    marked = {"history", "hist", "version", "revision", "snapshot", "audit", "log"} & set(words[-1:])
    if marked and len(words) > 1:
        twin = _twin(graph, table, words[:-1])
        if twin:
            return "history", 0.85, f"it repeats the columns of {twin[1]}: earlier states of the same rows"
    key = [graph.tables[table].column(name) for name in graph.primary[table]]
    moments = [column.name for column in key if column and is_moment(column.data_type)]
    held = {column for reference in graph.parents[table] for column in reference.columns}
    own = any(name not in held for name in graph.primary[table] if name not in moments)
    if own and moments and ({"history", "hist"} & set(words[-1:]) or moments[0] == "_fivetran_start"):
        return "history", 0.8, f"its key holds the moment {moments[0]}: every state of a row that there was"
    names = [set(words_of(column.name)) for column in graph.tables[table].columns]
    begins = any(
        {"start", "from", "begin", "effective"} & name and {"date", "valid", "at", "time", "dt"} & name
        for name in names
    )
    ends = any(
        {"end", "to", "until", "thru", "through"} & name and {"date", "valid", "at", "time", "dt"} & name
        for name in names
    )
    if begins and ends and {"history", "hist", "version", "revision"} & set(words):
        return "history", 0.8, "rows are valid from one date to another: states of its parent over time"
    return None


def _twin(graph: Graph, table: TableKey, words: tuple[str, ...]) -> TableKey | None:
    """The table of the same schema whose columns this one repeats."""
    mine = {column.name.lower() for column in graph.tables[table].columns}
    for other in graph.alike.get((table[0], words), ()):
        theirs = {column.name.lower() for column in graph.tables[other].columns}
        if other != table and len(mine & theirs) >= 0.6 * len(theirs):
            return other
    return None


def _configuration(graph: Graph, table: TableKey) -> Verdict | None:
    words = graph.names.words(table)
    unused = not graph.children[table]
    if words[-1] in v.SETTINGS and unused and not _sums(graph, table):
        return "configuration", 0.8, f"a {words[-1]} tells the application how to behave, and nothing refers to it"
    names = [words_of(column.name) for column in graph.tables[table].columns]
    pairs = any(name in {("key",), ("name",), ("setting",), ("parameter",)} for name in names) and ("value",) in names
    if pairs and unused and not graph.parents[table] and len(names) <= 6:
        return "configuration", 0.7, "a list of names and values that nothing refers to"
    return None


def _access(graph: Graph, table: TableKey) -> Verdict | None:
    words = set(graph.names.words(table))
    key = graph.names.words(table)[-2:]
    if key[-1] in {"credential", "apikey"} or (key[-1] == "key" and key[0] in _DOORS):
        return (
            "excluded",
            0.75,
            f"{article(' '.join(key))} opens the application to somebody, and is no matter of analysis",
        )
    tokens = any("token" in words_of(column.name) for column in graph.tables[table].columns)
    if tokens and key[-1] in _WAYS_IN and not (graph.children[table] or _sums(graph, table)):
        return "excluded", 0.75, "it holds the tokens by which somebody logs in"
    if words & v.ACCESS and len(graph.parents[table]) < 2 and not _sums(graph, table):
        return "excluded", 0.75, "who may do what in the application is no matter of analysis"
    roles = words & {"role", "group"}
    readers = graph.child_tables(table)
    given = [c for c in readers if set(graph.names.words(c)) & v.PEOPLE and roles & set(graph.names.words(c))]
    small = len(graph.of(table, "attribute", "measure")) <= 3 and not graph.parents[table]
    if roles and small and given and len(given) == len(readers):
        return "excluded", 0.6, f"only {given[0][1]} refers to it: who may do what in the application"
    return None


_DOORS = frozenset({"api", "access", "ssh", "secret", "signing", "license"})
"""What keys are for that are kept in tables."""


_WAYS_IN = frozenset({"account", "authentication", "authorization", "identity", "login", "session"})
"""What is a matter of logging in where it holds a token and nothing refers to it."""


def _isolated(graph: Graph, table: TableKey) -> Verdict | None:
    """In a schema whose tables are related, a small table that meets none of them and counts nothing."""
    if graph.parents[table] or graph.children[table] or graph.selves[table]:
        return None
    if graph.related * 2 < len(graph.tables) or len(graph.tables) < 4:
        return None
    content = graph.of(table, "attribute", "measure", "date", "degenerate", "foreign_key")
    entity = set(graph.names.words(table)[-1:]) & v.NOUNS
    if len(content) <= 6 and not (entity or _sums(graph, table) or graph.of(table, "date") or _people(graph, table)):
        return "excluded", 0.6, "no key leads to it or from it, and it has neither dates nor amounts"
    return None


def _sums(graph: Graph, table: TableKey) -> bool:
    return any(column.additivity == "additive" for column in graph.columns[table])


def _people(graph: Graph, table: TableKey) -> bool:
    return bool(personal(graph.tables[table].columns))


_RULES: tuple[Callable[[Graph, TableKey], Verdict | None], ...] = (
    _framework, _leftover, _no_columns, _machinery, _unreadable, _history, _configuration, _access, _isolated,
)  # fmt: skip
