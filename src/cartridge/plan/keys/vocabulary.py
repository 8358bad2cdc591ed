"""Reading names: run-together words split with the words of the schema itself, and the part of a name that says key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cartridge.plan.short_words import apart, is_code
from cartridge.plan.words import singular, tokens, word_set

Kind = Literal["id", "code", "number", "name", "none"]
"""What the ending of a column's name promises: a technical key, a code, a running number, a name, nothing."""

KEY_WORDS: dict[str, Kind] = {
    "id": "id", "key": "id", "sk": "id", "pk": "id", "fk": "id", "uuid": "id", "guid": "id", "rowid": "id",
    "identifier": "id", "hk": "id",
    "code": "code", "cd": "code", "kode": "code", "codigo": "code", "cod": "code", "abbr": "code", "symbol": "code",
    "abbreviation": "code", "sku": "code", "isbn": "code", "slug": "code", "sha": "code", "iata": "code", "iso": "code",
    "number": "number", "num": "number", "no": "number", "nr": "number", "nbr": "number", "nummer": "number",
    "name": "name",
}  # fmt: skip
_LEADING = frozenset(("id", "fk", "pk", "cod", "codigo", "kode", "kd"))
_BARE = word_set("entity row record rec internal sys auto surrogate")
"""Words that make a key's name no less generic: `entity_id`."""
_JOINED_ENDINGS = ("uuid", "guid", "number", "code", "key", "num", "id", "no", "nr", "cd", "sk")
_ANY_BEFORE = frozenset(("id", "key", "code", "nr", "number"))
"""Endings that are believed after any two letters; the others only after a word that the schema knows."""
_NOT_JOINED = word_set("""
    acid amid android asteroid avoid centroid covid druid fluid grid humid hybrid invalid lipid liquid
    maid overpaid paid prepaid raid rapid said solid squid steroid stupid timid underpaid unpaid valid void
    decode encode unicode monkey turkey hockey donkey jockey whiskey disney
""")

SEQUENCE = word_set("pos posn seq sequence sequential line position ordinal idx index step lineno")
"""Words that count rows within something."""
LANGUAGES = word_set("spras spra idioma langue sprache language lang locale")
VERSIONS = word_set("version revision edition")
PREPOSITIONS = word_set("for of in with by from at on per to")
GENERIC = word_set("""
    date time day week month year quarter type status state kind value amount price total quantity count level rank
    description comment note title text label gender sex age position order category class k v x y name code number
    table column file ssn email phone mobile fax address zip postcode url website ip
""")
"""Words that many tables have a column of: sharing one is no reference."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a column's name: all its words, those that name the thing, and what the ending promises."""

    words: tuple[str, ...]
    stem: tuple[str, ...]
    kind: Kind
    joined: str
    """The words as one string, the form in which names are compared."""
    numbered: bool = False


class Vocabulary:
    """The words of one schema."""

    def __init__(self, names: Iterable[str]) -> None:
        """Learn from every table's and column's name."""
        pieces = {piece for name in names for piece in tokens(name)}
        self._known = {word for piece in pieces for word in (piece, singular(piece)) if len(word) >= 3}
        self._split: dict[str, tuple[str, ...]] = {}
        self._stems = {piece[:-2] for piece in pieces if piece.endswith("id") and len(piece) >= 6}
        self._read: dict[str, tuple[str, ...]] = {}

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a name in the singular, run-together ones split."""
        found = self._read.get(name)
        if found is None:
            found = tuple(singular(part) for piece in tokens(name) for part in self._parts(piece))
            self._read[name] = found
        return found

    def learn_stems(self, stems: Iterable[str]) -> None:
        """Take note of the words that key columns are named after; tables may end in one (`icustays`, `stay_id`)."""
        self._stems.update(stem for stem in stems if len(stem) >= 4)

    def tail(self, piece: str) -> tuple[str, ...]:
        """A table's word split before a stem that it ends in, else the word itself."""
        word = singular(piece)
        for start in range(2, len(word) - 3):
            if word[start:] in self._stems:
                return (word[:start], word[start:])
        return (piece,)

    def _parts(self, piece: str) -> tuple[str, ...]:
        if piece not in self._split:
            self._split[piece] = apart(piece) or self._ending(piece) or self._compound(piece) or (piece,)
        return self._split[piece]

    def _ending(self, piece: str) -> tuple[str, ...]:
        """`itemid` -> item, id; `custkey` -> cust, key; `uid` -> u, id. Empty where no key word ends the piece."""
        if piece in KEY_WORDS or piece in _NOT_JOINED:
            return ()
        if len(piece) == 3 and piece.endswith("id"):
            return (piece[0], "id")
        for ending in _JOINED_ENDINGS:
            rest = piece.removesuffix(ending)
            if rest != piece and len(rest) >= 2 and (ending in _ANY_BEFORE or rest in self._known or is_code(rest)):
                return (*(self._compound(rest) or (rest,)), ending)
        return ()

    def _compound(self, piece: str) -> tuple[str, ...]:
        """The piece as two or more known words of three letters or more, the fewest; empty where that cannot be."""
        if len(piece) < 6 or len(piece) > 48:
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * len(piece)
        for end in range(3, len(piece) + 1):
            for start in range(max(0, end - 20), end - 2):
                head, word = best[start], piece[start:end]
                if head is None or word == piece or word not in self._known:
                    continue
                now = best[end]
                if now is None or len(head) + 1 < len(now):
                    best[end] = (*head, word)
        return best[-1] or ()


@lru_cache(maxsize=65536)
def read(words: tuple[str, ...]) -> Reading:
    """A column's words as stem and kind: `customer_id` -> customer, id; `fk_owner_person` -> owner person, id."""
    stem = list(words)
    numbered = False
    while len(stem) > 1 and stem[-1].isdigit():
        stem.pop()
        numbered = True
    kind: Kind = "none"
    while stem and stem[-1] in KEY_WORDS and (kind == "none" or KEY_WORDS[stem[-1]] in ("id", kind)):
        last = KEY_WORDS[stem.pop()]
        kind = last if kind == "none" or last == "id" else kind
        if kind == "name":
            break
    if len(stem) > 1 and stem[0] in _LEADING:
        lead = stem.pop(0)
        kind = "id" if KEY_WORDS.get(lead, "code") == "id" else kind if kind != "none" else "code"
    while len(stem) > 1 and stem[-1].isdigit():
        stem.pop()
        numbered = True
    if kind == "id" and len(stem) > 1 and stem[-1] == "u":
        stem[-1] = "user"  # create_uid
    if kind == "id" and len(stem) == 1 and stem[0] in _BARE:
        stem = []
    return Reading(words, tuple(stem), kind, "".join(words), numbered)
