"""Primary keys of one column, from names, positions and types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from cartridge.domain.schema import TableKey
from cartridge.plan.keys.loaders import is_loader_column, is_row_key
from cartridge.plan.keys.model import PrimaryKey
from cartridge.plan.keys.names import FULL, STRIPPED, TAIL
from cartridge.plan.keys.reading import Column, Schema, Table
from cartridge.plan.keys.vocabulary import GENERIC, LANGUAGES, SEQUENCE, VERSIONS, Reading
from cartridge.plan.short_words import is_code
from cartridge.plan.words import word_set

ACCEPTED = 3.0
"""The score from which a column is believed to be the key of its table."""
_ABBREVIATED = 3
"""How well an abbreviation names a table: worse than any whole word."""


@dataclass(frozen=True)
class Own:
    """A column as the key of its own table: the score, how well its name tells the table, and why it is believed."""

    column: Column
    score: float
    how: int = 9
    evidence: tuple[str, ...] = ()

    def primary_key(self, proof: str) -> PrimaryKey:
        """As the public noun; `proof` is what the data say for it, if anything."""
        confidence = min(0.98, round(0.5 + self.score / 14 + (0.1 if proof else 0), 2))
        evidence = (*self.evidence, proof) if proof else self.evidence
        return PrimaryKey(self.column.table, (self.column.name,), "inferred", confidence, evidence)


# The weights were set by hand on half of the databases of the benchmark, and looked at on the other half.
_NAMED_AFTER_TABLE = {"id": 4.0, "code": 2.5, "number": 2.5, "name": 1.0, "none": 0.5}
_BARE = {"id": 4.0, "code": 1.5, "number": 0.0, "name": 0.5, "none": -9.0}
_TYPE = {"integer": 0.4, "uuid": 0.4, "text": 0.0, "unknown": 0.0, "decimal": -1.5, "date": -1.5, "timestamp": -2.5}
_NO_KEY = -9.0
_BRIDGES = word_set("relationship relation link mapping map xref rel assoc association membership bridge join")
"""Words that call a table a bridge."""
_BEYOND_DOUBT = 4.0
"""The score of a key that stands first and alone: several tables may have one of that name, kinds of one thing."""


def single_keys(schema: Schema, known: dict[TableKey, tuple[str, ...]]) -> dict[TableKey, Own]:
    """The best single-column key of every table that has none in `known`, where one is convincing.

    First the keys that are called after their table or just `id`; then technical keys that are called after no table:
    each such name belongs to the one table that has no other key of its own; then names and codes that stand first in
    one table and somewhere inside others.
    """
    found: dict[TableKey, Own] = {}
    tables = [table for key, table in schema.tables.items() if key not in known]
    for table in tables:
        best = max((_weigh(table, column, schema) for column in table.columns), key=_order, default=None)
        if best is not None and best.score >= ACCEPTED:
            found[table.key] = best
    for loser in _outclaimed(schema, found.values()):
        del found[loser]
    taken = {(key[0], own.column.core.joined) for key, own in found.items()}
    for key, columns in known.items():
        column = schema.tables[key].by_name.get(columns[0])
        if column is not None and len(columns) == 1:
            taken.add((key[0], column.core.joined))
    found |= _unnamed_keys(schema, [table for table in tables if table.key not in found], taken)
    found |= _natural_keys(schema, [table for table in tables if table.key not in found], taken)
    return found


def _order(own: Own) -> tuple[float, int]:
    return own.score, -own.column.position


def _weigh(table: Table, column: Column, schema: Schema) -> Own:
    if column.reading.numbered or not schema.names_row(column):
        return Own(column, _NO_KEY)
    score, how, says = max(_own_name(table, column, reading, schema) for reading in column.readings)
    evidence = [says] if says else []
    if column.position == 0:
        score += 2
        evidence.append("it is the first column")
    elif column.position == 1:
        score += 0.7
    if is_row_key(column):
        best = 7.0 if column.name.lower() == "_fivetran_id" else 3.6  # made only for tables without a key of their own
        score, evidence = max(score, best), [f"the loader numbers rows by `{column.name}`"]
    if table.is_calendar and column.family == "date" and column.position == 0:
        return Own(column, ACCEPTED, how, (f"`{column.name}` is the day of a calendar",))
    score += _TYPE.get(column.family, _NO_KEY)
    return Own(column, score, how, tuple(evidence))


def _own_name(table: Table, column: Column, reading: Reading, schema: Schema) -> tuple[float, int, str]:
    """How strongly a reading says that the column is its table's own key, and how well it tells the table."""
    kind = reading.kind
    stem = "".join(reading.stem)
    if not stem:
        return _bare_name(table, column, reading, schema)
    how = table.named(stem)
    if _names_other(table, column, reading, schema):
        return _NO_KEY, 9, ""
    if how is not None:
        return _NAMED_AFTER_TABLE[kind] - (1 if how == TAIL else 0), how, f"`{column.name}` is called after its table"
    if kind == "id" and table.bare and stem.startswith("".join(table.bare)):
        return 2.0, TAIL, f"`{column.name}` begins with its table's name"
    return _abbreviated(table, column, reading) or (_NO_KEY, 9, "")


