"""What a PostgreSQL catalogue holds beyond plain tables, against a real server; and everything that may go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from cartridge.domain.progress import silent
from cartridge.errors import SourceError
from cartridge.scan import scan
from cartridge.scan.catalogue import Source, each, snapshot
from cartridge.scan.selection import Selection
from cartridge.scan.servers import redshift
from cartridge.scan.servers.postgres import read
from servers import cut_connection, postgres_server, silent_port
from shared_data import shared

RULES = (
    "hostssl all tls_only 127.0.0.1/32 trust",
    "host all locked 127.0.0.1/32 scram-sha-256",
    "host all postgres,reader,hasty 127.0.0.1/32 trust",
)
"""Who may come in how, in the form of pg_hba.conf: the others may not."""
OWN = """
create schema odd;
create type mood as enum ('sad', 'it''s fine');
create domain score as numeric(5, 2);
create domain mark as score not null check (value > 0);
create domain feeling as mood;
create table people (
    id int generated always as identity primary key, tags text[], moods mood[], mark mark, feeling feeling, born int,
    age int generated always as (2024 - born) stored, papers jsonb, span int4range, unique (born, id) include (mark));
create table odd.events (at date not null, kind text, person int references people, primary key (at, kind))
    partition by range (at);
create table odd.events_old partition of odd.events for values from ('2000-01-01') to ('2020-01-01')
    partition by list (kind);
create table odd.events_old_a partition of odd.events_old for values in ('a');
create table odd.events_new partition of odd.events for values from ('2020-01-01') to ('2040-01-01');
create materialized view odd.seen as select id from people with no data;
create extension file_fdw; create server files foreign data wrapper file_fdw;
create foreign table odd.lines (line text) server files options (filename '/dev/null');
create table odd.secret (id int); create table odd.nothing ();
insert into people (born, mark) select 2000, 1 from generate_series(1, 30);
insert into odd.events values ('2001-01-01', 'a', 1), ('2021-01-01', 'b', 2);
create role reader login; grant usage on schema odd to reader; grant select on people, odd.events to reader;
create role locked login password 'other-word'; create role tls_only login; create role elsewhere login;
create role hasty login; alter role hasty set statement_timeout = '1ms';
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server(RULES) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(OWN)
        yield url


def as_user(server: str, user: str, rest: str = "") -> str:
    return server.replace("postgres:", f"{user}:") + rest


def loaded(server: str, name: str, script: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    url = re.sub("/postgres$", f"/{name}", server)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script)
    return url


def test_kinds_types_and_keys(server: str) -> None:
    found = scan(server)
    assert [(table.name, table.table_type, table.row_count) for table in found.tables] == [
        ("events", "partitioned_table", 2), ("lines", "foreign_table", None), ("secret", "table", 0),
        ("seen", "materialized_view", None), ("people", "table", 30),
    ]  # fmt: skip
    people = found.tables[-1]
    assert [(c.name, c.data_type, c.nullable, c.default) for c in people.columns] == [
        ("id", "integer", False, None),
        ("tags", "text[]", True, None),
        ("moods", "mood[]", True, None),
        ("mark", "numeric(5,2)", False, None),
        ("feeling", "enum('sad', 'it''s fine')", True, None),
        ("born", "integer", True, None),
        ("age", "integer", True, None),
        ("papers", "jsonb", True, None),
        ("span", "int4range", True, None),
    ]
    assert people.unique_keys == [["born", "id"]], "included columns are no part of the key"
    assert [str(edge) for edge in found.relationships] == ["events(person) -> people(id)"]
    assert [(item.name, item.reason) for item in found.left_out if "partition" in item.reason] == [
        ("events_new", "partition of events"),
        ("events_old", "partition of events"),
        ("events_old_a", "partition of events_old"),
    ]
    assert "nothing" in [item.name for item in found.left_out], "a table without columns"


def test_estimates_where_there_are_some(server: str) -> None:
    url = loaded(server, "analysed", "create table t (id int); insert into t select generate_series(1, 50); analyze t;")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into t values (51); create table u (id int); insert into u values (1)")
    found = scan(url)
    assert [(table.name, table.row_count) for table in found.tables] == [("t", 50), ("u", 1)]
    assert found.notes == ("The row counts of 1 tables are PostgreSQL's estimates.",)


