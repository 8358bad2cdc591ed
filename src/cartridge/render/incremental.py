"""Incremental models: their configuration, and the filter that reads only what is new."""

from __future__ import annotations

import re

from cartridge.domain.plan import ModelDetail, OutputColumn
from cartridge.domain.warehouse import Warehouse
from cartridge.errors import PlanError
from cartridge.render import jinja_text
from cartridge.render.sql import INDENT, Target, sql_type

_DAYS_BACK: dict[Warehouse, str] = {
    "duckdb": "{} - interval {} day",
    "postgres": "{} - interval '{} days'",
    "redshift": "{} - interval '{} days'",
    "snowflake": "dateadd(day, -{1}, {0})",
    "databricks": "{} - interval {} days",
    "spark": "{} - interval {} days",
}
_NUMBER = re.compile(r"int|num|dec", re.IGNORECASE)
_MOMENTS = (("timestamp", re.compile(r"timestamp|datetime", re.I)), ("date", re.compile(r"\bdate\b", re.I)))


def incremental_config(detail: ModelDetail, target: Target) -> list[tuple[str, str]]:
    """The settings besides `materialized`: the key by which rows are replaced, and how."""
    settings = []
    if detail.incremental_key:
        names = [jinja_text.string(target.name(name)) for name in detail.incremental_key]
        settings.append(("unique_key", names[0] if len(names) == 1 else f"[{', '.join(names)}]"))
    if target.warehouse == "spark":  # its default appends, and only these formats can replace rows
        settings += [("incremental_strategy", "'merge'"), ("file_format", "'delta'")]
    return settings


def incremental_filter(detail: ModelDetail, alias: str, target: Target) -> str:
    """The condition on the input that holds the cursor; nothing for all others.

    Raises:
        PlanError: the cursor is no column of the model.
    """
    if detail.materialized != "incremental" or not detail.incremental_cursor:
        return ""
    cursor = next((column for column in detail.columns if column.name == detail.incremental_cursor), None)
    if cursor is None:
        raise PlanError(f"the incremental cursor {detail.incremental_cursor!r} is no column of the model")
    if (cursor.alias or detail.inputs[0].alias) != alias:
        return ""
    newest = _newest(cursor, detail.incremental_lookback_days or 0, target)
    return (
        "{% if is_incremental() %}\n"
        f"{INDENT}where\n{INDENT * 2}{target.name(cursor.column or cursor.name)} >= (\n"
        f"{INDENT * 3}select {newest}\n"
        f"{INDENT * 3}from {{{{ this }}}} as existing\n"
        f"{INDENT * 2})\n"
        "{% endif %}"
    )


def _newest(cursor: OutputColumn, days: int, target: Target) -> str:
    """The newest value that is there, less the lookback; an empty table reads everything."""
    newest = f"max({target.column('existing', cursor.name)})"
    if _NUMBER.search(cursor.data_type):
        return f"coalesce({newest}, 0)"
    kind = next((kind for kind, pattern in _MOMENTS if pattern.search(cursor.data_type)), None)
    if days:
        if target.warehouse == "bigquery":
            newest = f"{_bigquery_unit(cursor)}_sub({newest}, interval {days} day)"
        else:
            newest = _DAYS_BACK[target.warehouse].format(newest, days)
    if kind is None:
        return newest
    data_type = _bigquery_unit(cursor) if target.warehouse == "bigquery" else sql_type(kind, target.warehouse)
    return f"coalesce({newest}, cast('1900-01-01' as {data_type}))"


def _bigquery_unit(cursor: OutputColumn) -> str:
    """Each of BigQuery's three kinds of moments has functions of its own."""
    words = cursor.data_type.lower()
    return next((unit for unit in ("timestamp", "datetime") if unit in words), "date")
