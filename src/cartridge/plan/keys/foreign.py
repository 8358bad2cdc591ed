"""Foreign keys of one column: every table that its name may mean, weighed; each column gets one target at most."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.keys.families import family, may_meet
from cartridge.plan.keys.reading import FULL, STRIPPED, TAIL, Column, Schema, Table
from cartridge.plan.keys.roles import ACTORS, PARENTS, PEOPLE, PERSONS, STAFF, SUPERIORS, WORKERS
from cartridge.plan.keys.vocabulary import Reading
from cartridge.plan.words import word_set

_KIND = {"id": 0.0, "code": -0.5, "number": -1.0, "name": -2.0, "none": -1.5}
_QUALIFIERS = word_set("""
    from to home away primary secondary main start end source destination old new origin
""")
_GENERIC = word_set("""
    date time day week month year quarter type status state kind value amount price total quantity count level rank
    description comment note title text label gender sex age position order category class k v x y
""")
"""Words that many tables have a column of: sharing one is no reference."""


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
            "inferred", self.confidence, self.evidence,
        )  # fmt: skip


class Targets:
    """Which columns other tables may refer to: single-column primary keys first, then other keys of a row."""

    def __init__(self, schema: Schema, primary: Mapping[TableKey, tuple[str, ...]]) -> None:
        """Index the keys by table and by name."""
        self.schema = schema
        self.primary = primary
        self._by_table: dict[TableKey, list[Column]] = {}
        self._by_name: dict[tuple[str, str], list[Column]] = defaultdict(list)
        for key, table in schema.tables.items():
            self._by_table[key] = list(self._keys(table))
            for column in self._by_table[key]:
                for reading in column.readings:
                    if reading.stem:
                        self._by_name[key[0], reading.joined].append(column)

    def _keys(self, table: Table) -> Iterator[Column]:
        own = self.primary.get(table.key, ())
        if len(own) == 1 and own[0] in table.by_name:
            yield table.by_name[own[0]]
        for unique in table.mapping.unique_keys or ():
            if len(unique) == 1 and unique[0] in table.by_name and tuple(unique) != own:
                yield table.by_name[unique[0]]
        if table.keeps_versions:
            return
        for column in table.columns:
            named = any(table.named("".join(reading.stem)) in (FULL, STRIPPED) for reading in column.readings)
            if (named and column.reading.kind in ("id", "code") and (column.name,) != own) or (
                table.is_calendar and column.family == "date" and named and column.reading.kind == "none"
            ):
                yield column

    def of(self, table: TableKey, column: Column) -> Column | None:
        """The key of a table that a column can hold: the one of its own name first, then the primary key."""
        fitting = [key for key in self._by_table[table] if key != column and may_meet(key.data_type, column.data_type)]
        names = {reading.joined for reading in column.readings}
        same = [key for key in fitting if names & {reading.joined for reading in key.readings}]
        return next(iter(same or fitting), None)

    def called(self, name: str, schema: str) -> list[Column]:
        """The keys of that joined name in one schema."""
        return self._by_name.get((schema, name), [])


def candidates(column: Column, table: Table, targets: Targets) -> list[Candidate]:
    """Every target that a column's name may mean, the best first."""
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
    weighed = [_adjusted(found, targets) for found in best.values() if _possible(found, table, targets)]
    return sorted(weighed, key=lambda found: (-found.score, found.target.table, found.target.name))


def _possible(found: Candidate, table: Table, targets: Targets) -> bool:
    if not may_meet(found.column.data_type, found.target.data_type):
        return False
    if found.target.table != table.key:
        return True
    return found.target != found.column and targets.primary.get(table.key) != (found.column.name,)


def _adjusted(found: Candidate, targets: Targets) -> Candidate:
    column, target = found.column, found.target
    score, evidence = found.score, list(found.evidence)
    if column.family == target.family and column.family != "unknown":
        score += 0.3
        evidence.append(f"both are {column.family}")
    there = targets.schema.tables[target.table]
    if there.is_copy:
        score -= 2
        evidence.append(f"but {target.table[1]} looks like a copy")
    if targets.primary.get(column.table) == (column.name,) and column.table != target.table:
        score -= 1
    if targets.primary.get(target.table) != (target.name,):
        score -= 0.5
    if target.table[0] != column.table[0]:
        score -= 0.5
    return Candidate(column, target, score, tuple(evidence))


