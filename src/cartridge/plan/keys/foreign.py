"""Foreign keys of one column: every table that its name may mean; each column gets one target at most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cartridge.domain.schema import TableKey
from cartridge.plan.keys.loaders import child_reference, is_loader_column
from cartridge.plan.keys.names import FULL, STRIPPED, TAIL
from cartridge.plan.keys.reading import Column, Table, affinity
from cartridge.plan.keys.roles import (
    ACTORS,
    ATTRIBUTES,
    KIN,
    MEASURES,
    ONLINE,
    ORDERED,
    PARENTS,
    PARTS,
    PEOPLE,
    PERSONAL,
    PERSONS,
    PROFESSIONALS,
    QUALIFIERS,
    RELATIVES,
    SERVED,
    STAFF,
    SUPERIORS,
    WORKERS,
)
from cartridge.plan.keys.targets import Targets
from cartridge.plan.keys.vocabulary import GENERIC, KEY_WORDS, PREPOSITIONS, Reading
from cartridge.plan.keys.weigh import Candidate, unless_torn, weigh
from cartridge.plan.languages import english
from cartridge.plan.words import singular, tokens

_KIND = {"id": 0.0, "code": -0.5, "number": -1.0, "name": -2.0, "none": -1.5}
"""What a reference loses whose name promises less than a technical key; in log-odds, as all scores here."""
_PAIR = re.compile(r"_(?P<A>[A-Za-z0-9]+)To(?P<B>[A-Z][A-Za-z0-9]*)")
_MOST_WORDS = 30
"""A name of more words is a sentence, and refers to nothing."""


@dataclass(frozen=True)
class _Fit:
    """How a stem fits a table: how well it names it, whether it names others as well, whether the tables' names have
    something in common."""

    how: int
    several: bool
    alike: bool
    own_property: bool = False
    """Whether a name without a key's ending says a property of its own row: `post_type` of `posts`."""


def candidates(column: Column, table: Table, targets: Targets) -> list[Candidate]:
    """Every target that a column's name may mean, the best first."""
    if _own_key(column, table, targets) or not column.reading.words:
        return []
    if is_loader_column(column):
        return child_reference(column, table, targets)
    if paired := _paired(column, table, targets):
        return paired
    best: dict[tuple[TableKey, str], Candidate] = {}
    for reading in column.readings:
        for found in (
            *_generic(column, reading, table, targets),
            *_same_name(column, reading, table, targets),
            *_own_part(column, reading, table, targets),
            *_named_table(column, reading, table, targets),
            *_in_role(column, reading, table, targets),
        ):
            place = (found.target.table, found.target.name)
            if place not in best or found.score > best[place].score:
                best[place] = found
    weighed = [found for some in best.values() for found in weigh(some, table, targets)]
    weighed.sort(key=lambda found: (-found.score, found.target.table, found.target.name))
    return unless_torn(weighed)


def _paired(column: Column, table: Table, targets: Targets) -> list[Candidate]:
    """The sides of a pair that Prisma keeps without a model: `A` and `B` of `_CategoryToPost`, in that order.

    Source: Prisma's documentation of implicit many-to-many relations.
    """
    pair = _PAIR.fullmatch(table.key[1])
    if pair is None or {other.name for other in table.columns} != {"A", "B"}:
        return []
    model = "".join(singular(word) for word in tokens(pair[column.name]))
    found = targets.schema.by_form.find(model, table.key[0], STRIPPED)
    target = targets.of(found[0][1], column) if len(found) == 1 else None
    says = f"`{column.name}` of {table.key[1]} is the key of {pair[column.name]}, as Prisma pairs rows"
    return [Candidate(column, target, 4.0, (says,))] if target else []


def _own_key(column: Column, table: Table, targets: Targets) -> bool:
    """Whether it is its table's key and called so: such a key refers to nothing."""
    if not targets.is_key(column):
        return False
    return any(
        not reading.stem or table.named("".join(reading.stem)) in (FULL, STRIPPED) for reading in column.readings
    )


