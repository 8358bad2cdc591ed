"""Weighing what a column may refer to: types, copies, other systems, affinity of names, data, and torn choices."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from cartridge.domain.schema import Relationship
from cartridge.plan.keys.families import may_meet
from cartridge.plan.keys.reading import Column, Table, affinity
from cartridge.plan.keys.roles import ELSEWHERE
from cartridge.plan.keys.targets import Targets

_SURROGATES = frozenset(("key", "sk", "hk"))
_NATURALS = frozenset(("id", "code", "number", "no", "num", "nr"))
_DOUBTFUL = -0.2
"""The most that a reference scores which no data would keep to."""


@dataclass(frozen=True)
class Candidate:
    """One possible target of a column. `score` is in log-odds; `evidence` says why in sentences."""

    column: Column
    target: Column
    score: float
    evidence: tuple[str, ...]

    @property
    def confidence(self) -> float:
        """The score as a probability, two digits."""
        return round(1 / (1 + math.exp(-self.score)), 2)

    def relationship(self) -> Relationship:
        """As the public noun."""
        return Relationship(
            self.column.table, (self.column.name,), self.target.table, (self.target.name,),
            "inferred", min(self.confidence, 0.99), self.evidence,
        )  # fmt: skip


def weigh(found: Candidate, table: Table, targets: Targets) -> list[Candidate]:
    """The candidate with all that speaks for and against it besides its name; nothing where it cannot be."""
    column, target = found.column, found.target
    measured = targets.schema.measured
    if column == target or measured.denies_reference(column.table, column.name, target.table, target.name):
        return []
    there = targets.schema.tables[target.table]
    score, evidence = found.score, list(found.evidence)
    if column.family == target.family and column.family != "unknown":
        score += 0.3
        evidence.append(f"both are {column.family}")
    if there.is_copy:
        score -= 2
        evidence.append(f"but {target.table[1]} looks like a copy")
    if _SURROGATES.intersection(target.reading.words[-1:]) and _NATURALS.intersection(column.reading.words[-1:]):
        score -= 6
        evidence.append(f"but it is no surrogate key, as `{target.name}` is")
    if _from_elsewhere(column, table):
        score -= 4
        evidence.append("but it is the key of another system")
    if target.table != column.table:
        score += 0.4 * min(affinity(table, there), 2)
        score -= 1.0 * targets.is_key(column)
    score -= 0.5 * (not targets.is_key(target))
    score -= 0.5 * (target.table[0] != column.table[0])
    for doubt in _doubts(found, targets):
        score = min(score, _DOUBTFUL)
        evidence.append(doubt)
    return [Candidate(column, target, score, tuple(evidence))]


def _doubts(found: Candidate, targets: Targets) -> list[str]:
    """Why a reference should not be joined on, however well the names fit."""
    column, target = found.column, found.target
    doubts = []
    if not may_meet(column.data_type, target.data_type):
        doubts.append(f"but {column.data_type} and {target.data_type} do not meet without a cast")
    if targets.expects_key_word(column, target):
        doubts.append(f"but keys are called so here, and `{column.name}` is a text without such a word")
    if (own := _same_number(column, target, targets)) is not None:
        doubts.append(f"but {target.table[1]} has a `{own.name}` beside its key")
    original = targets.schema.copies.get(column.table)
    if original is not None:
        doubts.append(f"but {column.table[1]} is a copy of {original[1]}: nothing keeps its rows to any key")
    return doubts


def _same_number(column: Column, target: Column, targets: Targets) -> Column | None:
    """The column beside the target's key that a number is the same as: `reply_to_post_number` is the `post_number` of
    a post within its topic, not its id."""
    if column.reading.kind != "number" or target.reading.kind != "id":
        return None
    ends = {column.reading.words[at:] for at in range(len(column.reading.words) - 1)}
    there = targets.schema.tables[target.table].columns
    return next((other for other in there if other != target and other.reading.words in ends), None)


def unless_torn(weighed: list[Candidate]) -> list[Candidate]:
    """Two tables that fit alike: the better one is believed less."""
    if len(weighed) > 1 and weighed[0].score - weighed[1].score < 0.2:
        evidence = (*weighed[0].evidence, f"but it may mean {weighed[1].target.table[1]} as well")
        return [replace(weighed[0], score=weighed[0].score - 1, evidence=evidence), *weighed[1:]]
    return weighed


def _from_elsewhere(column: Column, table: Table) -> bool:
    """Whether a name says that its values come from elsewhere: `legacy_customer_id`, or an `old_` one without a new."""
    first, *rest = column.reading.words
    if len(rest) < 2 or first not in ELSEWHERE:
        return False
    return first != "old" or all(other.reading.words != ("new", *rest) for other in table.columns)
