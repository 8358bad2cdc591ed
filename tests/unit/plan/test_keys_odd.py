"""Odd input: every schema gets an answer, quickly and the same one each time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from key_schemas import edges, primary, tables

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.keys import find_keys
from cartridge.plan.words import word_set

WORDS = st.sampled_from([*sorted(word_set("id customer order _ Id code parent type 9 ÄÖ by no s - x")), " "])
NAMES = st.one_of(st.text(min_size=1, max_size=8), st.lists(WORDS, min_size=1, max_size=5).map("".join))
TYPES = st.sampled_from(["bigint", "text", "", "date", "uuid", "boolean", "numeric(9,2)", "json", "no such type"])
COLUMNS = st.lists(st.builds(ColumnMapping, NAMES, TYPES), max_size=8, unique_by=lambda column: column.name)
TABLES = st.lists(st.builds(TableMapping, NAMES, st.sampled_from(["", "a", "b"]), columns=COLUMNS), max_size=8)


@settings(max_examples=150, deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_any_schema_gets_sound_keys_in_any_order(given_tables: list[TableMapping], dice: random.Random) -> None:
    given_tables = list({table.key: table for table in given_tables}.values())
    keys = find_keys(given_tables)
    columns = {table.key: {column.name for column in table.columns} for table in given_tables}
    for key in keys.primary_keys.values():
        assert set(key.columns) <= columns[key.table]
        assert len(set(key.columns)) == len(key.columns) >= 1
    held: list[tuple[tuple[str, str], str]] = []
    for reference in (*keys.relationships, *keys.doubtful):
        assert set(reference.columns) <= columns[reference.table]
        assert set(reference.ref_columns) <= columns[reference.ref_table]
        assert (reference.table, reference.columns) != (reference.ref_table, reference.ref_columns)
        assert reference.evidence
        held += [(reference.table, column) for column in reference.columns]
    assert len(held) == len(set(held))
    dice.shuffle(given_tables)
    again = find_keys(given_tables)
    assert (again.relationships, again.doubtful) == (keys.relationships, keys.doubtful)
    assert dict(again.primary_keys) == dict(keys.primary_keys)


def test_nothing_gives_nothing() -> None:
    keys = find_keys([])
    assert (dict(keys.primary_keys), keys.relationships, keys.findings) == ({}, (), ())


def test_tables_without_columns_or_keys() -> None:
    keys = find_keys(tables("empty:\nlog_lines: at time, message text\nflags: on_air bool, blob_data bytea"))
    assert (primary(keys), edges(keys)) == ({}, set())


def test_two_thousand_columns_in_one_table() -> None:
    wide = ", ".join(f"thing{number}_ref_id" for number in range(1000))
    more = ", ".join(f"value_{number} num" for number in range(999))
    keys = find_keys(tables(f"wide: wide_id, {wide}, {more}\nother: id, wide_id"))
    assert primary(keys) == {"wide": "wide_id", "other": "id"}
    assert edges(keys) == {"other.wide_id -> wide.wide_id"}


def test_the_same_tables_in_two_schemas_stay_apart() -> None:
    text = "one.customers: id\none.orders: id, customer_id\ntwo.customers: id\ntwo.orders: id, customer_id"
    keys = find_keys(tables(text))
    assert [(r.table, r.ref_table) for r in keys.relationships] == [
        (("one", "orders"), ("one", "customers")),
        (("two", "orders"), ("two", "customers")),
    ]


def test_a_table_of_another_schema_is_meant_where_it_is_the_only_one() -> None:
    keys = find_keys(tables("crm.customers: id\nshop.orders: id, customer_id"))
    assert [(r.table, r.ref_table) for r in keys.relationships] == [(("shop", "orders"), ("crm", "customers"))]
    keys = find_keys(tables("crm.customers: id\nold.customers: id\nshop.orders: id, customer_id"))
    assert keys.relationships == ()


@pytest.mark.parametrize("name", ["id", "name", "code", "type", "status", "date"])
def test_a_generic_name_refers_to_nothing(name: str) -> None:
    keys = find_keys(tables(f"colours: {name}, shade text\nsizes: {name}, length num\nshirts: {name}, cut text"))
    assert edges(keys) == set()
