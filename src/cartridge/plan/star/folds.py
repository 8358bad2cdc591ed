"""What is joined into a mart: parents along many-to-one chains, and children summed beforehand."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.keys.roles import ACTORS, PERSONS, WORKERS
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.columns import ID_ENDINGS, is_quantity, words_of
from cartridge.plan.star.design import ColumnRole, Fold, LineAmount, Rollup, RollupMeasure, TableRole
from cartridge.plan.star.graph import Graph, Path
from cartridge.plan.star.ownership import owner
from cartridge.plan.star.shapes import is_calendar
from cartridge.plan.types import family
from cartridge.plan.words import prefixed, singular, snake, tokens

MAX_JOINS = 6
MAX_LEVELS = 3
MAX_ROLLUPS = 3
_MANAGERS = frozenset({"manager", "supervisor", "boss", "report", "chief", "lead", "head"})

Roles = Mapping[TableKey, TableRole]
Step = tuple[int, Path, tuple[str, ...], str]
"""(rank, path, columns, why): the lower the rank, the rather it is joined."""


def folds(
    graph: Graph, roles: Roles, grain: TableKey, room: int = MAX_JOINS
) -> tuple[tuple[Fold, ...], tuple[str, ...]]:
    """At most `room` folds of a mart, parents before their own parents, and sentences on what found no room.

    Lookups are folded whole along their chain, the header into its line, a calendar's date; of a dimension that stands
    alone another dimension takes only the columns that name it.
    """
    steps = list(_steps(graph, roles, grain))
    chosen: list[Step] = []
    paths: set[Path] = set()
    left: list[str] = []
    for step in sorted(steps, key=lambda step: (step[0], len(step[1]))):
        missing = len([cut for cut in range(1, len(step[1]) + 1) if step[1][:cut] not in paths])
        if missing == 1 and len(chosen) < room:
            chosen.append(step)
            paths.add(step[1])
        else:
            way = ", ".join(column for edge in step[1] for column in edge.columns)
            left.append(f"{step[1][-1].ref_table[1]} by {way} is not joined: a model joins at most {MAX_JOINS}")
    chosen.sort(key=steps.index)
    aliases = _aliases(graph, [step[1] for step in chosen], [step[1] for step in steps])
    found = [Fold(path, alias, columns, why) for (_, path, columns, why), alias in zip(chosen, aliases, strict=True)]
    return tuple(found), tuple(dict.fromkeys(left))


def _steps(graph: Graph, roles: Roles, grain: TableKey) -> Iterator[Step]:
    """Every join worth having, nearest first."""
    for relationship in graph.selves[grain]:
        labels = _labels(graph, grain)
        if roles[grain].role == "dimension" and labels and graph.is_key(grain, relationship.ref_columns):
            yield 3, (relationship,), labels, "one level up: who or what it belongs to"
    queue: deque[Path] = deque((relationship,) for relationship in graph.parents[grain])
    while queue:
        path = queue.popleft()
        step = _step(graph, roles, grain, path)
        if step is None:
            continue
        yield step
        whole = step[0] < 3
        visited = {grain, *(r.ref_table for r in path)}
        if whole and len(path) < MAX_LEVELS:
            queue.extend((*path, r) for r in graph.parents[path[-1].ref_table] if r.ref_table not in visited)


def _step(graph: Graph, roles: Roles, grain: TableKey, path: Path) -> Step | None:
    """Whether the last table of a path is joined, and what is taken of it."""
    last = path[-1]
    table, child = last.ref_table, last.table
    if not graph.is_key(table, last.ref_columns):
        return None
    if is_calendar(graph, table):
        dates = tuple(c.column for c in graph.of(table, "date"))[:1] or tuple(graph.primary[table])[:1]
        return 2, path, dates, "the day itself, which is else only a number"
    if roles[table].role == "lookup":
        far = len(path) > 1 and roles[child].role in {"fact", "event"} and graph.names.words(table)[-1] in v.PLACES
        return None if far else (1, path, _whole(graph, table), f"{table[1]} describes {child[1]}")
    if owner(graph, roles, child) == last and roles[child].role in {"fact", "event"}:
        return 0, path, _header(graph, table), f"{child[1]} belongs to {table[1]}"
    outrigger = roles[child].role in {"dimension", "lookup"} and roles[grain].role == "dimension"
    outrigger = outrigger and not (_hub(graph, roles, table) and not graph.one_to_one(last))
    return _outrigger(graph, path) if outrigger and roles[table].role == "dimension" else None


def _hub(graph: Graph, roles: Roles, table: TableKey) -> bool:
    """Whether most of the schema refers to a table (the tenant): its name everywhere says nothing."""
    readers = [c for c in graph.child_tables(table) if roles[c].role not in {"excluded", "configuration", "history"}]
    return len(readers) > max(6, graph.related / 2)


def _outrigger(graph: Graph, path: Path) -> Step | None:
    """A dimension that another one refers to: whole where both are one thing (employee and person), else its name."""
    table, child = path[-1].ref_table, path[-1].table
    if graph.one_to_one(path[-1]):
        return 1, path, _whole(graph, table), f"each row of {child[1]} is one of {table[1]}"
    labels = _labels(graph, table)
    return (4, path, labels, f"the name of {table[1]}") if labels else None


def _whole(graph: Graph, table: TableKey) -> tuple[str, ...]:
    """All that a table says, but its place in a tree of its own: `parent_id` would mean another parent elsewhere."""
    tree = {column for relationship in graph.selves[table] for column in relationship.columns}
    columns = graph.of(table, "attribute", "degenerate", "date", "measure", "foreign_key")
    return tuple(c.column for c in columns if c.column not in tree)


def _header(graph: Graph, table: TableKey) -> tuple[str, ...]:
    """A header's columns without its measures, which would be summed too often on every line, and without documents
    (JSON), which would only grow the rows."""
    taken = graph.of(table, "attribute", "degenerate", "date", "foreign_key")
    return tuple(c.column for c in taken if not _is_document(graph, table, c.column))


def _is_document(graph: Graph, table: TableKey, column: str) -> bool:
    mapping = graph.tables[table].column(column)
    return mapping is not None and family(mapping.data_type) == "semi_structured"


def _labels(graph: Graph, table: TableKey) -> tuple[str, ...]:
    found = [c.column for c in graph.columns[table] if c.label]
    weak = {"description", "desc"}
    if any(words_of(name)[-1].endswith("name") for name in found):
        weak.add("title")  # of a person beside the names
    strong = [name for name in found if words_of(name)[-1] not in weak]
    return tuple(strong or found)[:3]


# ------------------------------------------------------------------ aliases


def _aliases(graph: Graph, paths: Sequence[Path], known: Sequence[Path]) -> list[str]:
    """The role that every path's last table plays, unique: the entity's name where one known path leads to it, else
    the column's (`billing_address`), with the parent's alias before it where that is not enough."""
    found: dict[Path, str] = {}
    targets = [path[-1].ref_table for path in known]
    stems = [_stem(graph, path[-1]) for path in known]
    for path in paths:
        stem = _stem(graph, path[-1])
        entity = graph.names.singular(path[-1].ref_table)
        once = targets.count(path[-1].ref_table) == 1
        itself = path[-1].table == path[-1].ref_table
        alias = entity if once and stem not in _MANAGERS and not itself and not _role(stem, entity) else stem
        if len(path) > 1 and not once and stems.count(stem) > 1 and path[:-1] in found:
            alias = f"{found[path[:-1]]}_{alias}"
        number, base = 2, alias
        while alias in found.values():
            alias, number = f"{base}_{number}", number + 1
        found[path] = alias
    return [found[path] for path in paths]


_ROLES = ACTORS | WORKERS | {"owner", "by"}


def _role(stem: str, entity: str) -> bool:
    """Whether a reference says in which role a person is meant: `owner` of `user`, `sales_rep` of `employee`."""
    last = stem.rpartition("_")[2]
    return singular(entity.rpartition("_")[2]) in PERSONS and last in (_ROLES - {entity})


def _stem(graph: Graph, relationship: Relationship) -> str:
    """What a reference's columns call the other table: `billing_address_id` -> billing_address."""
    entity = graph.names.singular(relationship.ref_table)
    own = relationship.table == relationship.ref_table
    words = list(tokens(relationship.columns[-1])) if len(relationship.columns) == 1 or own else []
    if own and set(words_of(relationship.columns[-1])) & _MANAGERS:
        return "manager"
    while len(words) > 1 and words[-1] in ID_ENDINGS | {"code", "no", "number"}:
        words.pop()
    managers = [word for word in words if word in _MANAGERS]
    if managers and set(words) - set(managers) <= set(entity.split("_")):
        return managers[0]  # manager_staff_id
    name = snake("_".join(words)) if words else entity
    if own and name == entity:
        return f"parent_{entity}"
    return name or entity