def _abbreviated(table: Table, column: Column, reading: Reading) -> tuple[float, int, str] | None:
    """The same of a reading that shortens its table's name; a number only by a code, and only as the first column."""
    stem = "".join(reading.stem)
    says = f"`{column.name}` abbreviates its table's name"
    initial = len(stem) == 1 and bool(table.bare) and table.bare[0].startswith(stem)
    if reading.kind == "id" and (initial or stem in table.short_forms):
        return 2.5, _ABBREVIATED + table.short_forms.get(stem, FULL), says
    coded = reading.kind == "number" and is_code(stem) and table.short_forms.get(stem) == FULL
    return (1.5, _ABBREVIATED, says) if coded and not column.position else None


def _names_other(table: Table, column: Column, reading: Reading, schema: Schema) -> bool:
    """Whether the name, though it may tell its table, rather tells another's row, or counts rows within another's."""
    stem = "".join(reading.stem)
    how, kind = table.named(stem), reading.kind
    if how == TAIL and column.position > 1 and schema.leads[table.key[0], reading.joined]:
        return True
    if column.position == 1 and how in (FULL, STRIPPED) and kind == "id" and counts_within(table, schema):
        return True
    another = how != FULL and any(key != table.key for _, key in schema.by_form.find(stem, table.key[0], STRIPPED))
    return another and (how != TAIL or kind != "id" or bool(column.position) or _several_ids(table))


def _bare_name(table: Table, column: Column, reading: Reading, schema: Schema) -> tuple[float, int, str]:
    """The same of a reading that is nothing but a key's word."""
    if len(reading.words) > 1 and column.position and table.part_of(schema):
        return _NO_KEY, 9, ""
    if reading.kind in ("number", "code") and not column.position and _named_elsewhere(table, reading, schema):
        return _NAMED_AFTER_TABLE[reading.kind], FULL, f"other tables call it `{table.bare[-1]} {column.name}`"
    return _BARE[reading.kind], FULL, f"`{column.name}` is a table's own key by habit"


def _named_elsewhere(table: Table, reading: Reading, schema: Schema) -> bool:
    """Whether other columns put the table's name before the bare word: `customer_no` beside the `no` of customers."""
    forms = [form for form, how in table.forms.items() if how <= STRIPPED and len(form) > 2]
    return any(schema.spread[table.key[0], form + reading.joined] for form in forms)


def counts_within(table: Table, schema: Schema) -> bool:
    """Whether the first column is the key of the table whose part this one is: then what follows, though called after
    the table (`transaction_line_id`), may number the rows of each."""
    return any(
        schema.tables[key].named("".join(reading.stem)) in (FULL, STRIPPED)
        for key in table.part_of(schema)
        for reading in table.columns[0].readings
        if reading.kind == "id" and reading.stem
    )


def _several_ids(table: Table) -> bool:
    return sum(column.reading.kind in ("id", "code", "number") for column in table.columns) > 1


