"""The demo shop: the same rows everywhere, and the shapes that a plan has to deal with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from cartridge.app.demo import create_shop
from cartridge.app.demo.shop import make_rows


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    create_shop(path)
    return path


def ask(shop: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(shop), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_rows_do_not_depend_on_the_process():
    program = (
        "import zlib; from cartridge.app.demo.shop import make_rows; print(zlib.crc32(repr(make_rows()).encode()))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(seen) == 1


def test_another_seed_makes_another_shop():
    assert make_rows(1)["orders"] != make_rows(2)["orders"]


def test_every_table_has_its_rows(shop: Path):
    rows = make_rows()
    assert {table: ask(shop, f'select count(*) from "{table}"')[0][0] for table in rows} == {
        table: len(rows[table]) for table in rows
    }
    assert len(rows) >= 11
    assert 3_000 < sum(len(group) for group in rows.values()) < 20_000


def test_keys_are_declared(shop: Path):
    kinds = ask(
        shop,
        "select table_name, constraint_type, constraint_column_names, referenced_table from duckdb_constraints() "
        "where constraint_type in ('PRIMARY KEY', 'FOREIGN KEY')",
    )
    primary = {table: columns for table, kind, columns, _ in kinds if kind == "PRIMARY KEY"}
    foreign = [(table, tuple(columns), to) for table, kind, columns, to in kinds if kind == "FOREIGN KEY"]
    assert set(primary) == set(make_rows())
    assert primary["order_items"] == ["order_id", "line_number"]
    assert ("employees", ("manager_id",), "employees") in foreign
    assert ("returns", ("order_id", "line_number"), "order_items") in foreign
    assert [to for table, _, to in foreign if table == "orders"].count("addresses") == 2


def test_tables_are_described(shop: Path):
    assert not ask(
        shop, "select table_name from duckdb_tables() where comment is null and table_name != 'alembic_version'"
    )
    assert len(ask(shop, "select 1 from duckdb_columns() where comment is not null")) >= 12


def test_orders_follow_the_calendar(shop: Path):
    assert not ask(shop, "select id from orders where shipped_at < ordered_at or delivered_at < shipped_at")
    assert not ask(
        shop, "select 1 from orders o join customers c on c.id = o.customer_id where o.ordered_at < c.created_at"
    )
    assert not ask(shop, "select 1 from orders a join orders b on b.id = a.id + 1 where b.ordered_at < a.ordered_at")
    by_month = dict(ask(shop, "select month(ordered_at), count(*) from orders group by 1"))
    assert by_month[12] > 2 * by_month[7]


def test_addresses_of_an_order_are_the_customers_own(shop: Path):
    assert not ask(
        shop,
        "select 1 from orders o join addresses a on a.id in (o.billing_address_id, o.shipping_address_id) "
        "where a.customer_id != o.customer_id",
    )
    assert ask(shop, "select 1 from orders where billing_address_id != shipping_address_id")


def test_payments_settle_orders(shop: Path):
    assert not ask(
        shop,
        """
        with owed as (
            select order_id, sum(round(quantity * unit_price * (100 - discount_percent) / 100, 2)) as amount
            from order_items group by 1
        ),
        paid as (select order_id, sum(amount) as amount from payments group by 1)
        select 1 from paid join owed using (order_id) join orders on orders.id = order_id
        where abs(paid.amount - owed.amount - shipping_fee) > 0.05
        """,
    )


def test_life_has_gaps(shop: Path):
    for table, column in [
        ("customers", "phone"),
        ("orders", "shipped_at"),
        ("returns", "reason"),
        ("web_events", "customer_id"),
    ]:
        empty, full = ask(shop, f"select count(*) - count({column}), count({column}) from {table}")[0]
        assert empty, (table, column)
        assert full, (table, column)


def test_open_orders_are_recent_ones(shop: Path):
    assert ask(
        shop, "select min(ordered_at) > '2024-12-01' from orders where status_code not in ('delivered', 'cancelled')"
    ) == [(True,)]