# ------------------------------------------------------------------ children


def rollups(graph: Graph, roles: Roles, grain: TableKey) -> tuple[Rollup, ...]:
    """The children of a fact that are worth summing to it: facts that belong to it and have something to sum."""
    found = []
    for relationship in graph.children[grain]:
        child = relationship.table
        if roles[child].role not in {"fact", "event"} or owner(graph, roles, child) != relationship:
            continue
        measures = _child_measures(graph, child)
        if measures and graph.is_key(grain, relationship.ref_columns) and not graph.one_to_one(relationship):
            found.append(Rollup(relationship, graph.names.plural(child), measures))
    return tuple(sorted(found, key=lambda rollup: _rank(graph, rollup))[:MAX_ROLLUPS])


def _rank(graph: Graph, rollup: Rollup) -> int:
    """Lines first, then what was paid, then the rest in the order of the tables."""
    word = graph.names.words(rollup.relationship.table)[-1]
    return 0 if word in v.LINES else 1 if word in {"payment", "transaction", "charge", "receipt"} else 2


def _child_measures(graph: Graph, child: TableKey) -> tuple[RollupMeasure, ...]:
    """Sums of what can be summed, averages of ratings, and the count; nothing where only the count is left."""
    entity = graph.names.singular(child)
    sums = [c.column for c in graph.of(child, "measure") if c.additivity == "additive"]
    found = [RollupMeasure(prefixed(entity, snake(column)), "sum", column) for column in sums]
    found += [
        RollupMeasure(prefixed(entity, amount.name), "sum_product", amount.quantity, amount.unit_price)
        for amount in line_amounts(graph, child)
    ]
    ratings = [
        c.column
        for c in graph.of(child, "measure", "attribute")
        if words_of(c.column)[-1] in {"rating", "score", "star"}
    ]
    found += [RollupMeasure(f"average_{prefixed(entity, snake(column))}", "average", column) for column in ratings[:1]]
    if not found:
        return ()
    return (*_distinct(found), RollupMeasure(f"{entity}_count", "count_rows"))