def _outclaimed(schema: Schema, owns: Iterable[Own]) -> list[TableKey]:
    """Tables whose key bears the name of another table's key, and whose own name it tells less well."""
    groups: dict[tuple[str, str], list[Own]] = defaultdict(list)
    for own in owns:
        if own.column.reading.stem and not is_row_key(own.column):
            groups[own.column.table[0], own.column.core.joined].append(own)
    losers = []
    for group in groups.values():
        ranked = sorted((_claim(own, schema.tables[own.column.table]), own.column.table) for own in group)
        stem = "".join(group[0].column.reading.stem)
        ends_alike = all(schema.tables[own.column.table].named(stem) == TAIL for own in group)
        for claim, table in ranked:
            first = schema.tables[table].columns[0]
            alone = claim[0] == TAIL and not _several_ids(schema.tables[table])
            alone |= bool(first.prefix) and not claim[1]
            alone |= ends_alike and not claim[1] and not _bridges(schema.tables[table], schema)
            if claim > ranked[0][0] and claim[0] > STRIPPED and not alone:
                losers.append(table)
    return losers


def _bridges(table: Table, schema: Schema) -> bool:
    """Whether the name says that rows pair rows of others, so that its first key is one of theirs."""
    return bool(set(table.words) & _BRIDGES) or names_two(table, schema)


def _claim(own: Own, table: Table) -> tuple[int, bool, int, int]:
    """How good a claim to its name a key has; the smaller the better."""
    ids = sum(column.key_like for column in table.columns)
    return min(own.how, TAIL), own.column.position > 0, ids, len(table.words)


def _unnamed_keys(schema: Schema, tables: list[Table], taken: set[tuple[str, str]]) -> dict[TableKey, Own]:
    """Keys whose name tells no table: one owner a name, in the table where nothing else could be the key.

    The names most tables share come first, so that what they settle helps with the others; `taken` grows.
    """
    groups: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for table in tables:
        if set(table.words) & _BRIDGES or names_two(table, schema):
            continue
        for column in table.columns:
            if _may_be_unnamed_key(column) and schema.names_row(column):
                groups[table.key[0], column.core.joined].append(column)
    owners: dict[TableKey, Own] = {}
    for name in sorted(groups, key=lambda name: (-schema.spread[name], name)):
        if name in taken or _refers(groups[name][0], schema):
            continue
        columns = [column for column in groups[name] if column.table not in owners]
        weighed = sorted((_as_owner(schema, column, taken) for column in columns), key=lambda own: -own.score)
        best = [own for own in weighed if own.score == weighed[0].score >= ACCEPTED]
        if len(best) == 1 or (best and best[0].score >= _BEYOND_DOUBT):
            owners |= {own.column.table: own for own in best}
            taken.add(name)
    return owners


def names_two(table: Table, schema: Schema) -> bool:
    """Whether a table is called after two others, one after the other: `PersonCreditCard`."""
    return any(
        all(
            any(key != table.key for _, key in schema.by_form.find("".join(words), table.key[0], STRIPPED))
            for words in (table.bare[:at], table.bare[at:])
        )
        for at in range(1, len(table.bare))
    )


def _may_be_unnamed_key(column: Column) -> bool:
    return column.key_like and bool(column.reading.stem) and not column.reading.numbered


def _refers(column: Column, schema: Schema) -> bool:
    """Whether the name, or its end behind a role, tells some table."""
    stem = column.reading.stem
    return any(schema.by_form.find("".join(stem[at:]), column.table[0], STRIPPED) for at in range(len(stem)))


def _as_owner(schema: Schema, column: Column, taken: Collection[tuple[str, str]]) -> Own:
    table = schema.tables[column.table]
    shared = schema.spread[column.table[0], column.core.joined] > 1
    score, evidence = 1.0, [f"`{column.name}` names no other table"]
    if column.position == 0:
        score += 2
        evidence.append("it is the first column")
    alone = all(
        other is column
        or (column.table[0], other.core.joined) in taken
        or _refers(other, schema)
        or not other.reading.stem
        for other in table.ids
    )
    if alone:
        score += 1
        evidence.append("no other column could be the key")
    stem = "".join(column.reading.stem)
    if stem in table.short_forms or (len(stem) > 3 and stem[1:] in table.short_forms):
        score += 2
        evidence.append("it abbreviates the table's name")
    if shared:
        score -= any(other.reading.kind == "number" or "seq" in other.reading.words for other in table.columns)
        score -= 0.5 * any(other.reading.kind == "code" for other in table.columns)
        score -= 1.5 * table.is_copy
    return Own(column, score, evidence=tuple(evidence))


