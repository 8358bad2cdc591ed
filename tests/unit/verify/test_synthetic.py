"""Synthetic rows honour what a schema declares, whatever it declares."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.domain.schema import ColumnMapping, ColumnProfile, Relationship, TableMapping, TableProfile
from cartridge.verify.shapes import shape_of
from cartridge.verify.synthetic import Rules, Synthetic, keys_of, synthesize

TYPES = (
    "integer", "bigint", "smallint", "decimal(10, 2)", "varchar(20)", "text", "date", "timestamp", "uuid", "boolean",
    "json", "integer[]", "bytea", "interval", "inet",
)  # fmt: skip


def table(name: str, *columns: str, key: list[str] | None = None, **more: Any) -> TableMapping:
    """Columns as "name type" or "name type?" where it may be empty."""
    made = [
        ColumnMapping(text.split(" ", 1)[0], text.split(" ", 1)[1].rstrip("?"), nullable=text.endswith("?"))
        for text in columns
    ]
    return TableMapping(name, "s", columns=made, primary_key_columns=key, **more)


def edge(child: str, columns: str, parent: str, ref_columns: str = "id") -> Relationship:
    return Relationship(("s", child), tuple(columns.split()), ("s", parent), tuple(ref_columns.split()))


def rows(made: Synthetic, name: str) -> list[dict[str, Any]]:
    return list(made.rows["s", name])


def broken(made: Synthetic, tables: list[TableMapping], edges: list[Relationship], rules: Rules) -> list[str]:
    """Every declaration that the rows do not honour."""
    faults = []
    for one in tables:
        held = made.rows[one.key]
        for column in one.columns:
            if not column.nullable and any(row[column.name] is None for row in held):
                faults.append(f"{one.name}.{column.name} is empty")
        for key in keys_of(one, rules):
            values = [tuple(str(row[name]) for name in key) for row in held if None not in [row[name] for name in key]]
            faults += [f"{one.name}{key} repeats {value}" for value, count in Counter(values).items() if count > 1]
    for one in edges:
        if one in made.unmet:
            continue
        parents = {tuple(row[name] for name in one.ref_columns) for row in made.rows[one.ref_table]}
        for row in made.rows[one.table]:
            value = tuple(row[name] for name in one.columns)
            if None not in value and value not in parents:
                faults.append(f"{one}: {value}")
    return faults


def test_a_shop() -> None:
    tables = [
        table("customers", "id integer", "email text", "boss_id integer?", key=["id"], unique_keys=[["email"]]),
        table("orders", "id bigint", "customer_id integer", "placed timestamp", "note text?", key=["id"]),
        table("lines", "order_id bigint", "line smallint", "amount decimal(8,2)?", key=["order_id", "line"]),
    ]
    edges = [
        edge("orders", "customer_id", "customers"), edge("lines", "order_id", "orders"),
        edge("customers", "boss_id", "customers"),
    ]  # fmt: skip
    made = synthesize(tables, edges)
    assert broken(made, tables, edges, Rules()) == []
    assert made.unmet == ()
    assert [len(rows(made, name)) for name in ("customers", "orders", "lines")] == [24, 24, 24]
    per_customer = Counter(row["customer_id"] for row in rows(made, "orders"))
    assert max(per_customer.values()) > 1, "an order a customer would hide a join that multiplies"
    assert len(per_customer) < 24, "some customers have no order"
    assert any(row["boss_id"] is None for row in rows(made, "customers"))
    assert any(row["boss_id"] is not None for row in rows(made, "customers"))
    assert any(row["note"] is None for row in rows(made, "orders"))
    ids = [{row["id"] for row in rows(made, name)} for name in ("customers", "orders")]
    assert not ids[0] & ids[1], "keys of two tables never meet by accident"


def test_the_seed_decides_and_the_order_of_tables_does_not() -> None:
    tables = [table("a", "id integer", "x text", key=["id"]), table("b", "id integer", "a_id integer?", key=["id"])]
    edges = [edge("b", "a_id", "a")]
    first = synthesize(tables, edges)
    assert first == synthesize(tables[::-1], edges)
    assert list(first.rows) == [("s", "a"), ("s", "b")]
    assert first != synthesize(tables, edges, Rules(seed=1))


def test_composite_one_to_one_and_many_to_many_keys() -> None:
    tables = [
        table("tenants", "id integer", key=["id"]),
        table("users", "tenant_id integer", "no integer", key=["tenant_id", "no"]),
        table("profiles", "tenant_id integer", "user_no integer", "bio text", key=["tenant_id", "user_no"]),
        table(
            "grants", "tenant_id integer", "user_no integer", "role_id integer", key=["tenant_id", "user_no", "role_id"]
        ),
        table("roles", "id integer", key=["id"]),
    ]
    edges = [
        edge("users", "tenant_id", "tenants"), edge("profiles", "tenant_id user_no", "users", "tenant_id no"),
        edge("grants", "tenant_id user_no", "users", "tenant_id no"), edge("grants", "role_id", "roles"),
        edge("grants", "tenant_id", "tenants"),
    ]  # fmt: skip
    made = synthesize(tables, edges)
    assert broken(made, tables, edges, Rules()) == []
    assert len(rows(made, "profiles")) > 5
    assert len(rows(made, "grants")) > 10


def test_a_cycle_is_opened_where_a_key_may_be_empty() -> None:
    tables = [
        table("stores", "id integer", "manager_id integer?", key=["id"]),
        table("staff", "id integer", "store_id integer", key=["id"]),
    ]
    edges = [edge("stores", "manager_id", "staff"), edge("staff", "store_id", "stores")]
    made = synthesize(tables, edges)
    assert broken(made, tables, edges, Rules()) == []
    assert any(row["manager_id"] is not None for row in rows(made, "stores"))
    assert made.unsatisfiable == {}


def test_a_cycle_of_filled_keys_is_said_and_filled_together() -> None:
    tables = [
        table("a", "id integer", "b_id integer", key=["id"]),
        table("b", "id integer", "a_id integer", key=["id"], unique_keys=[["a_id"]]),
        table("c", "id integer", "a_id integer", key=["id"]),
    ]
    edges = [edge("a", "b_id", "b"), edge("b", "a_id", "a"), edge("c", "a_id", "a")]
    made = synthesize(tables, edges)
    assert set(made.unsatisfiable) == {("s", "a"), ("s", "b")}
    reason = made.unsatisfiable["s", "a"]
    assert reason.startswith("unsatisfiable row by row")
    assert "a(b_id) -> b(id), b(a_id) -> a(id)" in reason
    assert broken(made, tables, edges, Rules()) == []
    assert made.unmet == ()
    assert all(rows(made, name) for name in "abc")


def test_a_cycle_that_no_rows_can_fill_is_unmet() -> None:
    tables = [table("a", "id integer", key=["id"]), table("b", "id integer", "x integer", key=["id"])]
    edges = [edge("a", "id", "b"), edge("b", "id x", "a", "id id")]
    made = synthesize(tables, edges)
    assert set(made.unsatisfiable) == {("s", "a"), ("s", "b")}
    assert broken(made, tables, edges, Rules()) == []


def test_a_self_reference_that_must_be_filled_starts_with_itself() -> None:
    tables = [table("nodes", "id integer", "parent_id integer", key=["id"])]
    edges = [edge("nodes", "parent_id", "nodes")]
    made = synthesize(tables, edges)
    assert broken(made, tables, edges, Rules()) == []
    assert rows(made, "nodes")[0]["parent_id"] == rows(made, "nodes")[0]["id"]


def test_a_table_has_no_more_rows_than_those_it_refers_to_once_each() -> None:
    """In a cycle, the table that is referred to is filled later, and may get fewer rows than others."""
    alone = table("b", "id integer", "twin_id integer", "a_id integer", key=["id"], unique_keys=[["twin_id"]])
    few = table("b", "id integer", "c_id integer?", "a_id integer", key=["id"], unique_keys=[["c_id"]])
    for parent, more in ((alone, edge("b", "twin_id", "b")), (few, edge("b", "c_id", "c"))):
        child = table("a", "id integer", "b_id integer", key=["id"], unique_keys=[["b_id"]])
        tables = [child, parent, table("c", "id integer", key=["id"])]
        edges = [edge("a", "b_id", "b"), edge("b", "a_id", "a"), more]
        made = synthesize(tables, edges)
        assert broken(made, tables, edges, Rules()) == []
        assert made.unmet == ()
        assert len(rows(made, "a")) == len(rows(made, "b")) == 24


def test_small_types_bound_the_keys_that_refer_to_them() -> None:
    tables = [
        table("kinds", "id bigint", "code varchar(2)", key=["id"], unique_keys=[["code"]]),
        table("things", "id tinyint", "kind_id tinyint", "code varchar(2)", key=["id"]),
    ]
    edges = [edge("things", "kind_id", "kinds"), edge("things", "code", "kinds", "code")]
    made = synthesize(tables, edges)
    assert broken(made, tables, [edges[0]], Rules()) == []
    assert max(row["id"] for row in rows(made, "kinds")) <= 127
    assert {len(row["code"]) for row in rows(made, "kinds")} == {2}


def test_two_keys_that_want_different_values_are_said_to_be_unmet() -> None:
    tables = [table("a", "id integer", key=["id"]), table("b", "id integer", key=["id"]), table("c", "x integer")]
    edges = [edge("c", "x", "a"), edge("c", "x", "b")]
    assert len(synthesize(tables, edges).unmet) == 1
    text = [table("a", "id text", key=["id"]), table("c", "x integer")]
    assert synthesize(text, [edge("c", "x", "a")]).unmet == (edge("c", "x", "a"),)


def test_ranges_values_and_spelled_types() -> None:
    tables = [
        table("t", "id integer", "age integer", "status text", "day text", "price decimal(6,2)", "grade enum('x','y')")
    ]
    profile = TableProfile(
        10,
        {
            "age": ColumnProfile(0, 5, "18", "21"),
            "price": ColumnProfile(0, 5, "1.50", "2.50"),
            "status": ColumnProfile(0, 2, values=("new", "paid")),
        },
    )
    rules = Rules(
        rows=40,
        profile={("s", "t"): profile},
        values={(("s", "t"), "id"): ("7", "8")},
        written_as={(("s", "t"), "day"): "date"},
        dialect="mysql",
    )
    held = rows(synthesize(tables, [], rules), "t")
    assert {row["age"] for row in held} <= {18, 19, 20, 21}
    assert {row["status"] for row in held} == {"new", "paid"}
    assert {row["id"] for row in held} == {"7", "8"}
    assert {row["grade"] for row in held} == {"x", "y"}
    assert all(1.5 <= row["price"] <= 2.5 for row in held)
    assert all(row["day"].startswith("20") and row["day"].count("-") == 2 for row in held)


@pytest.mark.parametrize(
    ("data_type", "dialect", "duckdb"),
    [
        ("numeric(10,2)", "postgres", "DECIMAL(10, 2)"), ("numeric(50,2)", "postgres", "DOUBLE"),
        ("text[]", "postgres", "VARCHAR[]"), ("timestamp with time zone", "postgres", "TIMESTAMPTZ"),
        ("tsvector", "postgres", "VARCHAR"), ("bytea", "postgres", "BLOB"), ("USER-DEFINED", "postgres", "VARCHAR"),
        ("NUMBER(38,0)", "snowflake", "DECIMAL(38, 0)"), ("VARIANT", "snowflake", "JSON"),
        ("GEOGRAPHY", "snowflake", "VARCHAR"), ("ARRAY<STRING>", "bigquery", "VARCHAR[]"),
        ("STRUCT<a INT64>", "bigquery", "JSON"), ("INT64", "bigquery", "BIGINT"), ("enum('a','b')", "mysql", "VARCHAR"),
        ("int(11) unsigned", "mysql", "UINTEGER"), ("uniqueidentifier", "tsql", "UUID"),
        ("money", "tsql", "DECIMAL(18, 2)"),
        ("", "sqlite", "VARCHAR"), ("no such type (", "postgres", "VARCHAR"), ("interval", "postgres", "INTERVAL"),
    ],
)  # fmt: skip
def test_types_of_any_warehouse(data_type: str, dialect: str, duckdb: str) -> None:
    assert shape_of(data_type, dialect).duckdb == duckdb


@st.composite
def schemas(draw: st.DrawFn) -> tuple[list[TableMapping], list[Relationship]]:
    """Random schemas: any types, keys of one or two columns, references to any table, cycles and loops included."""
    count = draw(st.integers(1, 5))
    tables, edges = [], []
    keyed = [draw(st.sampled_from(("integer", "varchar(12)", "uuid", "bigint"))) for _ in range(count)]
    for number in range(count):
        columns = [f"id {keyed[number]}"]
        for place in range(draw(st.integers(0, 4))):
            columns.append(f"c{place} {draw(st.sampled_from(TYPES))}" + draw(st.sampled_from(("", "?"))))
        for place in range(draw(st.integers(0, 3))):
            parent = draw(st.integers(0, count - 1))
            columns.append(f"f{place} {keyed[parent]}" + draw(st.sampled_from(("", "?", "?"))))
            edges.append(edge(f"t{number}", f"f{place}", f"t{parent}"))
        unique = [["f0"]] if any(text.startswith("f0") for text in columns) and draw(st.booleans()) else None
        tables.append(table(f"t{number}", *columns, key=["id"], unique_keys=unique))
    return tables, edges


@settings(max_examples=5_000 if os.environ.get("CARTRIDGE_DEEP") else 150, deadline=None)
@given(schemas(), st.integers(0, 3))
def test_every_schema_is_honoured(schema: tuple[list[TableMapping], list[Relationship]], seed: int) -> None:
    tables, edges = schema
    rules = Rules(seed=seed, rows=6)
    made = synthesize(tables, edges, rules)
    assert broken(made, tables, edges, rules) == []
    assert set(made.rows) == {one.key for one in tables}
    assert all(made.rows.values())
    assert made.unmet == ()
