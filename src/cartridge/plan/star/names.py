"""Business names of tables: `tbl_cust_mst` -> customers, `InvoiceLine` -> invoice_lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from cartridge.domain.schema import TableKey
from cartridge.plan.star import vocabulary as v
from cartridge.plan.words import plural, singular, tokens

_SHARE = 0.6
"""A first word that this share of a schema's tables have is a prefix of the schema, not a word of the business."""


class BusinessNames:
    """The words that each table means, without prefixes and with abbreviations written out.

    Reading one name needs the whole schema: a prefix is only seen beside the other names, and an abbreviation may be
    spelled out elsewhere.
    """

    def __init__(self, tables: Sequence[TableKey]) -> None:
        raw = {key: [singular(word) for word in tokens(key[1])] for key in tables}
        self._known = {word for words in raw.values() for word in words if len(word) > 2} | v.NOUNS
        prefixes = _prefixes(raw)
        self._words = {key: self._meaning(words, prefixes, key[0]) for key, words in raw.items()}

    def words(self, key: TableKey) -> tuple[str, ...]:
        """The singular words of the table's entity, at least one."""
        return self._words[key]

    def singular(self, key: TableKey) -> str:
        """`invoice_line`."""
        return "_".join(self._words[key])

    def plural(self, key: TableKey) -> str:
        """`invoice_lines`."""
        return plural(self.singular(key))

    def _meaning(self, raw: Sequence[str], prefixes: Sequence[str], schema: str) -> tuple[str, ...]:
        words = list(raw)
        for prefix in [*prefixes, *_schema_words(schema)]:
            if len(words) > 1 and words[0] == prefix:
                words.pop(0)
        while len(words) > 1 and words[0] in v.NOISE_FIRST:
            words.pop(0)
        while len(words) > 1 and words[-1] in v.NOISE_LAST and words[-2] not in {"score", "web"}:
            words.pop()
        parts = [part for word in words for part in self._written_out(word, len(words))]
        return tuple(parts) or tuple(raw) or ("table",)

    def _written_out(self, word: str, count: int) -> list[str]:
        if word == "inv" and "inventory" in self._known and "invoice" not in self._known - v.NOUNS:
            return ["inventory"]
        if word in v.ABBREVIATIONS and not (count == 1 and word in {"cat", "art", "pat", "so"}):
            return v.ABBREVIATIONS[word].split("_")
        return self._split(word) if word not in v.NOUNS else [word]

    def _split(self, word: str) -> list[str]:
        """A run-together word as two known ones (`lineitem`), or the word itself."""
        for cut in range(len(word) - 3, 2, -1) if len(word) > 6 else ():
            first, last = singular(word[:cut]), singular(word[cut:])
            last = v.ABBREVIATIONS.get(last, last)
            if first in self._known and last in v.NOUNS:
                return [v.ABBREVIATIONS.get(first, first), last]
        return [word]


def _schema_words(schema: str) -> list[str]:
    words = [singular(word) for word in tokens(schema)]
    return [] if set(words) & (v.TRANSACTIONS | v.ENTITIES) else words


def _prefixes(raw: Mapping[TableKey, Sequence[str]]) -> list[str]:
    """First words that most tables of the design share and that are no words of business, outermost first."""
    found: list[str] = []
    names = [list(words) for words in raw.values()]
    whole = {tuple(words) for words in names}
    while len(names) >= 3:
        firsts = Counter(words[0] for words in names if len(words) > 1)
        if not firsts:
            break
        first, count = max(firsts.items(), key=lambda item: (item[1], item[0]))
        if count < _SHARE * len(names) or first in v.NOUNS or (first,) in whole or len(found) == 2:
            break
        found.append(first)
        names = [words[1:] for words in names if len(words) > 1 and words[0] == first]
    return found


def unique_names(wanted: Sequence[tuple[TableKey, str]], taken: Collection[str] = ()) -> dict[TableKey, str]:
    """A name for every table, no two alike: a second claim puts the table's own schema or full name before it.

    The order of `wanted` decides who keeps the plain name.
    """
    used = set(taken)
    names: dict[TableKey, str] = {}
    for key, name in wanted:
        full = plural("_".join(tokens(key[1])))
        with_schema = "_".join([*tokens(key[0]), name])
        candidates = [name, full, with_schema, *(f"{with_schema}_{number}" for number in range(2, len(wanted) + 3))]
        names[key] = next(candidate for candidate in candidates if candidate not in used)
        used.add(names[key])
    return names
