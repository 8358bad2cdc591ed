"""DuckDB files as sources: what is found, and what is said of files that cannot be read."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cartridge.domain.fingerprint import fingerprint
from cartridge.domain.schema import LeftOut, Relationship, SchemaSnapshot
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan import scan
from cartridge.scan.saved import dump, load
from databases import chinook_duckdb

SHOP = """
create schema sales;
create table customers (
    id integer primary key, "E-Mail" varchar not null unique, kind enum('a', 'b'),
    balance decimal(10, 2) default 3.5, doubled integer generated always as (id * 2),
    parent integer references customers (id));
create table sales.lines (order_id integer, line integer, note varchar, primary key (order_id, line));
create table sales.shipments (order_id integer, line integer, foreign key (order_id, line)
    references sales.lines (order_id, line));
create unique index one_note on sales.lines (line, note);
create view sales.open_lines as select order_id, note from sales.lines;
create table alembic_version (version_num varchar);
create table _dlt_loads (load_id varchar);
create temp table forgotten (i integer);
comment on table customers is 'People who buy';
comment on column customers.balance is 'What they owe us';
comment on view sales.open_lines is 'Lines still open';
insert into customers (id, "E-Mail") select i, 'c' || i from range(100) t(i);
delete from customers where id % 2 = 1;
"""


def make(path: Path, script: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(script)
    return path


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("shop") / "shop.duckdb", SHOP)


@pytest.fixture(scope="module")
def shop(shop_file: Path) -> SchemaSnapshot:
    return scan(str(shop_file))


def test_tables_views_and_schemas(shop: SchemaSnapshot) -> None:
    assert (shop.kind, shop.dialect, shop.database, shop.file) == ("duckdb", "duckdb", "shop", "shop.duckdb")
    assert [(table.key, table.table_type, table.row_count) for table in shop.tables] == [
        (("main", "customers"), "table", 50),
        (("sales", "lines"), "table", 0),
        (("sales", "open_lines"), "view", None),
        (("sales", "shipments"), "table", 0),
    ]
    assert shop.left_out == (
        LeftOut("main", "_dlt_loads", "bookkeeping of dlt"),
        LeftOut("main", "alembic_version", "migration history of Alembic"),
    )


def test_columns_types_comments_and_keys(shop: SchemaSnapshot) -> None:
    customers, lines, view, shipments = shop.tables
    assert [(column.name, column.data_type, column.nullable) for column in customers.columns] == [
        ("id", "INTEGER", False),
        ("E-Mail", "VARCHAR", False),
        ("kind", "ENUM('a', 'b')", True),
        ("balance", "DECIMAL(10,2)", True),
        ("doubled", "INTEGER", True),
        ("parent", "INTEGER", True),
    ]
    assert (customers.description, view.description) == ("People who buy", "Lines still open")
    balance = customers.column("balance")
    assert balance is not None
    assert (balance.description, balance.default) == ("What they owe us", "3.5")
    assert customers.primary_key == ("id",)
    assert customers.unique_keys == [["E-Mail"]]
    assert customers.database == "shop"
    assert lines.primary_key == ("order_id", "line")
    assert lines.unique_keys == [["line", "note"]]
    assert [column.is_primary_key for column in lines.columns] == [True, True, False]
    assert shop.relationships == (
        Relationship(("main", "customers"), ("parent",), ("main", "customers"), ("id",)),
        Relationship(("sales", "shipments"), ("order_id", "line"), ("sales", "lines"), ("order_id", "line")),
    )
    assert [(c.is_foreign_key, c.foreign_key_table, c.foreign_key_column) for c in shipments.columns] == [
        (True, "lines", "order_id"),
        (True, "lines", "line"),
    ]


def test_the_scan_survives_saving(shop: SchemaSnapshot) -> None:
    assert load(dump(shop)) == shop


def test_a_url_names_the_same_file(shop: SchemaSnapshot, shop_file: Path) -> None:
    assert scan(f"duckdb:///{shop_file}") == shop


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"tables": ["CUST*"]}, ["customers"]),
        ({"tables": ["sales.*"], "exclude": ["open_*"]}, ["lines", "shipments"]),
        ({"schemas": ["SALES"]}, ["lines", "open_lines", "shipments"]),
        ({"exclude": ["main.*", "shipments"]}, ["lines", "open_lines"]),
        ({"tables": ["alembic_version", "lines"]}, ["alembic_version", "lines"]),
        ({"tables": ["a*", "lines"]}, ["lines"]),
    ],
)
def test_patterns(shop_file: Path, options: dict[str, list[str]], wanted: list[str]) -> None:
    assert [table.name for table in scan(str(shop_file), **options).tables] == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tables": ["custmers"]}, "Pattern 'custmers' matches no table. Near: customers."),
        ({"exclude": ["sales.shipment"]}, "Near: sales.shipments"),
        ({"schemas": ["sale"]}, "Schema 'sale' is not in the source. It has: main, sales."),
        ({"exclude": ["*"]}, "No table remains"),
    ],
)
def test_patterns_that_match_nothing(shop_file: Path, options: dict[str, list[str]], says: str) -> None:
    with pytest.raises(SourceError) as caught:
        scan(str(shop_file), **options)  # type: ignore[arg-type]
    assert says in str(caught.value)


def test_the_fingerprint_moves_with_the_schema_alone(tmp_path: Path, shop: SchemaSnapshot) -> None:
    quiet = "insert into sales.lines values (1, 1, 'x'); comment on table customers is 'else'"
    same = make(tmp_path / "shop.duckdb", SHOP + quiet)
    assert fingerprint(scan(str(same))) == fingerprint(shop) == fingerprint(shop.tables)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("note varchar", "note varchar, late boolean"),
        ("note varchar", "note blob"),
        ("note varchar", "note varchar not null"),
        ("note varchar", "note varchar unique"),
        (" kind enum", " sort enum"),
        (" references customers (id)", ""),
        (", primary key (order_id, line)", ", unique (order_id, line)"),
        ("create table alembic_version", "create table versions"),
    ],
)
def test_the_fingerprint_sees_names_types_and_keys(tmp_path: Path, shop: SchemaSnapshot, old: str, new: str) -> None:
    script = SHOP.replace(old, new).replace("select order_id, note", "select *")
    plain = SHOP.replace("select order_id, note", "select *")
    before = fingerprint(scan(str(make(tmp_path / "before.duckdb", plain))))
    assert fingerprint(scan(str(make(tmp_path / "after.duckdb", script)))) != before


def test_chinook(tmp_path: Path) -> None:
    snapshot = scan(str(chinook_duckdb(tmp_path / "chinook.duckdb")))
    assert sum(table.row_count or 0 for table in snapshot.tables) == 15_607
    assert len(snapshot.relationships) == 11
    assert {table.name: table.primary_key for table in snapshot.tables}["PlaylistTrack"] == ("PlaylistId", "TrackId")


def refused(source: object, **options: object) -> str:
    with pytest.raises(SourceError) as caught:
        scan(str(source), **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "Traceback" not in message
    return message


def test_a_missing_file_names_its_neighbours(shop_file: Path) -> None:
    assert "does not exist. Did you mean shop.duckdb?" in refused(shop_file.with_name("shop.duckbd"))
    assert "Nor does its folder" in refused(shop_file.parent / "nowhere" / "x.duckdb")


def test_what_is_no_database(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    assert "notes.txt is neither a database" in refused(text)
    text.write_bytes(b"")
    assert "is empty" in refused(text)
    assert "mongo:// is not a source" in refused("mongo://me:hunter2@host/db")
    assert "hunter2" not in refused("mongo://me:hunter2@host/db")


def test_a_database_without_tables(tmp_path: Path) -> None:
    assert "holds no tables" in refused(make(tmp_path / "empty.duckdb", "create schema s"))


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    path = make(tmp_path / "busy.duckdb", "create table t (i integer)")
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield path, process.pid
        process.kill()


def test_a_locked_file_names_the_process(locked: tuple[Path, int]) -> None:
    path, pid = locked
    message = refused(path)
    assert f"busy.duckdb is locked by process {pid}" in message
    assert "Close it there" in message


def test_a_file_open_in_this_process(tmp_path: Path) -> None:
    path = make(tmp_path / "own.duckdb", "create table t (i integer)")
    with duckdb.connect(str(path)):
        assert "open for writing in this process" in refused(path)


def test_damaged_files(tmp_path: Path, shop_file: Path) -> None:
    content = shop_file.read_bytes()
    half = tmp_path / "half.duckdb"
    half.write_bytes(content[: len(content) // 2])
    assert "half.duckdb is only half written" in refused(half)
    half.write_bytes(content[:20])
    assert "damaged or only half written" in refused(half)


def test_a_file_of_a_newer_duckdb(tmp_path: Path, shop_file: Path) -> None:
    path = tmp_path / "newer.duckdb"
    content = bytearray(shop_file.read_bytes())
    content[12:20] = (9_999).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(duckdb.Error) as caught:
        duckdb.connect(str(path), read_only=True)
    checksum = re.search(r"computed checksum (\d+)", str(caught.value))
    assert checksum is not None
    content[0:8] = int(checksum[1]).to_bytes(8, "little")
    path.write_bytes(content)
    message = refused(path)
    assert "newer.duckdb was written by a newer version of DuckDB" in message
    assert "pip install --upgrade duckdb" in message


def test_duckdb_not_installed(shop_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"cartridge-dbt\[duckdb\]"):
        scan(str(shop_file))


def test_hostile_names(tmp_path: Path) -> None:
    names = ['a"b', "a.b", "select", "☃", " ", "x" * 300, "{{ x }}", "new\nline"]
    script = ";".join('create table "{0}" ("{0}" integer)'.format(name.replace('"', '""')) for name in names)
    snapshot = scan(str(make(tmp_path / "hostile.duckdb", script)))
    assert sorted(table.name for table in snapshot.tables) == sorted(names)
    assert all(table.columns[0].name == table.name for table in snapshot.tables)
    assert load(dump(snapshot)) == snapshot
