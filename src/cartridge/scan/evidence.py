"""Which candidate edges the data make foreign keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cartridge.domain.schema import Overlap, Relationship, TableKey, TableMapping, TableProfile
from cartridge.plan.types import family

_BELIEVED = 0.5
"""From this confidence on names alone speak for an edge; below, the values must be no coincidence too."""
_COVERED = 0.3
"""The share of the parent's values that the children of a doubtful edge use at least. Surrogate keys run 1..n in every
table: small numbers are always found among larger ranges."""
_FEWEST_VALUES = 3
_FEWEST_COMBINATIONS = 10
_SPARSE = 0.5
"""A composite key that fills at most this share of all combinations of its parts: others are found there by intent."""


def measured(
    overlaps: Sequence[Overlap],
    tables: Mapping[TableKey, TableMapping],
    profiles: Mapping[TableKey, TableProfile] | None = None,
) -> tuple[Relationship, ...]:
    """The candidates that the data honour, as measured relationships with their numbers as evidence, in order.

    A candidate counts where every child value is found in a parent without duplicates. One that names speak for needs
    no more; a doubtful one also needs text values, or children that use a good part of the parent's range. Of several
    columns, their combinations must be few of all that their values allow (which `profiles` tell).
    """
    found = [item for item in overlaps if item.relationship.origin == "inferred" and item.holds]
    return tuple(_relationship(item) for item in found if _is_no_coincidence(item, tables, profiles or {}))


def _is_no_coincidence(
    item: Overlap, tables: Mapping[TableKey, TableMapping], profiles: Mapping[TableKey, TableProfile]
) -> bool:
    edge = item.relationship
    if edge.confidence >= _BELIEVED:
        return True
    if len(edge.columns) > 1:
        return item.values >= _FEWEST_COMBINATIONS and _is_sparse(item, profiles.get(edge.ref_table))
    if item.values < _FEWEST_VALUES:
        return False
    parent = tables[edge.ref_table]
    columns = [parent.column(name) for name in edge.ref_columns]
    is_text = any(column is not None and family(column.data_type) in ("string", "uuid") for column in columns)
    return is_text or item.matched >= _COVERED * item.parent_values


def _is_sparse(item: Overlap, parent: TableProfile | None) -> bool:
    """Whether the parent holds few of the combinations that the values of its key's columns allow."""
    seen = [parent.columns.get(name) for name in item.relationship.ref_columns] if parent else []
    counts = [column.distinct for column in seen if column is not None]
    return len(counts) == len(item.relationship.columns) and item.parent_values <= _SPARSE * math.prod(counts)


def _relationship(item: Overlap) -> Relationship:
    edge = item.relationship
    part = "sampled rows" if item.sampled else "rows"
    says = (
        f"all {item.values:,} distinct values in {item.rows:,} {part} are among the {item.parent_values:,} of "
        f"{edge.ref_table[1]}({', '.join(edge.ref_columns)}), none of which repeats"
    )
    confidence = (0.97 if edge.confidence >= _BELIEVED else 0.9) - (0.02 if item.sampled else 0)
    return replace(edge, origin="measured", confidence=confidence, evidence=(*edge.evidence, says))
