"""SQLite files copied into DuckDB: every row arrives, types and keys as far as the rows honour them."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.app import decide, request_for
from cartridge.app.load import load
from cartridge.errors import InputError, SourceError
from cartridge.load import KeptAs, LeftOff, LoadedTable, LoadOptions, LoadReport
from cartridge.scan import scan
from databases import northwind_sqlite
from shared_data import shared


def make(path: Path, script: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def loaded(path: Path, script: str, **options: Any) -> tuple[LoadReport, Path]:
    source = make(path / "source.db", script)
    target = path / "target.duckdb"
    return asyncio.run(load(str(source), target, options=LoadOptions(**options))), target


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def one(report: LoadReport, name: str) -> LoadedTable:
    return next(table for table in report.tables if table.table[1] == name)


def test_chinook_keeps_rows_types_and_keys(tmp_path: Path) -> None:
    source = str(shared("databases/chinook.sqlite"))
    target = tmp_path / "chinook.duckdb"
    report = asyncio.run(load(source, target))
    assert report.rows == 15_607
    assert not report.left_off
    assert not any(table.kept_as or table.left_off for table in report.tables)
    before, after = scan(source), scan(str(target))
    assert after.relationships == before.relationships
    assert [(t.name, t.primary_key, t.row_count) for t in after.tables] == [
        (t.name, t.primary_key, t.row_count) for t in before.tables
    ]
    nullable = [[[column.nullable for column in table.columns] for table in side.tables] for side in (before, after)]
    assert nullable[0] == nullable[1]
    connection = sqlite3.connect(source)
    cents = connection.execute("select sum(cast(round(Total * 100) as integer)) from Invoice").fetchone()[0]
    connection.close()
    assert ask(target, "select sum(Total) * 100 from Invoice") == [(Decimal(cents),)]
    assert ask(target, "select typeof(InvoiceDate), typeof(Total) from Invoice limit 1") == [
        ("TIMESTAMP", "DECIMAL(10,2)")
    ]


def test_northwind_keeps_blobs_composite_keys_and_spaces(tmp_path: Path) -> None:
    source = northwind_sqlite(tmp_path / "northwind.sqlite")
    target = tmp_path / "northwind.duckdb"
    report = asyncio.run(load(str(source), target))
    assert (len(report.tables), len(report.views), report.rows) == (13, 16, 3_310)
    assert not any(table.left_off or table.kept_as for table in report.tables)
    after = scan(str(target))
    assert len(after.relationships) == 13
    details = next(table for table in after.tables if table.name == "Order Details")
    assert details.primary_key == ("OrderID", "ProductID")
    connection = sqlite3.connect(source)
    pictures = connection.execute("select CategoryID, Picture, Description from Categories order by 1").fetchall()
    notes = connection.execute("select EmployeeID, Notes, BirthDate from Employees order by 1").fetchall()
    connection.close()
    assert ask(target, "select CategoryID, Picture, Description from Categories order by 1") == pictures
    assert ask(target, "select EmployeeID, Notes, BirthDate::varchar from Employees order by 1") == notes


@pytest.mark.parametrize(
    ("declared", "values", "type_", "arrived"),
    [
        ("DATETIME", ["2024-01-01 10:00:00", None], "TIMESTAMP", ["2024-01-01 10:00:00", None]),
        ("DATETIME", ["2024-01-01 10:00:00", "2024-02-30"], "VARCHAR", ["2024-01-01 10:00:00", "2024-02-30"]),
        ("DATETIME", ["2024-01-01", ""], "VARCHAR", ["2024-01-01", ""]),
        ("DATETIME", [1704103200], "BIGINT", ["1704103200"]),
        ("DATETIME", ["2024-01-01T10:00:00Z"], "TIMESTAMP WITH TIME ZONE", None),
        ("DATE", ["2024-01-01 00:00:00"], "DATE", ["2024-01-01"]),
        ("DATE", ["2024-01-01 10:00:00"], "TIMESTAMP", ["2024-01-01 10:00:00"]),
        ("DATE", [None], "DATE", [None]),
        ("DATE", ["01/02/2024"], "VARCHAR", ["01/02/2024"]),
        ("TEXT", ["2024-01-01", None], "DATE", ["2024-01-01", None]),
        ("TEXT", ["2024-01-01", "2024-01-01 10:00"], "TIMESTAMP", ["2024-01-01 00:00:00", "2024-01-01 10:00:00"]),
        ("TEXT", ["2024-01-01", "later"], "VARCHAR", ["2024-01-01", "later"]),
        ("TEXT", ["2024-13-01"], "VARCHAR", ["2024-13-01"]),
        ("TEXT", [None], "VARCHAR", [None]),
        ("TEXT", ["a\x00b", "☃", "'"], "VARCHAR", ["a\x00b", "☃", "'"]),
        ("INTEGER", [1, 2**63 - 1, -(2**63)], "BIGINT", ["1", str(2**63 - 1), str(-(2**63))]),
        ("INTEGER", [1, 2.5], "DOUBLE", ["1.0", "2.5"]),
        ("INTEGER", [1, "many"], "VARCHAR", ["1", "many"]),
        ("NUMERIC", [1, 2.5, 0.0001], "DECIMAL(18,4)", ["1.0000", "2.5000", "0.0001"]),
        ("NUMERIC", [0.123456], "DECIMAL(38,10)", ["0.1234560000"]),
        ("NUMERIC(10,2)", [1.25, 3], "DECIMAL(10,2)", ["1.25", "3.00"]),
        ("NUMERIC(10,2)", [1.255], "DOUBLE", ["1.255"]),
        ("REAL", [1, 2.5], "DOUBLE", ["1.0", "2.5"]),
        ("BOOLEAN", [0, 1, None], "BOOLEAN", ["false", "true", None]),
        ("BOOLEAN", ["true", "F"], "BOOLEAN", ["true", "false"]),
        ("BOOLEAN", [0, 2], "BIGINT", ["0", "2"]),
        ("BLOB", [b"\x00\xff", None], "BLOB", ["\\x00\\xFF", None]),
        ("TEXT", [b"\xff", "a"], "BLOB", ["\\xFF", "a"]),
        ("UUID", ["6ecd8c99-4036-403d-bf84-cf8400f67836"], "UUID", ["6ecd8c99-4036-403d-bf84-cf8400f67836"]),
        ("JSON", ['{"a": 1}'], "JSON", ['{"a": 1}']),
        ("JSON", ["{"], "VARCHAR", ["{"]),
        ("", [1, "x"], "VARCHAR", ["1", "x"]),
    ],
)  # fmt: skip
def test_types_follow_the_values(
    tmp_path: Path, declared: str, values: list[Any], type_: str, arrived: list[str | None] | None
) -> None:
    source = tmp_path / "types.db"
    connection = sqlite3.connect(source)
    connection.execute(f"create table t (n integer, v {declared})")
    connection.executemany("insert into t values (?, ?)", list(enumerate(values)))
    connection.commit()
    connection.close()
    target = tmp_path / "types.duckdb"
    report = asyncio.run(load(str(source), target))
    assert one(report, "t").types["v"] == type_
    assert ask(target, "select distinct typeof(v) from t") == [(type_,)]
    if arrived is not None:
        assert [row[0] for row in ask(target, "select v::varchar from t order by n")] == arrived


def test_what_was_not_cast_is_reported(tmp_path: Path) -> None:
    report, _ = loaded(tmp_path, "create table t (d date); insert into t values ('2024-01-01'), ('soon'), (null);")
    assert one(report, "t").kept_as == (KeptAs("d", "DATE", "VARCHAR", "1 of 2 values are no DATE"),)


values = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(max_size=9)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["", "TEXT", "INTEGER", "REAL", "NUMERIC", "DATE", "BOOLEAN", "BLOB", "DECIMAL(5,1)"]),
    st.lists(values, max_size=6),
)
def test_no_value_is_lost(declared: str, given_values: list[Any]) -> None:
    """Whatever a column holds, its values can be told apart after loading as before, and NULL stays NULL."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "any.db"
        connection = sqlite3.connect(source)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute(f"create table t (n integer, v {declared})")
        connection.executemany("insert into t values (?, ?)", [(i, _writable(v)) for i, v in enumerate(given_values)])
        connection.commit()
        stored = [row[0] for row in connection.execute("select v from t order by n")]
        connection.close()
        asyncio.run(load(str(source), Path(folder) / "any.duckdb"))
        arrived = [row[0] for row in ask(Path(folder) / "any.duckdb", "select v from t order by n")]
    assert [value is None for value in arrived] == [value is None for value in stored]
    kinds = {type(value) for value in stored if value is not None}
    if kinds <= {int} or kinds <= {bytes} or (kinds <= {str} and declared in ("", "INTEGER", "BLOB")):
        assert arrived == stored
    elif kinds <= {int, float}:
        assert [None if v is None else float(v) for v in arrived] == [None if v is None else float(v) for v in stored]


