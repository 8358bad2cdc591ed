"""Primary keys of one column, from names, positions and types."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from cartridge.domain.schema import TableKey
from cartridge.plan.keys.families import can_be_key
from cartridge.plan.keys.reading import STRIPPED, TAIL, Column, Schema, Table, abbreviations
from cartridge.plan.keys.vocabulary import Reading

ACCEPTED = 3.0
"""The score from which a column is believed to be the key of its table."""


@dataclass(frozen=True)
class Own:
    """A column as the key of its own table: the score, and why."""

    column: Column
    score: float
    evidence: tuple[str, ...]


_NAMED_AFTER_TABLE = {"id": 4.0, "code": 2.5, "number": 2.5, "name": 1.0, "none": 0.5}
_BARE = {"id": 4.0, "code": 1.5, "number": 0.0, "name": 0.5, "none": -9.0}
_TYPE = {"integer": 0.4, "uuid": 0.4, "text": 0.0, "unknown": 0.0, "decimal": -1.5, "date": -1.5, "timestamp": -2.5}


def single_keys(schema: Schema, known: dict[TableKey, tuple[str, ...]]) -> dict[TableKey, Own]:
    """The best single-column key of every table that has none declared, where one is convincing.

    First the keys that are called after their table or just `id`; then technical keys that are called after nothing
    known: each such name belongs to the one table that has no other key of its own.
    """
    found: dict[TableKey, Own] = {}
    open_tables = [table for key, table in schema.tables.items() if key not in known]
    for table in open_tables:
        best = max((_weigh(table, column, schema) for column in table.columns), key=_order, default=None)
        if best is not None and best.score >= ACCEPTED:
            found[table.key] = best
    found.update(_unnamed_keys(schema, [table for table in open_tables if table.key not in found], found, known))
    return found


def _order(own: Own) -> tuple[float, int]:
    return own.score, -own.column.position


def _weigh(table: Table, column: Column, schema: Schema) -> Own:
    if not can_be_key(column.data_type) or column.reading.numbered:
        return Own(column, -9, ())
    score, says = max((_own_name(table, reading, schema) for reading in column.readings), key=lambda pair: pair[0])
    evidence = [says] if says else []
    if column.position == 0:
        score += 2
        evidence.append("it is the first column")
    elif column.position == 1:
        score += 0.7
    score += _TYPE.get(column.family, -9)
    return Own(column, score, tuple(evidence))


def _own_name(table: Table, reading: Reading, schema: Schema) -> tuple[float, str]:
    """How strongly a reading says that the column is its table's own key."""
    kind = reading.kind
    stem = "".join(reading.stem)
    if not stem:
        return _BARE[kind], f"`{reading.words[-1]}` is a table's own key by habit" if kind != "none" else ""
    how = table.named(stem)
    if how != 0 and _names_another(table, stem, schema):
        return -9, ""
    if how is not None:
        weight = _NAMED_AFTER_TABLE[kind] - (1 if how == TAIL else 0)
        return weight, f"`{' '.join(reading.words)}` is called after its table"
    if kind != "id":
        return -9, ""
    if stem in abbreviations(table.bare) or (len(stem) == 1 and table.bare[:1] and table.bare[0].startswith(stem)):
        return 2.5, f"`{' '.join(reading.words)}` abbreviates its table's name"
    return -9, ""


def _names_another(table: Table, stem: str, schema: Schema) -> bool:
    return any(key != table.key for _, key in schema.by_form.find(stem, table.key[0], STRIPPED))


def _unnamed_keys(
    schema: Schema, tables: list[Table], found: dict[TableKey, Own], known: dict[TableKey, tuple[str, ...]]
) -> dict[TableKey, Own]:
    """Keys whose name tells no table: one owner a name, in the table where nothing else could be the key."""
    taken = {(key[0], own.column.reading.joined) for key, own in found.items()}
    taken |= {
        (key[0], schema.tables[key].by_name[columns[0]].reading.joined)
        for key, columns in known.items()
        if len(columns) == 1 and columns[0] in schema.tables[key].by_name
    }
    groups: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for table in tables:
        for column in table.columns:
            if column.key_like and column.reading.stem and not column.reading.numbered and can_be_key(column.data_type):
                groups[table.key[0], column.reading.joined].append(column)
    owners: dict[TableKey, Own] = {}
    for name in sorted(groups, key=lambda name: (-schema.spread[name], name)):
        if name in taken or _refers(groups[name][0], schema):
            continue
        owner = _owner(schema, [column for column in groups[name] if column.table not in owners], taken)
        if owner is not None:
            owners[owner.column.table] = owner
            taken.add(name)
    return owners


def _refers(column: Column, schema: Schema) -> bool:
    """Whether the name, or its end behind a role, tells some table."""
    stem = column.reading.stem
    return any(schema.by_form.find("".join(stem[at:]), column.table[0], STRIPPED) for at in range(len(stem)))


def _owner(schema: Schema, columns: list[Column], taken: set[tuple[str, str]]) -> Own | None:
    weighed = sorted((_as_owner(schema, column, taken) for column in columns), key=lambda own: -own.score)
    if not weighed or weighed[0].score < ACCEPTED:
        return None
    if len(weighed) > 1 and weighed[0].score == weighed[1].score:
        return None
    return weighed[0]


def _as_owner(schema: Schema, column: Column, taken: set[tuple[str, str]]) -> Own:
    table = schema.tables[column.table]
    score, evidence = 1.0, [f"`{column.name}` names no other table"]
    if column.position == 0:
        score += 2
        evidence.append("it is the first column")
    others = [
        other for other in table.columns
        if other is not column and other.key_like and (column.table[0], other.reading.joined) not in taken
        and not _refers(other, schema)
    ]  # fmt: skip
    if not others:
        score += 1
        evidence.append("no other column could be the key")
    stem = "".join(column.reading.stem)
    short = abbreviations(table.bare)
    if stem in short or (len(stem) > 3 and stem[1:] in short):
        score += 2
        evidence.append("it abbreviates the table's name")
    score -= 1.0 * any(other.reading.kind == "number" or "seq" in other.reading.words for other in table.columns)
    score -= 0.5 * any(other.reading.kind == "code" for other in table.columns)
    score -= 1.5 * table.is_copy
    return Own(column, score, tuple(evidence))
