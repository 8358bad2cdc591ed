"""The one decision over a whole schema: what is declared, then what names and types say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cartridge.domain.schema import Relationship, TableKey, TableMapping, TableProfile
from cartridge.plan.keys.composite import composite_key
from cartridge.plan.keys.declared import gather
from cartridge.plan.keys.foreign import Candidate, Targets, candidates
from cartridge.plan.keys.model import Keys, PrimaryKey
from cartridge.plan.keys.primary import Own, single_keys
from cartridge.plan.keys.reading import Column, Table, read_schema

THRESHOLD = 0.5


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
    known = {key: found.columns for key, found in declared.primary_keys.items()}
    single = single_keys(schema, known)
    primary = dict(declared.primary_keys)
    for key, own in single.items():
        primary[key] = PrimaryKey(key, (own.column.name,), "inferred", _confidence(own), own.evidence)
    taken = {(found.table, column) for found in declared.relationships for column in found.columns}
    targets = Targets(schema, {key: found.columns for key, found in primary.items()})
    edges = list(declared.relationships)
    for table in schema.tables.values():
        for column in table.columns:
            if (table.key, column.name) not in taken and not is_polymorphic(column, table):
                edges.extend(_decided(candidates(column, table, targets)))
    by_table: dict[TableKey, list[Relationship]] = {}
    for edge in edges:
        by_table.setdefault(edge.table, []).append(edge)
    for key, table in schema.tables.items():
        if key not in primary:
            guess = composite_key(table, by_table.get(key, []), schema)
            if guess is not None:
                primary[key] = guess
    return Keys(primary, tuple(sorted(edges)), tuple(declared.findings))


def _confidence(own: Own) -> float:
    return min(0.98, round(0.5 + own.score / 14, 2))


def _decided(found: Sequence[Candidate]) -> list[Relationship]:
    if not found or found[0].confidence < THRESHOLD:
        return []
    return [found[0].relationship()]


def is_polymorphic(column: Column, table: Table) -> bool:
    """Whether a column is half of a polymorphic pair: `commentable_id` beside a text `commentable_type`."""
    stem = column.reading.stem
    if not stem or column.reading.kind != "id":
        return False
    beside = table.columns[max(0, column.position - 1) : column.position + 2]
    return any(other.reading.words == (*stem, "type") and other.family in ("text", "unknown") for other in beside) or (
        stem[-1].endswith("able") and any(other.reading.words == (*stem, "type") for other in table.columns)
    )
