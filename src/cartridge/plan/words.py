"""Names taken apart and put together: words of any casing, singulars and plurals, snake case.

Own small rules instead of a library: table names use few irregular words, and a library costs more time to import than
a whole plan takes. Words that neither the rules nor `languages` know follow the regular endings of English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from cartridge.plan.languages import foreign_plural, foreign_singular, is_head_first

_PIECE = re.compile(r"(?<![lzUod])[lzU]dd[lzU](?![lzod])|U{2,}z(?![lz])|U+(?![lz])|U?[lz]+|o+|d+")
"""One word in a name's shape: capitals (`HTTP`, with a plural s: `IDs`), a capitalised or small word, digits."""


def word_set(text: str) -> frozenset[str]:
    """The words of a text between spaces, for word lists."""
    return frozenset(text.split())


UNCOUNTABLE = word_set("""
    access advice aircraft analytics athletics audio baggage billing bison chaos clothing content cosmos credentials
    data deer economics electronics equipment evidence feedback fish furniture gear goods hardware headquarters health
    help homework information infrastructure jewelry knowledge labor labour logistics lost luggage mail mathematics
    means media merchandise metadata money moose music news payroll physics politics pricing rice salmon series sheep
    shipping software species staff stuff swine telemetry traffic trout weather work
""")
"""Words that are their own plural in table names."""

_IRREGULAR = {
    "alumnus": "alumni", "analysis": "analyses", "appendix": "appendices", "axis": "axes", "basis": "bases",
    "cactus": "cacti", "calf": "calves", "child": "children", "crisis": "crises", "criterion": "criteria",
    "diagnosis": "diagnoses", "die": "dice", "elf": "elves", "foot": "feet", "fungus": "fungi", "genus": "genera",
    "goose": "geese", "half": "halves", "hypothesis": "hypotheses", "knife": "knives", "leaf": "leaves",
    "life": "lives", "loaf": "loaves", "louse": "lice", "mouse": "mice", "nucleus": "nuclei", "oasis": "oases",
    "ox": "oxen", "parenthesis": "parentheses", "person": "people", "phenomenon": "phenomena", "prognosis": "prognoses",
    "quiz": "quizzes", "radius": "radii", "scarf": "scarves", "self": "selves", "shelf": "shelves",
    "stimulus": "stimuli", "synopsis": "synopses", "synthesis": "syntheses", "thesis": "theses", "thief": "thieves",
    "tooth": "teeth", "vertex": "vertices", "matrix": "matrices", "wife": "wives", "wolf": "wolves",
}  # fmt: skip
_ALSO_PLURAL = {"indices": "index", "persons": "person", "indexes": "index", "matrixes": "matrix", "bases": "base"}
_FROM_PLURAL = {plural: word for word, plural in _IRREGULAR.items()} | _ALSO_PLURAL

_SINGULAR_IN_S = word_set("""
    alias atlas aws bias bus business canvas census christmas class cms compass consensus corps cosmos css dns ethos
    express gas gps https ios iris kansas lens lotus macos mars mms pancreas plus pos rss saas sas sms texas this tls
    yes
""")
_PLURAL_IN_US_OR_IS = word_set("apis alibis bikinis cpus emus gpus gurus kpis menus pois skis skus taxis wikis")
_IE = "brownie|calorie|cookie|genie|hoodie|lie|movie|pie|prairie|rookie|selfie|smoothie|tie|walkie|zombie"
_US = (
    "abacus|anus|apparatus|bonus|bus|cactus|callus|campus|census|chorus|circus|citrus|colossus|consensus|corpus|crocus|"
    "discus|exodus|focus|genius|genus|hiatus|hippopotamus|isthmus|litmus|lotus|minus|mucus|nexus|octopus|opus|papyrus|"
    "platypus|plus|prospectus|pus|radius|rebus|ruckus|status|stimulus|surplus|syllabus|terminus|thesaurus|tetanus|"
    "typhus|virus|walrus"
)
_OE = "hero|potato|tomato|echo|veto|torpedo|cargo|embargo|mosquito|volcano"

