"""Business names of tables: `tbl_cust_mst` -> customers, `InvoiceLine` -> invoice_lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count

from cartridge.domain.schema import TableKey
from cartridge.plan.languages import english, meanings
from cartridge.plan.short_words import apart
from cartridge.plan.star import vocabulary as v
from cartridge.plan.words import participle, plural, singular, tokens

_SHARE = 0.6
"""A first word that this share of a schema's tables have is a prefix of the schema, not a word of the business."""
_LONGEST = 40
"""No two words run together are longer than so many letters."""

_OF_SOMETHING = frozenset({"detail", "history", "info", "link", "map", "mapping", "set", "stat"})
"""What says nothing without the word before it: `ad_stats`, `emp_details`."""
_PREPOSITIONS = frozenset({"at", "by", "for", "from", "in", "of", "on", "to", "with"})


class BusinessNames:
    """The words that each table means, without prefixes and with abbreviations written out.

    Reading one name needs the whole schema: a prefix is only seen beside the other names, and an abbreviation may be
    spelled out elsewhere.
    """

    def __init__(self, tables: Sequence[TableKey], called: Mapping[TableKey, str]) -> None:
        """`called` names tables that stand for several, where the first's own name would say too much."""
        known = set(tables)
        raw = {key: _read(called.get(key, _of_one(key, known))) for key in tables}
        self._own = {singular(word) for words in raw.values() for word in words if len(word) > 3}
        prefixes, suffixes = _shared(raw, first=True), _shared(raw, first=False)
        self.affixes = frozenset((*prefixes, *suffixes))
        self._spoken = {key: self._meaning(words, (prefixes, suffixes), key[0]) for key, words in raw.items()}
        self._spoken = _without_numbers(self._spoken)
        said = {key: meanings(words) or words for key, words in self._spoken.items()}
        self._words = {key: tuple(singular(word) for word in words) for key, words in said.items()}

    def words(self, key: TableKey) -> tuple[str, ...]:
        """The singular words of the table's entity, at least one, in English where `languages` knows them."""
        return self._words[key]

    def singular(self, key: TableKey) -> str:
        """`invoice_line`, `sales_order`, `ligne_commande`: the thing in the singular, in the words of the source."""
        return singular("_".join(self._spoken[key]))

    def plural(self, key: TableKey) -> str:
        """`invoice_lines`; a name that ends in a preposition or says what was done stays (`trained_in`,
        `order_completed`)."""
        *before, last = self._spoken[key]
        done = bool(before) and participle(last) == last
        return self.singular(key) if last in _PREPOSITIONS or done else _plural(self.singular(key))

    def _meaning(
        self, raw: Sequence[str], affixes: tuple[Sequence[str], Sequence[str]], schema: str
    ) -> tuple[str, ...]:
        words = list(raw)
        for prefix in affixes[0]:
            if len(words) > 1 and singular(words[0]) == prefix:
                words.pop(0)
        for prefix in _schema_words(schema):  # `google_ads_campaign` in google_ads; `ad_history` tells of an ad
            if len(words) < 2 or singular(words[0]) != prefix:
                break
            words.pop(0)
        if len(words) == 1 and words[0] != raw[0] and singular(words[0]) in _OF_SOMETHING:
            words = [raw[raw.index(words[0]) - 1], *words]
        for suffix in affixes[1]:
            if len(words) > 1 and singular(words[-1]) == suffix:
                words.pop()
        while len(words) > 1 and words[0] in v.NOISE_FIRST and not words[1].isdigit():
            words.pop(0)
        while len(words) > 1 and words[-1] in v.NOISE_LAST:
            words.pop()
        parts = [part for word in words for part in self._written_out(word, len(raw))]
        return tuple(parts)

    def _written_out(self, word: str, count: int) -> list[str]:
        if word == "inv" and "inventory" in self._own and "invoice" not in self._own:
            return ["inventory"]
        if word in v.ABBREVIATIONS and not (count == 1 and word in {"cat", "art", "pat", "so"}):
            return v.ABBREVIATIONS[word].split("_")
        return [word] if singular(word) in v.NOUNS or english(word) else self._split(word)

    def _split(self, word: str) -> list[str]:
        """A run-together word as two known ones of four letters or more (`lineitem`), or the word itself."""
        for cut in range(len(word) - 4, 3, -1) if len(word) <= _LONGEST else ():
            first, last = word[:cut], word[cut:]
            last = v.ABBREVIATIONS.get(last, last)
            if singular(last) == "ship":
                continue  # the ending of membership, ownership, friendship
            if singular(first) in self._own | v.NOUNS and singular(last) in v.NOUNS:
                return [first, last]
        return [word]