def _generic(column: Column, reading: Reading, table: Table, targets: Targets) -> Iterator[Candidate]:
    """A key's name that says nothing, in a table that has another key: `entity_id` of `product_entity_int` is that of
    the `product_entity` whose parts the table holds; where a table bears the word itself, it is that one."""
    if reading.stem or len(reading.words) < 2 or reading.kind != "id":
        return
    named = targets.schema.by_form.find(reading.words[0], column.table[0], FULL)
    for key in [key for _, key in named if key != column.table] or table.part_of(targets.schema):
        target = targets.of(key, column)
        if target is not None:
            says = "the table is called so" if named else f"{table.key[1]} holds parts of {key[1]}"
            yield Candidate(column, target, 3.0, (f"`{column.name}` is a key of {key[1]}: {says}",))


def _same_name(column: Column, reading: Reading, table: Table, targets: Targets) -> Iterator[Candidate]:
    """The key of another table has this very name."""
    if not reading.stem or (reading.kind == "none" and set(reading.words) <= GENERIC):
        return
    for target in targets.called(reading.joined, column.table[0]):
        if target.table == column.table:
            continue
        score = 3.0 + _KIND[reading.kind]
        says = [f"`{column.name}` has the name of the key of {target.table[1]}"]
        there = targets.schema.tables[target.table]
        how = there.named("".join(reading.stem))
        if targets.is_key(column) and how not in (FULL, STRIPPED) and table.named("".join(there.bare)) != TAIL:
            continue  # neither is it called after that table, nor is this table a kind of it
        if how is not None:
            score += 1.5 if how != TAIL else 1.0
            says.append(f"`{' '.join(reading.stem)}` names {target.table[1]}")
        yield Candidate(column, target, score, tuple(says))


def _named_table(column: Column, reading: Reading, table: Table, targets: Targets) -> Iterator[Candidate]:
    """The stem, or its end behind a role, names a table."""
    if len(reading.stem) > _MOST_WORDS or (reading.kind == "none" and _is_measure(column)):
        return
    for at in range(len(reading.stem)):
        found = _nearest(targets.schema.by_form.find("".join(reading.stem[at:]), column.table[0]), table, targets)
        if not at and (found[:1] and found[0][0] == TAIL) and any(key == column.table for _, key in found):
            return
        if found[:1] and found[0][0] == TAIL and reading.kind == "none" and singular(column.name) != column.name:
            return  # `views` counts, beside a table of `topic_views`
        for how, key in found:
            target = targets.of(key, column)
            if target is not None:
                alike = affinity(table, targets.schema.tables[key]) > 0
                said = reading.kind == "none" and set(reading.stem[:-1]) <= set(table.bare)
                yield from _named(column, target, reading, at, _Fit(how, len(found) > 1, alike, said))
        if found and found[0][0] != TAIL:
            return
    yield from _ending_like_key(column, reading, targets)
    yield from _before_qualifier(column, reading, targets)
    yield from _abbreviated(column, reading, targets)


def _own_part(column: Column, reading: Reading, table: Table, targets: Targets) -> Iterator[Candidate]:
    """The stem completes the table's own name: `group_id` of `customer` means `customer_group`, however many other
    groups there are. A table that holds the same column beside its own key lists something else: a bridge."""
    if reading.kind == "none" and (column.family != "integer" or reading.stem[-1] not in ATTRIBUTES):
        return
    for at in range(len(reading.stem)):
        rest = "".join(reading.stem[at:])
        for _, key in targets.schema.by_form.find("".join(table.bare) + rest, table.key[0], STRIPPED):
            target = targets.of(key, column)
            there = targets.schema.tables[key]
            listed = any(other.reading.joined == reading.joined for other in there.columns if other != target)
            if key == table.key or target is None or listed or (at and rest in PERSONS):
                continue
            says = f"`{' '.join((*table.bare, *reading.stem[at:]))}` names {key[1]}"
            yield Candidate(column, target, 4.6 + _KIND[reading.kind] - 0.8 * (at > 0), (says,))