def _writable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def test_keys_that_the_rows_violate_are_left_off_and_reported(tmp_path: Path) -> None:
    report, target = loaded(
        tmp_path,
        """create table p (id integer primary key, code text unique);
        create table c (id text primary key, p integer references p (id), code text references p (code),
            lost integer references nowhere (id));
        insert into p values (1, 'a'), (2, 'b');
        insert into c values ('x', 1, 'a', null), (null, 9, 'b', null), (null, 2, null, 3);""",
    )
    assert one(report, "c").left_off == (
        LeftOff("primary key (id)", "2 rows have no value in it"),
        LeftOff("c(p) -> p(id)", "1 rows have no parent"),
    )
    assert report.left_off == (LeftOff("c(lost) -> nowhere(id)", "nowhere is not loaded"),)
    assert [str(edge) for edge in scan(str(target)).relationships] == ["c(code) -> p(code)"]


def test_a_cycle_of_tables_is_opened_where_nulls_are_allowed(tmp_path: Path) -> None:
    report, target = loaded(
        tmp_path,
        """create table a (id integer primary key, b integer not null references b (id));
        create table b (id integer primary key, c integer references c (id));
        create table c (id integer primary key, a integer not null references a (id));
        insert into a values (1, 1); insert into b values (1, 1); insert into c values (1, 1);""",
    )
    assert [item.key for item in report.left_off] == ["b(c) -> c(id)"]
    assert [str(edge) for edge in scan(str(target)).relationships] == ["a(b) -> b(id)", "c(a) -> a(id)"]


