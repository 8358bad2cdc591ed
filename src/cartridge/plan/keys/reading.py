"""The tables of a request as the search for keys sees them: names read, prefixes known, all looked up by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from cartridge.domain.schema import TableKey, TableMapping
from cartridge.plan.keys.families import Family, can_be_key, family
from cartridge.plan.keys.measured import Measured
from cartridge.plan.keys.names import COPIES, FULL, STRIPPED, abbreviations, forms_of, stripped
from cartridge.plan.keys.roles import ANYTHING
from cartridge.plan.keys.vocabulary import Reading, Vocabulary, read
from cartridge.plan.loaders import is_loaders

_CALENDARS = frozenset(("date", "calendar", "day", "time", "datedim", "period"))
_CHANGED = frozenset(("updated", "modified"))
_MOMENTS = ("timestamp", "date", "unknown")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its readings are the plain one and, where the table's columns share a prefix, the one without."""

    table: TableKey
    name: str
    position: int
    data_type: str
    readings: tuple[Reading, ...]
    prefix: str = ""
    """The first word that the table's columns share, where they do."""

    @property
    def family(self) -> Family:
        """The family of its type."""
        return family(self.data_type)

    @property
    def reading(self) -> Reading:
        """The plain name, or, for a bare key behind a prefix (`c_id`), still the plain name."""
        return self.readings[0]

    @property
    def core(self) -> Reading:
        """The name without the table's prefix, where more than a bare key remains."""
        return self.readings[-1] if self.readings[-1].stem else self.readings[0]

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
    def ids(self) -> tuple[Column, ...]:
        """The columns whose names promise a technical key."""
        return tuple(column for column in self.columns if column.key_like)

    def ids_beside(self, held: Collection[str]) -> bool:
        """Whether a column that refers to nothing promises a key or counts rows."""
        return any(column.reading.kind in ("id", "number") and column.name not in held for column in self.columns)

    @cached_property
    def short_forms(self) -> dict[str, int]:
        """How its name may be shortened, with how much of it that covers."""
        return abbreviations(self.bare)

    @cached_property
    def is_copy(self) -> bool:
        """Whether the name marks it as a copy, trace or view of another table."""
        marked = len(self.words) > 1 and (self.words[0] in COPIES or self.words[-1] in COPIES)
        return (marked and self.version is None) or self.mapping.is_view

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

    @cached_property
    def version(self) -> str | None:
        """The column that tells the versions of one row apart, where a loader keeps them all: Fivetran's
        `_fivetran_start`, in its older `*_history` tables when the row was changed (`updated_at`, `updated_time`,
        `last_modified_time`), where that is not told when it was loaded.

        Source: Fivetran's documentation of history mode, and of the tables of its older connectors.
        """
        names = {column.name.lower(): column.name for column in self.columns}
        if "_fivetran_start" in names:
            return names["_fivetran_start"]
        if "_fivetran_synced" not in names or self.words[-1:] != ("history",):
            return None
        if "id" in names and f"{'_'.join(self.words[:-1])}_id" in names:
            return None  # a list of what happened to another table's row, with a number of its own
        changed = (c.name for c in self.columns if _CHANGED & set(c.reading.words) and c.family in _MOMENTS)
        loaded = names["_fivetran_synced"] if "id" in names and "_fivetran_id" not in names else None
        return next(changed, loaded)

    def part_of(self, schema: Schema) -> list[TableKey]:
        """The table whose name this one's name begins with (the longest), as `order` of `order_status_history`."""
        for size in range(len(self.bare) - 1, 0, -1):
            found = schema.by_form.find("".join(self.bare[:size]), self.key[0], STRIPPED)
            near = [key for _, key in found if key != self.key and key[0] == self.key[0]]
            if near:
                return near if len(near) == 1 else []
        return []

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
    measured: Measured
    """What the data say."""
    leads: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many tables of a schema begin with a column of that joined name."""
    copies: dict[TableKey, TableKey] = field(default_factory=dict)
    """Tables that are a copy of another, by name and columns (`orders_staging`), and of which."""

    def names_row(self, column: Column) -> bool:
        """Whether a column can be a key alone: its type allows it, and no data speak against it."""
        return can_be_key(column.data_type) and not self.measured.denies_key(column.table, (column.name,))


class NameIndex:
    """Tables by (schema, name): the same schema first; elsewhere only where one table alone has the name. A schema that
    a loader fills holds what one tool knows (`google_ads`, `jira`), and refers to no other tool's."""

    _LIMIT = 12
    """A name that so many tables of one schema share says nothing; more are not kept."""

    def __init__(self, loaded: Collection[str] = ()) -> None:
        """Start empty; `loaded` are the schemas that loaders fill."""
        self._tool = {schema: schema.lower().partition("_")[0] for schema in loaded}
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
            found = [(FULL, table) for table in far if len(far) == 1 and not self._strangers(schema, table[0])]
        best = min((how for how, _ in found), default=9)
        return [entry for entry in found if entry[0] == best and best <= worst]

    def _strangers(self, one: str, other: str) -> bool:
        """Whether loaders fill both schemas from different tools: their names do not even begin alike."""
        return one in self._tool and other in self._tool and self._tool[one] != self._tool[other]


