"""The tables of a request as the search for keys sees them: names read, prefixes known, all looked up by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cartridge.domain.schema import TableKey, TableMapping
from cartridge.plan.keys.families import Family, family
from cartridge.plan.keys.vocabulary import Reading, Vocabulary, read
from cartridge.plan.words import word_set

_PREFIXES = word_set("""
    tbl tb t tab table dim d dimension fact fct f ref lkp lu lookup lov raw src mst master cfg vw v view xref x
""")
_SUFFIXES = word_set("""
    tbl tb tab table dim dimension fact fct mst master lkp lookup ref list catalog
""")
COPIES = word_set("""
    stage staging stg tmp temp backup bak bkp archive archived history hist old copy audit log snapshot import
    deleted version scratch work wrk test sample
""")
"""Words that mark a table as a copy or trace of another."""
_CALENDARS = frozenset(("date", "calendar", "day", "time", "datedim", "period"))
_PREPOSITIONS = word_set("""
    for of in with by from at on per to
""")

FULL, STRIPPED, TAIL = 0, 1, 2
"""How well a word names a table: its whole name, its name without technical prefixes, its last words."""


@dataclass(frozen=True)
class Column:
    """One column: its readings are the plain one and, where the table's columns share a prefix, the one without."""

    table: TableKey
    name: str
    position: int
    data_type: str
    readings: tuple[Reading, ...]

    @property
    def family(self) -> Family:
        """The family of its type."""
        return family(self.data_type)

    @property
    def reading(self) -> Reading:
        """The plain name, or, for a bare key behind a prefix (`c_id`), still the plain name."""
        return self.readings[0]

    @property
    def key_like(self) -> bool:
        """Whether the name promises a technical key."""
        return self.reading.kind == "id"


@dataclass
class Table:
    """One table: `forms` are the joined words that name it, each with how well."""

    mapping: TableMapping
    words: tuple[str, ...]
    bare: tuple[str, ...]
    columns: tuple[Column, ...]
    forms: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> TableKey:
        """(schema, name)."""
        return self.mapping.key

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by exact name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def is_copy(self) -> bool:
        """Whether the name marks it as a copy, trace or view of another table."""
        return (len(self.words) > 1 and (self.words[0] in COPIES or self.words[-1] in COPIES)) or self.mapping.is_view

    @cached_property
    def is_calendar(self) -> bool:
        """Whether it is a calendar: one row a day."""
        return any(form in _CALENDARS for form in self.forms)

    @cached_property
    def keeps_versions(self) -> bool:
        """Whether rows carry a validity (type 2 history), so that a business key repeats."""
        ends = {column.reading.words for column in self.columns}
        starts = {("valid", "from"), ("valid", "to"), ("effective", "from"), ("row", "effective", "date")}
        return bool(ends & starts) or ("dbt", "valid", "from") in ends

    def named(self, stem: str) -> int | None:
        """How well a joined stem names this table; None where it does not."""
        return self.forms.get(stem)


@dataclass
class Schema:
    """All tables, and the indexes that keep every question a lookup."""

    tables: dict[TableKey, Table]
    by_form: NameIndex
    by_abbreviation: NameIndex
    spread: Counter[tuple[str, str]]
    """In how many tables of a schema a joined column name appears."""


class NameIndex:
    """Tables by (schema, name): the same schema first; elsewhere only where one table alone has the name."""

    _LIMIT = 12
    """A name that so many tables of one schema share says nothing; more are not kept."""

    def __init__(self) -> None:
        """Start empty."""
        self._near: dict[tuple[str, str], list[tuple[int, TableKey]]] = defaultdict(list)
        self._far: dict[str, set[TableKey]] = defaultdict(set)

    def add(self, name: str, how: int, table: TableKey) -> None:
        """Enter a table under a name with how well the name fits it."""
        if len(near := self._near[table[0], name]) < self._LIMIT:
            near.append((how, table))
        if len(far := self._far[name]) < 2:
            far.add(table)

    def find(self, name: str, schema: str, worst: int = 9) -> list[tuple[int, TableKey]]:
        """The tables of that name, those whom it fits best; none fits worse than `worst`."""
        found = self._near.get((schema, name))
        if found is None:
            far = self._far.get(name, set())
            found = [(FULL, next(iter(far)))] if len(far) == 1 else []
        best = min((how for how, _ in found), default=9)
        return [entry for entry in found if entry[0] == best and best <= worst]


