"""Declared keys: every documented shape is read; what cannot be used is a finding, never an error."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from key_schemas import edges, primary, tables

from cartridge.domain.schema import ColumnMapping, Relationship, TableMapping
from cartridge.plan.keys import find_keys

PLAIN = "a: k, x text\nb: k, y text, a_ref"


def codes(keys: Any) -> list[str]:
    return [finding.code for finding in keys.findings]


@pytest.mark.parametrize(
    "form",
    [
        {"columns": ["a_ref"], "ref_table": "a", "ref_columns": ["k"]},
        {"column": "a_ref", "referenced_table": "a", "referenced_column": "k"},
        {"constrained_columns": ["a_ref"], "referred_schema": None, "referred_table": "a", "referred_columns": ["k"]},
        {"columns": ["A_REF"], "referred_schema": "main", "referred_table": "A", "referred_columns": ["K"]},
        {"column": "a_ref", "foreign_key_table": "main.a", "foreign_key_column": "k"},
        {"columns": ["a_ref"], "ref_table": ("main", "a"), "ref_columns": ["k"]},
        {"column": "a_ref", "ref_table": "a"},
        Relationship(("main", "b"), ("a_ref",), ("main", "a"), ("k",)),
    ],
)
def test_every_documented_form_is_read(form: Any) -> None:
    first, second = tables(PLAIN)
    first.primary_key_columns = ["k"]
    second.foreign_key_relationships = [form]
    keys = find_keys([first, second])
    found = [r for r in keys.relationships if r.origin == "declared"]
    assert [(r.columns, r.ref_table, r.ref_columns, r.confidence) for r in found] == [
        (("a_ref",), ("main", "a"), ("k",), 1.0)
    ]
    assert not keys.findings


def referring(table: str, column: str | None) -> TableMapping:
    its = ColumnMapping("c", "int", is_foreign_key=True, foreign_key_table=table, foreign_key_column=column)
    return TableMapping("child", "one", columns=[ColumnMapping("id", "int", is_primary_key=True), its])


def parent(schema: str, name: str = "parent") -> TableMapping:
    return TableMapping(name, schema, columns=[ColumnMapping("nr", "int"), ColumnMapping("word", "text")])


@pytest.mark.parametrize(
    ("name", "parents", "schema"),
    [
        ("parent", ["one", "two"], "one"),
        ("parent", ["two"], "two"),
        ("two.parent", ["one", "two"], "two"),
        ("Parent", ["two"], "two"),
        ('"two"."parent"', ["one", "two"], "two"),
    ],
)
def test_a_table_without_schema_is_sought_nearby_first(name: str, parents: list[str], schema: str) -> None:
    keys = find_keys([referring(name, "nr"), *map(parent, parents)])
    assert [r.ref_table for r in keys.relationships if r.origin == "declared"] == [(schema, "parent")]


@pytest.mark.parametrize(
    ("name", "column", "parents", "word"),
    [
        ("gone", "nr", ["one"], "no table 'gone'"),
        ("parent", "nr", ["two", "three"], "2 tables are called 'parent'"),
        ("parent", "gone", ["one"], "parent has no column 'gone'"),
        ("parent", None, ["one"], "which column of parent"),
        ("", "nr", ["one"], ""),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_finding(
    name: str, column: str | None, parents: list[str], word: str
) -> None:
    keys = find_keys([referring(name, column), *map(parent, parents)])
    assert not [r for r in keys.relationships if r.origin == "declared"]
    assert codes(keys) == (["unknown-reference"] if word else [])
    assert all(word in finding.message and finding.severity == "warning" and finding.mend for finding in keys.findings)


@pytest.mark.parametrize(
    "form", [None, 7, "a_ref -> a.k", {}, {"columns": ["a_ref"]}, {"columns": [], "ref_table": "a"}]
)
def test_an_unreadable_form_is_a_finding(form: Any) -> None:
    first, second = tables(PLAIN)
    second.foreign_key_relationships = [form]
    assert codes(find_keys([first, second])) == ["unreadable-reference"]


def test_unequal_numbers_of_columns_are_a_finding() -> None:
    first, second = tables(PLAIN)
    second.foreign_key_relationships = [{"columns": ["k", "a_ref"], "ref_table": "a", "ref_columns": ["k"]}]
    assert codes(find_keys([first, second])) == ["unknown-reference"]


def test_contradictory_references_keep_the_first() -> None:
    text = PLAIN + "\nc: k"
    one, two, three = tables(text)
    two.foreign_key_relationships = [
        {"column": "a_ref", "ref_table": "a", "ref_column": "k"},
        {"column": "a_ref", "ref_table": "c", "ref_column": "k"},
    ]
    keys = find_keys([one, two, three])
    assert codes(keys) == ["contradictory-reference"]
    assert "b.a_ref -> a.k" in edges(keys)


def test_the_same_reference_given_thrice_is_one() -> None:
    first, second = tables(PLAIN)
    second.columns[2] = dataclasses.replace(second.columns[2], is_foreign_key=True, foreign_key_table="a")
    second.foreign_key_relationships = [{"column": "a_ref", "ref_table": "a", "ref_column": "k"}]
    first.primary_key_columns = ["k"]
    keys = find_keys([first, second], [Relationship(("main", "b"), ("a_ref",), ("main", "a"), ("k",))])
    assert edges(keys) == {"b.a_ref -> a.k"}
    assert not keys.findings


def test_declared_outranks_measured_and_measured_outranks_inferred() -> None:
    first, second, third = tables("customers: id\norders: id, customer_id\nclients: id")
    measured = Relationship(("main", "orders"), ("customer_id",), ("main", "clients"), ("id",), "measured", 0.9)
    keys = find_keys([first, second, third], [measured])
    assert keys.relationships == (measured,)
    second.foreign_key_relationships = [{"column": "customer_id", "ref_table": "customers", "ref_column": "id"}]
    keys = find_keys([first, second, third], [measured])
    assert [(r.ref_table[1], r.origin) for r in keys.relationships] == [("customers", "declared")]


def test_primary_keys_in_both_places() -> None:
    (table,) = tables("a: x, y, z")
    table.primary_key_columns = ["X", "y"]
    table.columns[2] = dataclasses.replace(table.columns[2], is_primary_key=True)
    keys = find_keys([table])
    assert primary(keys) == {"a": "x,y"}
    assert codes(keys) == ["contradictory-key"]


def test_a_primary_key_of_a_missing_column_is_a_finding() -> None:
    (table,) = tables("a: id, y text")
    table.primary_key_columns = ["gone"]
    keys = find_keys([table])
    assert codes(keys) == ["unknown-column"]
    assert primary(keys) == {"a": "id"}


def test_nothing_is_guessed_about_a_column_whose_declared_table_is_missing() -> None:
    customers, orders = tables("customers: id, name text\norders: id, customer_id")
    assert edges(find_keys([customers, orders])) == {"orders.customer_id -> customers.id"}
    orders.columns[1] = dataclasses.replace(orders.columns[1], is_foreign_key=True, foreign_key_table="crm.clients")
    keys = find_keys([customers, orders])
    assert (edges(keys), codes(keys)) == (set(), ["unknown-reference"])


def test_cycles_are_kept() -> None:
    text = "a: id, b_id\nb: id, c_id\nc: id, a_id"
    assert edges(find_keys(tables(text))) == {"a.b_id -> b.id", "b.c_id -> c.id", "c.a_id -> a.id"}


def test_a_table_given_twice_is_a_finding() -> None:
    keys = find_keys(tables("a: id, b_id\nb: id\na: id, x"))
    assert codes(keys) == ["duplicate-table"]
    assert edges(keys) == {"a.b_id -> b.id"}


def test_the_parts_of_a_key_of_several_columns_are_no_keys_themselves() -> None:
    lines, returns = tables("lines: order_id, line_number\nreturns: id, order_id, line_number")
    lines.primary_key_columns = ["order_id", "line_number"]
    for column in returns.columns[1:]:
        column.is_foreign_key, column.foreign_key_table, column.foreign_key_column = True, "lines", column.name
    whole = Relationship(returns.key, ("order_id", "line_number"), lines.key, ("order_id", "line_number"))
    assert find_keys([lines, returns], [whole]).relationships == (whole,)