def _nearest(found: list[tuple[int, TableKey]], table: Table, targets: Targets) -> list[tuple[int, TableKey]]:
    """Of tables that end in the same words, the one whose name begins like the table's own, else that of the shortest
    name, where one is."""
    if len(found) < 2 or found[0][0] != TAIL:
        return found
    begins = sorted((-_common(table, targets.schema.tables[key]), key) for _, key in found)
    if begins[0][0] < begins[1][0] and begins[0][1] != table.key:
        return [(TAIL, begins[0][1])]
    sizes = sorted((len(targets.schema.tables[key].bare), key) for _, key in found)
    return [(TAIL, sizes[0][1])] if sizes[0][0] < sizes[1][0] else found


def _common(one: Table, other: Table) -> int:
    """How many words two tables' names begin with alike."""
    pairs = list(zip(one.bare, other.bare, strict=False))
    return next((at for at, (first, second) in enumerate(pairs) if first != second), len(pairs))


def _named(column: Column, target: Column, reading: Reading, at: int, fit: _Fit) -> Iterator[Candidate]:
    """The words of the stem from `at` on name the target's table; those before are the role."""
    role = reading.stem[:at]
    if role[:1] == (column.prefix,):
        role = role[1:]
    if target.table == column.table and not role:
        return
    if reading.kind == "none" and reading.stem[at:] == ("address",) and set(role) & ONLINE:
        return
    score = 3.8 + _KIND[reading.kind] - (1.5 if fit.how == TAIL else 0.0) - (1.2 if fit.several else 0.0)
    if fit.how == TAIL and reading.stem[-1] in ATTRIBUTES and (not fit.alike or fit.own_property):
        score -= 3
    if reading.kind in ("none", "name") and column.family == "text":
        score -= 6 if target.key_like or (role and target.reading.kind == "none") else 1.5
    if role:
        score -= 0.8 if fit.how < TAIL else 1.5
        if target.table == column.table and not set(role) & RELATIVES:
            score -= 1.8
    says = f"`{' '.join(reading.stem[at:])}` names {target.table[1]}"
    says += f", in the role `{' '.join(role)}`" if role else ""
    yield Candidate(column, target, score, (says,))


def _is_measure(column: Column) -> bool:
    """Whether a name without a key's ending counts or describes: `units_on_order`, `home_games`, `total_items`."""
    words = tokens(column.name)
    last = words[-1] if words else ""
    if words[:1] in (("is",), ("has",), ("if",), ("can",), ("was",)):
        return True
    if last == "order" and set(words[:-1]) & ORDERED:
        return True
    if len(words) > 1 and (singular(last) != last or set(words[:-1]) & PREPOSITIONS):
        return True
    return bool(MEASURES & set(column.reading.words)) or column.family in ("date", "timestamp", "decimal", "boolean")


