"""Profiles: what the data say of columns, keys and edges, and what never leaves the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from cartridge.domain.schema import ColumnMapping, ColumnProfile, Relationship, SchemaSnapshot, TableMapping
from cartridge.errors import SourceError
from cartridge.scan import ProfileOptions, profile, scan
from cartridge.scan.personal import look_personal, may_be_personal
from cartridge.scan.profile_sql import SPELLINGS, Engine, Portion, column_query, overlap_query, values_query
from cartridge.scan.profiling import fair_cap
from cartridge.scan.saved import dump, load
from databases import chinook_duckdb
from shared_data import shared

Maker = Callable[[Path, str], Path]


def in_duckdb(path: Path, script: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(script)
    return path


def in_sqlite(path: Path, script: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


both = pytest.mark.parametrize("make", [in_duckdb, in_sqlite])


def profiled(path: Path, *candidates: Relationship, **options: object) -> SchemaSnapshot:
    found = profile(str(path), scan(str(path)), ProfileOptions(**options), candidates)  # type: ignore[arg-type]
    assert load(dump(found)) == found
    return found


def edge(child: str, own: str, parent: str, other: str) -> Relationship:
    return Relationship(
        ("main", child), tuple(own.split()), ("main", parent), tuple(other.split()), "inferred", confidence=0.5
    )


def columns(snapshot: SchemaSnapshot, table: str) -> dict[str, ColumnProfile]:
    assert snapshot.profile is not None
    return dict(snapshot.profile[("main", table)].columns)


def test_chinook_says_the_same_in_both_engines(tmp_path: Path) -> None:
    wrong = edge("Track", "GenreId", "MediaType", "MediaTypeId")
    sides = [
        profiled(chinook_duckdb(tmp_path / "chinook.duckdb"), wrong),
        profiled(shared("databases/chinook.sqlite"), wrong),
    ]
    for side in sides:
        assert side.notes == ()
        declared = [item for item in side.overlaps if item.relationship.origin == "declared"]
        assert len(declared) == 11
        assert all(item.holds and item.share == 1 for item in declared)
        assert [(item.values, item.matched, item.holds) for item in side.overlaps if item not in declared] == [
            (25, 5, False)
        ]
        assert side.profile is not None
        assert side.profile[("main", "PlaylistTrack")].key_duplicates == {("PlaylistId", "TrackId"): 0}
        assert columns(side, "Invoice")["InvoiceDate"].minimum == "2021-01-01 00:00:00"
    counts = [
        {
            (key, name): (found.nulls, found.distinct)
            for key, table in (side.profile or {}).items()
            for name, found in table.columns.items()
        }
        for side in sides
    ]
    assert counts[0] == counts[1]


SCRIPT = """
create table parent (id integer, code varchar(9), a integer, b varchar(9));
create table child (n integer, parent_id integer, code integer, a integer, b varchar(9));
insert into parent values (1, '10', 1, 'x'), (2, '20', 1, 'y'), (2, null, 1, 'y'), (null, '30', null, 'x');
insert into child values (1, 1, 10, 1, 'x'), (2, 1, 20, 1, 'y'), (3, 7, 99, 1, 'z'), (4, null, null, 1, null);
"""


@both
def test_orphans_duplicates_and_nulls_are_counted(tmp_path: Path, make: Maker) -> None:
    found = profiled(
        make(tmp_path / "db", SCRIPT),
        edge("child", "parent_id", "parent", "id"),
        edge("child", "code", "parent", "code"),
        edge("child", "a b", "parent", "a b"),
        edge("child", "n", "child", "n"),
        edge("child", "n", "absent", "n"),
        edge("child", "absent", "parent", "id"),
        candidate_keys={("main", "parent"): [("id",), ("a", "b")]},
    )
    assert [
        (str(o.relationship), o.rows, o.orphans, o.values, o.matched, o.parent_values, o.parent_unique)
        for o in found.overlaps
    ] == [
        ("child(parent_id) -> parent(id)", 3, 1, 2, 1, 2, False),
        ("child(code) -> parent(code)", 3, 1, 3, 2, 3, True),
        ("child(a, b) -> parent(a, b)", 3, 1, 3, 2, 2, False),
        ("child(n) -> child(n)", 4, 0, 4, 4, 4, True),
    ]
    assert found.profile is not None
    parent = found.profile[("main", "parent")]
    assert parent.key_duplicates == {("id",): 1, ("a", "b"): 1}
    assert (parent.rows, parent.sampled, parent.approximate) == (4, False, False)
    assert parent.columns["id"] == ColumnProfile(1, 2, "1", "2")
    assert parent.columns["code"] == ColumnProfile(1, 3)


@both
def test_declared_keys_that_the_data_violate(tmp_path: Path, make: Maker) -> None:
    script = "create table p (id integer primary key); create table c (p integer references p (id));"
    path = make(tmp_path / "db", script + "insert into p values (1); insert into c values (1);")
    snapshot = scan(str(path))
    if make is in_sqlite:
        in_sqlite(path, "insert into c values (2), (3);")
        assert [(o.rows, o.orphans, o.holds) for o in profile(str(path), snapshot).overlaps] == [(3, 2, False)]
    else:
        assert [(o.rows, o.orphans, o.holds) for o in profile(str(path), snapshot).overlaps] == [(1, 0, True)]


CANARY = """
create table people (id integer, email varchar(90), first_name varchar(90), born date, salary integer,
    status varchar(9), team varchar(90), flag integer, visits integer, notes varchar(90), moment timestamp);