def test_rows_that_refer_to_their_own_table(tmp_path: Path) -> None:
    chain = ", ".join(f"({i}, {i + 1}, 60)" for i in range(1, 60))
    report, target = loaded(
        tmp_path,
        f"""create table t (id integer primary key, next integer references t (id), root integer references t (id));
        insert into t values {chain}, (60, null, null);""",
    )
    assert one(report, "t").left_off == ()
    assert ask(target, "select count(*), count(next), sum(next - id) from t") == [(60, 59, 59)]
    assert len(scan(str(target)).relationships) == 2


def test_rows_in_a_circle(tmp_path: Path) -> None:
    report, target = loaded(
        tmp_path,
        """create table t (id integer primary key, boss integer references t (id), self integer references t (id));
        insert into t values (1, null, null), (2, 3, null), (3, 2, 1);""",
    )
    assert one(report, "t").left_off == (
        LeftOff("t(boss) -> t(id)", "2 rows refer to each other, or themselves, in a circle"),
    )
    assert [str(edge) for edge in scan(str(target)).relationships] == ["t(self) -> t(id)"]
    assert one(report, "t").rows == 3


def test_a_limit_counts_rows_of_each_table(tmp_path: Path) -> None:
    script = "create table t (i integer primary key); insert into t values (1), (2), (3); create table u (i integer);"
    report, target = loaded(tmp_path, script, limit=2)
    assert (one(report, "t").rows, one(report, "t").source_rows, one(report, "u").rows) == (2, 3, 0)
    assert ask(target, "select count(*) from t") == [(2,)]


