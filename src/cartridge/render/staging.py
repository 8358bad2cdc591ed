"""The SQL of a staging model: one source table, renamed and grouped, nothing joined, nothing summed."""

from __future__ import annotations

import re
from itertools import groupby

from cartridge.domain.plan import StagedColumn, StagingDetail
from cartridge.errors import PlanError
from cartridge.render import jinja_text
from cartridge.render.identifier import identifier
from cartridge.render.sql import Target, aliased, free_name, model, model_ending, select

_HEADINGS = {
    "id": "-- ids",
    "string": "-- strings",
    "numeric": "-- numerics",
    "boolean": "-- booleans",
    "date": "-- dates",
    "timestamp": "-- timestamps",
    "semi_structured": "-- semi-structured",
    "metadata": "-- metadata",
}
_ORDER = {group: place for place, group in enumerate(_HEADINGS)}


def in_order(columns: tuple[StagedColumn, ...]) -> list[StagedColumn]:
    """The columns by group: ids, strings, numerics, booleans, dates, timestamps, semi-structured, metadata."""
    return sorted(columns, key=lambda column: _ORDER[column.group])


def staging_sql(detail: StagingDetail, target: Target, config: str = "") -> str:
    """The text of a staging model.

    Raises:
        PlanError: it has no columns, or a cast names a type that is not known.
    """
    if not detail.columns:
        raise PlanError("it selects no columns")
    style = target.style
    relation = jinja_text.expression("source", detail.source, detail.source_table)
    source = _cte(style["source_cte"], detail, target)
    if style["shape"].startswith("star") and all(column.source == column.name for column in detail.columns):
        if style["shape"] == "star":
            gap = " " if style["star_line"] == "one line" else "\n\n"
            return model_ending((), f"select *{gap}from {relation}", config)
        return model(((source, f"select * from {relation}"),), config)  # noqa: S608 - the names are escaped
    columns = _select_list(detail, target)
    if style["shape"] == "no cte":
        return model_ending((), select(columns, relation), config)
    renamed = free_name(_cte(style["renamed_cte"], detail, target), {source})
    if style["shape"] == "one cte":
        return model(((renamed, select(columns, relation)),), config)
    imported = (source, f"select * from {relation}")  # noqa: S608 - the names are escaped
    if style["shape"] == "source cte":
        return model_ending((imported,), select(columns, source), config)
    return model((imported, (renamed, select(columns, source))), config)


def _select_list(detail: StagingDetail, target: Target) -> list[str]:
    """The columns by group, each group under a heading where the project has such."""
    lines: list[str] = []
    headings = target.style["headings"] == "yes"
    for group, columns in groupby(in_order(detail.columns), key=lambda column: column.group):
        if headings:
            lines += [""] * bool(lines) + [_HEADINGS[group].replace("--", target.style["heading_dashes"], 1)]
        lines.extend(_column(column, target) for column in columns)
    return lines


def _cte(name: str, detail: StagingDetail, target: Target) -> str:
    """A CTE's name, `{table}` replaced by the source table's."""
    table = re.sub(r"\W+", "_", detail.source_table, flags=re.ASCII).lower()
    plain = name.replace("{table}", table.upper() if name.replace("{table}", "T").isupper() else table)
    written = identifier(plain.lower(), target.warehouse)
    return plain if written == plain.lower() else written  # a CTE may be called in capitals: it is read so, too


def _column(column: StagedColumn, target: Target) -> str:
    original, name = target.source_name(column.source), target.name(column.name)
    if column.cast:
        return f"{target.cast(original, column.cast)} as {name}"
    return aliased(original, name)
