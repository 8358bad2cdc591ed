"""Files of SQL statements, read without a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartridge.errors import SourceError
from cartridge.scan import scan
from shared_data import shared

DUMP = """--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
CREATE TYPE public.mood AS ENUM (
    'sad',
    'fine'
);
CREATE DOMAIN public.year AS integer CONSTRAINT year_check CHECK (VALUE > 1900);
CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS $$ select 1; select 2; $$;
CREATE TABLE public.people (
    id integer NOT NULL,
    feeling public.mood DEFAULT 'sad'::public.mood,
    born public.year,
    "Odd Name" text
);
COMMENT ON TABLE public.people IS 'People; who buy';
COMMENT ON COLUMN public.people.born IS 'When';
CREATE TABLE public.pets (id integer NOT NULL, person_id integer NOT NULL);
CREATE VIEW public.seen AS SELECT people.id FROM public.people;
COPY public.people (id, feeling) FROM stdin;
1\t'; drop
\\.
ALTER TABLE ONLY public.people ADD CONSTRAINT people_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.people ADD CONSTRAINT people_odd UNIQUE ("Odd Name");
ALTER TABLE ONLY public.pets ADD CONSTRAINT pets_person FOREIGN KEY (person_id) REFERENCES public.people(id);
"""


def test_a_dump_of_postgresql(tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    file.write_text(DUMP)
    snapshot = scan(str(file))
    people, pets = snapshot.tables
    assert (snapshot.kind, snapshot.dialect, snapshot.notes) == ("ddl", "postgres", ())
    assert [(c.name, c.data_type, c.nullable) for c in people.columns] == [
        ("id", "int", False),
        ("feeling", "enum('sad', 'fine')", True),
        ("born", "integer", True),
        ("Odd Name", "text", True),
    ]
    assert (people.primary_key, people.unique_keys, people.description) == (("id",), [["Odd Name"]], "People; who buy")
    assert people.columns[2].description == "When"
    assert [str(edge) for edge in snapshot.relationships] == ["pets(person_id) -> people(id)"]
    assert [(item.name, item.schema) for item in snapshot.left_out] == [("seen", "public")]
    assert pets.columns[1].foreign_key_table == "people"


def test_a_script_of_mysql_names_its_dialect(tmp_path: Path) -> None:
    file = tmp_path / "shop.sql"
    file.write_text(
        "CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT COMMENT 'An id', PRIMARY KEY (`id`));"
        "CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a, u varchar(9) UNIQUE);"
    )
    with pytest.raises(SourceError, match=r"does not say which dialect.*ddl\+DIALECT"):
        scan(str(file))
    snapshot = scan(f"ddl+mysql:///{file}")
    first, second = snapshot.tables
    assert (first.key, first.primary_key, first.columns[0].description) == (("shop", "a"), ("id",), "An id")
    assert (second.primary_key, second.unique_keys) == (("id",), [["u"]])
    assert [str(edge) for edge in snapshot.relationships] == ["b(a_id) -> a(id)"]


@pytest.mark.parametrize(("script", "dialect"), [("postgresql", "postgres"), ("mysql", "mysql")])
def test_chinook_has_the_keys_that_it_declares(script: str, dialect: str) -> None:
    declared = scan(str(shared("databases/chinook.sqlite")))
    read = scan(f"ddl+{dialect}:///{shared(f'databases/chinook.{script}.sql')}")
    plain = [sorted((str(edge).replace("_", "").lower()) for edge in side.relationships) for side in (declared, read)]
    assert plain[0] == plain[1]
    keys = [
        sorted((t.name.replace("_", "").lower(), [c.replace("_", "").lower() for c in t.primary_key]) for t in s.tables)
        for s in (declared, read)
    ]
    assert keys[0] == keys[1]


def test_pagila_is_read_whole() -> None:
    snapshot = scan(f"ddl+postgres:///{shared('databases/pagila.schema.postgresql.sql')}")
    assert snapshot.notes == ()
    assert len(snapshot.relationships) == 19  # as PostgreSQL itself says of it


WAREHOUSES = {
    "redshift": """create table buyers (id bigint identity(1,1) encode az64 distkey primary key,
        email varchar(max) unique encode zstd) diststyle key;
        create table sales (id bigint not null, buyer_id bigint encode az64 references buyers (id), payload super,
        primary key (id)) sortkey (id);
        comment on table buyers is 'Who buys';""",
    "mysql": """create table `buyers` (`id` int unsigned not null auto_increment, `email` text collate utf8mb4_bin,
        primary key (`id`), unique key `one` (`email`), fulltext key `words` (`email`))
        engine=InnoDB comment='Who buys';
        create table `sales` (`id` int not null primary key, `buyer_id` int unsigned, `payload` flurb(3,1) not null,
        constraint `who` foreign key (`buyer_id`) references `buyers` (`id`) on delete set null) engine=InnoDB;""",
    "snowflake": """create or replace transient table d.raw.buyers ("id" number(38,0) autoincrement start 1 noorder,
        "email" text unique, primary key ("id")) comment='Who buys';
        create or replace table d.raw.sales cluster by (id) ("id" number(38,0) not null, "buyer_id" number(38,0),
        "payload" variant, primary key ("id"), foreign key ("buyer_id") references d.raw.buyers ("id"));""",
    "bigquery": """create table `p.raw.buyers` (id int64 options(description="The key"), email string,
        primary key (id) not enforced) cluster by id options(description="Who buys");
        create table `p.raw.sales` (id int64, buyer_id int64 references `p.raw.buyers`(id) not enforced,
        payload array<struct<a int64, b string>>, primary key (id) not enforced);""",
    "databricks": """create table main.raw.buyers (id bigint comment 'The key', email string,
        constraint one primary key (id)) using delta comment 'Who buys' tblproperties ('a' = 'b');
        create table main.raw.sales (id bigint, buyer_id bigint, payload struct<a: int, b: string>,
        constraint two primary key (id), constraint who foreign key (buyer_id) references main.raw.buyers (id));""",
}
PAYLOADS = {
    "redshift": "super",
    "mysql": "flurb(3,1)",
    "snowflake": "variant",
    "bigquery": "array<struct<a int64, b string>>",
    "databricks": "struct<a: int, b: string>",
}


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_what_warehouses_write(tmp_path: Path, dialect: str) -> None:
    """Storage options, inline keys, comments among options, and a type that nobody knows."""
    file = tmp_path / "raw.sql"
    file.write_text(WAREHOUSES[dialect])
    snapshot = scan(f"ddl+{dialect}:///{file}")
    buyers, sales = (next(t for t in snapshot.tables if t.name.lower() == name) for name in ("buyers", "sales"))
    assert snapshot.notes == ()
    assert (buyers.description, buyers.primary_key, sales.primary_key) == ("Who buys", ("id",), ("id",))
    assert [c.name for c in buyers.columns] == ["id", "email"]
    assert [(edge.table[1].lower(), edge.columns) for edge in snapshot.relationships] == [("sales", ("buyer_id",))]
    assert {c.name: c.data_type for c in sales.columns}["payload"] == PAYLOADS[dialect]


def test_what_is_not_understood_is_named(tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    file.write_text(
        DUMP
        + "FROBNICATE TABLE\n  x;BANANA SPLIT a;ALTER TABLE zz ADD PRIMARY KEY (q);ALTER TABLE pets ADD UNIQUE (id);"
    )
    assert scan(str(file)).notes == (
        "A statement was not understood and left out: FROBNICATE TABLE x",
        "A statement was not understood and left out: BANANA SPLIT a",
        "A statement about a table that is not made here was left out: ALTER TABLE zz ADD PRIMARY KEY (q)",
    )


def test_of_many_the_first_are_named(tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    file.write_text(DUMP + "BANANA SPLIT a;" * 23)
    notes = scan(str(file)).notes
    assert (len(notes), notes[-1]) == (21, "3 more statements were left out")


@pytest.mark.parametrize(
    ("dialect", "statements"),
    [
        (
            "postgres",
            """SELECT pg_catalog.setval('a_seq', 1); INSERT INTO a VALUES (1); GRANT SELECT ON a TO b;
            CREATE INDEX i ON a (id); COMMENT ON EXTENSION e IS 'x'; ALTER TABLE a OWNER TO b; ANALYZE a;
            REFRESH MATERIALIZED VIEW m; REVOKE ALL ON a FROM b; ALTER SEQUENCE s OWNED BY a.id; BEGIN; COMMIT;
            CREATE TABLE c PARTITION OF a FOR VALUES FROM (1) TO (2); ALTER TABLE ONLY c ADD PRIMARY KEY (id);
            CREATE TABLE d (id int); ALTER TABLE ONLY a ATTACH PARTITION d FOR VALUES FROM (2) TO (3);
            ALTER TABLE ONLY d ADD PRIMARY KEY (id); -- the end
            """,
        ),
        (
            "mysql",
            """/*!40101 SET NAMES utf8 */; LOCK TABLES `a` WRITE; REPLACE INTO a VALUES (1); UNLOCK TABLES;
            DROP TABLE IF EXISTS b; USE shop; DELIMITER ;;
            CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.id IS NULL THEN SET NEW.id = 1; END IF; END;;
            DELIMITER ;""",
        ),
        ("sqlite", "PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; DELETE FROM a; COMMIT;"),
    ],
)
def test_what_dumps_hold_anyway_is_passed_over(tmp_path: Path, dialect: str, statements: str) -> None:
    file = tmp_path / "dump.sql"
    file.write_text(f"create table a (id int);{statements}")
    assert scan(f"ddl+{dialect}:///{file}").notes == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("ddl+cobol:///{}", "cobol is no dialect that is known here. Known: bigquery"),
        ("ddl+mysql:///{}.gone", "does not exist"),
        ("ddl+postgres:///{}", "makes no table"),
    ],
)
def test_bad_input(tmp_path: Path, source: str, message: str) -> None:
    file = tmp_path / "x.sql"
    file.write_text("select 1;")
    with pytest.raises(SourceError, match=message):
        scan(source.format(file))
