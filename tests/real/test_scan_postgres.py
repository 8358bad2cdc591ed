"""PostgreSQL on loopback: scanned, profiled and loaded."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from cartridge.app.load import load
from cartridge.domain.schema import Relationship
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan import ProfileOptions, profile, scan
from cartridge.scan.saved import dump
from cartridge.scan.saved import load as load_saved
from postgres_databases import chinook_postgres, database, pagila_script
from servers import postgres_server

OWN = """
create schema sales;
create type mood as enum ('sad', 'it''s fine');
create domain positive as integer not null check (value > 0);
create table customers (
    id bigint generated always as identity primary key, code varchar(9) unique, feeling mood, age positive,
    balance numeric(10, 2) default 3.5, tags text[], extra jsonb, born date, seen timestamptz, raw bytea, big numeric);
create table sales.orders (id integer, line smallint, customer_id bigint references customers, primary key (id, line));
create table sales.shipments (order_id integer, line smallint, "odd Name" text,
    foreign key (order_id, line) references sales.orders (id, line));
create table sales.events (at date not null, kind text) partition by range (at);
create table sales.events_2024 partition of sales.events for values from ('2024-01-01') to ('2025-01-01');
create view sales.open as select id from sales.orders;
create materialized view sales.counted as select count(*) as n from sales.orders;
create unique index on sales.shipments (order_id) where line > 3;
create unique index on sales.shipments (lower("odd Name"));
create unique index on sales.shipments ("odd Name");
create table schema_migrations (version text);
comment on table customers is 'People who buy';
comment on column customers.balance is 'What they owe';
insert into customers (code, feeling, age, balance, tags, extra, born, seen, raw, big) values
    ('a', 'sad', 3, 1.50, '{x,"y z"}', '{"k": [1]}', '2000-01-01', '2024-01-01 10:00+02', '\\x00ff', 1.123456),
    ('b', 'it''s fine', 4, null, null, null, '2000-12-31', null, null, 12);
insert into sales.orders values (1, 1, 1), (1, 2, 2);
insert into sales.events values ('2024-05-05', 'x');
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def own(server: str) -> str:
    return database(server, "own", OWN)


@pytest.fixture(scope="module")
def chinook(server: str) -> str:
    return chinook_postgres(server)


def test_tables_types_keys_and_comments(own: str) -> None:
    snapshot = scan(own)
    assert (snapshot.kind, snapshot.dialect, snapshot.database, snapshot.file) == ("postgres", "postgres", "own", None)
    assert [(t.schema, t.name, t.table_type, t.row_count) for t in snapshot.tables] == [
        ("public", "customers", "table", 2),
        ("sales", "counted", "materialized_view", 1),
        ("sales", "events", "partitioned_table", 1),
        ("sales", "open", "view", None),
        ("sales", "orders", "table", 2),
        ("sales", "shipments", "table", 0),
    ]
    customers, *_, orders, shipments = snapshot.tables
    assert [(c.name, c.data_type, c.nullable) for c in customers.columns] == [
        ("id", "bigint", False),
        ("code", "character varying(9)", True),
        ("feeling", "enum('sad', 'it''s fine')", True),
        ("age", "integer", False),
        ("balance", "numeric(10,2)", True),
        ("tags", "text[]", True),
        ("extra", "jsonb", True),
        ("born", "date", True),
        ("seen", "timestamp with time zone", True),
        ("raw", "bytea", True),
        ("big", "numeric", True),
    ]
    assert customers.description == "People who buy"
    assert customers.columns[4].description == "What they owe"
    assert (customers.primary_key, customers.unique_keys) == (("id",), [["code"]])
    assert (orders.primary_key, shipments.unique_keys) == (("id", "line"), [["odd Name"]])
    assert snapshot.relationships == (
        Relationship(("sales", "orders"), ("customer_id",), ("public", "customers"), ("id",)),
        Relationship(("sales", "shipments"), ("order_id", "line"), ("sales", "orders"), ("id", "line")),
    )
    assert orders.columns[2].foreign_key_table == "public.customers"
    assert [(item.name, item.reason) for item in snapshot.left_out] == [
        ("schema_migrations", "migration history of Rails, golang-migrate or dbmate"),
        ("events_2024", "partition of events"),
    ]
    assert load_saved(dump(snapshot)) == snapshot
    assert "secret-word" not in dump(snapshot)


def test_every_way_to_write_the_url(own: str) -> None:
    plain = scan(own, schemas=["sales"])
    assert scan(own.replace("postgresql://", "postgresql+psycopg://"), schemas=["SALES"]) == plain
    assert scan(own.replace("postgresql://", "postgres://"), tables=["sales.*"]).tables == plain.tables


