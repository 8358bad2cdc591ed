"""SQLite files as sources: loose types understood, odd files told apart."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartridge.domain.schema import Relationship, TableMapping
from cartridge.errors import SourceError
from cartridge.scan import scan
from cartridge.scan.files.sqlite_file import data_type
from cartridge.scan.saved import dump, load
from databases import northwind_sqlite
from shared_data import shared


def make(path: Path, script: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def table_of(path: Path, name: str) -> TableMapping:
    return next(table for table in scan(str(path)).tables if table.name == name)


def types_of(table: TableMapping) -> dict[str, str]:
    return {column.name: column.data_type for column in table.columns}


def test_chinook() -> None:
    snapshot = scan(str(shared("databases/chinook.sqlite")))
    assert (snapshot.kind, snapshot.dialect, snapshot.file) == ("sqlite", "sqlite", "chinook.sqlite")
    assert sum(table.row_count or 0 for table in snapshot.tables) == 15_607
    assert len(snapshot.relationships) == 11
    assert load(dump(snapshot)) == snapshot


def test_northwind(tmp_path: Path) -> None:
    snapshot = scan(str(northwind_sqlite(tmp_path / "northwind.sqlite")))
    assert [item.name for item in snapshot.left_out] == ["sqlite_sequence"]
    views = [table for table in snapshot.tables if table.is_view]
    assert (len(snapshot.tables), len(views)) == (29, 16)
    assert all(column.data_type for table in snapshot.tables for column in table.columns)
    tables = {table.name: table for table in snapshot.tables}
    assert tables["Order Details"].primary_key == ("OrderID", "ProductID")
    assert types_of(tables["Categories"])["Picture"] == "BLOB"
    assert types_of(tables["Order Subtotals"]) == {"OrderID": "INTEGER", "Subtotal": "REAL"}
    assert Relationship(("main", "Employees"), ("ReportsTo",), ("main", "Employees"), ("EmployeeID",)) in set(
        snapshot.relationships
    )


@pytest.mark.parametrize(
    ("declared", "understood"),
    [
        ("nvarchar (160)", "NVARCHAR(160)"),
        ("NUMERIC(10, 2)", "NUMERIC(10,2)"),
        ("double  precision", "DOUBLE PRECISION"),
        ("DATETIME", "DATETIME"),
        ("LONG VARCHAR OF DOOM", "TEXT"),
        ("UNSIGNED BIG INT", "INTEGER"),
        ("MONEY", "NUMERIC"),
        ("enum('a','b')", "NUMERIC"),
        ("NATIVE CHARACTER(70)", "TEXT"),
        ("ANY", ""),
        ("", ""),
    ],
)
def test_declared_types(declared: str, understood: str) -> None:
    assert data_type(declared) == understood


def test_types_of_views_and_untyped_columns(tmp_path: Path) -> None:
    path = make(
        tmp_path / "loose.db",
        """create table t (i, r, mixed, b, empty, d date);
        insert into t values (1, 1, 1, x'00', null, '2024-01-01'), (2, 2.5, 'x', null, null, 'soon');
        create view v as select i + 1 as j, r * 2 as s, mixed, d, length(d) as n, upper(d) as u from t;""",
    )
    assert types_of(table_of(path, "t")) == {
        "i": "INTEGER",
        "r": "REAL",
        "mixed": "TEXT",
        "b": "BLOB",
        "empty": "",
        "d": "DATE",
    }
    assert types_of(table_of(path, "v")) == {
        "j": "INTEGER",
        "s": "REAL",
        "mixed": "TEXT",
        "d": "DATE",
        "n": "INTEGER",
        "u": "TEXT",
    }


def test_keys_and_nullability(tmp_path: Path) -> None:
    path = make(
        tmp_path / "keys.db",
        """create table Parent (a integer, b text, name text unique, primary key (b, a)) without rowid;
        create table child (id text primary key, PA integer, pb text, self text references CHILD, n integer not null,
            twice integer generated always as (n * 2) virtual, stored integer generated always as (n) stored,
            foreign key (pb, pa) references parent);
        create table plain (id integer primary key, gone integer references vanished (id), bad references nobody);
        create unique index partial on child (n) where n > 3;
        create unique index expression on child (lower(pb));
        create unique index whole on child (n, pb);""",
    )
    snapshot = scan(str(path))
    tables = {table.name: table for table in snapshot.tables}
    assert tables["Parent"].primary_key == ("b", "a")
    assert [column.nullable for column in tables["Parent"].columns] == [False, False, True]
    assert tables["Parent"].unique_keys == [["name"]]
    assert tables["child"].unique_keys == [["n", "pb"]]
    assert [(column.name, column.nullable) for column in tables["child"].columns][:2] == [("id", True), ("PA", True)]
    assert [column.name for column in tables["child"].columns][-2:] == ["twice", "stored"]
    assert not tables["plain"].columns[0].nullable
    assert snapshot.relationships == (
        Relationship(("main", "child"), ("pb", "PA"), ("main", "Parent"), ("b", "a")),
        Relationship(("main", "child"), ("self",), ("main", "child"), ("id",)),
        Relationship(("main", "plain"), ("gone",), ("main", "vanished"), ("id",)),
    )


def test_a_key_to_a_table_that_is_not_scanned_keeps_its_columns(tmp_path: Path) -> None:
    path = make(
        tmp_path / "some.db",
        "create table p (id integer primary key); create table c (p integer references p);",
    )
    assert scan(str(path), exclude=["p"]).relationships == (
        Relationship(("main", "c"), ("p",), ("main", "p"), ("id",)),
    )


def test_full_text_indexes(tmp_path: Path) -> None:
    path = make(
        tmp_path / "search.db",
        """create virtual table docs using fts5(title, body);
        create table mail_content (id integer primary key, body text);
        create virtual table mail using fts5(body, content='mail_content', content_rowid='id');
        insert into docs values ('a', 'b');""",
    )
    snapshot = scan(str(path))
    assert [table.name for table in snapshot.tables] == ["docs", "mail", "mail_content"]
    assert "docs_content" in {item.name for item in snapshot.left_out}
    assert all("virtual table" in item.reason for item in snapshot.left_out)


def test_a_broken_view_is_left_out_alone(tmp_path: Path) -> None:
    path = make(
        tmp_path / "broken.db",
        "create table t (i integer); create table u (i integer); create view v as select * from u; drop table u;",
    )
    snapshot = scan(str(path))
    assert [table.name for table in snapshot.tables] == ["t"]
    assert [(item.name, "no such table" in item.reason) for item in snapshot.left_out] == [("v", True)]


def test_many_columns_blobs_and_no_key(tmp_path: Path) -> None:
    columns = ", ".join(f"c{number} blob" for number in range(2_000))
    table = table_of(make(tmp_path / "wide.db", f"create table wide ({columns})"), "wide")
    assert (len(table.columns), table.primary_key, table.columns[0].data_type) == (2_000, (), "BLOB")


def test_text_that_is_no_utf8(tmp_path: Path) -> None:
    path = make(tmp_path / "bytes.db", "create table t (a text default 'x')")
    raw = path.read_bytes().replace(b"default 'x'", b"default '\xff'")
    path.write_bytes(raw)
    assert table_of(path, "t").columns[0].default == "'\ufffd'"


def test_wal_mode_without_a_log_leaves_nothing_behind(tmp_path: Path) -> None:
    path = make(tmp_path / "wal.db", "pragma journal_mode = wal; create table t (i integer); insert into t values (1);")
    assert table_of(path, "t").row_count == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["wal.db"]


def test_wal_mode_with_a_log_sees_the_rows_in_it(tmp_path: Path) -> None:
    path = make(tmp_path / "wal.db", "pragma journal_mode = wal; create table t (i integer); insert into t values (1);")
    writer = sqlite3.connect(path)
    writer.execute("pragma wal_autocheckpoint = 0")
    writer.execute("insert into t values (2)")
    writer.commit()
    try:
        assert table_of(path, "t").row_count == 2
    finally:
        writer.close()


def refused(path: Path) -> str:
    before = {entry.name: entry.read_bytes() for entry in path.parent.iterdir() if entry.is_file()}
    with pytest.raises(SourceError) as caught:
        scan(str(path))
    assert {entry.name: entry.read_bytes() for entry in path.parent.iterdir() if entry.is_file()} == before
    return str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    rows = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) insert into t select i from n;"
    )
    content = make(tmp_path / "whole.db", f"create table t (i integer); {rows}").read_bytes()
    path = tmp_path / "bad.db"
    path.write_bytes(content[: len(content) // 2])
    assert "bad.db is only half written" in refused(path)
    path.write_bytes(content[:50])
    assert "bad.db is only half written" in refused(path)
    path.write_bytes(content[:100] + os.urandom(len(content) - 100))
    assert "bad.db is damaged" in refused(path)
    path.write_bytes(b"\x00" + bytes(range(256)) * 16)
    assert "encrypted SQLite file" in refused(path)
    path.write_bytes(content[:16] + bytes(range(84)) + content[100:])
    assert "bad.db" in refused(path)
    make(tmp_path / "none.db", "create table t (i integer); drop table t;")
    assert "holds no tables" in refused(tmp_path / "none.db")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    path = make(tmp_path / "busy.db", "create table t (i integer)")
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('begin exclusive'); c.execute('insert into t values (1)');"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield path
        process.kill()


def test_a_locked_file(locked: Path) -> None:
    assert "busy.db is locked: another process writes to it" in refused(locked)


def test_a_url_and_its_content_agree(tmp_path: Path) -> None:
    path = make(tmp_path / "shop.db", "create table t (i integer)")
    assert scan(f"sqlite:///{path}").database == "shop"
    with pytest.raises(SourceError, match="named as duckdb, but its content is sqlite"):
        scan(f"duckdb:///{path}")
