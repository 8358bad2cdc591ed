"""Types of any warehouse, as DuckDB has them, and the kind of values that they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from sqlglot import exp
from sqlglot.errors import SqlglotError

Kind = Literal[
    "integer", "decimal", "float", "boolean", "text", "date", "timestamp", "time", "interval", "uuid", "bytes", "json",
    "list", "enum",
]  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What a column holds. `low` and `high` bound integers; `length` is that of a text, in characters; `precision` and
    `scale` are a decimal's. `written_as` is the kind that a text spells out, where it is cast to one later."""

    kind: Kind
    duckdb: str
    low: int = 0
    high: int = 0
    length: int | None = None
    precision: int = 18
    scale: int = 2
    values: tuple[str, ...] = ()
    inner: Shape | None = None
    written_as: Shape | None = field(default=None)


_T = exp.DataType.Type
_INTEGERS = {
    _T.TINYINT: ("TINYINT", 2**7), _T.SMALLINT: ("SMALLINT", 2**15), _T.INT: ("INTEGER", 2**31),
    _T.MEDIUMINT: ("INTEGER", 2**23), _T.BIGINT: ("BIGINT", 2**63), _T.INT128: ("HUGEINT", 2**63),
    _T.INT256: ("HUGEINT", 2**63), _T.UTINYINT: ("UTINYINT", 2**8), _T.USMALLINT: ("USMALLINT", 2**16),
    _T.UINT: ("UINTEGER", 2**32), _T.UBIGINT: ("UBIGINT", 2**63), _T.UMEDIUMINT: ("UINTEGER", 2**24),
    _T.SMALLSERIAL: ("SMALLINT", 2**15), _T.SERIAL: ("INTEGER", 2**31), _T.BIGSERIAL: ("BIGINT", 2**63),
    _T.YEAR: ("INTEGER", 2100),
}  # fmt: skip
_SIMPLE: dict[Any, tuple[Kind, str]] = {
    _T.BOOLEAN: ("boolean", "BOOLEAN"), _T.BIT: ("boolean", "BOOLEAN"),
    _T.FLOAT: ("float", "REAL"), _T.DOUBLE: ("float", "DOUBLE"),
    _T.DATE: ("date", "DATE"), _T.DATE32: ("date", "DATE"),
    _T.DATETIME: ("timestamp", "TIMESTAMP"), _T.DATETIME2: ("timestamp", "TIMESTAMP"),
    _T.DATETIME64: ("timestamp", "TIMESTAMP"), _T.SMALLDATETIME: ("timestamp", "TIMESTAMP"),
    _T.TIMESTAMP: ("timestamp", "TIMESTAMP"), _T.TIMESTAMPNTZ: ("timestamp", "TIMESTAMP"),
    _T.TIMESTAMP_S: ("timestamp", "TIMESTAMP"), _T.TIMESTAMP_MS: ("timestamp", "TIMESTAMP"),
    _T.TIMESTAMP_NS: ("timestamp", "TIMESTAMP"), _T.TIMESTAMPTZ: ("timestamp", "TIMESTAMPTZ"),
    _T.TIMESTAMPLTZ: ("timestamp", "TIMESTAMPTZ"), _T.TIME: ("time", "TIME"), _T.TIMETZ: ("time", "TIME"),
    _T.INTERVAL: ("interval", "INTERVAL"), _T.UUID: ("uuid", "UUID"), _T.BIGNUM: ("float", "DOUBLE"),
    _T.BINARY: ("bytes", "BLOB"), _T.VARBINARY: ("bytes", "BLOB"), _T.BLOB: ("bytes", "BLOB"),
    _T.TINYBLOB: ("bytes", "BLOB"), _T.MEDIUMBLOB: ("bytes", "BLOB"), _T.LONGBLOB: ("bytes", "BLOB"),
    _T.IMAGE: ("bytes", "BLOB"), _T.ROWVERSION: ("bytes", "BLOB"),
    _T.JSON: ("json", "JSON"), _T.JSONB: ("json", "JSON"), _T.VARIANT: ("json", "JSON"), _T.SUPER: ("json", "JSON"),
    _T.OBJECT: ("json", "JSON"), _T.STRUCT: ("json", "JSON"), _T.MAP: ("json", "JSON"),
}  # fmt: skip
_DECIMALS = {_T.DECIMAL, _T.BIGDECIMAL, _T.DECIMAL32, _T.DECIMAL64, _T.DECIMAL128, _T.DECIMAL256, _T.UDECIMAL}
_MONEY = {_T.MONEY, _T.SMALLMONEY}
_TEXTS = {_T.CHAR, _T.NCHAR, _T.VARCHAR, _T.NVARCHAR, _T.FIXEDSTRING, _T.BPCHAR}
_ENUM = re.compile(r"'((?:[^']|'')*)'")
_MOST_DIGITS = 38
TEXT = Shape("text", "VARCHAR")


@lru_cache(maxsize=4096)
def shape_of(data_type: str, dialect: str | None = None) -> Shape:
    """The shape of a type as its own database writes it; what nobody knows is text.

    Geography, network addresses, full-text vectors, ranges, XML and the like are text: DuckDB has no such types, and a
    plan passes them through.
    """
    if re.match(r"\s*(enum|set)\d*\s*\(", data_type, re.IGNORECASE):
        values = tuple(match.replace("''", "'") for match in _ENUM.findall(data_type))
        return Shape("enum", "VARCHAR", values=values) if values else TEXT
    try:
        parsed = exp.DataType.build(data_type, dialect=dialect)
    except (SqlglotError, ValueError):
        return TEXT
    return _shape(parsed)


def _shape(parsed: exp.DataType) -> Shape:
    kind = parsed.this
    if kind in _INTEGERS:
        name, end = _INTEGERS[kind]
        return Shape("integer", name, low=0, high=end - 1)
    if kind in _SIMPLE:
        simple, name = _SIMPLE[kind]
        return Shape(simple, name)
    if kind in _DECIMALS or kind in _MONEY:
        return _decimal(parsed, money=kind in _MONEY)
    if kind in (_T.ARRAY, _T.LIST):
        inner = _inner(parsed)
        return Shape("list", f"{inner.duckdb}[]", inner=inner)
    if kind in _TEXTS:
        numbers = _numbers(parsed)
        return replace(TEXT, length=numbers[0] if numbers and numbers[0] > 0 else None)
    return TEXT


def _decimal(parsed: exp.DataType, *, money: bool) -> Shape:
    numbers = _numbers(parsed)
    precision = numbers[0] if numbers and not money else 18
    scale = numbers[1] if len(numbers) > 1 else 0 if numbers and not money else 2
    if not 0 < precision <= _MOST_DIGITS or not 0 <= scale <= precision:
        return Shape("float", "DOUBLE")
    return Shape("decimal", f"DECIMAL({precision}, {scale})", precision=precision, scale=scale)


def _inner(parsed: exp.DataType) -> Shape:
    inner = next((item for item in parsed.expressions if isinstance(item, exp.DataType)), None)
    return _shape(inner) if inner is not None else TEXT


def _numbers(parsed: exp.DataType) -> list[int]:
    texts = [item.name or item.sql() for item in parsed.expressions]
    return [int(text) for text in texts if re.fullmatch(r"\d+", text)]