def read_schema(mappings: Sequence[TableMapping], measured: Measured) -> Schema:
    """Read every name once; `measured` answers from the data."""
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
        bare = stripped(words, shared[mapping.schema])
        forms = forms_of(words, bare, vocabulary)
        table = Table(mapping, words, bare, columns[mapping.key], forms)
        if table.version and bare[-1:] == ("history",) and len(bare) > 1:  # the only table of that thing, mostly
            table = replace(table, bare=bare[:-1], forms=forms | forms_of(bare[:-1], bare[:-1], vocabulary))
        tables[mapping.key] = table
    return _indexed(tables, measured)


def _indexed(tables: dict[TableKey, Table], measured: Measured) -> Schema:
    loaded = _loaded(tables.values())
    schema = Schema(tables, NameIndex(loaded), NameIndex(loaded), Counter(), measured)
    for key, table in tables.items():
        for form, how in table.forms.items():
            schema.by_form.add(form, how, key)
        for short, how in table.short_forms.items():
            schema.by_abbreviation.add(short, how, key)
        schema.leads.update((key[0], column.reading.joined) for column in table.columns[:1])
        schema.spread.update({(key[0], reading.joined) for column in table.columns for reading in column.readings})
    for key, table in tables.items():
        if (original := _original(table, schema)) is not None:
            schema.copies[key] = original
    return schema


def _loaded(tables: Iterable[Table]) -> frozenset[str]:
    """The schemas most of whose tables bear a loader's columns."""
    sizes: Counter[str] = Counter()
    for table in tables:
        sizes[table.key[0]] += 1 if any(is_loaders(column.name) for column in table.columns) else -1
    return frozenset(schema for schema, surplus in sizes.items() if surplus > 0)


def _original(table: Table, schema: Schema) -> TableKey | None:
    """The table that this one is a copy of: its name without the word for a copy, and half of the columns."""
    words = list(table.words)
    rest = [words[1:]] * (words[0] in COPIES) + [words[:-1]] * (words[-1] in COPIES) if len(words) > 1 else []
    mine = {column.reading.joined for column in table.columns}
    for name in rest:
        for _, key in schema.by_form.find("".join(name), table.key[0], STRIPPED):
            theirs = {column.reading.joined for column in schema.tables[key].columns}
            if key != table.key and 2 * len(mine & theirs) >= min(len(mine), len(theirs)) > 0:
                return key
    return None


def _columns(mapping: TableMapping, vocabulary: Vocabulary) -> tuple[Column, ...]:
    words = [vocabulary.words(column.name) for column in mapping.columns]
    prefix = _column_prefix(words)
    found = []
    for position, (column, its) in enumerate(zip(mapping.columns, words, strict=True)):
        readings = [read(its)]
        if prefix and len(its) > 1 and its[0] == prefix:
            readings.append(read(its[1:]))
        found.append(Column(mapping.key, column.name, position, column.data_type, tuple(readings), prefix or ""))
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


def affinity(one: Table, other: Table) -> int:
    """How much two tables' names have in common: shared words, or the letters they begin with."""
    shared = len(set(one.bare) & set(other.bare))
    first, second = "".join(one.bare), "".join(other.bare)
    return 2 * shared + 2 * (len(first) > 3 and first[:3] == second[:3])


def is_polymorphic(column: Column, table: Table, schema: Schema) -> bool:
    """Whether a column is half of a polymorphic pair: `commentable_id` beside a text `commentable_type`. Where a table
    is called so, as with `product_id` beside `product_type`, the type is the product's."""
    stem = column.reading.stem
    if not stem or column.reading.kind != "id":
        return False
    if not ANYTHING & set(stem) and schema.by_form.find("".join(stem), table.key[0]):
        return False
    beside = table.columns[max(0, column.position - 1) : column.position + 2]
    return any(other.reading.words == (*stem, "type") and other.family in ("text", "unknown") for other in beside) or (
        stem[-1].endswith("able") and any(other.reading.words == (*stem, "type") for other in table.columns)
    )