def _natural_keys(schema: Schema, tables: list[Table], taken: Collection[tuple[str, str]]) -> dict[TableKey, Own]:
    """Names and codes that stand first in one table and further in elsewhere: `city_name` of the table of cities."""
    first: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for table in schema.tables.values():
        if table.columns and not is_versioned(table):
            first[table.key[0], table.columns[0].reading.joined].append(table.columns[0])
    found = {}
    for table in tables:
        column = table.columns[0] if table.columns else None
        if column is None or column.family not in ("text", "integer", "unknown") or column.key_like:
            continue
        name = (table.key[0], column.reading.joined)
        generic = not column.reading.stem or set(column.reading.words) <= GENERIC
        if (
            generic
            or name in taken
            or schema.spread[name] < 2
            or len(first[name]) > 1
            or is_versioned(table)
            or not schema.names_row(column)
        ):
            continue
        says = f"`{column.name}` stands first here and inside other tables"
        found[table.key] = Own(column, 1.5, evidence=(says,))
    return found


def of_versions(key: PrimaryKey, table: Table) -> PrimaryKey:
    """The key, with the column that tells the versions of a row apart where the loader keeps them all."""
    version = table.version
    if version is None or version in key.columns:
        return key
    says = f"the loader keeps every version of a row, and `{version}` tells them apart"
    return replace(key, columns=(*key.columns, version), evidence=(says, *key.evidence))


def is_versioned(table: Table) -> bool:
    """Whether the second column tells rows of the first apart: a version, a language, a line number."""
    if len(table.columns) < 2:
        return False
    reading = table.columns[1].reading
    counted = reading.kind == "number" and bool(SEQUENCE & set(reading.stem))
    return counted or bool(VERSIONS & set(reading.words[-1:])) or bool(LANGUAGES & set(reading.words[:1]))


def _told_apart(table: Table, first: Column, held: Collection[str]) -> list[Column]:
    """What must stand beside a first column that cannot name a row alone: after a day, all before the first number
    (`price_date`, `region`, `price`); after a type, the number within it (`document_type`, `no`)."""
    after = table.columns[1:]
    if first.family == "date" and not table.is_calendar:
        numbers = (column.family not in ("text", "uuid") and column.name not in held for column in after)
        return list(after[: next((at for at, number in enumerate(numbers) if number), 0)])
    classified = {"type", "kind", "class"} & set(first.reading.words[-1:])
    if classified and after and after[0].reading.kind in ("number", "code", "id") and after[0].name not in held:
        return [after[0]]
    return []


def _series(table: Table) -> list[Column]:
    """The columns of a series that tell its rows apart: words that do not name the table, then a day or a moment, then
    nothing but numbers."""
    columns = [column for column in table.columns if not is_loader_column(column)]
    at = next((at for at, column in enumerate(columns) if column.family in ("date", "timestamp")), 0)
    before, after = columns[:at], columns[at + 1 :]
    words = all(
        column.family == "text" and table.named("".join(column.reading.stem or column.reading.words)) is None
        for column in before
    )
    numbers = bool(after) and all(column.family in ("decimal", "integer") for column in after)
    return columns[: at + 1] if before and words and numbers else []


def first_column_key(table: Table, held: Collection[str], schema: Schema) -> PrimaryKey | None:
    """The last guess: a first column that refers to nothing, of a table without any other key; little trusted."""
    column = table.columns[0] if table.columns else None
    if (
        column is None
        or column.name in held
        or not schema.names_row(column)
        or column.family not in ("text", "integer", "uuid", "unknown", "date")
    ):
        return None
    if series := _series(table):
        names = tuple(member.name for member in series)
        says = f"a series: nothing but numbers comes after {', '.join(f'`{name}`' for name in names)}"
        return PrimaryKey(table.key, names, "inferred", 0.55, (says,))
    if rest := _told_apart(table, column, held):
        named = ", ".join(f"`{other.name}`" for other in (column, *rest))
        says = f"nothing better is there than {named}, which stand first"
        return PrimaryKey(table.key, (column.name, *(other.name for other in rest)), "inferred", 0.35, (says,))
    says = "it is the first column; nothing better is there"
    if proof := schema.measured.supports_key(table.key, column.name):
        return PrimaryKey(table.key, (column.name,), "inferred", 0.6, (says, proof))
    return PrimaryKey(table.key, (column.name,), "inferred", 0.35, (says,))