def _of_one(key: TableKey, known: Collection[TableKey]) -> str:
    """A table's name, where it was unnested from another that of one row of that: `orders__lines` -> order__lines."""
    parts = key[1].split("__")
    heads = ((key[0], "__".join(parts[:end])) for end in range(1, len(parts)))
    return "__".join((*(singular(p) if head in known else p for p, head in zip(parts, heads, strict=False)), parts[-1]))


def _read(name: str) -> tuple[str, ...]:
    """The words of a table's name, at least one; `payments_payments`, a module's main table, says one only."""
    words = tuple(part for word in tokens(name) for part in apart(word) or (word,))
    if len(words) == 2 and singular(words[0]) == singular(words[1]):
        return words[1:]
    return words or ("table",)


def _plural(name: str) -> str:
    """The plural of a snake_case name; a number at its end stays behind the plural: `sales_2024`, `products_2`."""
    head, _, last = name.rpartition("_")
    if last.isdigit():
        return f"{_plural(head)}_{last}" if head else name
    return plural(name)


def _without_numbers(spoken: Mapping[TableKey, tuple[str, ...]]) -> dict[TableKey, tuple[str, ...]]:
    """The words without a number at their end (`Product2`) that tells nothing apart. Years, and longer ones, stay."""
    stems = {key: _stem(words) for key, words in spoken.items()}
    claims = Counter(stems.values())
    return {key: words if claims[stems[key]] > 1 else stems[key] for key, words in spoken.items()}


def _stem(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) < 2 or not words[-1].isdigit() or len(words[-1]) >= len("2024"):
        return words
    return words[:-2] if len(words) > 2 and words[-2] == "v" else words[:-1]


def _schema_words(schema: str) -> list[str]:
    words = [word for word in map(singular, tokens(schema)) if word not in v.NOISE_FIRST]
    return [] if set(words) & (v.TRANSACTIONS | v.ENTITIES) else words


def _shared(raw: Mapping[TableKey, Sequence[str]], *, first: bool) -> list[str]:
    """First (or last) words that most tables share and that are no words of business, outermost first."""
    at = 0 if first else -1
    found: list[str] = []
    names = [[singular(word) for word in words] for words in raw.values()]
    whole = {tuple(words) for words in names}
    while len(names) >= 3 and len(found) < 2:
        counted = Counter(words[at] for words in names if len(words) > 1)
        word, often = max(counted.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if often < _SHARE * len(names) or often < 3 or word in v.NOUNS or (word,) in whole:
            break
        found.append(word)
        names = [words[1:] if first else words[:-1] for words in names if len(words) > 1 and words[at] == word]
    return found


def unique_names(wanted: Sequence[tuple[TableKey, str]], taken: Collection[str] = ()) -> dict[TableKey, str]:
    """A name for every table, no two alike: a second claim puts the table's own schema or full name before it.

    The order of `wanted` decides who keeps the plain name.
    """
    used = set(taken)
    names: dict[TableKey, str] = {}
    for key, name in wanted:
        full = _plural("_".join(tokens(key[1]))) or name
        with_schema = "_".join([*tokens(key[0]), name])
        counted = (f"{with_schema}_{number}" for number in count(2))
        candidates = chain((name, full, with_schema), counted)
        names[key] = next(candidate for candidate in candidates if candidate not in used)
        used.add(names[key])
    return names
