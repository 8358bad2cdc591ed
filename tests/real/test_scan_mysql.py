"""MariaDB on loopback: scanned, planned for, loaded, and everything that may be wrong on the way there."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pymysql
import pytest
from pymysql.constants import CLIENT

from cartridge.app.load import load
from cartridge.cli import run
from cartridge.domain.progress import silent
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan import ProfileOptions, profile, scan
from cartridge.scan.catalogue import Answer, Source, snapshot
from cartridge.scan.saved import dump
from cartridge.scan.saved import load as load_saved
from cartridge.scan.selection import Selection
from cartridge.scan.servers.mysql import catalogue
from cartridge.scan.servers.mysql_connection import connected
from servers import cut_connection, mysql_server, silent_port
from shared_data import shared

OWN = """
drop database if exists cartridge_own; create database cartridge_own; use cartridge_own;
create table people (
    id int unsigned auto_increment primary key, papers json, mood enum('sad', 'it''s fine') default 'sad',
    tags set('a', 'b'), balance decimal(10,2) default 3.5 comment 'What they owe', twice decimal(12,2) as (balance * 2),
    code varchar(20) unique, story text, yes bool, unique key (story(3))) comment = 'People who buy';
create table readings (year int not null, value int) partition by range (year) (
    partition old values less than (2000), partition new values less than maxvalue);
