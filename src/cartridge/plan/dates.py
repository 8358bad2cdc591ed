"""The generated date dimension: one row per day, over the dates of the facts that read it."""

from __future__ import annotations

from collections.abc import Sequence

from cartridge.domain.plan import DataTest, DateSpan, ModelDetail, ModelInput, OutputColumn

_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("date_day", "date", "The day. Identifies the row."),
    ("year_number", "integer", "Calendar year."),
    ("quarter_of_year", "integer", "Quarter of the calendar year, 1 to 4."),
    ("month_of_year", "integer", "Month of the calendar year, 1 to 12."),
    ("day_of_month", "integer", "Day of the month, 1 to 31."),
    ("day_of_week_iso", "integer", "ISO day of the week: Monday is 1, Sunday is 7."),
    ("day_of_year", "integer", "Day of the calendar year, 1 to 366."),
    ("is_weekend", "boolean", "Whether the day is a Saturday or a Sunday."),
    ("month_start_date", "date", "First day of the day's month."),
    ("quarter_start_date", "date", "First day of the day's quarter."),
    ("year_start_date", "date", "First day of the day's year."),
)
"""Columns of the dimension: (name, type, description). The names follow the dbt_date package."""


def date_dimension(spans: Sequence[DateSpan]) -> ModelDetail:
    """One row per day from the first to the last date in `spans`, whole years."""
    models = list(dict.fromkeys(span.model for span in spans))
    tests = (
        DataTest(name="unique", basis="default", because="one row per day by construction"),
        DataTest(name="not_null", basis="default", because="one row per day by construction"),
    )
    return ModelDetail(
        role="date",
        inputs=tuple(ModelInput(alias=model, model=model) for model in models),
        columns=tuple(
            OutputColumn(
                name=name,
                data_type=data_type,
                role="key" if name == "date_day" else "attribute",
                description=description,
                tests=tests if name == "date_day" else (),
            )
            for name, data_type, description in _COLUMNS
        ),
        grain=("date_day",),
        grain_says="one row per day",
        date_spans=tuple(spans),
    )