def _same_name(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The key of another table has this very name."""
    if not reading.stem or (reading.kind == "none" and set(reading.words) & _GENERIC):
        return
    for target in targets.called(reading.joined, column.table[0]):
        if target.table == column.table:
            continue
        score = 3.0 + _KIND[reading.kind]
        says = [f"`{column.name}` has the name of the key of {target.table[1]}"]
        how = targets.schema.tables[target.table].named("".join(reading.stem))
        if how is not None:
            score += 1.5 if how != TAIL else 1.0
            says.append(f"`{' '.join(reading.stem)}` names {target.table[1]}")
        yield Candidate(column, target, score, tuple(says))


def _named_table(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem, or its end behind a role, names a table."""
    near = column.table[0]
    schema = targets.schema
    for at in range(len(reading.stem)):
        stem = "".join(reading.stem[at:])
        found = schema.by_form.find(stem, near)
        if not found:
            continue
        role = " ".join(reading.stem[:at])
        for how, key in found:
            if key == column.table and not role:
                continue
            target = targets.of(key, column)
            if target is None:
                continue
            score = 3.8 - (0.8 if role else 0) - (1.5 if how == TAIL else 0) - (1.2 if len(found) > 1 else 0)
            score += _KIND[reading.kind] - (1.5 if reading.kind == "none" and family(column.data_type) == "text" else 0)
            says = f"`{' '.join(reading.stem[at:])}` names {key[1]}" + (f", in the role `{role}`" if role else "")
            yield Candidate(column, target, score, (says,))
        if found[0][0] != TAIL:
            return
    yield from _behind_role(column, reading, targets)
    yield from _abbreviated(column, reading, targets)


def _behind_role(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The name ends in the name of a key: `mailed_to_address_id`, `manager_staff_id`; or a qualifier follows."""
    if reading.kind == "none":
        return
    for at in range(1, len(reading.words) - 1):
        for target in targets.called("".join(reading.words[at:]), column.table[0]):
            role = " ".join(reading.words[:at])
            says = f"`{column.name}` ends like the key of {target.table[1]}, in the role `{role}`"
            yield Candidate(column, target, 2.2 + _KIND[reading.kind], (says,))
    if len(reading.stem) > 1 and reading.stem[-1] in _QUALIFIERS:
        stem = "".join(reading.stem[:-1])
        for _, key in targets.schema.by_form.find(stem, column.table[0], STRIPPED):
            there = targets.of(key, column)
            if there is not None:
                says = f"`{' '.join(reading.stem[:-1])}` names {key[1]}, in the role `{reading.stem[-1]}`"
                yield Candidate(column, there, 2.0 + _KIND[reading.kind], (says,))


def _abbreviated(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem shortens one table's name."""
    if reading.kind == "none" or not reading.stem:
        return
    for at, stem in ((0, "".join(reading.stem)), (len(reading.stem) - 1, reading.stem[-1])):
        found = targets.schema.by_abbreviation.find(stem, column.table[0])
        found = [entry for entry in found if entry[1] != column.table]
        if len(found) != 1 or len(stem) < 2:
            continue
        target = targets.of(found[0][1], column)
        if target is not None:
            says = f"`{stem}` abbreviates {target.table[1]}"
            yield Candidate(column, target, 1.3 + 0.3 * min(len(stem), 4) / 4 - 0.5 * at + _KIND[reading.kind], (says,))
            return


def _in_role(column: Column, reading: Reading, table: Table, targets: Targets) -> Iterator[Candidate]:
    """A word of kinship or doing: `parent_id`, `reports_to`, `created_by`, `picker_key`."""
    words = [word for word in reading.stem if word not in ("to", "by", "of")]
    by = reading.stem[-1:] in (("by",), ("to",))
    if not words or (reading.kind not in ("id", "number") and not by):
        return
    role = words[-1]
    own = targets.of(table.key, column)
    if own is not None and role in PARENTS:
        yield Candidate(column, own, 2.5, (f"`{role}` is a role of another row of the same table",))
    if role not in SUPERIORS | WORKERS | ACTORS:
        return
    if own is not None and role in SUPERIORS and any(form in PERSONS for form in table.forms):
        yield Candidate(column, own, 2.5, (f"`{role}` is a role of another person of the same table",))
        return
    for person in PEOPLE if role in ACTORS else STAFF:
        found = targets.schema.by_form.find(person, column.table[0], STRIPPED)
        if len(found) == 1:
            target = targets.of(found[0][1], column)
            if target is not None and (target.table != table.key or role not in WORKERS):
                yield Candidate(column, target, 1.2, (f"`{role}` is a role of somebody in {target.table[1]}",))
                return