def test_wide_tables_and_hostile_names(tmp_path: Path) -> None:
    columns = ", ".join(f'"c {i}" text' for i in range(1_999))
    report, target = loaded(
        tmp_path,
        f"""create table wide ({columns}); insert into wide ("c 0") values ('x');
        create table "a""b.c" ("select" integer, "{{{{ x }}}}" text, "; drop table wide" blob);
        insert into "a""b.c" values (1, '--', x'00');""",
    )
    assert report.rows == 2
    assert ask(target, 'select * from "a""b.c"') == [(1, "--", b"\x00")]


def test_tables_of_odd_shapes_are_loaded_and_planned(tmp_path: Path) -> None:
    """As many columns as SQLite takes, a table of nothing but BLOBs, no key at all, keys in a circle."""
    columns = ", ".join(f'"Column {i}" text' for i in range(2_000))
    report, target = loaded(
        tmp_path,
        f"""create table wide ({columns}); insert into wide ("Column 1999") values ('x');
        create table blobs (a blob, b blob); insert into blobs values (x'00ff', null), (null, null);
        create table readings (amount real, taken text); insert into readings values (1, '2024-01-01'), (1, null);
        create table first (id integer primary key, second_id integer not null references second (id));
        create table second (id integer primary key, first_id integer not null references first (id));
        insert into first values (1, 1); insert into second values (1, 1);""",
    )
    assert report.rows == 7
    assert [str(left.reason) for left in report.left_off] == [
        "it closes a cycle of foreign keys, which DuckDB cannot declare"
    ]
    assert one(report, "blobs").types == {"a": "BLOB", "b": "BLOB"}
    plan, _ = asyncio.run(decide(request_for(scan(str(target)))))
    staged = {action.detail.table[1]: action.detail for action in plan.actions if action.type == "create_staging"}
    assert set(staged) == {"wide", "blobs", "readings", "first", "second"}
    assert len(staged["wide"].columns) == 2_000
    keyless = next(finding.message for finding in plan.findings if finding.code == "no-key-test")
    assert all(name in keyless for name in ("blobs", "readings")), keyless


def test_progress_ends_at_the_row_count(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    loaded(
        tmp_path,
        "create table t (i integer); insert into t values (1), (2);",
        progress=lambda what, done, total: seen.append((what, done, total)),
    )
    assert ("Loading t", 2, 2) in seen


def test_the_target_is_left_alone(tmp_path: Path) -> None:
    source = make(tmp_path / "s.db", "create table t (i integer); insert into t values (1);")
    target = tmp_path / "t.duckdb"
    target.write_bytes(b"mine")
    elsewhere = tmp_path / "no" / "t.duckdb"
    for place, says in ((target, "exists already"), (tmp_path, "is a folder"), (elsewhere, "does not exist")):
        with pytest.raises(InputError, match=says):
            asyncio.run(load(str(source), place))
    assert target.read_bytes() == b"mine"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["s.db", "t.duckdb"]
    asyncio.run(load(str(source), target, options=LoadOptions(overwrite=True)))
    assert ask(target, "select i from t") == [(1,)]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["s.db", "t.duckdb"]


def test_a_failed_load_leaves_nothing(tmp_path: Path) -> None:
    script = "create table t (i integer); insert into t values (1); create view v as select 1 as one;"
    source = make(tmp_path / "s.db", script)
    for options, says in (({"tables": ["v"]}, "views only"), ({"tables": ["x"]}, "matches no table")):
        with pytest.raises(SourceError, match=says):
            asyncio.run(load(str(source), tmp_path / "t.duckdb", **options))  # type: ignore[arg-type]
    duck = tmp_path / "d.duckdb"
    duckdb.connect(str(duck)).execute("create table t (i integer)").close()
    with pytest.raises(SourceError, match="is a DuckDB file already"):
        asyncio.run(load(str(duck), tmp_path / "t.duckdb"))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["d.duckdb", "s.db"]
