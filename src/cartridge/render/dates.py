"""The generated date dimension: one row per day, in the SQL of every warehouse, without a package.

The days reach from the first day of the earliest year to the last day of the latest year of the dates it spans, so that
no year is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from cartridge.domain.plan import DateSpan, ModelDetail
from cartridge.domain.warehouse import Warehouse
from cartridge.errors import PlanError
from cartridge.render.sql import INDENT, Target, free_name, import_cte, model, select

_DAYS: dict[Warehouse, str] = {
    "duckdb": (
        "select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as date_day\nfrom bounds"
    ),
    "postgres": (
        "select cast(generate_series(first_day, last_day, interval '1 day') as date) as date_day\nfrom bounds"
    ),
    "bigquery": (
        "select date_day\nfrom bounds\ncross join unnest(generate_date_array(first_day, last_day)) as date_day"
    ),
    "databricks": "select explode(sequence(first_day, last_day, interval 1 day)) as date_day\nfrom bounds",
    "spark": "select explode(sequence(first_day, last_day, interval 1 day)) as date_day\nfrom bounds",
    "snowflake": (
        "select cast(dateadd(day, cast(offsets.value as integer), bounds.first_day) as date) as date_day\n"
        "from bounds\n"
        "cross join lateral flatten(\n"
        "    input => array_generate_range(0, datediff(day, bounds.first_day, bounds.last_day) + 1)\n"
        ") as offsets"
    ),
    "redshift": (
        "select cast(dateadd(day, numbers.number, bounds.first_day) as date) as date_day\n"
        "from bounds\n"
        "inner join numbers\n"
        "    on numbers.number <= datediff(day, bounds.first_day, bounds.last_day)"
    ),
}
_DIGITS = "\nunion all\n".join(f"select {digit} as digit" for digit in range(10))
_NUMBERS = (
    "select\n"
    "    ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit\n"
    "    + 10000 * ten_thousands.digit + 100000 * hundred_thousands.digit as number\n\n"
    "from digits as ones\n"
    "cross join digits as tens\n"
    "cross join digits as hundreds\n"
    "cross join digits as thousands\n"
    "cross join digits as ten_thousands\n"
    "cross join digits as hundred_thousands"
)

_WEEKDAY: dict[Warehouse, str] = {
    "redshift": "mod(cast(extract(dow from date_day) as integer) + 6, 7) + 1",
    "snowflake": "dayofweekiso(date_day)",
    "bigquery": "mod(extract(dayofweek from date_day) + 5, 7) + 1",
    "databricks": "weekday(date_day) + 1",
    "spark": "weekday(date_day) + 1",
}
_YEARDAY: dict[Warehouse, str] = {"snowflake": "dayofyear(date_day)", "bigquery": "extract(dayofyear from date_day)"}
_WEEK: dict[Warehouse, str] = {"snowflake": "weekiso(date_day)", "bigquery": "extract(isoweek from date_day)"}
_MONTH_NAME: dict[Warehouse, str] = {
    "duckdb": "monthname(date_day)",
    "postgres": "to_char(date_day, 'FMMonth')",
    "redshift": "trim(to_char(date_day, 'Month'))",
    "snowflake": "to_char(date_day, 'MMMM')",
    "bigquery": "format_date('%B', date_day)",
    "databricks": "date_format(date_day, 'MMMM')",
    "spark": "date_format(date_day, 'MMMM')",
}


def _truncated(unit: str, day: str, target: Target) -> str:
    if target.warehouse == "bigquery":
        return f"date_trunc({day}, {unit})"
    return f"cast(date_trunc('{unit}', {day}) as date)"


def _year_end(day: str, target: Target) -> str:
    """The last day of the year: built from its number, which no warehouse does in another way than the next."""
    if target.warehouse == "bigquery":
        return f"date(extract(year from {day}), 12, 31)"
    if target.warehouse in {"duckdb", "databricks", "spark"}:
        return f"make_date(cast(extract(year from {day}) as int), 12, 31)"
    if target.warehouse == "postgres":
        return f"make_date(cast(extract(year from {day}) as integer), 12, 31)"
    if target.warehouse == "snowflake":
        return f"date_from_parts(year({day}), 12, 31)"
    return f"cast(dateadd(day, -1, dateadd(year, 1, date_trunc('year', {day}))) as date)"


def _part(name: str, target: Target) -> str:
    """The expression of one column of the dimension. The names follow the dbt_date package.

    Raises:
        PlanError: no such column is known.
    """
    warehouse = target.warehouse
    weekday = _WEEKDAY.get(warehouse, "extract(isodow from date_day)")
    parts = {
        "date_day": "date_day",
        "year_number": "extract(year from date_day)",
        "quarter_of_year": "extract(quarter from date_day)",
        "month_of_year": "extract(month from date_day)",
        "month_name": _MONTH_NAME[warehouse],
        "iso_week_of_year": _WEEK.get(warehouse, "extract(week from date_day)"),
        "day_of_month": "extract(day from date_day)",
        "day_of_week_iso": weekday,
        "day_of_year": _YEARDAY.get(warehouse, "extract(doy from date_day)"),
        "is_weekend": f"{weekday} in (6, 7)",
        "month_start_date": _truncated("month", "date_day", target),
        "quarter_start_date": _truncated("quarter", "date_day", target),
        "year_start_date": _truncated("year", "date_day", target),
    }
    if name not in parts:
        raise PlanError(f"a date dimension has no column {name!r}. Known: {', '.join(parts)}")
    text = parts[name]
    if name.endswith(("_number", "_of_year", "_of_month", "_iso")):
        text = f"cast({text} as {'int64' if warehouse == 'bigquery' else 'integer'})"
    return text


def date_sql(detail: ModelDetail, target: Target, config: str = "") -> str:
    """The text of a generated date dimension.

    Raises:
        PlanError: it spans no date column, or asks for a column that is not known.
    """
    if not detail.date_spans or not detail.columns:
        raise PlanError("a date dimension needs date_spans and columns")
    models = list(dict.fromkeys(span.model for span in detail.date_spans))
    own = {"spans", "bounds", "digits", "numbers", "days", "final"}
    aliases = {read.model: read.alias for read in detail.inputs}
    names = {name: target.name(free_name(aliases.get(name, name), own)) for name in models}
    ctes = [(names[name], import_cte(name)) for name in models]
    ctes.append(("spans", "\n\nunion all\n\n".join(_span(span, names, target) for span in detail.date_spans)))
    first, last = _truncated("year", "min(first_day)", target), _year_end("max(last_day)", target)
    ctes.append(("bounds", select((f"{first} as first_day", f"{last} as last_day"), "spans")))
    if target.warehouse == "redshift":
        ctes += [("digits", _DIGITS), ("numbers", _NUMBERS)]
    ctes += [("days", _DAYS[target.warehouse]), ("final", select(_columns(detail, target), "days"))]
    return model(ctes, config)


def _span(span: DateSpan, names: dict[str, str], target: Target) -> str:
    day = target.cast(target.name(span.column), "date")
    return f"select\n{INDENT}min({day}) as first_day,\n{INDENT}max({day}) as last_day\nfrom {names[span.model]}"


def _columns(detail: ModelDetail, target: Target) -> Sequence[str]:
    columns = []
    for column in detail.columns:
        text, name = _part(column.column or column.name, target), target.name(column.name)
        columns.append(text if text == name else f"{text} as {name}")
    return columns