def test_rows_that_lie_elsewhere_are_counted(server: str) -> None:
    """A table of no size has no rows, but for those of its heirs, of another store, or of other servers."""
    url = loaded(
        server,
        "elsewhere",
        """
        create table above (id int); create table below () inherits (above); insert into below values (1), (2);
        create access method shelf type table handler heap_tableam_handler;
        create table shelved (id int) using shelf; create table empty (id int);
        create table parts (id int) partition by list (id); create table part partition of parts for values in (1);
        """,
    )
    counted: list[int] = []

    def note(what: str, _done: int, total: int | None) -> None:
        if what == "Counting rows":
            counted.append(total or 0)

    found = read(url, Selection(), note)
    rows = [(table.name, table.row_count) for table in found.tables]
    assert rows == [("above", 2), ("below", 2), ("empty", 0), ("parts", 0), ("shelved", 0)]
    assert set(counted) == {3}, "above, below and shelved"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into pg_extension values (99999, 'citus', 10, 2200, false, '1', null, null)")
    counted.clear()
    assert [(table.name, table.row_count) for table in read(url, Selection(), note).tables] == rows
    assert set(counted) == {5}


def test_keys_by_number(server: str) -> None:
    """Dropped columns leave gaps, and a key's columns have an order of their own."""
    script = """
        create schema other;
        create table other.t (x int, k1 int, y int, k2 int, z int, primary key (k2, k1), unique (z) include (k1));
        alter table other.t drop column x, drop column y, add column w int, add unique (w, k2);
        create table t (gone int, b int, a int, w int, foreign key (a, b) references other.t (k2, k1));
        alter table t drop column gone, add foreign key (w, b) references other.t (w, k2), add unique (w, a);
        comment on table t is 'here'; comment on table other.t is 'there'; comment on column t.w is 'the last';
        """
    found = scan(loaded(server, "numbered", script))
    there, here = found.tables
    assert (there.primary_key, there.unique_keys, there.description) == (("k2", "k1"), [["w", "k2"], ["z"]], "there")
    assert (here.unique_keys, here.description) == ([["w", "a"]], "here")
    assert [(column.name, column.description) for column in here.columns] == [
        ("b", None), ("a", None), ("w", "the last"),
    ]  # fmt: skip
    assert [(edge.columns, edge.ref_table, edge.ref_columns) for edge in found.relationships] == [
        (("a", "b"), ("other", "t"), ("k2", "k1")),
        (("w", "b"), ("other", "t"), ("w", "k2")),
    ]


def test_chinook_is_as_its_script_declares_it(server: str) -> None:
    script = shared("databases/chinook.postgresql.sql").read_text(encoding="utf-8-sig")
    script = re.sub(r"(?m)^\s*(DROP DATABASE|CREATE DATABASE|\\c).*$", "", script)
    found = scan(loaded(server, "chinook", script))
    keys = dict(re.findall(r"CREATE TABLE (\w+).*?PRIMARY KEY +\(([^)]*)\)", script, re.DOTALL))
    edges = re.findall(
        r"ALTER TABLE (\w+) ADD CONSTRAINT \S+\s+FOREIGN KEY \((\w+)\) REFERENCES (\w+) \((\w+)\)", script
    )
    assert {table.name: ", ".join(table.primary_key) for table in found.tables} == keys
    assert len(edges) == 11
    assert [str(edge) for edge in found.relationships] == sorted(f"{t}({c}) -> {r}({k})" for t, c, r, k in edges)


def test_the_queries_for_redshift_say_the_same(server: str) -> None:
    """Redshift kept PostgreSQL's catalogue; what only Redshift has is refused here, and noted."""
    own = scan(server, tables=["people", "odd.events", "odd.secret"])
    with psycopg.connect(server, autocommit=True) as connection:
        ask = each(lambda query: connection.execute(query).fetchall(), (psycopg.Error,))
        found, database = redshift.catalogue(ask, silent)
    same = snapshot(found, Source("redshift", "redshift", database), Selection(("people", "odd.secret")))
    assert [(t.key, t.primary_key, t.unique_keys, [c.name for c in t.columns]) for t in same.tables] == [
        (t.key, t.primary_key, t.unique_keys, [c.name for c in t.columns]) for t in own.tables if t.name != "events"
    ]
    assert [note.partition(" could")[0] for note in same.notes] == [
        "Row counts", "External tables", "Views without binding",
    ]  # fmt: skip
    script = shared("databases/chinook.postgresql.sql").read_text(encoding="utf-8-sig")
    script = re.sub(r"(?m)^\s*(DROP DATABASE|CREATE DATABASE|\\c).*$", "", script)
    url = loaded(server, "redshift_chinook", script)
    with psycopg.connect(url, autocommit=True) as connection:
        ask = each(lambda query: connection.execute(query).fetchall(), (psycopg.Error,))
        found, database = redshift.catalogue(ask, silent)
    chinook = snapshot(found, Source("redshift", "redshift", database), Selection())
    assert chinook.relationships == scan(url).relationships
    assert [table.primary_key for table in chinook.tables] == [table.primary_key for table in scan(url).tables]


