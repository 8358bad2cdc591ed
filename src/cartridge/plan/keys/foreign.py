"""Foreign keys of one column: every table that its name may mean, weighed; each column gets one target at most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.keys.families import may_meet
from cartridge.plan.keys.names import FULL, STRIPPED, TAIL
from cartridge.plan.keys.reading import Column, Table, affinity
from cartridge.plan.keys.roles import (
    ACTORS,
    ELSEWHERE,
    MEASURES,
    PARENTS,
    PEOPLE,
    PERSONS,
    QUALIFIERS,
    RELATIVES,
    STAFF,
    SUPERIORS,
    WORKERS,
)
from cartridge.plan.keys.targets import Targets
from cartridge.plan.keys.vocabulary import GENERIC, PREPOSITIONS, Reading
from cartridge.plan.words import singular, tokens

_KIND = {"id": 0.0, "code": -0.5, "number": -1.0, "name": -2.0, "none": -1.5}
_SURROGATES = frozenset(("key", "sk", "hk"))
_NATURALS = frozenset(("id", "code", "number", "no", "num", "nr"))


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


def candidates(column: Column, table: Table, targets: Targets) -> list[Candidate]:
    """Every target that a column's name may mean, the best first."""
    if _own_key(column, table, targets) or not column.reading.words:
        return []
    best: dict[tuple[TableKey, str], Candidate] = {}
    for reading in column.readings:
        for found in (
            *_same_name(column, reading, targets),
            *_named_table(column, reading, targets),
            *_in_role(column, reading, table, targets),
        ):
            place = (found.target.table, found.target.name)
            if place not in best or found.score > best[place].score:
                best[place] = found
    weighed = [_adjusted(found, table, targets) for found in best.values() if not _excluded(found, targets)]
    weighed.sort(key=lambda found: (-found.score, found.target.table, found.target.name))
    return _unless_torn(weighed)


def _own_key(column: Column, table: Table, targets: Targets) -> bool:
    """Whether it is its table's key and called so: such a key refers to nothing."""
    if not targets.is_key(column):
        return False
    return any(
        not reading.stem or table.named("".join(reading.stem)) in (FULL, STRIPPED) for reading in column.readings
    )


def _unless_torn(weighed: list[Candidate]) -> list[Candidate]:
    """Two tables that fit alike: the better one is believed less."""
    if len(weighed) > 1 and weighed[0].score - weighed[1].score < 0.2:
        there = weighed[1].target.table[1]
        torn = replace(
            weighed[0], score=weighed[0].score - 1, evidence=(*weighed[0].evidence, f"but it may mean {there} as well")
        )
        return [torn, *weighed[1:]]
    return weighed


def _excluded(found: Candidate, targets: Targets) -> bool:
    column, target = found.column, found.target
    if column == target:
        return True
    measured = targets.schema.measured
    return bool(measured.denies_reference(column.table, column.name, target.table, target.name))


def _adjusted(found: Candidate, table: Table, targets: Targets) -> Candidate:
    column, target = found.column, found.target
    there = targets.schema.tables[target.table]
    score, evidence = found.score, list(found.evidence)
    if column.family == target.family and column.family != "unknown":
        score += 0.3
        evidence.append(f"both are {column.family}")
    if not may_meet(column.data_type, target.data_type):
        score = min(score - 2, -0.2)
        evidence.append(f"but {column.data_type} and {target.data_type} do not meet without a cast")
    if there.is_copy:
        score -= 2
        evidence.append(f"but {target.table[1]} looks like a copy")
    if target.reading.words[-1:] and target.reading.words[-1] in _SURROGATES and column.reading.words[-1] in _NATURALS:
        score -= 6
        evidence.append(f"but it is no surrogate key, as `{target.name}` is")
    if target.table != column.table and not table.is_copy:
        score += 0.4 * min(affinity(table, there), 2)
    if (original := targets.schema.copies.get(column.table)) is not None:
        score = min(score - 1, -0.2)
        evidence.append(f"but {column.table[1]} is a copy of {original[1]}: nothing keeps its rows to any key")
    if _from_elsewhere(column, table):
        score -= 4
        evidence.append("but it is the key of another system")
    score -= 1.0 * (targets.is_key(column) and column.table != target.table)
    score -= 0.5 * (not targets.is_key(target))
    score -= 0.5 * (target.table[0] != column.table[0])
    return Candidate(column, target, score, tuple(evidence))


