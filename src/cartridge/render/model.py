"""The SQL of intermediate models and marts: joins, aggregates, unions."""

from __future__ import annotations

from cartridge.domain.plan import Join, ModelDetail, ModelInput, OutputColumn
from cartridge.errors import PlanError
from cartridge.render import jinja_text
from cartridge.render.identifier import identifier
from cartridge.render.incremental import incremental_filter
from cartridge.render.sql import (
    INDENT,
    Target,
    aliased,
    free_name,
    import_cte,
    model,
    model_ending,
    select,
    string,
)

_AGGREGATES = {
    "sum": "sum({})",
    "min": "min({})",
    "max": "max({})",
    "average": "avg({})",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
}


def model_sql(detail: ModelDetail, target: Target, config: str = "") -> str:
    """The text of an intermediate model or mart that reads other models.

    Raises:
        PlanError: it has no columns, or a column, join or key names no input.
    """
    if not detail.inputs or not detail.columns:
        raise PlanError("its inputs or columns are not known")
    aliases = [read.alias for read in detail.inputs]
    ctes = [
        (target.name(read.alias), import_cte(read.model, incremental_filter(detail, read.alias, target)))
        for read in detail.inputs
        if not _inline(detail, target)
    ]
    if detail.role == "union":
        name, body = "unioned", _union(detail, target)
    elif detail.group_by:
        name, body = "aggregated", _select(detail, target)
    else:
        name, body = ("joined" if detail.joins else "final"), _select(detail, target)
    if target.style["last_select"] == "direct" or not ctes:
        return model_ending(ctes, body, config)
    name = dict(target.style.traits).get("final_cte", name)
    return model((*ctes, (identifier(free_name(name, aliases), target.warehouse), body)), config)


def _inline(detail: ModelDetail, target: Target) -> bool:
    """Whether models are read where they are used, as the project does, rather than in CTEs of their own."""
    return target.style["imports"] == "inline" and not (
        detail.materialized == "incremental" and detail.incremental_cursor
    )


def _relation(alias: str, detail: ModelDetail, target: Target) -> str:
    """What a `from` or `join` names for an input: its CTE, or the model itself under its alias."""
    if not _inline(detail, target):
        return target.name(alias)
    model_name = next(read.model for read in detail.inputs if read.alias == alias)
    relation = jinja_text.expression("ref", model_name)
    return f"{relation} as {target.name(alias)}" if detail.joins else relation


def _select(detail: ModelDetail, target: Target) -> str:
    _check(detail)
    single = not detail.joins
    expressions = {column.name: expression(column, target, single=single) for column in detail.columns}
    columns = [
        aliased(expressions[column.name], target.name(column.name), target.column(column.alias, column.name))
        for column in detail.columns
    ]
    source = "\n".join(
        (_relation(detail.inputs[0].alias, detail, target), *(_join(join, detail, target) for join in detail.joins))
    )
    missing = [name for name in (*detail.group_by, *detail.filled) if name not in expressions]
    if missing:
        raise PlanError(f"group_by or filled names no column of the model: {', '.join(missing)}")
    filled = [f"{expressions[name]} is not null" for name in detail.filled]
    return select(columns, source, where=filled, group_by=[expressions[name] for name in detail.group_by])


def _check(detail: ModelDetail) -> None:
    """Every alias that is used is read, and joined before it is used."""
    known = {read.alias for read in detail.inputs}
    joined = {detail.inputs[0].alias}
    for join in detail.joins:
        for key in join.keys:
            if key.left_alias not in joined:
                raise PlanError(f"the join of {join.alias!r} reads {key.left_alias!r}, which is not joined before it")
        if join.alias not in known or not join.keys:
            raise PlanError(f"the join of {join.alias!r} has no input of that alias, or no keys")
        joined.add(join.alias)
    for column in detail.columns:
        if column.alias is not None and column.alias not in joined:
            raise PlanError(f"column {column.name!r} reads {column.alias!r}, which is not joined")


def _join(join: Join, detail: ModelDetail, target: Target) -> str:
    conditions = [
        f"{target.column(key.left_alias, key.left_column)} = {target.column(join.alias, key.right_column)}"
        for key in join.keys
    ]
    head = f"{join.kind} join {_relation(join.alias, detail, target)}"
    if len(conditions) == 1:
        return f"{head}\n{INDENT}on {conditions[0]}"
    return f"{head}\n{INDENT}on\n{INDENT * 2}" + f"\n{INDENT * 2}and ".join(conditions)


def expression(column: OutputColumn, target: Target, *, single: bool) -> str:
    """What a column is made of. Where only one model is read (`single`) its columns bear no prefix.

    Raises:
        PlanError: it is a product without a factor.
    """
    if column.function == "count_rows":
        return "count(*)"
    alias = None if single else column.alias
    text = target.column(alias, column.column or column.name)
    if column.function in {"product", "sum_product"}:
        if column.factor is None:
            raise PlanError(f"column {column.name!r} is a product without a factor")
        text = f"{text} * {target.column(alias, column.factor)}"
    if column.function == "sum_product":
        text = f"sum({text})"
    elif column.function in _AGGREGATES:
        text = _AGGREGATES[column.function].format(text)
    return f"coalesce({text}, 0)" if column.fill_zero else text


def _union(detail: ModelDetail, target: Target) -> str:
    """Every input selects every column by its name; the label says which input a row comes from."""
    parts = []
    for read in detail.inputs:
        columns = [_union_column(column, detail, read, target) for column in detail.columns]
        parts.append(select(columns, _relation(read.alias, detail, target)))
    return "\n\nunion all\n\n".join(parts)


def _union_column(column: OutputColumn, detail: ModelDetail, read: ModelInput, target: Target) -> str:
    name = target.name(column.name)
    if column.name == detail.union_label:
        return f"{jinja_text.escape(string(read.label or read.model, target.warehouse))} as {name}"
    return aliased(expression(column, target, single=True), name)