create table pets (person_id int unsigned, name varchar(20), foreign key (person_id) references people (id));
create table visits (person_id int unsigned, day date, pet varchar(20), primary key (person_id, day));
create table bills (person_id int unsigned, day date, foreign key (person_id, day) references visits (person_id, day));
create view seen as select id, mood from people;
create table gone (x int); create view broken as select x from gone; drop table gone;
create table schema_migrations (version varchar(20));
insert into readings values (1999, 1), (2001, 2), (2002, 3);
drop user if exists cartridge_reader, cartridge_locked, cartridge_tls;
create user cartridge_reader; grant select on cartridge_own.pets to cartridge_reader;
create user cartridge_locked identified by 'secret-word-two';
create user cartridge_tls require ssl;
"""


def execute(url: str, script: str) -> None:
    port = int(url.rsplit(":", 1)[1])
    flag = CLIENT.MULTI_STATEMENTS
    with pymysql.connect(host="127.0.0.1", port=port, user="root", client_flag=flag, autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute(script)
        while cursor.nextset():
            pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with mysql_server() as url:
        execute(url, OWN)
        yield url


@pytest.fixture(scope="module")
def chinook(server: str) -> str:
    execute(server, shared("databases/chinook.mysql.sql").read_text(encoding="utf-8-sig"))
    return f"{server}/Chinook"


def test_chinook_is_as_its_script_declares_it(chinook: str) -> None:
    script = shared("databases/chinook.mysql.sql").read_text(encoding="utf-8-sig")
    keys = dict(re.findall(r"CREATE TABLE `(\w+)`.*?PRIMARY KEY +\(([^)]*)\)", script, re.DOTALL))
    edges = re.findall(
        r"ALTER TABLE `(\w+)` ADD CONSTRAINT \S+\s+FOREIGN KEY \(`(\w+)`\) REFERENCES `(\w+)` \(`(\w+)`\)", script
    )
    found = scan(chinook)
    assert (found.kind, found.dialect, found.database, found.left_out) == ("mysql", "mysql", "Chinook", ())
    assert {t.name: ", ".join(f"`{name}`" for name in t.primary_key) for t in found.tables} == keys
    assert len(edges) == 11
    assert [str(edge) for edge in found.relationships] == sorted(f"{t}({c}) -> {r}({k})" for t, c, r, k in edges)
    assert {edge.ref_table[0] for edge in found.relationships} == {"Chinook"}
    assert load_saved(dump(found)) == found


def test_the_plan_is_that_of_duckdb_and_says_so(
    chinook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """dbt builds on no MySQL: the tables are copied, and the project reads the copy."""
    monkeypatch.chdir(tmp_path)
    assert run(["plan", chinook]) == 0
    assert "this one is written for duckdb, and the tables must be copied there" in " ".join(
        capsys.readouterr().out.split()
    )
    report = asyncio.run(load(chinook, tmp_path / "warehouse.duckdb"))
    assert report.rows == 15_607
    assert not any(table.left_off or table.kept_as for table in report.tables)
    copied = scan("warehouse.duckdb")
    assert [str(edge) for edge in copied.relationships] == [str(edge) for edge in scan(chinook).relationships]
    assert {table.schema for table in copied.tables} == {"Chinook"}


def test_types_keys_and_comments(server: str) -> None:
    found = scan(f"{server}/cartridge_own")
    tables = {table.name: table for table in found.tables}
    assert [(table.name, table.table_type) for table in found.tables] == [
        ("bills", "table"), ("people", "table"), ("pets", "table"), ("readings", "partitioned_table"),
        ("seen", "view"), ("visits", "table"),
    ]  # fmt: skip
    people = tables["people"]
    assert [(c.name, c.data_type, c.nullable, c.default) for c in people.columns] == [
        ("id", "int(10) unsigned", False, None),
        ("papers", "json", True, None),
        ("mood", "enum('sad','it''s fine')", True, "'sad'"),
        ("tags", "set('a','b')", True, None),
        ("balance", "decimal(10,2)", True, "3.50"),
        ("twice", "decimal(12,2)", True, None),
        ("code", "varchar(20)", True, None),
        ("story", "text", True, None),
        ("yes", "tinyint(1)", True, None),
    ]
    assert (people.primary_key, people.unique_keys) == (("id",), [["code"]]), "a key over a prefix is no key"
    assert (people.description, people.columns[4].description) == ("People who buy", "What they owe")
    assert tables["readings"].row_count == 3
    assert tables["seen"].description is None
    assert [str(edge) for edge in found.relationships] == [
        "bills(person_id, day) -> visits(person_id, day)",
        "pets(person_id) -> people(id)",
    ]
    assert [(item.name, item.reason) for item in found.left_out] == [
        ("broken", "a view of what is no longer there"),
        ("schema_migrations", "migration history of Rails, golang-migrate or dbmate"),
    ]


def test_chinook_is_profiled(chinook: str) -> None:
    found = profile(chinook, scan(chinook))
    assert found.notes == ()
    assert all(item.holds for item in found.overlaps)
    assert found.profile is not None
    invoice, lists = (found.profile[("Chinook", name)] for name in ("Invoice", "PlaylistTrack"))
    assert (invoice.rows, invoice.columns["Total"].maximum) == (412, "25.86")
    assert (lists.rows, lists.key_duplicates) == (8715, {("PlaylistId", "TrackId"): 0})


def test_odd_types_are_profiled_and_failures_cost_one_table(server: str) -> None:
    url = f"{server}/cartridge_own"
    found = profile(url, scan(url), ProfileOptions(sample_values=True))
    assert found.profile is not None
    assert found.profile[("cartridge_own", "readings")].columns["year"].minimum == "1999"
    assert ("cartridge_own", "people") in found.profile
    execute(server, "create or replace table cartridge_own.brief (x int)")
    snapshot = scan(url)
    execute(server, "drop table cartridge_own.brief")
    (note,) = profile(url, snapshot).notes
    assert note.startswith("cartridge_own.brief has no profile: Table")


def test_schemas_are_chosen_by_url_or_by_name(server: str) -> None:
    own = scan(f"{server}/cartridge_own")
    assert scan(server, schemas=["CARTRIDGE_OWN"]).tables == own.tables
    assert own.tables == scan(server.replace("mysql://", "mariadb+pymysql://"), tables=["cartridge_own.*"]).tables
    with pytest.raises(SourceError, match=r"Schema 'absent' is not in the source\. It has: .*cartridge_own"):
        scan(f"{server}/cartridge_own", schemas=["absent"])


def test_a_handful_of_queries_however_many_tables(server: str) -> None:
    asked: list[str] = []
    with connected(server) as ask:

        def counting(queries: Sequence[str]) -> Sequence[Answer]:
            asked.extend(queries)
            return ask(queries)

        found = catalogue(counting, ["cartridge_own"], silent)
    assert (len(found.tables), len(asked)) == (8, 7)


def test_what_may_not_be_seen_is_said(server: str) -> None:
    found = scan(server.replace("root@", "cartridge_reader@") + "/cartridge_own")
    assert [table.name for table in found.tables] == ["pets"]
    assert found.notes in (
        (),
        ("Foreign keys lead to tables that you may not see: cartridge_own.people. The rest was read.",),
    )


def test_a_table_dropped_while_it_is_scanned(server: str) -> None:
    execute(server, "create table cartridge_own.short_lived (id int primary key)")
    with connected(server) as ask:

        def dropping(queries: Sequence[str]) -> Sequence[Answer]:
            first = ask(queries[:1])
            if "information_schema.tables" in queries[0]:
                execute(server, "drop table cartridge_own.short_lived")
            return [*first, *ask(queries[1:])]

        found = snapshot(
            catalogue(dropping, ["cartridge_own"], silent), Source("mysql", "mysql", "cartridge_own"), Selection()
        )
    assert ("short_lived", "its columns cannot be seen: dropped while it was scanned, or you may not read it") in [
        (item.name, item.reason) for item in found.left_out
    ]
    assert "people" in [table.name for table in found.tables]


def at(server: str, user: str = "root", port: int | None = None, rest: str = "") -> str:
    return f"mysql://{user}:secret-word@127.0.0.1:{port or server.rsplit(':', 1)[1]}/{rest}"


@pytest.mark.parametrize(
    ("user", "port", "rest", "says"),
    [
        ("cartridge_locked", None, "cartridge_own", "Check the user and the password"),
        ("cartridge_tls", None, "cartridge_own?ssl_disabled=true", "an account that requires TLS is refused like this"),
        ("", 1, "x", "Check host and port, and that the server runs."),
        ("", None, "cartridge_own?connect_timeout=soon", "must be a whole number of seconds"),
        ("", None, "cartridge_own?ssl_ca=/no/such/file", "Check the files that the URL names."),
        ("", None, "cartridge_own?ssl_verify_cert=true", "leave the ssl_ options out"),
    ],
)  # fmt: skip
def test_what_cannot_be_reached(server: str, user: str, port: int | None, rest: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        scan(at(server, user or "root", port, rest))
    assert says in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_names_that_are_not_there(server: str) -> None:
    for url, says in (
        (f"{server}/absent", "Check the name of the database."),
        (server.replace("127.0.0.1", "no-such-host.invalid"), "Check the name of the host."),
        (server.replace("root@", "cartridge_reader@") + "/mysql", "ask for the right to read it"),
        (server.rsplit(":", 1)[0] + ":port/x", "is no URL of a server"),
    ):
        with pytest.raises(SourceError) as caught:
            scan(url)
        assert says in str(caught.value)


def test_a_server_that_says_nothing(server: str) -> None:
    with silent_port() as port, pytest.raises(SourceError, match=r"more time with \?connect_timeout=SECONDS"):
        scan(at(server, port=port, rest="x?connect_timeout=1"))


def test_a_dropped_connection_is_tried_once_more(server: str) -> None:
    whole = scan(f"{server}/cartridge_own")
    port = int(server.rsplit(":", 1)[1])
    with cut_connection(port, after=4_000, times=1) as cut:
        assert scan(f"mysql://root@127.0.0.1:{cut}/cartridge_own") == whole
    with cut_connection(port, after=4_000, times=2) as cut, pytest.raises(SourceError, match="It did so twice"):
        scan(f"mysql://root@127.0.0.1:{cut}/cartridge_own")


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(MissingExtraError, match=r"cartridge-dbt\[mysql\]"):
        scan("mysql://root@127.0.0.1/x")