def _same_name(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The key of another table has this very name."""
    if not reading.stem or (reading.kind == "none" and set(reading.words) & GENERIC):
        return
    for target in targets.called(reading.joined, column.table[0]):
        if target.table == column.table:
            continue
        score = 3.0 + _KIND[reading.kind]
        says = [f"`{column.name}` has the name of the key of {target.table[1]}"]
        how = targets.schema.tables[target.table].named("".join(reading.stem))
        if targets.is_key(column) and how not in (FULL, STRIPPED):
            continue
        if how is not None:
            score += 1.5 if how != TAIL else 1.0
            says.append(f"`{' '.join(reading.stem)}` names {target.table[1]}")
        yield Candidate(column, target, score, tuple(says))


def _named_table(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem, or its end behind a role, names a table."""
    if reading.kind == "none" and _is_measure(column):
        return
    for at in range(len(reading.stem)):
        found = targets.schema.by_form.find("".join(reading.stem[at:]), column.table[0])
        if not at and (found[:1] and found[0][0] == TAIL) and any(key == column.table for _, key in found):
            return
        for how, key in found:
            target = targets.of(key, column)
            if target is not None:
                yield from _named(column, target, reading, at, how + 0.5 * (len(found) > 1))
        if found and found[0][0] != TAIL:
            return
    yield from _ending_like_key(column, reading, targets)
    yield from _before_qualifier(column, reading, targets)
    yield from _abbreviated(column, reading, targets)


def _named(column: Column, target: Column, reading: Reading, at: int, how: float) -> Iterator[Candidate]:
    """The words of the stem from `at` on name the target's table; those before are the role."""
    role = reading.stem[:at]
    if target.table == column.table and not role:
        return
    score = 3.8 + _KIND[reading.kind] - (0.0 if how < 1.5 else 1.5) - (1.2 if how % 1 else 0.0)
    if reading.kind in ("none", "name") and column.family == "text":
        score -= 6 if role or target.key_like else 1.5
    if role:
        score -= 0.8 if how < TAIL else 1.5
        if target.table == column.table and not set(role) & RELATIVES:
            score -= 1.8
    says = f"`{' '.join(reading.stem[at:])}` names {target.table[1]}" + (
        f", in the role `{' '.join(role)}`" if role else ""
    )
    yield Candidate(column, target, score, (says,))


def _from_elsewhere(column: Column, table: Table) -> bool:
    """Whether a name says that its values come from elsewhere: `legacy_customer_id`, or an `old_` one without a new."""
    first, *rest = column.reading.words
    if len(rest) < 2 or first not in ELSEWHERE:
        return False
    return first != "old" or all(other.reading.words != ("new", *rest) for other in table.columns)


def _is_measure(column: Column) -> bool:
    """Whether a name without a key's ending counts or describes: `units_on_order`, `home_games`, `total_items`."""
    words = tokens(column.name)
    last = words[-1] if words else ""
    if words[:1] in (("is",), ("has",), ("if",), ("can",), ("was",)):
        return True
    if len(words) > 1 and (singular(last) != last or set(words[:-1]) & PREPOSITIONS):
        return True
    return bool(MEASURES & set(column.reading.words)) or column.family in ("date", "timestamp", "decimal", "boolean")


def _ending_like_key(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The name ends in the name of a key: `mailed_to_address_id`, `manager_staff_id`."""
    if reading.kind == "none":
        return
    for at in range(1, len(reading.words) - 1):
        for target in targets.called("".join(reading.words[at:]), column.table[0]):
            role = " ".join(reading.words[:at])
            own = target.table == column.table and not set(reading.words[:at]) & RELATIVES
            says = f"`{column.name}` ends like the key of {target.table[1]}, in the role `{role}`"
            yield Candidate(column, target, 2.2 + _KIND[reading.kind] - (1.0 if own else 0.0), (says,))


def _before_qualifier(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem names a table and a qualifier follows: `team_home_id`, `station_from`."""
    if len(reading.stem) < 2 or reading.stem[-1] not in QUALIFIERS:
        return
    for _, key in targets.schema.by_form.find("".join(reading.stem[:-1]), column.table[0], STRIPPED):
        target = targets.of(key, column)
        if target is not None:
            says = f"`{' '.join(reading.stem[:-1])}` names {key[1]}, in the role `{reading.stem[-1]}`"
            yield Candidate(column, target, 2.0 + _KIND[reading.kind], (says,))


def _abbreviated(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem, or its last word behind a role, shortens one table's name."""
    stem = reading.stem
    by = reading.kind == "none" and len(stem) > 1 and stem[-1] in ("by", "to", "via") and column.family == "integer"
    if not stem or (reading.kind == "none" and not by):
        return
    stem = stem[:-1] if by else stem
    for role, short in ((0, "".join(stem)), (1, stem[-1])):
        found = [entry for entry in targets.schema.by_abbreviation.find(short, column.table[0])
                 if entry[1] != column.table]  # fmt: skip
        if len(short) < 2 or len(found) != 1 or (role and (len(stem) < 2 or found[0][0] == TAIL)):
            continue
        target = targets.of(found[0][1], column)
        if target is not None:
            score = 1.3 + 0.1 * min(len(short), 4) - 0.5 * role - 0.6 * (found[0][0] == TAIL)
            says = f"`{short}` abbreviates {target.table[1]}"
            yield Candidate(column, target, score + (_KIND[reading.kind] if not by else -0.5), (says,))
            return


def _in_role(column: Column, reading: Reading, table: Table, targets: Targets) -> Iterator[Candidate]:
    """A word of kinship or doing: `parent_id`, `reports_to`, `created_by`, `picker_key`."""
    words = [word for word in reading.stem if word not in ("to", "by", "of")]
    by = reading.stem[-1:] in (("by",), ("to",))
    if not words or targets.is_key(column) or (reading.kind not in ("id", "number") and not by):
        return
    role = words[-1]
    own = targets.of(table.key, column)
    if own is not None and role in PARENTS:
        yield Candidate(column, own, 2.5, (f"`{role}` is a role of another row of the same table",))
    if own is not None and role in SUPERIORS and any(form in PERSONS for form in table.forms):
        yield Candidate(column, own, 2.5, (f"`{role}` is a role of another person of the same table",))
    elif role in SUPERIORS | WORKERS | ACTORS:
        yield from _somebody(column, role, table, targets)


def _somebody(column: Column, role: str, table: Table, targets: Targets) -> Iterator[Candidate]:
    """The table of the persons who take such roles: the first in order of likelihood."""
    people: Sequence[str] = PEOPLE if role in ACTORS else STAFF
    for person in people:
        found = targets.schema.by_form.find(person, column.table[0], STRIPPED)
        target = targets.of(found[0][1], column) if len(found) == 1 else None
        if target is not None and (target.table != table.key or role not in WORKERS):
            yield Candidate(column, target, 1.2, (f"`{role}` is a role of somebody in {target.table[1]}",))
            return
