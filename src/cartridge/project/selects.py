"""The columns that a SQL query selects. Imports sqlglot: import this module only where it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sqlglot
from sqlglot import errors, exp

_DEPTH = 12
_DIALECTS = {"postgresql": "postgres", "sqlserver": "tsql", "fabric": "tsql", "synapse": "tsql", "athena": "trino"}

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Selected:
    """What a query selects: its columns in order (None where they cannot be told), the columns that it names of the
    relations asked for, and (column, name) of those that it passes on, as they are or cast."""

    columns: Columns | None = None
    reads: Columns | None = None
    passed: tuple[tuple[str, str], ...] | None = None


def selected(
    sql: str, warehouse: str | None, relation: Callable[[str], Columns | None], sources: frozenset[str]
) -> Selected:
    """What a query selects. `relation` knows the columns of a table, `sources` are the tables whose columns are looked
    for."""
    dialect = _DIALECTS.get(warehouse or "", warehouse or "")
    known = {member.value for member in sqlglot.Dialects}
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect if dialect in known else None)
        over = _over(tree, sources)
        return Selected(_Query(relation).columns(tree), _reads(over), _passed(over))
    except (errors.SqlglotError, RecursionError, ValueError):
        return Selected()


def _over(tree: exp.Expr, sources: frozenset[str]) -> list[exp.Select]:
    """The selects over the sources alone, or over a query that passes all of a source on."""
    selects = list(tree.find_all(exp.Select, bfs=False)) if sources else []
    same = set(sources)
    for select in selects:  # those of CTEs come in their order, each after those that it reads
        if isinstance(select.parent, exp.CTE) and _only_table(select) in same and _passes_all(select):
            same.add(select.parent.alias)
    return [select for select in selects if _only_table(select) in same]


def _reads(over: Iterable[exp.Select]) -> Columns:
    """The columns that selects name of what they read."""
    found: dict[str, None] = {}
    for select in over:
        aliases = {item.alias for item in select.expressions if item.alias}
        names = (column.name for column in select.find_all(exp.Column) if not column.is_star)
        found |= dict.fromkeys(name for name in names if name not in aliases or _plain_of(select, name))
    return tuple(found)


def _passed(over: Iterable[exp.Select]) -> tuple[tuple[str, str], ...]:
    """(column, name) of what selects pass on."""
    found: dict[tuple[str, str], None] = {}
    for item in (item for select in over for item in select.expressions):
        value = item.unalias()
        while isinstance(value, exp.Cast | exp.Paren):
            value = value.this
        if isinstance(value, exp.Column) and not value.is_star and item.output_name:
            found[value.name, item.output_name] = None
    return tuple(found)


def _only_table(select: exp.Select) -> str | None:
    """The one table that a select reads; None where it reads several, or a query."""
    start = select.args.get("from_") or select.args.get("from")
    table = start.this if start is not None else None
    return table.name if isinstance(table, exp.Table) and not select.args.get("joins") else None


def _passes_all(select: exp.Select) -> bool:
    return [type(item) for item in select.expressions] == [exp.Star]


def _plain_of(select: exp.Select, name: str) -> bool:
    """Whether an output of that name is made from a column of that name, so that the column is the source's."""
    return any(
        item.alias == name and any(column.name == name for column in item.find_all(exp.Column))
        for item in select.expressions
    )


@dataclass
class _Query:
    """A query inside of others: `ctes` are the common table expressions that it sees."""

    relation: Callable[[str], Columns | None]
    ctes: dict[str, exp.Expr] = field(default_factory=dict)
    level: int = 0

    def columns(self, query: exp.Expr) -> Columns | None:
        """The columns of a select, of the first select of a union, or of what parentheses hold."""
        while isinstance(query, exp.Subquery | exp.SetOperation):
            self._see(query)
            query = query.left if isinstance(query, exp.SetOperation) else query.this
        if not isinstance(query, exp.Select) or self.level > _DEPTH:
            return None
        self._see(query)
        found: list[str] = []
        for column in query.expressions:
            part = self._star(query, column) if column.is_star else (column.output_name,)
            if part is None:
                return None
            found.extend(name for name in part if name)
        return tuple(dict.fromkeys(found))

    def _see(self, query: exp.Query | exp.Subquery) -> None:
        self.ctes = {**self.ctes, **{cte.alias: cte.this for cte in query.ctes}}

    def _star(self, query: exp.Select, star: exp.Expr) -> Columns | None:
        """The columns that `*` or `table.*` stands for; None with any exception to it."""
        wanted = star.table if isinstance(star, exp.Column) else ""
        inner = star.this if isinstance(star, exp.Column) else star
        if any(inner.args.values()):
            return None
        start = query.args.get("from_") or query.args.get("from")
        tables = [part.this for part in [start, *(query.args.get("joins") or [])] if part is not None]
        found: list[str] = []
        for table in tables:
            if wanted and table.alias_or_name != wanted:
                continue
            columns = self._table(table)
            if columns is None:
                return None
            found.extend(columns)
        return tuple(found)

    def _table(self, table: exp.Expr) -> Columns | None:
        inner = _Query(self.relation, self.ctes, self.level + 1)
        if isinstance(table, exp.Subquery):
            return inner.columns(table)
        query = self.ctes.get(table.name)
        return inner.columns(query) if query is not None else self.relation(table.name)
