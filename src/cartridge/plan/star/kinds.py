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

_FAMILIES: tuple[tuple[TypeFamily, re.Pattern[str]], ...] = (
    (
        "semi_structured",
        re.compile(r"\[\]|\b(json\w*|variant|object|struct|record|map|array|list|super|hstore|xml|nested)\b"),
    ),
    (
        "other",
        re.compile(
            r"\b(interval|point|polygon|line|lseg|box|circle|path|geo\w+|tsvector|\w*range|inet|cidr|macaddr\d?)\b"
        ),
    ),
    ("uuid", re.compile(r"\b(uuid|uniqueidentifier|guid)\b")),
    ("boolean", re.compile(r"\b(bool|boolean)\b")),
    (
        "binary",
        re.compile(
            r"\b(blob|bytea|bytes|binary|varbinary|image|raw|long raw|tinyblob|mediumblob|longblob|rowversion)\b"
        ),
    ),
    ("timestamp", re.compile(r"\b(timestamp\w*|datetime\w*|smalldatetime)\b")),
    ("date", re.compile(r"\bdate(32)?\b")),
    ("time", re.compile(r"\btime\w*\b")),
    ("decimal", re.compile(r"\b(decimal\w*|numeric|bignumeric|bigdecimal|dec|fixed|money|smallmoney)\b")),
    ("float", re.compile(r"\b(float\d?|double|real|float64|float32|binary_float|binary_double)\b")),
    (
        "integer",
        re.compile(
            r"\b(u?int\w*|\w*(big|small|tiny|medium|huge)int|integer|\w*serial\d?|long|short|byteint|year|oid)\b"
        ),
    ),
    (
        "string",
        re.compile(r"\b(\w*char\w*|\w*text|string|clob|nclob|enum|set|character|name|sysname|bpchar|fixedstring)\b"),
    ),
)


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
