"""Which columns may hold personal data, by their names and values: their values are never sampled."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cartridge.plan.languages import english
from cartridge.plan.words import singular, tokens, word_set

_WORDS = word_set("""
    address bic birth birthday birthdate comment credential dob email fax firstname forename fullname hash iban income
    ip lastname latitude login longitude message mobile nationality nickname note passport password patient phone pin
    postcode religion salary salt secret sin ssn street surname telephone token username wage zip
""")
_NAMED_AFTER = word_set("""
    first last middle full given family maiden user person people customer client employee staff member author owner
    patient guest student teacher driver nick contact display legal holder recipient sender billing ship shipping
""")
"""A `name` beside, or in a table called like, one of these is a person's."""
_VALUE = re.compile(r"@|\d{6,}|^\+?[\d\s().-]{7,}$")
_TWO_NAMES = re.compile(r"[A-Z]\w+[ ,]+[A-Z]\w+")
_LONGEST_VALUE = 60


def may_be_personal(table: str, column: str) -> bool:
    """Whether the name of a column says that it could hold data about a person."""
    words = _words(column)
    if words & _WORDS or "".join(tokens(column)) in _WORDS:
        return True
    around = words | _words(table)
    return "name" in words and bool(around & _NAMED_AFTER)


def _words(name: str) -> set[str]:
    """The words of a name as written, in the singular, and in English where they are of another language."""
    said = tokens(name)
    return {*said, *(singular(word) for word in said), *(part for word in said for part in english(word))}


def look_personal(values: Sequence[str]) -> bool:
    """Whether a value looks like an address or a long number or is too long to be a category, or most look like a
    person's first and last name."""
    if any(len(value) > _LONGEST_VALUE or _VALUE.search(value) for value in values):
        return True
    named = sum(1 for value in values if _TWO_NAMES.fullmatch(value))
    return named >= 3 and named >= 0.8 * len(values)
