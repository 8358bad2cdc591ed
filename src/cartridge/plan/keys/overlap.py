"""Foreign keys held against the data: what the overlap of an edge says of a guess, or of a declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cartridge.domain.plan import Finding
from cartridge.domain.schema import Overlap, Relationship, TableKey
from cartridge.plan.keys.model import Keys

TOLERATED = 0.95
"""The share of distinct values, or of rows, that must be found: fewer, and the guess is dropped. Real tables hold a few
orphans, mostly each of its own."""

_Edge = tuple[TableKey, tuple[str, ...], TableKey, tuple[str, ...]]


def held_against(keys: Keys, overlaps: Sequence[Overlap]) -> Keys:
    """The keys after a look at the data: those that hold were measured by the scan already.

    A guess that does not hold is dropped, unless its orphans are few. A declared key stays, and rows that break it are
    a finding.
    """
    if not overlaps:
        return keys
    measured = {_edge(overlap.relationship): overlap for overlap in overlaps}
    kept: list[Relationship] = []
    findings: list[Finding] = []
    for found in keys.relationships:
        overlap = measured.get(_edge(found))
        if overlap is None or not overlap.values:
            kept.append(found)
        elif found.origin == "declared":
            kept.append(_declared(found, overlap, findings))
        elif (overlap.parent_unique or _of_versions(found, keys)) and _honoured(overlap) >= TOLERATED:
            kept.append(_doubted(found, overlap))
    return replace(keys, relationships=tuple(sorted(kept)), findings=(*keys.findings, *findings))


def _of_versions(found: Relationship, keys: Keys) -> bool:
    """Whether the parent is known to repeat what is referred to: its key is that, and which version of it."""
    key = keys.primary_keys.get(found.ref_table)
    return key is not None and set(found.ref_columns) < set(key.columns)


def _honoured(overlap: Overlap) -> float:
    """The share of distinct values or of rows that have a parent, whichever is larger."""
    return max(overlap.share, 1 - overlap.orphans / overlap.rows)


def _edge(found: Relationship) -> _Edge:
    return found.table, found.columns, found.ref_table, found.ref_columns


def _doubted(found: Relationship, overlap: Overlap) -> Relationship:
    if not overlap.orphans:
        return found
    rows = f"{overlap.rows:,} rows" + (" (a sample)" if overlap.sampled else "")
    says = f"{overlap.orphans:,} of {rows} have no parent"
    return replace(found, confidence=min(found.confidence, _honoured(overlap)), evidence=(says, *found.evidence))


def _declared(found: Relationship, overlap: Overlap, findings: list[Finding]) -> Relationship:
    if not overlap.orphans and overlap.parent_unique:
        return found
    says = f"{overlap.orphans:,} of {overlap.rows:,} rows have no parent" if overlap.orphans else "the parent repeats"
    findings.append(
        Finding(
            code="broken-key",
            severity="warning",
            message=f"declared key {found} does not hold: {says}",
            mend="Its test warns instead of failing; look at the rows in the source",
        )
    )
    return replace(found, confidence=min(0.99, overlap.share), evidence=(says, *found.evidence))
