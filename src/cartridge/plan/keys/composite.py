"""Keys of several columns: bridges, lines of a header, versions; and foreign keys that hold such a key whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.keys.families import may_meet
from cartridge.plan.keys.model import PrimaryKey
from cartridge.plan.keys.names import FULL, STRIPPED
from cartridge.plan.keys.primary import counts_within, is_versioned, names_two
from cartridge.plan.keys.reading import Column, Schema, Table, affinity, is_polymorphic
from cartridge.plan.keys.vocabulary import LANGUAGES, SEQUENCE
from cartridge.plan.languages import english
from cartridge.plan.words import word_set

_PERIODS = word_set("date day week month year quarter hour season")
_DOCUMENTS = word_set("order ord invoice inv ticket receipt document doc voucher bill transaction po check slip")

Held = Mapping[str, Relationship]
"""The foreign key that each column of one table is part of."""


def composite_keys(table: Table, references: Sequence[Relationship], schema: Schema) -> Iterator[PrimaryKey]:
    """What may be the key of a table without one of its own, the likeliest first: its header and a line number, all
    that it bridges, or its parent's.

    `references` are the foreign keys that the table holds.
    """
    held = {name: found for found in references for name in found.columns}
    if is_versioned(table):
        names = [column.name for column in table.columns[:2]]
        yield _key(table, names, 0.7, f"`{names[1]}` tells versions of `{names[0]}` apart")
        return
    if not held:
        return
    needed = _independent(held, schema)
    first = _history_key(table, held)
    if first is None and names_two(table, schema) and len(needed) > 1:
        first = _bridge_key(table, held, needed)
    guesses = (
        first,
        _period_key(table, held),
        _line_key(table, held, needed, schema),
        _attribute_key(table, needed),
        _part_key(table, held, needed, schema),
        _bridge_key(table, held, needed),
        _extension_key(table, held, needed, schema),
    )
    yield from (guess for guess in guesses if guess is not None)


def _key(table: Table, names: Sequence[str], confidence: float, says: str) -> PrimaryKey:
    ordered = tuple(column.name for column in table.columns if column.name in names)
    return PrimaryKey(table.key, ordered, "inferred", confidence, (says,))


def _independent(held: Held, schema: Schema) -> list[str]:
    """The foreign keys that no other of them determines: where lines know their order and the order its customer,
    the customer is no part of the lines' key."""
    determined = set()
    for name, found in held.items():
        parent = schema.tables[found.ref_table]
        for other in held:
            if other != name and other in parent.by_name and other not in found.ref_columns:
                determined.add(other)
    return [name for name in held if name not in determined] or list(held)


def _line_key(table: Table, held: Held, needed: Sequence[str], schema: Schema) -> PrimaryKey | None:
    """Header and line number; numbers of the levels between them too."""
    inherited = {name for found in held.values() for name in schema.tables[found.ref_table].by_name}
    numbers = [
        column for column in table.columns
        if column.name not in held and column.name not in inherited
        and (_counts(column, table) or _numbers_parts(column, table, schema))
    ]  # fmt: skip
    if not numbers:
        return None
    line = numbers[-1] if len(numbers) < 3 else numbers[0]
    levels = [column.name for column in table.columns[: line.position] if column.reading.kind == "number"]
    alike = (name for name in needed if set(schema.tables[held[name].ref_table].bare) & set(table.bare))
    before = [name for name in needed if table.by_name[name].position < line.position]
    unheld = [name for name in levels if name not in held]
    header = next(alike, None) or ((before or needed)[0] if before or not unheld else unheld[0])
    says = f"`{line.name}` counts the rows of one `{header}`"
    return _key(table, [header, *unheld, line.name], 0.7, says)


def _numbers_parts(column: Column, table: Table, schema: Schema) -> bool:
    own = column.reading.kind == "id" and table.named("".join(column.reading.stem)) in (FULL, STRIPPED)
    return own and column.position == 1 and counts_within(table, schema)


def _counts(column: Column, table: Table) -> bool:
    reading = column.reading
    if column.family != "integer" or len(reading.words) > 3:
        return False
    own = reading.kind == "number" and table.named("".join(reading.stem)) is not None
    said = {part for word in reading.words for part in english(word) or (word,)}
    return own or (bool(SEQUENCE & said) and reading.kind in ("number", "none", "id"))


