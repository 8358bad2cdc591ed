"""Families of data types: may a column of one type hold the key of another?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Family = Literal["integer", "decimal", "text", "uuid", "date", "timestamp", "boolean", "binary", "nested", "unknown"]

_RULES: tuple[tuple[str, Family], ...] = (
    (r"^bool|^bit$|^bit\(1\)|^tinyint\(1\)$", "boolean"),
    (r"\[\]$|^array|^list|^map|^struct|json|^variant|^object|^super$|^xml|^hstore|^row\(", "nested"),
    (r"geograph|geometr|^point|^polygon|vector", "nested"),
    (r"blob|binary|^bytea|^bytes|^image|^raw|^varbyte", "binary"),
    (r"^u?(big|small|tiny|medium|huge|byte|long)?int(eger)?\d*\b|serial|^long$|^short$|^byte$", "integer"),
    (r"^(number|numeric|decimal|dec)(\(\s*\d+\s*(,\s*0\s*)?\))?$|^fixed$|^year$", "integer"),
    (r"^(number|numeric|decimal|dec)\b|^float|^real|^double|money|^bignumeric", "decimal"),
    (r"uuid|^uniqueidentifier|^guid", "uuid"),
    (r"char|text|string|clob|^enum|^set\(|^sysname|^name$|rowversion", "text"),
    (r"^date$", "date"),
    (r"time", "timestamp"),
)


@lru_cache(maxsize=8192)
def family(data_type: str) -> Family:
    """The family of a type as a database prints it; `unknown` for domains, user types and no type at all."""
    text = data_type.strip().lower()
    return next((name for rule, name in _RULES if re.search(rule, text)), "unknown")


_MEETING = {frozenset(("uuid", "text")), frozenset(("date", "timestamp"))}


def may_meet(first: str, second: str) -> bool:
    """Whether values of the two types can be equal without a cast that changes them.

    Unknown types meet any that is not plainly another user type; whole numbers of any width meet.
    """
    one, other = family(first), family(second)
    if "unknown" in (one, other):
        return one != other or first.strip().lower() == second.strip().lower() or not (first and second)
    return one == other or frozenset((one, other)) in _MEETING


def can_be_key(data_type: str) -> bool:
    """Whether one column of that type can name a row."""
    return family(data_type) not in ("boolean", "binary", "nested")