def _ending_like_key(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The name ends in the name of a key: `mailed_to_address_id`, `manager_staff_id`."""
    if reading.kind == "none" or targets.is_key(column):
        return
    for at in range(2 if reading.words[:1] == (column.prefix,) else 1, len(reading.words) - 1):
        for target in targets.called("".join(reading.words[at:]), column.table[0]):
            role = " ".join(reading.words[:at])
            own = 0.0
            if target.table == column.table:
                own = 1.0 if set(reading.words[:at]) & RELATIVES else -1.0
            says = f"`{column.name}` ends like the key of {target.table[1]}, in the role `{role}`"
            yield Candidate(column, target, 2.2 + _KIND[reading.kind] + own, (says,))


def _before_qualifier(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem names a table and a qualifier follows: `team_home_id`, `station_from`; any role may follow where the
    word for the key stands first, as in `id_category_default`, `id_medecin_traitant`."""
    if len(reading.stem) < 2:
        return
    leads = reading.kind == "id" and KEY_WORDS.get(reading.words[0]) == "id"
    if reading.stem[-1] not in QUALIFIERS and not leads:
        return
    for at in range(len(reading.stem) - 1, 0 if leads else len(reading.stem) - 2, -1):
        found = targets.schema.by_form.find("".join(reading.stem[:at]), column.table[0], STRIPPED if leads else 9)
        for how, key in found:
            target = targets.of(key, column)
            if target is not None:
                says = f"`{' '.join(reading.stem[:at])}` names {key[1]}, in the role `{' '.join(reading.stem[at:])}`"
                yield Candidate(column, target, 2.0 - 1.2 * (how == TAIL) + _KIND[reading.kind], (says,))
        if found:
            return


def _abbreviated(column: Column, reading: Reading, targets: Targets) -> Iterator[Candidate]:
    """The stem, or its last word behind a role, shortens one table's name."""
    stem = reading.stem
    by = reading.kind == "none" and len(stem) > 1 and stem[-1] in ("by", "to", "via") and column.family == "integer"
    if not stem or targets.is_key(column) or (reading.kind == "none" and not by):
        return
    stem = stem[:-1] if by else stem
    for role, short in ((0, "".join(stem)), (1, stem[-1])):
        found = [entry for entry in targets.schema.by_abbreviation.find(short, column.table[0])
                 if entry[1] != column.table]  # fmt: skip
        if len(short) < 2 or len(found) != 1 or (role and len(stem) < 2):
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
    if not words or targets.is_key(column) or not _may_be_role(column, reading, words[-1]):
        return
    role = (english(words[-1]) or words[-1:])[-1]
    own = targets.of(table.key, column)
    less = 0.0 if reading.kind != "none" else 0.7
    if own is not None and role in PARENTS:
        yield from _header(column, table, targets)
        yield Candidate(column, own, 2.5 - less, (f"`{role}` is a role of another row of the same table",))
    if own is not None and role in SUPERIORS and _among_themselves(role, table, targets):
        yield Candidate(column, own, 2.5, (f"`{role}` is a role of another person of the same table",))
    elif role in SUPERIORS | WORKERS | ACTORS or (role.endswith("ed") and "by" in reading.stem):
        yield from _somebody(column, role, table, targets)


def _among_themselves(role: str, table: Table, targets: Targets) -> bool:
    """Whether the table holds persons who take that role towards each other. A client's manager is one of the staff."""
    if not any(form in PERSONS for form in table.forms):
        return False
    staff = any(targets.schema.by_form.find(person, table.key[0], STRIPPED) for person in STAFF)
    return role in KIN or not staff or not any(form in SERVED for form in table.forms)


def _header(column: Column, table: Table, targets: Targets) -> Iterator[Candidate]:
    """The table whose parts this one holds, as `sales_order` of `sales_order_address`."""
    if not set(table.bare[-1:]) & PARTS:
        return
    for key in table.part_of(targets.schema):
        target = targets.of(key, column)
        if target is not None:
            yield Candidate(column, target, 2.5, (f"{table.key[1]} holds parts of {key[1]}",))


def _may_be_role(column: Column, reading: Reading, role: str) -> bool:
    """A key's ending, or `by` or `to`, or a whole number called after a role alone: `mgr`, `post_author`."""
    if reading.kind in ("id", "number") or reading.stem[-1] in ("by", "to"):
        return True
    return column.family == "integer" and len(reading.stem) <= 2 and not role.endswith("ed")


def _holds_persons(table: Table) -> bool:
    """Whether somebody in it can be reached or logs in; a ledger's accounts do not."""
    return any(PERSONAL & set(column.reading.words) for column in table.columns)


def _somebody(column: Column, role: str, table: Table, targets: Targets) -> Iterator[Candidate]:
    """The table of the persons who take such roles: the first in order of likelihood."""
    people: Sequence[str] = STAFF
    if role not in SUPERIORS | WORKERS:
        people = (*PEOPLE, *PROFESSIONALS) if role.endswith("ed") else PEOPLE
    for person in people:
        found = targets.schema.by_form.find(person, column.table[0], STRIPPED)
        target = targets.of(found[0][1], column) if len(found) == 1 else None
        if target is None or (person == "account" and not _holds_persons(targets.schema.tables[target.table])):
            continue
        if target.table != table.key or role not in WORKERS:
            yield Candidate(column, target, 1.2, (f"`{role}` is a role of somebody in {target.table[1]}",))
            return
