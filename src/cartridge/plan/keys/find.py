"""The one decision over a whole schema: what is declared, then what names and types say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cartridge.domain.schema import Relationship, TableKey, TableMapping, TableProfile
from cartridge.plan.keys.composite import composite_key, composite_references
from cartridge.plan.keys.declared import gather
from cartridge.plan.keys.foreign import candidates
from cartridge.plan.keys.model import Keys, PrimaryKey
from cartridge.plan.keys.primary import first_column_key, single_keys
from cartridge.plan.keys.reading import Column, Schema, Table, read_schema
from cartridge.plan.keys.targets import Targets

BELIEVED = 0.5
"""The confidence from which an inferred foreign key is believed."""
POSSIBLE = 0.3
"""The confidence from which one is worth a look at the data."""

References = dict[TableKey, dict[str, Relationship]]
"""By table: the foreign key that each column is part of."""


def find_keys(
    tables: Sequence[TableMapping],
    relationships: Sequence[Relationship] = (),
    profile: Mapping[TableKey, TableProfile] | None = None,
) -> Keys:
    """The keys of a request: declared ones first, then measured ones, then those that names and types suggest.

    `relationships` are what a scan declared or measured. With a `profile`, guesses that the data contradict are
    dropped. Nothing here raises on odd input: a key to a missing table or column, or a contradiction, is a finding.
    Pure and deterministic; near linear in the number of columns.
    """
    declared = gather(tables, relationships)
    schema = read_schema(tuple({table.key: table for table in reversed(tables)}.values())[::-1])
    primary = dict(declared.primary_keys)
    known = {key: found.columns for key, found in primary.items()}
    primary |= {key: own.primary_key() for key, own in single_keys(schema, known).items()}
    held: References = defaultdict(dict)
    for found in declared.relationships:
        held[found.table].update(dict.fromkeys(found.columns, found))
    doubtful = _infer_single(schema, primary, held)
    for key, table in schema.tables.items():
        if key not in primary:
            guess = composite_key(table, list(held[key].values()), schema)
            if guess is not None:
                primary[key] = guess
    _infer_composite(schema, primary, held)
    for key, table in schema.tables.items():
        if key not in primary and (guess := first_column_key(table, held[key])) is not None:
            primary[key] = guess
    inferred = {found for columns in held.values() for found in columns.values()} - set(declared.relationships)
    believed = tuple(sorted([*declared.relationships, *inferred]))
    return Keys(primary, believed, tuple(sorted(doubtful)), tuple(declared.findings))


def _infer_single(schema: Schema, primary: Mapping[TableKey, PrimaryKey], held: References) -> list[Relationship]:
    """Give each column that holds no key yet the best of its targets, where that one is believed; answer the rest."""
    doubtful = []
    targets = Targets(schema, {key: found.columns for key, found in primary.items()})
    for table in schema.tables.values():
        for column in table.columns:
            if column.name in held[table.key] or is_polymorphic(column, table):
                continue
            found = candidates(column, table, targets)
            if found and found[0].confidence >= BELIEVED:
                held[table.key][column.name] = found[0].relationship()
            elif found and found[0].confidence >= POSSIBLE:
                doubtful.append(found[0].relationship())
    return doubtful


def _infer_composite(schema: Schema, primary: Mapping[TableKey, PrimaryKey], held: References) -> None:
    """Let whole composite keys take the place of the inferred keys of their columns."""
    for found in composite_references(schema, primary, held):
        earlier = [held[found.table][name] for name in found.columns if name in held[found.table]]
        if all(other.origin == "inferred" and len(other.columns) < len(found.columns) for other in earlier):
            held[found.table].update(dict.fromkeys(found.columns, found))


def is_polymorphic(column: Column, table: Table) -> bool:
    """Whether a column is half of a polymorphic pair: `commentable_id` beside a text `commentable_type`."""
    stem = column.reading.stem
    if not stem or column.reading.kind != "id":
        return False
    beside = table.columns[max(0, column.position - 1) : column.position + 2]
    return any(other.reading.words == (*stem, "type") and other.family in ("text", "unknown") for other in beside) or (
        stem[-1].endswith("able") and any(other.reading.words == (*stem, "type") for other in table.columns)
    )
