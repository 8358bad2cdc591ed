"""The one decision over a whole schema: what is declared, then what names and types say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from cartridge.domain.schema import Overlap, Relationship, TableKey, TableMapping, TableProfile
from cartridge.plan.keys.client import clients_of, edges_without, with_clients, without_clients
from cartridge.plan.keys.composite import composite_keys, composite_references
from cartridge.plan.keys.declared import gather
from cartridge.plan.keys.foreign import candidates
from cartridge.plan.keys.measured import Measured
from cartridge.plan.keys.model import Keys, PrimaryKey
from cartridge.plan.keys.primary import first_column_key, of_versions, single_keys
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
    overlaps: Sequence[Overlap] = (),
) -> Keys:
    """The keys of a request: declared ones first, then measured ones, then those that names and types suggest.

    `relationships` are what a scan declared or measured. With a `profile`, guesses that the data contradict are
    dropped; references with one of `overlaps` are left to `held_against`. Nothing here raises on odd input: a key to a
    missing table or column, or a contradiction, is a finding.
    Pure and deterministic; near linear in the number of columns.
    """
    clients = clients_of(tables, relationships)
    found = _found(without_clients(tables, clients), edges_without(relationships, clients), profile, overlaps)
    return with_clients(found, clients) if clients else found


def _found(
    tables: Sequence[TableMapping],
    relationships: Sequence[Relationship],
    profile: Mapping[TableKey, TableProfile] | None,
    overlaps: Sequence[Overlap],
) -> Keys:
    declared = gather(tables, relationships)
    given = {table.key: table for table in reversed(tables)}
    schema = read_schema([given[key] for key in sorted(given)], Measured(profile, overlaps))
    primary = dict(declared.primary_keys)
    known = {key: found.columns for key, found in primary.items()}
    for key, own in single_keys(schema, known).items():
        proof = schema.measured.supports_key(key, own.column.name)
        primary[key] = of_versions(own.primary_key(proof), schema.tables[key])
    held: References = defaultdict(dict)
    for found in declared.relationships:
        held[found.table].update(dict.fromkeys(found.columns, found))
    asked = _Asked(declared.claimed, _believed_from(schema, declared.relationships))
    _infer_single(schema, primary, held, asked)
    possible_keys = _add_composite_keys(schema, primary, held)
    possible = _infer_single(schema, primary, held, asked)  # again: extensions of other tables have keys now
    possible_keys |= _doubtful_keys(schema, possible_keys, possible)
    possible += _infer_composite(schema, primary, held)
    if len(known) < _MOST * len(schema.tables):
        _add_first_columns(schema, primary, held)
    primary = {key: _proven(found, schema) for key, found in primary.items()}
    inferred = {found for columns in held.values() for found in columns.values()} - set(declared.relationships)
    believed = sorted(_without_implied([*declared.relationships, *inferred]))
    known_edges = {(found.table, found.columns, found.ref_table) for found in believed}
    doubtful = sorted(found for found in possible if _is_open(found, held, known_edges))
    return Keys(primary, tuple(believed), tuple(doubtful), tuple(declared.findings), possible_keys)


def _proven(key: PrimaryKey, schema: Schema) -> PrimaryKey:
    """The key, declared or measured where it was guessed and the database says so or every row honours it."""
    table = schema.tables[key.table].mapping
    unique = any(set(key.columns) == set(columns) for columns in table.unique_keys or ())
    filled = all(column.name not in key.columns or not column.nullable for column in table.columns)
    if key.origin == "inferred" and unique and filled:
        return replace(key, origin="declared", confidence=1.0, evidence=("the database declares it unique and filled",))
    says = schema.measured.proves_key(key.table, key.columns) if key.origin == "inferred" else ""
    return replace(key, origin="measured", confidence=0.99, evidence=(*key.evidence, says)) if says else key


@dataclass(frozen=True)
class _Asked:
    """Which columns are spoken for, and by schema the confidence that an inferred foreign key needs."""

    claimed: Set[tuple[TableKey, str]]
    believed_from: Mapping[str, float]


def _add_composite_keys(
    schema: Schema, primary: dict[TableKey, PrimaryKey], held: References
) -> dict[TableKey, tuple[tuple[str, ...], ...]]:
    """Give each table without a key the first of its guesses that no data deny; answer all guesses."""
    possible = {}
    for key in [key for key in schema.tables if key not in primary]:
        guesses = list(composite_keys(schema.tables[key], list(held[key].values()), schema))
        possible[key] = tuple(guess.columns for guess in guesses)
        best = next((guess for guess in guesses if not schema.measured.denies_key(key, guess.columns)), None)
        if best is not None:
            primary[key] = best
    return possible


def _doubtful_keys(
    schema: Schema, known: Mapping[TableKey, tuple[tuple[str, ...], ...]], doubtful: Sequence[Relationship]
) -> dict[TableKey, tuple[tuple[str, ...], ...]]:
    """The guesses about the same tables, were their doubtful references true as well."""
    also: dict[TableKey, list[Relationship]] = defaultdict(list)
    for reference in doubtful:
        if reference.table in known:
            also[reference.table].append(reference)
    more = {}
    for key, references in also.items():
        guesses = [guess.columns for guess in composite_keys(schema.tables[key], references, schema)]
        more[key] = tuple(dict.fromkeys((*known[key], *guesses)))
    return more


def _add_first_columns(schema: Schema, primary: dict[TableKey, PrimaryKey], held: References) -> None:
    for key in [key for key in schema.tables if key not in primary]:
        guess = first_column_key(schema.tables[key], held[key], schema)
        if guess is not None:
            primary[key] = guess


def _believed_from(schema: Schema, declared: Sequence[Relationship]) -> dict[str, float]:
    """By schema: the confidence that an inferred foreign key needs there."""
    linked = {key for found in declared if found.origin == "declared" for key in (found.table, found.ref_table)}
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
            if is_polymorphic(column, table, schema):
                continue
            found = candidates(column, table, targets)
            if found and found[0].confidence >= asked.believed_from[table.key[0]]:
                held[table.key][column.name] = found[0].relationship()
            elif found and found[0].confidence >= POSSIBLE:
                doubtful.append(found[0].relationship())
    return doubtful


def _is_open(found: Relationship, held: References, known: Set[tuple[TableKey, tuple[str, ...], TableKey]]) -> bool:
    """Whether a doubtful reference still says something: its one column holds no key, or its columns not this one."""
    if len(found.columns) == 1:
        return found.columns[0] not in held[found.table]
    return (found.table, found.columns, found.ref_table) not in known


def _without_implied(found: Sequence[Relationship]) -> list[Relationship]:
    """The references without those of one column that a measured one of several columns implies: where a return refers
    to an order's line, and the line to its order, the return's order is no news. Declared ones stay."""
    single = {(r.table, r.columns[0]): (r.ref_table, r.ref_columns) for r in found if len(r.columns) == 1}
    implied = {
        (whole.table, own, single.get((whole.ref_table, other)))
        for whole in found
        if whole.origin == "measured" and len(whole.columns) > 1
        for own, other in zip(whole.columns, whole.ref_columns, strict=True)
    }
    return [
        r
        for r in found
        if r.origin == "declared" or (r.table, r.columns[0], (r.ref_table, r.ref_columns)) not in implied
    ]


def _infer_composite(schema: Schema, primary: Mapping[TableKey, PrimaryKey], held: References) -> list[Relationship]:
    """Let whole composite keys take the place of the inferred keys of their columns; answer those to be doubted."""
    believed, doubted = composite_references(schema, primary, held)
    for found in believed:
        earlier = [held[found.table][name] for name in found.columns if name in held[found.table]]
        if all(other.origin == "inferred" and len(other.columns) < len(found.columns) for other in earlier):
            held[found.table].update(dict.fromkeys(found.columns, found))
    return doubted