def _distinct(measures: Sequence[RollupMeasure]) -> tuple[RollupMeasure, ...]:
    return tuple({measure.name: measure for measure in measures}.values())


def line_amounts(graph: Graph, table: TableKey) -> tuple[LineAmount, ...]:
    """`quantity * unit_price` of a table that has one of each and no amount of its own."""
    measures = graph.of(table, "measure")
    quantities = [c.column for c in measures if c.additivity == "additive" and is_quantity(c.column)]
    prices = [c.column for c in measures if _unit_price(c)]
    sold = [price for price in prices if "cost" not in words_of(price)]
    prices = sold or prices
    amounts = [c for c in measures if c.additivity == "additive" and _amount(c.column)]
    if len(quantities) != 1 or len(prices) != 1 or amounts:
        return ()
    (quantity,), (price,) = quantities, prices
    discounted = any("discount" in words_of(c.column) for c in graph.columns[table])
    name = ("gross_" if discounted else "line_") + ("cost" if "cost" in words_of(price) else "amount")
    name += f"_{minor}" if (minor := tokens(price)[-1]) in _MINOR_UNITS else ""
    return (LineAmount(name, quantity, price, f"{quantity} times {price}, and no amount stands beside them"),)


_MINOR_UNITS = frozenset({"cents", "pence"})
"""Last words of amounts that are not in the currency's own unit; what is made of them says so too."""


def _unit_price(column: ColumnRole) -> bool:
    words = set(words_of(column.column))
    plain = words & {"price", "unitprice"} or (words & {"unit", "per"} and words & {"cost", "price", "rate", "amount"})
    return (
        column.additivity == "non_additive"
        and bool(plain)
        and not words & {"list", "old", "min", "max", "avg", "compare"}
    )


def _amount(column: str) -> bool:
    words = set(words_of(column))
    return bool(words & {"amount", "total", "subtotal", "revenue", "extended", "sale"}) and not words & {
        "tax", "discount", "shipping", "quantity", "freight", "adjustment", "weight", "refund", "tip", "promo",
    }  # fmt: skip
