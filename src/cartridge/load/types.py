"""Which DuckDB type a column of another database becomes.

| declared | becomes | if all values |
|---|---|---|
| any integer | BIGINT (unsigned 64 bit: HUGEINT) | are integers |
| DECIMAL(p,s), NUMERIC(p,s) | DECIMAL(p,s) | are exact in it |
| DECIMAL, NUMERIC, MONEY | in keys BIGINT, else DECIMAL(18,4), else DECIMAL(38,10) | are exact in it |
| REAL, FLOAT, DOUBLE | DOUBLE | are numbers |
| BOOLEAN | BOOLEAN | are 0, 1, true or false |
| DATE | DATE, else TIMESTAMP | parse, and have no time of day |
| DATETIME, TIMESTAMP | TIMESTAMP, else TIMESTAMP WITH TIME ZONE | parse |
| TIME | TIME | parse |
| UUID, JSON | UUID, JSON | parse |
| binary, BLOB | BLOB | |
| text | VARCHAR; DATE or TIMESTAMP | are written in the ISO form, and the column is in no key |
| anything else | what its values are | |

Where one value does not, the column keeps the type in which its values are stored: BIGINT, DOUBLE, VARCHAR or BLOB.
Databases other than SQLite hold every value to its declared type, so there only DECIMAL without a size is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_INTEGER = re.compile(
    r"(TINY|SMALL|MEDIUM|BIG|U|UTINY|USMALL|UBIG|HUGE|LONG)?INT(EGER)?[0-9]*|(BIG|SMALL)?SERIAL[0-9]*|LONG"
)
_TEXT = re.compile(r".*(CHAR|TEXT|CLOB|STRING|ENUM|CITEXT|NAME)")
_BINARY = re.compile(r".*(BLOB|BINARY|BYTEA|BYTES|IMAGE|RAW)")
_REAL = re.compile(r"REAL|FLOAT[0-9]*|DOUBLE( PRECISION)?|BINARY_(FLOAT|DOUBLE)")
_DECIMAL = re.compile(r"DECIMAL|NUMERIC|NUMBER|(SMALL)?MONEY|DEC|FIXED")
_SIZE = re.compile(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_ZONED = "TIMESTAMP WITH TIME ZONE"

ISO_DATE = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s?([zZ]|[+-]\d{2}(:?\d{2})?)?)?"
"""The whole of a text that counts as a date or timestamp in a text column."""


@dataclass(frozen=True)
class Wanted:
    """The types to try for a column, best first. `only_iso`: not before every value is written in the ISO form."""

    types: tuple[str, ...] = ()
    only_iso: bool = False


def word_of(declared: str) -> str:
    """The words of a declared type in capitals, without sizes and modifiers: `numeric(10, 2)` -> `NUMERIC`."""
    bare = re.sub(r"\([^)]*\)", " ", declared.upper())
    bare = re.sub(r"\b(UNSIGNED|SIGNED|ZEROFILL|IDENTITY|COLLATE\s+\S+|CHARACTER SET\s+\S+|NOT NULL|NULL)\b", " ", bare)
    return " ".join(bare.split())


def wanted(declared: str, *, in_key: bool) -> Wanted:
    """The DuckDB types that a declaration asks for."""
    word = word_of(declared)
    if declared.rstrip().endswith("[]"):
        return Wanted()
    if _TEXT.match(word):
        return Wanted() if in_key else Wanted(("DATE", "TIMESTAMP", _ZONED), only_iso=True)
    if _DECIMAL.fullmatch(word):
        return Wanted(_decimals(declared, in_key=in_key))
    if _INTEGER.fullmatch(word):
        return Wanted(("BIGINT", "HUGEINT"))
    if _BINARY.match(word):
        return Wanted(("BLOB",))
    return Wanted(("DOUBLE",) if _REAL.fullmatch(word) else _SIMPLE.get(word, ()))


_SIMPLE: dict[str, tuple[str, ...]] = {
    "BOOL": ("BOOLEAN",),
    "BOOLEAN": ("BOOLEAN",),
    "BIT": ("BOOLEAN",),
    "DATE": ("DATE", "TIMESTAMP", _ZONED),
    "DATETIME": ("TIMESTAMP", _ZONED),
    "DATETIME2": ("TIMESTAMP", _ZONED),
    "SMALLDATETIME": ("TIMESTAMP", _ZONED),
    "TIMESTAMP": ("TIMESTAMP", _ZONED),
    "TIMESTAMP WITHOUT TIME ZONE": ("TIMESTAMP",),
    "TIMESTAMPTZ": (_ZONED,),
    "TIMESTAMP WITH TIME ZONE": (_ZONED,),
    "DATETIMEOFFSET": (_ZONED,),
    "TIME": ("TIME",),
    "TIME WITHOUT TIME ZONE": ("TIME",),
    "UUID": ("UUID",),
    "UNIQUEIDENTIFIER": ("UUID",),
    "JSON": ("JSON",),
    "JSONB": ("JSON",),
}


def _decimals(declared: str, *, in_key: bool) -> tuple[str, ...]:
    """A key is compared with other keys, which are mostly integers."""
    size = _SIZE.search(declared)
    if size is None:
        return (*(("BIGINT",) if in_key else ()), "DECIMAL(18,4)", "DECIMAL(38,10)")
    precision, scale = int(size[1]), int(size[2] or 0)
    return (f"DECIMAL({precision},{scale})",) if 0 < precision <= 38 and scale <= precision else ()


def storage_of(classes: frozenset[str]) -> str:
    """The type in which values of these storage classes are carried over: nothing is lost but the tail of integers
    beyond 2**53 that stand among reals."""
    if not classes:
        return "VARCHAR"
    if "blob" in classes:
        return "BLOB"
    if "text" in classes:
        return "VARCHAR"
    return "BIGINT" if classes == {"integer"} else "DOUBLE"


def declared_storage(declared: str) -> str:
    """The type in which values of a strictly typed database are carried over, decided by the declaration. Decimals,
    moments, UUIDs and JSON travel as text: DuckDB reads them as exactly as they were printed."""
    word = word_of(declared)
    types = wanted(declared, in_key=True).types
    if word in _SIMPLE and word not in ("BOOL", "BOOLEAN"):
        return "VARCHAR"
    if _DECIMAL.fullmatch(word):
        return "VARCHAR"
    if "UNSIGNED" in declared.upper() and types:
        return "HUGEINT" if "BIG" in word else types[0]
    if _BINARY.match(word):
        return "BLOB"
    return types[0] if types else "VARCHAR"


def carried(value: Any, storage: str) -> Any:
    """A value as DuckDB takes it under that storage type."""
    if value is None:
        return None
    if storage == "VARCHAR":
        return _as_text(value)
    if storage == "BLOB":
        return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else _as_text(value).encode()
    return value


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        import json  # noqa: PLC0415 - rarely needed

        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def fits(column: str, storage: str, target: str) -> str:
    """SQL that is true where a value that is not NULL can be that type without losing anything.

    `column` is a quoted name, `storage` the type it has now.
    """
    cast = f"try_cast({column} as {target})"
    text = f"{column}::varchar"
    offset = f"regexp_matches({text}, ':\\d{{2}}.*([zZ]|[+-]\\d{{2}}(:?\\d{{2}})?)$')"
    moments = {
        "DATE": f"{cast} = try_cast({column} as timestamp)",
        "TIMESTAMP": f"{cast} is not null and not {offset}",
        _ZONED: f"{cast} is not null",
        "TIME": f"{cast} is not null",
    }
    same_number = f"{cast}::double = try_cast({column} as double)"
    same_digits = f"{cast}::varchar = {text}" if storage == "VARCHAR" else same_number
    numbers = {
        "BIGINT": same_digits,
        "HUGEINT": same_digits,
        "BOOLEAN": f"lower({text}) in ('0', '1', 'true', 'false', 't', 'f')",
    }
    if storage == target:
        return "true"
    if "BLOB" in (storage, target) or (target in moments and storage != "VARCHAR"):
        return "false"  # text is no bytes, and nobody says whether a number counts days or seconds
    otherwise = same_number if target.startswith("DECIMAL") else f"{cast} is not null"
    return f"coalesce({(moments | numbers).get(target, otherwise)}, false)"