def test_pagila(server: str, tmp_path: Path) -> None:
    script = pagila_script()
    snapshot = scan(database(server, "pagila", script))
    (tmp_path / "pagila.sql").write_text(script)
    written = scan(f"ddl+postgres:///{tmp_path / 'pagila.sql'}")
    assert written.relationships == snapshot.relationships
    assert [(t.key, t.primary_key, t.unique_keys, [c.name for c in t.columns]) for t in written.tables] == [
        (t.key, t.primary_key, t.unique_keys, [c.name for c in t.columns]) for t in snapshot.tables if not t.is_view
    ]
    tables = {table.name: table for table in snapshot.tables}
    types = {column.name: column.data_type for column in tables["film"].columns}
    assert types["rating"] == "enum('G', 'PG', 'PG-13', 'R', 'NC-17')"
    assert (types["release_year"], types["special_features"]) == ("integer", "text[]")
    assert tables["payment"].table_type == "partitioned_table"
    assert [item.reason for item in snapshot.left_out].count("partition of payment") == len(snapshot.left_out)
    assert len([table for table in snapshot.tables if table.is_view]) >= 7
    assert ("film_actor", ("actor_id", "film_id")) in [(t.name, t.primary_key) for t in snapshot.tables]


def test_chinook_is_profiled(chinook: str) -> None:
    snapshot = scan(chinook)
    assert (len(snapshot.tables), len(snapshot.relationships)) == (11, 11)
    assert sum(table.row_count or 0 for table in snapshot.tables) == 15_607
    found = profile(chinook, snapshot)
    assert found.notes == ()
    assert all(item.holds for item in found.overlaps)
    assert found.profile is not None
    invoice = found.profile[("public", "invoice")]
    assert (invoice.rows, invoice.columns["total"].maximum) == (412, "25.86")
    sampled = profile(chinook, snapshot, ProfileOptions(table_rows=500)).profile
    assert sampled is not None
    assert sampled[("public", "playlist_track")].sampled


def test_odd_types_are_profiled(own: str) -> None:
    found = profile(own, scan(own), ProfileOptions(timeout=20))
    assert found.notes == ()
    assert found.profile is not None
    customers = found.profile[("public", "customers")].columns
    assert {name: column.distinct for name, column in customers.items()} == {
        "id": 2, "code": 2, "feeling": 2, "age": 2, "balance": 1, "tags": 1, "extra": 1, "born": 2, "seen": 1, "raw": 1,
        "big": 2,
    }  # fmt: skip
    assert customers["seen"].minimum == "2024-01-01 08:00:00+00"


def test_chinook_is_loaded(chinook: str, tmp_path: Path) -> None:
    target = tmp_path / "chinook.duckdb"
    report = asyncio.run(load(chinook, target))
    assert report.rows == 15_607
    assert not any(table.left_off or table.kept_as for table in report.tables)
    loaded = scan(str(target))
    assert [str(edge) for edge in loaded.relationships] == [str(edge) for edge in scan(chinook).relationships]
    with duckdb.connect(str(target), read_only=True) as connection:
        total = connection.execute("select sum(total), typeof(any_value(invoice_date)) from public.invoice").fetchone()
    with psycopg.connect(chinook) as connection:
        expected = connection.execute("select sum(total) from invoice").fetchone()
    assert total is not None
    assert expected is not None
    assert total == (expected[0], "TIMESTAMP")


def test_every_type_is_loaded(own: str, tmp_path: Path) -> None:
    target = tmp_path / "own.duckdb"
    report = asyncio.run(load(own, target, tables=["customers", "sales.orders", "sales.events"]))
    assert [item.key for item in report.left_off] == ["orders(customer_id) -> customers(id)"]
    with duckdb.connect(str(target), read_only=True) as connection:
        described = connection.execute("describe public.customers").fetchall()
        query = "select * replace (seen::varchar as seen) from public.customers order by id"
        first = connection.execute(query).fetchall()
    assert [row[1] for row in described] == [
        "BIGINT", "VARCHAR", "VARCHAR", "BIGINT", "DECIMAL(10,2)", "VARCHAR", "JSON", "DATE",
        "TIMESTAMP WITH TIME ZONE", "BLOB", "DECIMAL(38,10)",
    ]  # fmt: skip
    assert first[0][2] == "sad"
    assert (first[0][5], first[0][6], first[0][9]) == ('{x,"y z"}', '{"k": [1]}', b"\x00\xff")


def other(url: str, *, user: str = "postgres", port: str | None = None, name: str = "postgres") -> str:
    found = re.search(r"127\.0\.0\.1:(\d+)", url)
    assert found is not None
    return f"postgresql://{user}:secret-word@127.0.0.1:{port or found[1]}/{name}"


def test_what_cannot_be_reached(server: str) -> None:
    for url, says in (
        (other(server, name="absent"), "Check the name of the database"),
        (other(server, user="nobody_there"), "Check the name of the database and of the user"),
        (other(server, port="1"), "Check host and port, and that the server runs."),
        (other(server), "holds no tables"),
    ):
        with pytest.raises(SourceError) as caught:
            scan(url)
        assert says in str(caught.value)
        assert "secret-word" not in str(caught.value)


def test_psycopg_not_installed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"cartridge-dbt\[postgres\]"):
        scan(server)


def test_tables_without_the_right_to_read_rows(own: str) -> None:
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("create role reader login; grant usage on schema sales to reader")
    snapshot = scan(other(own, user="reader", name="own"), tables=["sales.orders"])
    assert snapshot.tables[0].row_count is None
    assert snapshot.notes == ("You may not read the rows of sales.orders; the structure was scanned.",)