def _attribute_key(table: Table, needed: Sequence[str]) -> PrimaryKey | None:
    """One parent, and the name of an attribute beside its value; or the parent's texts by language."""
    for column in table.columns:
        words = column.reading.words
        named = words[-1:] in (("name",), ("key",)) and any(
            other.reading.words == (*words[:-1], "value") for other in table.columns
        )
        translated = bool(LANGUAGES & set(words)) and column.position <= 2
        if (named or translated) and column.name not in needed[1:]:
            says = f"`{column.name}` tells the rows of one `{needed[0]}` apart"
            return _key(table, [needed[0], column.name], 0.65, says)
    return None


def _history_key(table: Table, held: Held) -> PrimaryKey | None:
    """Whom it tells the history of, and from when."""
    words = {word for column in table.columns for word in column.reading.words}
    first = table.columns[0].name
    since = next((column for column in table.columns if column.family in ("date", "timestamp")), None)
    spans = {"start", "end"} <= words or {"from", "to"} <= words
    if since is None or first not in held or not (spans or {"history", "hist"} & set(table.words)):
        return None
    told = [column.name for column in table.columns[1 : since.position] if column.reading.kind == "name"]
    return _key(table, [first, *told, since.name], 0.6, f"`{since.name}` tells the rows of one `{first}` apart")


def _period_key(table: Table, held: Held) -> PrimaryKey | None:
    """What is counted, and for which day: references first, then a day, then nothing but numbers."""
    lead = [column.name for column in takewhile(lambda column: column.name in held, table.columns)]
    after = table.columns[len(lead) :]
    if not lead or len(after) < 2 or after[0].family != "date" or not _PERIODS & set(after[0].reading.words[-1:]):
        return None
    if any(column.family in ("text", "uuid") or column.name in held for column in after[1:]):
        return None
    says = f"numbers of one {' and '.join(f'`{name}`' for name in lead)} for each `{after[0].name}`"
    return _key(table, [*lead, after[0].name], 0.6, says)


def _bridge_key(table: Table, held: Held, needed: Sequence[str]) -> PrimaryKey | None:
    """All that it brings together, where it has little else."""
    lead = []
    for column in table.columns:
        if column.name not in held:
            break
        lead.append(column.name)
    others = len(table.columns) - len(held)
    kept = [name for name in lead if name in needed] if len(needed) >= 2 else lead
    if 2 <= len(kept) <= 5 and others <= 4:
        says = f"it brings together {', '.join(f'`{name}`' for name in kept)} and has no key of its own"
        return _key(table, kept, 0.85 if others <= 1 else 0.7, says)
    number = next((column for column in table.columns[:4] if _is_document_number(column)), None)
    if number is not None and number.name not in held and len(needed) <= 2 and others <= 5:
        says = f"`{number.name}` is a document's number, and it has no key of its own"
        return _key(table, [*needed, number.name], 0.55, says)
    return None


def _is_document_number(column: Column) -> bool:
    return column.reading.kind in ("number", "code", "id") and bool(_DOCUMENTS & set(column.reading.stem[-1:]))


def _extension_key(table: Table, held: Held, needed: Sequence[str], schema: Schema) -> PrimaryKey | None:
    """One parent, and nothing that could tell several rows of one parent apart."""
    apart = any(
        (_PERIODS & set(column.reading.words) and column.name not in held)
        or (column.family in ("date", "timestamp") and "update" not in column.reading.words)
        for column in table.columns
    )
    first = table.columns[0].name
    if first in held and not table.ids_beside(held) and _extends(table, held[first], schema):
        says = f"`{first}` stands first, and {table.key[1]} says more of each row of {held[first].ref_table[1]}"
        return _key(table, [first], 0.55, says)
    if len(needed) != 1 or apart or first != needed[0]:
        return None
    if len(table.columns) == 2:
        other = table.columns[1].name
        return _key(table, [needed[0], other], 0.55, f"it lists each `{other}` of one `{needed[0]}`")
    if any(is_polymorphic(column, table, schema) for column in table.columns):
        return None
    says = f"`{needed[0]}` is its only key: one row for each row of {held[needed[0]].ref_table[1]}"
    return _key(table, needed, 0.5, says)