"""
ROWS = "insert into people values " + ", ".join(
    f"({i}, 'canary{i % 3}@example.com', 'Canary{i % 2}', '2000-01-0{i % 9 + 1}', {i}, "
    f"'{'open' if i % 2 else 'done'}', 'call 555123{i % 2}456', {i % 2}, {i % 3}, 'canary note', '2024-01-01 10:00:00')"
    for i in range(40)
)


@both
def test_no_row_value_leaves_the_database_unasked(tmp_path: Path, make: Maker) -> None:
    found = profiled(make(tmp_path / "db", CANARY + ROWS))
    text = dump(found)
    assert not any(word in text.lower() for word in ("canary", "open", "done", "555"))
    assert columns(found, "people")["born"].maximum == "2000-01-09"
    assert columns(found, "people")["moment"].maximum == "2024-01-01 10:00:00"
    assert columns(found, "people")["salary"] == ColumnProfile(0, 40, "0", "39")


@both
def test_sample_values_are_categories_only(tmp_path: Path, make: Maker) -> None:
    found = columns(profiled(make(tmp_path / "db", CANARY + ROWS), sample_values=True), "people")
    assert {name: column.values for name, column in found.items() if column.values} == {
        "status": ("done", "open"),
        "flag": ("0", "1"),
    }


def test_text_in_sqlites_date_and_number_columns_stays_there(tmp_path: Path) -> None:
    path = in_sqlite(
        tmp_path / "db",
        """create table t (d date, at datetime, n integer);
        insert into t values ('2024-01-02', '2024-01-02 03:04:05', 5), ('canary', '2024 canary', 'canary');""",
    )
    found = columns(profiled(path), "t")
    assert found["d"] == ColumnProfile(0, 2, "2024-01-02", "2024-01-02")
    assert found["at"] == ColumnProfile(0, 2, "2024-01-02 03:04:05", "2024-01-02 03:04:05")
    assert found["n"] == ColumnProfile(0, 2, "5", "5")


def test_nested_and_odd_types(tmp_path: Path) -> None:
    path = in_duckdb(
        tmp_path / "db",
        """create table t as select {'a': i} as s, [i] as l, map {'k': i} as m, i::varchar::blob as b, uuid() as u,
            i % 2 = 0 as f, interval (i) day as iv, 'x'::json as j, 'nan'::double as d, time '10:00:00' as tm,
            timestamptz '2024-01-01 10:00:00+02' as tz from range(10) r(i)""".replace("'x'::json", "'{}'::json"),
    )
    found = columns(profiled(path), "t")
    assert {name: column.distinct for name, column in found.items()} == {
        "s": 10, "l": 10, "m": 10, "b": 10, "u": 10, "f": 2, "iv": 10, "j": 1, "d": 1, "tm": 1, "tz": 1,
    }  # fmt: skip
    assert found["tz"].minimum == "2024-01-01 08:00:00+00"


NUMBERS = {
    in_duckdb: "create table big as select i as id, i % 7 as k from range(50000) t(i)",
    in_sqlite: """create table big as with recursive n(i) as (select 0 union all select i + 1 from n where i < 49999)
        select i as id, i % 7 as k from n;""",
}


@both
def test_large_tables_are_sampled_alike_on_every_run(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path / "db", NUMBERS[make])
    runs = [profiled(path, edge("big", "k", "big", "id"), table_rows=1_000, concurrency=n) for n in (1, 4)]
    assert runs[0] == runs[1]
    assert runs[0].profile is not None
    sample = runs[0].profile[("main", "big")]
    assert (sample.rows, sample.sampled) == (1_000, True)
    assert int(sample.columns["id"].maximum or 0) > 40_000
    overlap = runs[0].overlaps[0]
    assert (overlap.rows, overlap.values, overlap.parent_values, overlap.sampled) == (1_000, 7, 50_000, True)


def test_row_ids_with_gaps(tmp_path: Path) -> None:
    rows = ", ".join(f"({i * 1000}, {i})" for i in range(500))
    path = in_sqlite(tmp_path / "db", f"create table t (id integer primary key, i); insert into t values {rows};")
    assert columns(profiled(path), "t")["i"] == ColumnProfile(0, 500, "0", "499")
    sample = profiled(path, table_rows=100).profile
    assert sample is not None
    assert 90 <= sample[("main", "t")].rows <= 110


def test_tables_without_row_ids_are_read_from_their_beginning(tmp_path: Path) -> None:
    rows = ", ".join(f"({i})" for i in range(500))
    path = in_sqlite(
        tmp_path / "db", f"create table t (i integer primary key) without rowid; insert into t values {rows};"
    )
    assert columns(profiled(path, table_rows=100), "t")["i"] == ColumnProfile(0, 100, "0", "99")


@both
def test_a_table_that_fails_is_named_and_the_others_are_profiled(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path / "db", "create table here (i integer); create table gone (i integer);")
    snapshot = scan(str(path))
    make(path, "drop table gone;")
    found = profile(str(path), snapshot)
    assert found.profile is not None
    assert list(found.profile) == [("main", "here")]
    assert [note.split(":")[0] for note in found.notes] == ["main.gone has no profile"]


@both
def test_a_slow_table_runs_out_of_time(tmp_path: Path, make: Maker) -> None:
    slow = {
        in_duckdb: "create table slow as select i, -i as j, i * 2 as k from range(3000000) t(i)",
        in_sqlite: NUMBERS[in_sqlite].replace("big", "slow"),
    }
    path = make(tmp_path / "db", slow[make])
    snapshot = scan(str(path))
    limit = 0.01 if make is in_duckdb else 0.0
    found = profile(str(path), snapshot, ProfileOptions(timeout=limit, table_rows=10**9))
    assert found.profile == {}
    assert any("main.slow has no profile: no answer within" in note for note in found.notes)


@both
def test_edges_beyond_the_budget_are_said(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path / "db", NUMBERS[make])
    found = profiled(path, edge("big", "k", "big", "id"), budget_rows=10_000)
    assert found.overlaps == ()
    assert found.notes == ("1 relationships were not measured: the row budget is spent.",)
    assert found.profile is not None
    assert found.profile[("main", "big")].rows == 5_000


def test_wide_and_empty_tables(tmp_path: Path) -> None:
    path = in_sqlite(
        tmp_path / "db", f"create table wide ({', '.join(f'c{i} text' for i in range(1_990))}); create table e (i);"
    )
    found = profiled(path)
    assert len(columns(found, "wide")) == 1_990
    assert columns(found, "e")["i"] == ColumnProfile(0, 0)


def test_a_saved_scan_holds_no_rows(tmp_path: Path) -> None:
    path = in_duckdb(tmp_path / "db", "create table t (i integer)")
    saved = tmp_path / "scan.json"
    saved.write_text(dump(scan(str(path))))
    with pytest.raises(SourceError, match="is a saved scan, which holds no rows"):
        profile(str(saved), scan(str(saved)))


@given(st.lists(st.integers(0, 10**6), max_size=30), st.integers(0, 10**7))
def test_the_budget_is_shared_fairly(sizes: list[int], budget: int) -> None:
    cap = fair_cap(sizes, budget)
    assert sum(min(size, cap) for size in sizes) <= budget + 100 * len(sizes)
    if sum(sizes) <= budget:
        assert all(size <= cap for size in sizes)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("customers", "email"), ("users", "name"), ("t", "FirstName"), ("t", "contact_name"), ("t", "home_phone"),
        ("t", "billing_address"), ("t", "ssn"), ("t", "user_ip"), ("t", "surnames"), ("t", "PostCode"),
    ],
)  # fmt: skip
def test_names_that_speak_of_persons(table: str, column: str) -> None:
    assert may_be_personal(table, column)


@pytest.mark.parametrize(
    ("table", "column"), [("orders", "status"), ("plans", "name"), ("accounts", "account_type"), ("t", "currency")]
)
def test_names_that_do_not(table: str, column: str) -> None:
    assert not may_be_personal(table, column)


@pytest.mark.parametrize(
    ("values", "personal"),
    [
        (["open", "done"], False),
        (["a@b.c", "x"], True),
        (["+49 30 123 456"], True),
        (["Ada Lovelace", "Alan Turing", "Grace Hopper"], True),
        (["In Progress", "done", "open"], False),
        (["x" * 61], True),
    ],
)
def test_values_that_look_like_persons(values: list[str], personal: bool) -> None:
    assert look_personal(values) is personal


def test_rows_that_were_counted_take_the_place_of_estimates(tmp_path: Path) -> None:
    path = in_duckdb(tmp_path / "one.duckdb", "create table t as select range as i from range(30)")
    found = scan(str(path))
    stale = replace(
        found,
        tables=tuple(replace(table, row_count=None) for table in found.tables),
        notes=("The row counts of 1 tables are PostgreSQL's estimates.", "Something else."),
    )
    counted = profile(str(path), stale, ProfileOptions(), ())
    assert ([table.row_count for table in counted.tables], counted.notes) == ([30], ("Something else.",))


@pytest.mark.parametrize("engine", SPELLINGS)
def test_the_queries_parse_where_they_are_asked(engine: Engine) -> None:
    """Keys of several columns, nested columns, samples and estimates, comparisons as text, odd names."""
    types = {"id": "bigint", 'Odd `name` "x"': "varchar", "day": "date", "extra": "json", "yes": "boolean"}
    table = TableMapping('Order "x"', "raw", columns=[ColumnMapping(*column) for column in types.items()])
    link = Relationship(table.key, ("id", "day"), ("raw", "b"), ("id", "day"))
    for portion in (Portion(100, 100, 0, 100), Portion(10**7, 10**6, None, 10**7)):
        for query in (
            column_query(engine, table, portion, [("id",), ("id", "day")]),
            overlap_query(engine, link, portion, as_text=[True, False]),
            values_query(engine, table, table.columns[:2]),
        ):
            tree = sqlglot.parse_one(query, dialect=engine)
            assert not isinstance(tree, sqlglot.exp.Command)
            assert {found.name for found in tree.find_all(sqlglot.exp.Table)} >= {table.name}
