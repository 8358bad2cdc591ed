"""What data and declarations change about inferred keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from key_schemas import edges, primary, tables

from cartridge.domain.schema import ColumnProfile, Overlap, Relationship, TableMapping, TableProfile
from cartridge.plan.keys import find_keys, held_against

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


def test_a_duplicate_that_was_counted_leaves_the_next_guess() -> None:
    given = tables("tags: id\nproducts: id\nproduct_tags: product_id, tag_id, position")
    assert primary(find_keys(given))["product_tags"] == "product_id,tag_id"
    first, second, *_ = find_keys(given).possible_keys["main", "product_tags"]
    counted = TableProfile(300, {}, key_duplicates={first: 12, second: 0})
    found = find_keys(given, profile={("main", "product_tags"): counted})
    assert primary(found)["product_tags"] == "product_id,position"


def test_measured_keys_do_not_raise_the_bar_as_declared_ones_do() -> None:
    given = tables("users: id\norders: id, user_id, picker_id\nlines: id, order_id")
    users, orders, lines = given
    some = [declared(orders, "user_id", users), declared(lines, "order_id", orders)]
    seen = [replace(edge, origin="measured", confidence=0.97) for edge in some]
    assert "orders.picker_id -> users.id" not in edges(find_keys(given, some))
    assert "orders.picker_id -> users.id" in edges(find_keys(given, seen))


def test_a_whole_key_that_was_measured_says_what_its_parts_would() -> None:
    given = tables("""
        orders: id
        order_lines: order_id, line_number, amount num
        returns: id, order_id, line_number, reason text
    """)
    names = find_keys(given)
    assert "returns.order_id -> orders.id" in edges(names)
    (whole,) = (edge for edge in names.doubtful if len(edge.columns) > 1)
    assert str(whole) == "returns(order_id, line_number) -> order_lines(order_id, line_number)"
    found = find_keys(given, [replace(whole, origin="measured")])
    assert edges(found) == {
        "order_lines.order_id -> orders.id",
        "returns.order_id,line_number -> order_lines.order_id,line_number",
    }


@pytest.mark.parametrize(("orphans", "lost_values", "kept"), [(3, 3, True), (40, 4, True), (400, 40, False)])
def test_few_orphans_do_not_undo_a_reference(orphans: int, lost_values: int, *, kept: bool) -> None:
    keys = find_keys(tables(SHOP))
    (edge,) = keys.relationships
    overlap = Overlap(edge, 1000, orphans, 60, 60 - lost_values, 100, parent_unique=True)
    held = held_against(keys, [overlap])
    assert bool(held.relationships) is kept
    if kept:
        assert held.relationships[0].evidence[0] == f"{orphans} of 1,000 rows have no parent"


def test_one_sentinel_among_the_values_does_not_undo_what_was_counted() -> None:
    seen = {**CUSTOMERS, ("main", "orders"): profile(500, customer_id=numbers(60, -1, 999_999))}
    (edge,) = find_keys(tables(SHOP)).relationships
    overlap = Overlap(edge, 500, 2, 60, 58, 100, parent_unique=True)
    assert edges(find_keys(tables(SHOP), profile=seen)) == set()
    assert edges(find_keys(tables(SHOP), (), seen, [overlap])) == {"orders.customer_id -> customers.id"}