def read_schema(mappings: Sequence[TableMapping]) -> Schema:
    """Read every name once."""
    names = [mapping.name for mapping in mappings]
    vocabulary = Vocabulary([*names, *(column.name for mapping in mappings for column in mapping.columns)])
    columns = {mapping.key: _columns(mapping, vocabulary) for mapping in mappings}
    vocabulary.learn_stems(
        reading.stem[-1]
        for found in columns.values()
        for column in found
        for reading in column.readings
        if reading.kind == "id" and reading.stem
    )
    shared = _shared_prefixes(mappings, vocabulary)
    tables: dict[TableKey, Table] = {}
    for mapping in mappings:
        words = vocabulary.words(mapping.name)
        bare = _stripped(words, shared[mapping.schema])
        forms = _forms(words, bare, vocabulary)
        tables[mapping.key] = Table(mapping, words, bare, columns[mapping.key], forms)
    return _indexed(tables)


def _indexed(tables: dict[TableKey, Table]) -> Schema:
    schema = Schema(tables, NameIndex(), NameIndex(), Counter())
    for key, table in tables.items():
        for form, how in table.forms.items():
            schema.by_form.add(form, how, key)
        for short in sorted(abbreviations(table.bare)):
            schema.by_abbreviation.add(short, FULL, key)
        schema.spread.update({(key[0], column.reading.joined) for column in table.columns})
    return schema


def _columns(mapping: TableMapping, vocabulary: Vocabulary) -> tuple[Column, ...]:
    words = [vocabulary.words(column.name) for column in mapping.columns]
    prefix = _column_prefix(words)
    found = []
    for position, (column, its) in enumerate(zip(mapping.columns, words, strict=True)):
        readings = [read(its)]
        if prefix and len(its) > 1 and its[0] == prefix:
            readings.append(read(its[1:]))
        found.append(Column(mapping.key, column.name, position, column.data_type, tuple(readings)))
    return tuple(found)


def _column_prefix(words: Sequence[tuple[str, ...]]) -> str | None:
    """The first word that four in five columns of a table share, as in `c_custkey`, `c_name`, `c_phone`."""
    firsts = Counter(its[0] for its in words if len(its) > 1)
    if len(words) < 3 or not firsts:
        return None
    word, count = firsts.most_common(1)[0]
    return word if count >= 0.8 * len(words) else None


def _shared_prefixes(mappings: Sequence[TableMapping], vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """By schema: first words that most of its tables share (`spree_orders`, `wp_posts`)."""
    firsts: dict[str, Counter[str]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for mapping in mappings:
        words = vocabulary.words(mapping.name)
        sizes[mapping.schema] += 1
        if len(words) > 1:
            firsts[mapping.schema][words[0]] += 1
    return {
        schema: frozenset(word for word, count in firsts[schema].items() if count >= 3 and count > 0.5 * size)
        for schema, size in sizes.items()
    }


def _forms(words: tuple[str, ...], bare: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, int]:
    """Every joined string that names the table, with how well it does."""
    forms: dict[str, int] = {}

    def add(some: tuple[str, ...], how: int) -> None:
        text = "".join(some)
        if text and (len(text) >= 2 or how == FULL) and how < forms.get(text, 9):
            forms[text] = how

    add(words, FULL)
    add(bare, STRIPPED)
    if any(word in COPIES for word in bare):
        return forms
    cut = next((at for at, word in enumerate(bare) if word in _PREPOSITIONS and at), len(bare))
    add(bare[:cut], STRIPPED)
    bare = bare[:cut]
    last = vocabulary.tail(bare[-1]) if bare else ()
    long = (*bare[:-1], *last)
    for start in range(1, len(long)):
        add(long[start:], TAIL)
    return forms


def _stripped(words: tuple[str, ...], shared: frozenset[str]) -> tuple[str, ...]:
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
    "household": ("hh", "hdemo"), "airport": ("apt",), "promotion": ("promo",), "building": ("bldg",),
    "equipment": ("equip", "eqp"), "journal": ("jrnl",), "material": ("mat", "matl"), "number": ("nr",),
    "position": ("pos",), "procedure": ("proc",), "project": ("proj", "prj"), "region": ("reg", "rgn"),
    "request": ("req",), "session": ("sess",), "shipment": ("shpmt", "ship"), "subscription": ("sub", "subs"),
}  # fmt: skip


def abbreviations(words: tuple[str, ...]) -> set[str]:
    """How people shorten a table's name: well-known forms, beginnings of three letters or more, initials."""
    if not words:
        return set()
    found = {"".join(word[0] for word in words)} if len(words) > 1 else set()
    for word in {words[0], words[-1]}:
        found.update(_KNOWN_SHORT.get(word, ()))
    first = words[0]
    found.update(first[:length] for length in range(2, min(len(first), 7)))
    bones = first[:1] + "".join(char for char in first[1:] if char not in "aeiou")
    found.update(bones[:length] for length in range(3, min(len(bones), 5) + 1))
    if len(words) > 1:
        last = words[-1]
        found.update(first[:a] + last[:b] for a in (1, 2, 3, 4) for b in (1, 2, 3, 4) if a < len(first))
    return {short for short in found if len(short) >= 2} - {"".join(words)}