_TO_SINGULAR = (
    (r"people$", "person"),
    (r"children$", "child"),
    (r"(?<!speci|regim|abdom)(?<!ra|se)(?<!^o)(?<!^a)(?<!sta)(?<!acu)men$", "man"),
    (r"aus$", "au"),
    (r"(ss|us|is)$", r"\1"),
    (rf"^({_IE})s$", r"\1"),
    (r"(..)ies$", r"\1y"),
    (r"(ss|x|sh|zz)es$", r"\1"),
    (r"(cache|ache|niche|avalanche|psyche|quiche|creche)s$", r"\1"),
    (r"ches$", "ch"),
    (r"yses$", "ysis"),
    (rf"^({_US})es$", r"\1"),
    (rf"({_OE})es$", r"\1"),
    (r"s$", ""),
)
"""The first ending that fits is replaced; the rest of English is regular enough for names of tables."""
_TO_PLURAL = (
    (r"person$", "people"),
    (r"child$", "children"),
    (r"(?<!hu|ro)(?<!ger|sha|cai)(?<!otto)(?<!talis)man$", "men"),
    (r"(?<=[^aeiou])y$", "ies"),
    (r"(?<=...)sis$", "ses"),
    (rf"({_OE}|s|x|z|ch|sh)$", r"\1es"),
    (r"$", "s"),
)


def _shape(name: str) -> str:
    """One letter per character: U capital, z a small s, l other small letter or mark, o uncased letter, d digit."""
    letters = []
    for char in name:
        if char.isupper() or char.istitle():
            letters.append("U")
        elif char == "s":
            letters.append("z")
        elif char.islower() or unicodedata.category(char).startswith("M"):
            letters.append("l")
        elif char.isdigit():
            letters.append("d")
        else:
            letters.append("o" if char.isalnum() else " ")
    return "".join(letters)


@lru_cache(maxsize=65536)
def tokens(name: str) -> tuple[str, ...]:
    """The lower-case words of a name of any casing and separator; digits are words of their own.

    `HTTPServer` -> http, server; `order2items` -> order, 2, items; `Order Details` -> order, details;
    `customerIDs` -> customer, ids; `größeÜberAlles` -> größe, über, alles; `i18n_locale` -> i18n, locale.
    A name without letters or digits has none.
    """
    return tuple(name[piece.start() : piece.end()].lower() for piece in _PIECE.finditer(_shape(name)))


@lru_cache(maxsize=65536)
def snake(name: str) -> str:
    """The name in snake case; digits stay with the word before them.

    `CustomerOrderID` -> customer_order_id, `Address2` -> address2, `order2items` -> order2items, `MD5Hash` -> md5_hash.
    Empty where the name has no letter or digit.
    """
    if not any(char.islower() for char in name):
        name = name.lower()
    parts: list[str] = []
    shape, end = _shape(name), -1
    for piece in _PIECE.finditer(shape):
        text = name[piece.start() : piece.end()].lower()
        after_digit = end > 0 and shape[end - 1] == "d" and shape[piece.start()] in "lzo"
        if piece.start() == end and (shape[piece.start()] == "d" or after_digit):
            parts[-1] += text
        else:
            parts.append(text)
        end = piece.end()
    return "_".join(parts)


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """The singular of a lower-case word, or the word itself where it is one; of `a_b`, the last word's.

    Words that `languages` knows follow their own language: `kunden` -> kunde, `lignes_commande` -> ligne_commande.
    """
    return _counted(word, _singular)


@lru_cache(maxsize=65536)
def plural(word: str) -> str:
    """The plural of a lower-case word in either number; of `a_b`, the last word's. Idempotent."""
    return _counted(word, lambda last: foreign_plural(last) or _plural(_singular(last)))


def _counted(name: str, form: Callable[[str], str]) -> str:
    """The name with its head in another number: the last word, or the first where the language puts it there."""
    if is_head_first(tuple(name.split("_"))):
        head, bar, rest = name.partition("_")
        return form(head) + bar + rest
    rest, bar, head = name.rpartition("_")
    return rest + bar + form(head)


