"""What data and declarations change about inferred keys."""

from __future__ import annotations

import pytest
from key_schemas import edges, primary, tables

from cartridge.domain.schema import ColumnProfile, Relationship, TableMapping, TableProfile
from cartridge.plan.keys import find_keys

SHOP = "customers: id, name text\norders: id, customer_id, total num"


def profile(rows: int, **columns: ColumnProfile) -> TableProfile:
    return TableProfile(rows, columns)


def numbers(distinct: int, low: int, high: int, nulls: int = 0) -> ColumnProfile:
    return ColumnProfile(nulls, distinct, str(low), str(high))


CUSTOMERS = {("main", "customers"): profile(100, id=numbers(100, 1, 100))}


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        (numbers(60, 1, 99), True),
        (numbers(60, 1, 110), True),
        (numbers(60, 3000, 9000), False),
        (numbers(60, 1, 900), False),
        (numbers(400, 1, 100), False),
        (numbers(0, 0, 0, nulls=500), True),
        (ColumnProfile(0, 60), True),
    ],
    ids=["within", "a few orphans", "elsewhere", "mostly elsewhere", "more values than rows", "all NULL", "no range"],
)
def test_a_reference_must_fit_the_range_of_its_target(column: ColumnProfile, kept: bool) -> None:
    found = find_keys(tables(SHOP), profile={**CUSTOMERS, ("main", "orders"): profile(500, customer_id=column)})
    assert edges(found) == ({"orders.customer_id -> customers.id"} if kept else set())


def test_a_sample_of_the_target_proves_nothing_against_a_reference() -> None:
    sampled = {("main", "customers"): TableProfile(100, {"id": numbers(100, 1, 100)}, sampled=True)}
    found = find_keys(
        tables(SHOP), profile={**sampled, ("main", "orders"): profile(500, customer_id=numbers(400, 1, 900))}
    )
    assert edges(found) == {"orders.customer_id -> customers.id"}


def test_dates_are_compared_as_dates() -> None:
    text = "calendar: date date, year\nvisits: id, visit_date_key date"
    span = {("main", "calendar"): profile(365, date=ColumnProfile(0, 365, "2024-01-01", "2024-12-31"))}
    for low, high, kept in (("2024-03-01", "2024-04-01", True), ("1999-01-01", "2001-01-01", False)):
        visits = {("main", "visits"): profile(9, visit_date_key=ColumnProfile(0, 9, low, high))}
        found = find_keys(tables(text), profile={**span, **visits})
        assert ("visits.visit_date_key -> calendar.date" in edges(found)) is kept


def test_a_key_with_nulls_or_duplicates_is_no_key() -> None:
    (table,) = tables("stock: stock_id, stock_code text, amount num")
    assert primary(find_keys([table])) == {"stock": "stock_id"}
    repeated = {table.key: profile(100, stock_id=numbers(7, 1, 7), stock_code=ColumnProfile(0, 100))}
    assert primary(find_keys([table], profile=repeated)) == {"stock": "stock_code"}
    missing = {table.key: profile(100, stock_id=numbers(99, 1, 99, nulls=1), stock_code=ColumnProfile(3, 97))}
    assert primary(find_keys([table], profile=missing)) == {}


def test_an_approximate_count_may_fall_short() -> None:
    (table,) = tables("stock: stock_id, amount num")
    keys = find_keys([table], profile={table.key: profile(1000, stock_id=numbers(968, 1, 1000))})
    found = keys.primary_keys[table.key]
    assert found.columns == ("stock_id",)
    assert found.evidence[-1] == "968 distinct values in 1000 rows, no NULL"
    assert found.confidence > find_keys([table]).primary_keys[table.key].confidence


def test_a_composite_key_must_tell_the_rows_apart() -> None:
    given = tables("orders: id\nproducts: id\norder_lines: order_id, product_id, quantity")
    lines = {("main", "order_lines"): profile(1000, order_id=numbers(20, 1, 20), product_id=numbers(10, 1, 10))}
    assert primary(find_keys(given))["order_lines"] == "order_id,product_id"
    assert "order_lines" not in primary(find_keys(given, profile=lines))


def declared(child: TableMapping, column: str, parent: TableMapping) -> Relationship:
    return Relationship(child.key, (column,), parent.key, ("id",))


def test_where_keys_are_declared_throughout_only_what_is_clearly_missing_is_added() -> None:
    given = tables("""
        users: id, email text
        orders: id, user_id, picker_id
        lines: id, order_id
        notes: id, order_id, created_by
    """)
    users, orders, lines, notes = given
    found = find_keys(given, [declared(orders, "user_id", users), declared(lines, "order_id", orders)])
    assert {(str(r), r.origin) for r in found.relationships} == {
        ("lines(order_id) -> orders(id)", "declared"),
        ("orders(user_id) -> users(id)", "declared"),
        ("notes(order_id) -> orders(id)", "inferred"),
    }
    assert {str(r) for r in found.doubtful} == {"notes(created_by) -> users(id)", "orders(picker_id) -> users(id)"}
    assert notes.key in {r.table for r in find_keys(given).relationships}
    assert "notes.created_by -> users.id" in edges(find_keys(given))


def test_types_that_do_not_meet_are_doubted_and_copies_too() -> None:
    keys = find_keys(tables("customers: id, name text\norders: id, customer_id text"))
    assert (edges(keys), [str(r) for r in keys.doubtful]) == (set(), ["orders(customer_id) -> customers(id)"])
    keys = find_keys(tables(SHOP + "\norders_backup: id, customer_id, total num"))
    assert edges(keys) == {"orders.customer_id -> customers.id"}
    (doubt,) = keys.doubtful
    assert doubt.evidence[-1] == "but orders_backup is a copy of orders: nothing keeps its rows to any key"