def test_what_may_not_be_read_is_said_and_the_rest_is_there(server: str) -> None:
    whole, found = scan(server), scan(as_user(server, "reader"))
    assert [(t.key, t.columns, t.primary_key) for t in found.tables] == [
        (t.key, t.columns, t.primary_key) for t in whole.tables
    ]
    assert {table.name: table.row_count for table in found.tables}["people"] == 30
    assert "You may not read the rows of odd.lines, odd.secret, odd.seen; the structure was scanned." in found.notes


def test_a_table_dropped_while_it_is_scanned(server: str) -> None:
    url = loaded(server, "moving", "create table a (id int primary key); create table b (a_id int references a)")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into a values (1); insert into b values (1)")

    def dropping(what: str, _done: int, _total: int) -> None:
        if what == "Counting rows":
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("drop table if exists b")

    found = read(url, Selection(), dropping)
    assert [(table.name, table.row_count) for table in found.tables] == [("a", 1)]
    assert [(item.name, item.reason) for item in found.left_out] == [("b", "dropped while it was scanned")]
    assert found.relationships == ()


def test_a_table_that_another_session_holds(server: str) -> None:
    url = loaded(server, "held", "create table a (id int primary key); create table b (id int)")
    with psycopg.connect(url) as holder:
        holder.execute("lock table b in access exclusive mode")
        found = scan(url)
    assert [table.name for table in found.tables] == ["a", "b"]
    assert found.notes == ("Not counted, since another session holds them: public.a, public.b.",)


def test_a_dropped_connection_is_tried_once_more(server: str) -> None:
    whole = scan(server)
    port = int(re.findall(r":(\d+)/", server)[0])
    with cut_connection(port, after=3_000, times=1) as cut:
        assert scan(server.replace(str(port), str(cut))) == whole
    with (
        cut_connection(port, after=3_000, times=2) as cut,
        pytest.raises(SourceError, match="It did so twice") as caught,
    ):
        scan(server.replace(str(port), str(cut)))
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "rest", "says"),
    [
        ("locked", "", "Check the user and the password."),
        ("tls_only", "", r"by TLS only: add ?sslmode=require"),
        ("elsewhere", "?sslmode=prefer", "pg_hba.conf"),
        ("postgres", "?sslmode=require", "The server offers no TLS"),
        ("postgres", "?nosuch=1", "Check the spelling of the URL"),
        ("hasty", "", "Allow this user more time, with ?options=-c%20statement_timeout%3D0"),
    ],
)
def test_what_cannot_be_reached(server: str, user: str, rest: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        scan(as_user(server, user, rest))
    assert says in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_names_that_are_not_there(server: str) -> None:
    for url, says in (
        (re.sub("/postgres$", "/absent", server), "Check the name of the database and of the user."),
        (server.replace("127.0.0.1", "no-such-host.invalid"), "Check the name of the host."),
        (re.sub(r":\d+/", ":1/", server), "Check host and port, and that the server runs."),
        (
            server.replace("postgresql://", "postgrsql://"),
            "postgrsql:// is not a source that can be scanned. `cartridge",
        ),
    ):
        with pytest.raises(SourceError) as caught:
            scan(url)
        assert says in str(caught.value)
        assert "secret-word" not in str(caught.value)
    with pytest.raises(SourceError, match=r"Schema 'absent' is not in the source\. It has: odd, public"):
        scan(server, schemas=["absent"])


def test_a_server_that_says_nothing(server: str) -> None:
    with silent_port() as port, pytest.raises(SourceError, match=r"more time with \?connect_timeout=SECONDS"):
        scan(re.sub(r":\d+/", f":{port}/", server) + "?connect_timeout=2")
