"""What a column's type means, whichever database wrote it.

Types arrive as their own catalogue prints them (`NUMBER(38,0)`, `character varying(20)`, `TIMESTAMP WITH TIME ZONE`),
so they are read by their words, not by one dialect's grammar.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

TypeFamily = Literal[
    "integer", "decimal", "float", "string", "boolean", "date", "timestamp", "time", "uuid", "semi_structured",
    "binary", "other",
]  # fmt: skip

_PATTERNS: tuple[tuple[TypeFamily, str], ...] = (
    ("semi_structured", r"\[\]|\b(json\w*|variant|object|struct|record|map|array|list|super|hstore|xml|nested)\b"),
    (
        "other",
        r"\b(interval|point|polygon|line|lseg|box|circle|path|geo\w+|tsvector|\w*range|inet|cidr|macaddr\d?)\b",
    ),
    ("uuid", r"\b(uuid|uniqueidentifier|guid)\b"),
    ("boolean", r"\b(bool|boolean)\b"),
    (
        "binary",
        r"\b(blob|bytea|bytes|binary|varbinary|image|raw|long raw|tinyblob|mediumblob|longblob|rowversion)\b",
    ),
    ("timestamp", r"\b(timestamp\w*|datetime\w*|smalldatetime)\b"),
    ("date", r"\bdate(32)?\b"),
    ("time", r"\btime\w*\b"),
    ("decimal", r"\b(decimal\w*|numeric|bignumeric|bigdecimal|dec|fixed|money|smallmoney)\b"),
    ("float", r"\b(float\d?|double|real|float64|float32|binary_float|binary_double)\b"),
    (
        "integer",
        r"\b(u?int\w*|\w*(big|small|tiny|medium|huge)int|integer|\w*serial\d?|long|short|byteint|year|oid)\b",
    ),
    ("string", r"\b(\w*char\w*|\w*text|string|clob|nclob|enum|set|character|name|sysname|bpchar|fixedstring)\b"),
)
_FAMILIES = tuple((family, re.compile(pattern)) for family, pattern in _PATTERNS)


@lru_cache(maxsize=4096)
def family(data_type: str) -> TypeFamily:
    """The family of a printed type; "other" where it is not known. `NUMBER(n)` with scale 0 is an integer."""
    words = data_type.lower().strip()
    number = re.match(r"(number|numeric|decimal)\s*(?:\(\s*\d+\s*(?:,\s*(-?\d+)\s*)?\))?$", words)
    if number:
        scale = number.group(2)
        whole = "(" in words and (scale is None or int(scale) <= 0)
        return "integer" if whole else "decimal"
    for found, pattern in _FAMILIES:
        if pattern.search(words):
            return found
    return "other"


def is_number(data_type: str) -> bool:
    """Whether sums and averages make sense of the type itself."""
    return family(data_type) in {"integer", "decimal", "float"}


def is_moment(data_type: str) -> bool:
    """Whether the type is a date or a timestamp."""
    return family(data_type) in {"date", "timestamp"}
