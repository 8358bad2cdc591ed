"""What a table is called: the words that name it, without technical prefixes, and how people shorten them."""

from __future__ import annotations

from cartridge.plan.keys.vocabulary import PREPOSITIONS, Vocabulary
from cartridge.plan.languages import english
from cartridge.plan.words import word_set

_PREFIXES = word_set("""
    tbl tb t tab table dim d dimension fact fct f ref lkp lu lookup lov raw src mst master cfg vw v view xref x
""")
_SUFFIXES = word_set("""
    tbl tb tab table dim dimension fact fct mst master lkp lookup ref list catalog header headers hdr head entity
""")
COPIES = word_set("""
    staging stg tmp temp backup bak bkp archive archived history hist old copy audit log snapshot import
    deleted version scratch work wrk test sample
""")
"""Words that mark a table as a copy or trace of another."""

FULL, STRIPPED, TAIL = 0, 1, 2
"""How well a word names a table: its whole name, its name without technical prefixes, its last words."""


def forms_of(words: tuple[str, ...], bare: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, int]:
    """Every joined string that names the table, with how well it does."""
    forms: dict[str, int] = {}

    def add(some: tuple[str, ...], how: int) -> None:
        text = "".join(some)
        if text and (len(text) >= 2 or how == FULL) and how < forms.get(text, 9):
            forms[text] = how

    add(words, FULL)
    add(stripped(words, frozenset()), STRIPPED)
    if len(words) > 1 and words[-1].isdigit():
        add(words[:-1], STRIPPED)
    add(bare, STRIPPED)
    if meant := [english(word) for word in bare]:
        add(tuple(part for parts in meant for part in parts) if all(meant) else (), STRIPPED)
    cut = next((at for at, word in enumerate(bare) if word in PREPOSITIONS and at), len(bare))
    add(bare[:cut], STRIPPED)
    bare = bare[:cut]
    last = vocabulary.tail(bare[-1]) if bare else ()
    long = (*bare[:-1], *last)
    if len(long) > 2 and bare[0] not in COPIES:
        add((long[0], long[-1]), TAIL)
    if "calendar" in bare:
        add(("date",), TAIL)
    for start in range(1, 1 if bare[:1] and bare[0] in COPIES else len(long)):
        add(long[start:], TAIL)
    return forms


def stripped(words: tuple[str, ...], shared: frozenset[str]) -> tuple[str, ...]:
    """The words without technical prefixes and suffixes, nor those in `shared` at their beginning; one stays."""
    rest = list(words)
    while len(rest) > 1 and (rest[0] in shared or rest[0] in _PREFIXES):
        rest.pop(0)
    while len(rest) > 1 and rest[-1] in _SUFFIXES:
        rest.pop()
    return tuple(rest)


_KNOWN_SHORT = {
    "department": ("dept", "dep"), "address": ("addr", "adr"), "account": ("acct", "acc"), "manager": ("mgr",),
    "transaction": ("txn", "trx", "tran", "trans"), "payment": ("pmt", "pymt"), "quantity": ("qty",),
    "apartment": ("apt",), "appointment": ("appt", "apmt"), "country": ("ctry", "cntry"), "currency": ("curr", "ccy"),
    "group": ("grp",), "message": ("msg",), "user": ("usr",), "warehouse": ("whse", "wh"), "vendor": ("vend", "vnd"),
    "purchase": ("purch",), "invoice": ("inv",), "item": ("itm",), "location": ("loc",), "language": ("lang",),
    "customer": ("cust", "cst"), "employee": ("emp",), "product": ("prod", "prd"), "category": ("cat", "ctg"),
    "organization": ("org",), "organisation": ("org",), "supplier": ("supp", "sup"), "service": ("svc", "serv"),
    "household": ("hh", "hdemo"), "promotion": ("promo",), "building": ("bldg",),
    "equipment": ("equip", "eqp"), "journal": ("jrnl",), "material": ("mat", "matl"), "number": ("nr",),
    "position": ("pos",), "procedure": ("proc",), "project": ("proj", "prj"), "region": ("reg", "rgn"),
    "request": ("req",), "session": ("sess",), "shipment": ("shpmt", "ship"), "subscription": ("sub", "subs"),
}  # fmt: skip


def abbreviations(words: tuple[str, ...]) -> dict[str, int]:
    """How people shorten a table's name, with how much of it: the whole (FULL) or only its last word (TAIL).

    Well-known short forms, beginnings of two letters or more, the word without the ending of a foreign plural,
    consonants, and initials of several words.
    """
    if not words:
        return {}
    found = dict.fromkeys(_short_forms(words[-1]), TAIL)
    if len(words) == 1:
        found = dict.fromkeys(found, FULL)
    else:
        first, last = words[0], words[-1]
        whole = {"".join(word[0] for word in words)}
        whole |= {first[:a] + last[:b] for a in (1, 2, 3, 4) for b in (1, 2, 3, 4) if a < len(first)}
        whole |= {short + "".join(words[1:]) for short in _short_forms(first)}
        whole |= {"".join(words[:-1]) + short for short in _short_forms(last)}
        found |= dict.fromkeys(whole, FULL)
    return {short: how for short, how in found.items() if len(short) >= 2 and short != "".join(words)}


def _short_forms(word: str) -> set[str]:
    bones = word[:1] + "".join(char for char in word[1:] if char not in "aeiou")
    found = {word[:length] for length in range(2, min(len(word), 7))}
    found.update(bones[:length] for length in range(3, min(len(bones), 5) + 1))
    found.update(word[:length] for length in range(max(4, len(word) - 3), len(word)))
    found.update(_KNOWN_SHORT.get(word, ()))
    return found
