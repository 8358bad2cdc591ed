"""The one decision over a whole schema: what is declared, then what names and types say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from cartridge.domain.schema import Relationship, TableKey, TableMapping, TableProfile
from cartridge.plan.keys.composite import composite_key, composite_references
from cartridge.plan.keys.declared import gather
from cartridge.plan.keys.foreign import candidates
from cartridge.plan.keys.model import Keys, PrimaryKey
from cartridge.plan.keys.primary import first_column_key, single_keys
from cartridge.plan.keys.reading import Schema, is_polymorphic, read_schema
from cartridge.plan.keys.targets import Targets

BELIEVED = 0.5
"""The confidence from which an inferred foreign key is believed."""
BELIEVED_BESIDE_DECLARED = 0.85
"""The same in a schema that declares its foreign keys: what is missing there is missing for a reason, mostly."""
_MOST = 0.6
"""The share of tables that makes a habit."""
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
    given = {table.key: table for table in reversed(tables)}
    schema = read_schema([given[key] for key in sorted(given)], profile)
    primary = dict(declared.primary_keys)
    known = {key: found.columns for key, found in primary.items()}
    for key, own in single_keys(schema, known).items():
        primary[key] = own.primary_key(schema.measured.supports_key(key, own.column.name))
    held: References = defaultdict(dict)
    for found in declared.relationships:
        held[found.table].update(dict.fromkeys(found.columns, found))
    asked = _Asked(declared.claimed, _believed_from(schema, declared.relationships))
    _infer_single(schema, primary, held, asked)
    _add_composite_keys(schema, primary, held)
    possible = _infer_single(schema, primary, held, asked)  # again: extensions of other tables have keys now
    _infer_composite(schema, primary, held)
    if len(known) < _MOST * len(schema.tables):
        _add_first_columns(schema, primary, held)
    inferred = {found for columns in held.values() for found in columns.values()} - set(declared.relationships)
    believed = sorted([*declared.relationships, *inferred])
    doubtful = sorted(found for found in possible if found.columns[0] not in held[found.table])
    return Keys(primary, tuple(believed), tuple(doubtful), tuple(declared.findings))


@dataclass(frozen=True)
class _Asked:
    """Which columns are spoken for, and by schema the confidence that an inferred foreign key needs."""

    claimed: Set[tuple[TableKey, str]]
    believed_from: Mapping[str, float]


def _add_composite_keys(schema: Schema, primary: dict[TableKey, PrimaryKey], held: References) -> None:
    for key in [key for key in schema.tables if key not in primary]:
        guess = composite_key(schema.tables[key], list(held[key].values()), schema)
        if guess is not None and not schema.measured.denies_key(key, guess.columns):
            primary[key] = guess


def _add_first_columns(schema: Schema, primary: dict[TableKey, PrimaryKey], held: References) -> None:
    for key in [key for key in schema.tables if key not in primary]:
        guess = first_column_key(schema.tables[key], held[key], schema)
        if guess is not None:
            primary[key] = guess


def _believed_from(schema: Schema, declared: Sequence[Relationship]) -> dict[str, float]:
    """By schema: the confidence that an inferred foreign key needs there."""
    linked = {key for found in declared for key in (found.table, found.ref_table)}
    sizes = Counter(key[0] for key in schema.tables)
    counts = Counter(key[0] for key in linked)
    return {
        name: BELIEVED_BESIDE_DECLARED if counts[name] >= _MOST * size and size > 2 else BELIEVED
        for name, size in sizes.items()
    }


def _infer_single(
    schema: Schema, primary: Mapping[TableKey, PrimaryKey], held: References, asked: _Asked
) -> list[Relationship]:
    """Give each column that holds no key yet the best of its targets, where that one is believed; answer the rest."""
    doubtful = []
    targets = Targets(schema, {key: found.columns for key, found in primary.items()})
    for table in schema.tables.values():
        for column in table.columns:
            if column.name in held[table.key] or (table.key, column.name) in asked.claimed:
                continue
            if is_polymorphic(column, table):
                continue
            found = candidates(column, table, targets)
            if found and found[0].confidence >= asked.believed_from[table.key[0]]:
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
