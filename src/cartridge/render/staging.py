"""The SQL of a staging model: one source table, renamed and grouped, nothing joined, nothing summed."""

from __future__ import annotations

from itertools import groupby

from cartridge.domain.plan import StagedColumn, StagingDetail
from cartridge.errors import PlanError
from cartridge.render import jinja_text
from cartridge.render.sql import Target, aliased, model, select

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
    lines: list[str] = []
    for group, columns in groupby(in_order(detail.columns), key=lambda column: column.group):
        if lines:
            lines.append("")
        lines.append(_HEADINGS[group])
        lines.extend(_column(column, target) for column in columns)
    relation = jinja_text.expression("source", detail.source, detail.source_table)
    source = f"select * from {relation}"  # noqa: S608 - the names are escaped
    return model((("source", source), ("renamed", select(lines, "source"))), config)


def _column(column: StagedColumn, target: Target) -> str:
    original, name = target.source_name(column.source), target.name(column.name)
    if column.cast:
        return f"{target.cast(original, column.cast)} as {name}"
    return aliased(original, name)
