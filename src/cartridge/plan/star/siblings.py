"""Tables of one shape that are one table to an analyst: tenants' schemas, shops, and partitions by period."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cartridge.domain.schema import Relationship, TableMapping
from cartridge.plan.star.design import UnionDesign
from cartridge.plan.star.vocabulary import NOUNS
from cartridge.plan.words import plural, singular, snake, tokens

_PERIOD = re.compile(
    r"^(?P<stem>.*?[a-zA-Z])_?(?P<label>(?:[yp]|part)?_?(?:(?:19|20)\d\d(?:_?[01]\d(?:_?[0-3]\d)?)?(?:_?q[1-4])?|\d{1,4}))$",
    re.IGNORECASE,
)
_ALIKE = 0.9
"""Share of column names that siblings have in common."""
_TELLING = 3
"""Siblings have at least so many columns: tables of an id and a name look alike by chance."""
_TELLING_WORD = 5
"""So many where only a first word sets them apart: lists of values have one shape for many things."""


def find_unions(tables: Sequence[TableMapping]) -> tuple[UnionDesign, ...]:
    """Groups of sibling tables, by the first table of each. A table is in one group at most."""
    found = _by_schema(tables)
    taken = {key for union in found for key in union.tables}
    found += _by_period([table for table in tables if table.key not in taken])
    taken = {key for union in found for key in union.tables}
    found += _by_tenant([table for table in tables if table.key not in taken])
    return tuple(sorted(found, key=lambda union: union.tables[0]))


def merged(
    tables: Sequence[TableMapping], relationships: Sequence[Relationship], unions: Sequence[UnionDesign]
) -> tuple[list[TableMapping], list[Relationship]]:
    """The tables and relationships with every union stood for by its first table."""
    stands_for = {key: union.tables[0] for union in unions for key in union.tables}
    kept = [table for table in tables if stands_for.get(table.key, table.key) == table.key]
    moved: dict[tuple[object, ...], Relationship] = {}
    for old in relationships:
        child, parent = stands_for.get(old.table, old.table), stands_for.get(old.ref_table, old.ref_table)
        new = Relationship(child, old.columns, parent, old.ref_columns, old.origin, old.confidence, old.evidence)
        moved.setdefault((child, old.columns, parent), new)
    return kept, list(moved.values())


def _columns(table: TableMapping) -> frozenset[str]:
    return frozenset(column.name.lower() for column in table.columns)


def _alike(first: frozenset[str], other: frozenset[str]) -> bool:
    return len(first) >= _TELLING and len(first & other) >= _ALIKE * len(first | other)


def _by_schema(tables: Sequence[TableMapping]) -> list[UnionDesign]:
    """Schemas at least half of whose tables have a sibling of the same name and shape, or five of them."""
    groups: dict[str, list[TableMapping]] = {}
    for table in tables:
        groups.setdefault(table.name.lower(), []).append(table)
    alike = {
        name: [table for table in group if _alike(_columns(group[0]), _columns(table))]
        for name, group in groups.items()
        if len(group) > 1
    }
    shared: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for table in tables:
        sizes[table.schema] = sizes.get(table.schema, 0) + 1
    for group in alike.values():
        for table in group if len(group) > 1 else ():
            shared[table.schema] = shared.get(table.schema, 0) + 1
    unions = []
    for name, group in alike.items():
        same = [t for t in group if shared.get(t.schema, 0) * 2 >= sizes[t.schema] or shared.get(t.schema, 0) >= 5]
        if len(same) > 1:
            labels = tuple(table.schema for table in same)
            says = f"{name} has the same columns in the schemas {', '.join(labels)}"
            unions.append(UnionDesign(plural(snake(name)), tuple(t.key for t in same), labels, says))
    return unions


def _by_period(tables: Sequence[TableMapping]) -> list[UnionDesign]:
    """`events_2024_01`, `events_2024_02`: equal columns, names that differ in a trailing period or number."""
    groups: dict[tuple[str, str, frozenset[str]], list[tuple[TableMapping, str]]] = {}
    names = {table.key for table in tables}
    for table in tables:
        match = _PERIOD.match(table.name)
        if match and (table.schema, match["stem"].rstrip("_")) not in names and len(table.columns) >= _TELLING:
            stem = match["stem"].rstrip("_")
            groups.setdefault((table.schema, stem.lower(), _columns(table)), []).append((table, match["label"]))
    unions = []
    for (_, stem, _), group in groups.items():
        if len(group) > 1:
            ordered = sorted(group, key=lambda pair: pair[0].key)
            says = f"{len(group)} tables named {stem} with a period, all with the same columns"
            labels = tuple(label.strip("_") for _, label in ordered)
            unions.append(UnionDesign(plural(snake(stem)), tuple(t.key for t, _ in ordered), labels, says))
    return unions


def _by_tenant(tables: Sequence[TableMapping]) -> list[UnionDesign]:
    """`us_orders`, `eu_orders` beside `us_customers`, `eu_customers`: first words that stand before several shapes."""
    groups: dict[tuple[str, tuple[str, ...], frozenset[str]], dict[str, TableMapping]] = {}
    for table in tables:
        words = tokens(table.name)
        business = singular(words[0]) in NOUNS if words else True
        if len(words) > 1 and not business and len(table.columns) >= _TELLING_WORD:
            groups.setdefault((table.schema, words[1:], _columns(table)), {})[words[0]] = table
    several = {shape: group for shape, group in groups.items() if len(group) > 1}
    seen: dict[tuple[str, ...], int] = {}
    for group in several.values():
        tenants = tuple(sorted(group))
        seen[tenants] = seen.get(tenants, 0) + 1
    unions = []
    for (_, rest, _), group in several.items():
        labels = tuple(sorted(group))
        if seen[labels] > 1:
            says = f"{len(group)} tables of the same columns that differ in the first word: {', '.join(labels)}"
            unions.append(
                UnionDesign(plural("_".join(rest)), tuple(group[label].key for label in labels), labels, says)
            )
    return unions