def _part_key(table: Table, held: Held, needed: Sequence[str], schema: Schema) -> PrimaryKey | None:
    """The key of the table whose name this one's begins with, where all other references follow from it."""
    first = table.columns[0].name
    listed = len(table.columns) < len(held) + 2 or table.columns[1].family in ("date", "timestamp")
    if list(needed) != [first] or len(held) < 2 or listed:
        return None
    if held[first].ref_table not in table.part_of(schema):
        return None
    says = f"`{first}` stands first, and what else {table.key[1]} refers to follows from it"
    return _key(table, [first], 0.5, says)


_MORE_OF_IT = word_set("""
    profile stat statistic setting preference detail info information extension ext extra option meta metadata summary
    configuration config credential account data counter
""")
"""Last words of tables that say more of each row of another."""


def _extends(table: Table, reference: Relationship, schema: Schema) -> bool:
    """Whether the table is called after the one it refers to, and one of the words for an extension."""
    rest = [word for word in table.bare if word not in schema.tables[reference.ref_table].bare]
    return len(rest) == 1 and rest[0] in _MORE_OF_IT and reference.ref_table in table.part_of(schema)


_DOUBTED = 0.4
"""The confidence of a composite reference that the names alone do not tell."""


def composite_references(
    schema: Schema, primary: Mapping[TableKey, PrimaryKey], held: Mapping[TableKey, Held]
) -> tuple[list[Relationship], list[Relationship]]:
    """Foreign keys that hold another table's composite key whole, every column by the same name: the believed ones, and
    those that the data may tell.

    Only keys with a part of their own (a line number, a version) are believed: a table with the same two foreign keys
    as a bridge need not mean the bridge, nor one that counts its rows too mean another's lines. Where several
    tables have that key, the one with a name alike is meant.
    """
    holders: dict[tuple[str, str], list[TableKey]] = defaultdict(list)
    for key, table in schema.tables.items():
        for column in table.columns:
            holders[key[0], column.reading.joined].append(key)
    found: dict[tuple[TableKey, tuple[str, ...]], list[tuple[int, Relationship]]] = defaultdict(list)
    doubted: list[Relationship] = []
    for key in sorted(primary):
        target = primary[key]
        names = schema.tables[key].by_name
        if len(target.columns) < 2 or any(name not in names for name in target.columns):
            continue
        if schema.tables[key].version in target.columns:
            continue  # when a loader saw a row says nothing of another table's
        own = [name for name in target.columns if name not in held.get(key, {})]
        counted = all(SEQUENCE & set(names[name].reading.words) for name in own)
        rarest = min((holders[key[0], names[name].reading.joined] for name in own or target.columns), key=len)
        for holder in rarest[:64]:
            close = affinity(schema.tables[holder], schema.tables[key])
            reference = _whole(schema.tables[holder], schema.tables[key], target, primary.get(holder))
            if reference is not None and own and (close or not counted):
                found[holder, reference.columns].append((close, reference))
            elif reference is not None:
                doubted.append(replace(reference, confidence=_DOUBTED))
    return [reference for some in found.values() if (reference := _likeliest(some)) is not None], doubted


def _whole(table: Table, target: Table, key: PrimaryKey, own: PrimaryKey | None) -> Relationship | None:
    if table is target:
        return None
    by_words = {column.reading.joined: column for column in table.columns}
    columns = []
    for name in key.columns:
        there = target.by_name[name]
        here = by_words.get(there.reading.joined)
        if here is None or not may_meet(here.data_type, there.data_type):
            return None
        columns.append(here.name)
    if own is not None and own.columns == tuple(columns):
        return None
    says = f"it holds the whole key of {target.key[1]}: {', '.join(f'`{name}`' for name in key.columns)}"
    confidence = 0.8 if key.origin == "declared" else 0.65
    return Relationship(table.key, tuple(columns), target.key, key.columns, "inferred", confidence, (says,))


def _likeliest(some: Sequence[tuple[int, Relationship]]) -> Relationship | None:
    best = max(close for close, _ in some)
    first = [reference for close, reference in some if close == best]
    return first[0] if len(first) == 1 else None