def prefixed(prefix: str, name: str) -> str:
    """The name behind a prefix, without saying a word twice: (city, name) -> city_name, (invoice_line, line_amount) ->
    invoice_line_amount, (city, city) -> city, (home_address, address2) -> home_address2."""
    own, said = prefix.split("_"), name.split("_")
    for size in range(min(len(own), len(said)), 0, -1):
        if own[-size:] == [*said[: size - 1], said[size - 1].rstrip("0123456789")]:
            return "_".join((*own[:-size], *said))
    return f"{prefix}_{name}"


def _singular(word: str) -> str:
    if word in _FROM_PLURAL:
        return _FROM_PLURAL[word]
    if len(word) <= 2 or word in UNCOUNTABLE or word in _SINGULAR_IN_S or word in _IRREGULAR:
        return word
    if (foreign := foreign_singular(word)) is not None:
        return foreign
    if word in _PLURAL_IN_US_OR_IS or word.removesuffix("es") in _SINGULAR_IN_S:
        return word.removesuffix("es") if word.endswith("es") else word[:-1]
    return _first_fit(word, _TO_SINGULAR)


def _plural(word: str) -> str:
    if not word or word in UNCOUNTABLE:
        return word
    return _IRREGULAR.get(word) or _first_fit(word, _TO_PLURAL)


def _first_fit(word: str, rules: Sequence[tuple[str, str]]) -> str:
    for ending, instead in rules:
        changed, count = re.subn(ending, instead, word, count=1)
        if count:
            return changed
    return word


_PARTICIPLES = {
    "begin": "begun", "buy": "bought", "build": "built", "choose": "chosen", "draw": "drawn", "find": "found",
    "get": "got", "give": "given", "hold": "held", "lose": "lost", "make": "made", "pay": "paid", "payment": "paid",
    "read": "read", "run": "run", "see": "seen", "sell": "sold", "send": "sent", "show": "shown", "take": "taken",
    "withdraw": "withdrawn", "write": "written", "submit": "submitted", "refer": "referred", "ship": "shipped",
    "cancel": "cancelled", "plan": "planned", "stop": "stopped", "drop": "dropped", "commit": "committed",
}  # fmt: skip
_VERBS = word_set("""
    accept access activate add admit approve archive arrive assign attend award bill book cancel charge check claim
    clear close collect complete confirm convert create deactivate decline delete deliver deploy discharge disable
    dispatch download edit enable end enroll enter expire export extract fail file finalize finish fulfill generate
    hire import index ingest insert install invite invoice issue join launch list load lock log login mail merge
    modify move notify open order pick place post process promote publish purchase receive record redeem refund
    register reject release remind remove renew rent replace report request require reserve resolve restore retire
    return review revoke save scan schedule settle sign start suspend sync terminate touch trade transfer update
    upgrade upload use validate verify view visit void
""")
"""Verbs of events that people record in databases."""


_LASTING = word_set("""
    accept allow apply belong block contain disable enable exist expect hide ignore include keep need prevent receive
    require send show support track use want
""")


def does(word: str) -> bool:
    """Whether a word says what something does by itself: `requires` in `requires_shipping`."""
    return word.endswith("s") and word[:-1] in _LASTING


@lru_cache(maxsize=4096)
def participle(word: str) -> str | None:
    """The past participle of an event's verb: order -> ordered, pay -> paid, created -> created; None for others."""
    if word in _PARTICIPLES:
        return _PARTICIPLES[word]
    if word in _PARTICIPLES.values() or (word.endswith("ed") and word[:-1] in _VERBS | {word[:-2] + "e"}):
        return word
    if word.endswith("ed") and (word[:-2] in _VERBS or word[:-3] in _VERBS):
        return word
    if word not in _VERBS:
        return None
    if word.endswith("e"):
        return word + "d"
    return word[:-1] + "ied" if word.endswith("y") and word[-2] not in "aeiou" else word + "ed"
