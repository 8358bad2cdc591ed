"""Databases read through SQLAlchemy: held against what their own scanners say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from cartridge.domain.progress import silent
from cartridge.errors import SourceError
from cartridge.load import load
from cartridge.scan import scan
from cartridge.scan.rows import SqlalchemyRows
from cartridge.scan.selection import Selection
from cartridge.scan.servers.sqlalchemy_url import connected, read
from servers import postgres_server
from shared_data import shared


@pytest.fixture(scope="module")
def chinook() -> Iterator[str]:
    with postgres_server() as server:
        url = server.removesuffix("postgres") + "chinook"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("create database chinook")
        script = shared("databases/chinook.postgresql.sql").read_text(encoding="utf-8-sig")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(re.sub(r"(?m)^\s*(DROP DATABASE|CREATE DATABASE|\\c).*$", "", script))
            connection.execute("create schema other; create table other.things (id int primary key, a int unique)")
            connection.execute("comment on table other.things is 'Things'; comment on column other.things.a is 'An a'")
            connection.execute("create view other.seen as select id from other.things")
        yield url.replace("postgresql://", "postgresql+psycopg://")


def test_it_says_what_the_own_scanner_says(chinook: str) -> None:
    generic, own = read(chinook, Selection(), silent), scan(chinook, schemas=["public"])
    assert (generic.dialect, generic.database) == ("postgres", "chinook")
    assert generic.relationships == own.relationships
    assert [(t.key, t.primary_key, t.row_count, t.table_type) for t in generic.tables] == [
        (t.key, t.primary_key, t.row_count, t.table_type) for t in own.tables
    ]
    names = [
        [(c.name, c.nullable, c.is_foreign_key) for t in side.tables for c in t.columns] for side in (generic, own)
    ]
    assert names[0] == names[1]


def test_other_schemas_when_asked(chinook: str) -> None:
    snapshot = read(chinook, Selection(schemas=("OTHER",)), silent)
    assert [(t.schema, t.name, t.table_type, t.description) for t in snapshot.tables] == [
        ("other", "seen", "view", None),
        ("other", "things", "table", "Things"),
    ]
    things = snapshot.tables[1]
    assert (things.unique_keys, things.columns[1].description) == ([["a"]], "An a")
    with pytest.raises(SourceError, match="Schema 'else' is not in the source"):
        read(chinook, Selection(schemas=("else",)), silent)


def test_rows_are_loaded(chinook: str, tmp_path: Path) -> None:
    snapshot = read(chinook, Selection(), silent)
    with connected(chinook) as connection:
        report = load(snapshot, SqlalchemyRows(connection), tmp_path / "chinook.duckdb")
    assert report.rows == 15_607
    assert not any(table.left_off or table.kept_as for table in report.tables)
    with duckdb.connect(str(tmp_path / "chinook.duckdb"), read_only=True) as target:
        kinds = target.execute("select typeof(total), typeof(invoice_date) from public.invoice limit 1").fetchone()
    assert kinds == ("DECIMAL(10,2)", "TIMESTAMP")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mssql+nodriver://me:secret-word@127.0.0.1/db", "needs a driver that is not installed"),
        ("postgresql+psycopg://me:secret-word@127.0.0.1:1/db", "Check URL, user and rights."),
    ],
)
def test_what_cannot_be_reached(url: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(url, Selection(), silent)
    assert says in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_a_missing_driver_stops_a_scan() -> None:
    with pytest.raises(SourceError, match="driver that is not installed"):
        scan("mssql+nodriver://me:secret-word@127.0.0.1/db")
