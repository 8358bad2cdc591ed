"""Single synthetic values: keys that no two tables share, and plain values that repeat. Pure and deterministic."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from cartridge.domain.schema import ColumnProfile
from cartridge.verify.shapes import Kind, Shape

_FIRST_DAY = date(2024, 1, 1)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_STRIDE = 1000
"""Between the first keys of two tables, so that a key of one table is found in no other by accident."""


def largest(shape: Shape) -> int:
    """The largest whole number that the shape holds; for a text, the one that its length can spell."""
    match shape.kind:
        case "integer":
            return shape.high
        case "decimal":
            return int(10 ** min(shape.precision - shape.scale, 15)) - 1
        case "boolean":
            return 1
        case "text" if shape.length is not None:
            return int(36 ** min(shape.length, 12)) - 1
        case "enum":
            return len(shape.values) - 1
        case _:
            return 10**9


def key_value(shape: Shape, table: int, row: int, limit: int) -> Any:
    """The key of row `row` in table `table` (counted from 1): unlike every other as far as `limit` allows."""
    first = table * _STRIDE + 1
    number = first + row if first + row <= limit else (table * 37 + row) % (limit + 1)
    return numbered(shape, number)


def numbered(shape: Shape, number: int) -> Any:
    """The value of a shape that stands for a number; different numbers give different values."""
    return _BY_KIND[shape.kind](shape, number)


def _day(_: Shape, number: int) -> date:
    return _FIRST_DAY + timedelta(days=number % 300_000)


def _moment(shape: Shape, number: int) -> datetime:
    moment = datetime(2024, 1, 1, 8, tzinfo=UTC) + timedelta(days=number % 300_000, minutes=number % 600)
    return moment if shape.duckdb == "TIMESTAMPTZ" else moment.replace(tzinfo=None)


def _text(shape: Shape, number: int) -> str:
    if shape.written_as is not None:
        value = numbered(shape.written_as, number)
        return value.isoformat(" ") if isinstance(value, datetime) else str(value)
    if shape.length is None or shape.length >= 12:
        return f"text {number}"
    text = ""
    while number or not text:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text.rjust(shape.length, "0")[-shape.length :]


_BY_KIND: Mapping[Kind, Callable[[Shape, int], Any]] = {
    "integer": lambda _, number: number,
    "decimal": lambda _, number: Decimal(number),
    "float": lambda _, number: float(number),
    "boolean": lambda _, number: bool(number % 2),
    "date": _day,
    "timestamp": _moment,
    "time": lambda _, number: time((number // 3600) % 24, (number // 60) % 60, number % 60),
    "interval": lambda _, number: timedelta(days=number),
    "uuid": lambda _, number: uuid.UUID(int=number + 1),
    "bytes": lambda _, number: f"bytes {number}".encode(),
    "json": lambda _, number: f'{{"number": {number}}}',
    "list": lambda shape, number: [numbered(shape.inner, number)] if shape.inner is not None else [],
    "enum": lambda shape, number: shape.values[number % len(shape.values)],
    "text": _text,
}


def plain_value(shape: Shape, number: int, profile: ColumnProfile | None, values: tuple[str, ...]) -> Any:
    """A value that is no key: one of few, within the measured range where there is one."""
    known = values or (profile.values if profile is not None else None)
    if known:
        return known[number % len(known)]
    measured = _within(shape, number, profile) if profile is not None else None
    return measured if measured is not None else _common(shape, number)


def _common(shape: Shape, number: int) -> Any:
    """A small number, a day of this year, or whatever else stands for the number."""
    match shape.kind:
        case "integer":
            return number % (min(shape.high, 50) + 1)
        case "decimal":
            whole = number % (min(largest(shape), 50) + 1)
            return (Decimal(whole) + Decimal("0.25")).quantize(Decimal(1).scaleb(-shape.scale))
        case "float":
            return number + 0.5
        case "date" | "timestamp":
            return numbered(shape, number * 17)
        case _:
            return numbered(shape, number)


def _within(shape: Shape, number: int, profile: ColumnProfile) -> Any:
    """A value between the measured minimum and maximum; None where they are no such values."""
    if profile.minimum is None or profile.maximum is None:
        return None
    try:
        match shape.kind:
            case "integer":
                low, high = int(profile.minimum), int(profile.maximum)
                return low + number % (high - low + 1)
            case "decimal" | "float":
                start, end = Decimal(profile.minimum), Decimal(profile.maximum)
                value = start + (end - start) * (number % 5) / 4
                step = Decimal(1).scaleb(-shape.scale)
                return value.quantize(step) if shape.kind == "decimal" else float(value)
            case "date":
                first, last = date.fromisoformat(profile.minimum[:10]), date.fromisoformat(profile.maximum[:10])
                return first + timedelta(days=(number * 17) % ((last - first).days + 1))
            case _:
                return None
    except (ValueError, ArithmeticError, OverflowError):
        return None
