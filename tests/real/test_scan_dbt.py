"""Scans through the connection of a dbt project's profile: real dbt, with its adapters for DuckDB and PostgreSQL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest
import yaml

from cartridge import app
from cartridge.app import dbt_source
from cartridge.cli import run
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import SourceError
from cartridge.scan import dbt_profile, scan
from servers import postgres_server

TABLES = """
create schema raw;
create table raw.customers (id integer primary key, code varchar unique, name varchar not null);
create table raw.orders (id integer, line integer, customer_id integer references raw.customers (id),
    total decimal(10, 2) default 0, primary key (id, line));
create view raw.newest as select id from raw.orders;
comment on table raw.customers is 'People'; comment on column raw.customers.name is 'How we call them';
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLES)
        yield url


@pytest.fixture
def project(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose profile has a target in each database; the password stands in the environment."""
    port = re.findall(r":(\d+)/", server)[0]
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(TABLES.replace("references raw.customers", "references customers"))
    (tmp_path / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    monkeypatch.setenv("DBT_ENV_SECRET_PASSWORD", "secret-word")
    postgres = {
        "type": "postgres", "host": "127.0.0.1", "user": "postgres", "dbname": "postgres", "schema": "built",
        "port": f"{{{{ env_var('PORT', '{port}') | as_number }}}}",
        "password": "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}",
    }  # fmt: skip
    outputs = {
        "dev": {"type": "duckdb", "path": "shop.duckdb"},
        "postgres": postgres,
        "down": {**postgres, "port": 1},
        "prod": {"type": "duckdb", "path": "absent/shop.duckdb"},
    }
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump({"shop": {"target": "dev", "outputs": outputs}}))
    return tmp_path


def through_dbt(source: str) -> SchemaSnapshot:
    return asyncio.run(app.scan(source, schemas=["raw"]))


def said(found: SchemaSnapshot) -> list[object]:
    return [
        (t.key, t.table_type, t.primary_key, t.unique_keys, t.description,
         [(c.name, c.data_type, c.nullable, c.default, c.description) for c in t.columns])
        for t in found.tables
    ]  # fmt: skip


def test_duckdb_through_dbt_is_as_the_file_itself(project: Path) -> None:
    found, own = through_dbt(f"dbt:{project}"), scan(str(project / "shop.duckdb"), schemas=["raw"])
    assert (found.kind, found.dialect, found.database, found.file) == ("dbt", "duckdb", "shop", None)
    assert said(found) == said(own)
    assert found.relationships == own.relationships != ()
    assert not (project / "target").exists(), "nothing is written into the project"


def test_postgres_through_dbt_is_as_the_server_itself(project: Path, server: str) -> None:
    found, own = through_dbt(f"dbt:{project}?target=postgres"), scan(server, schemas=["raw"])
    assert (found.kind, found.dialect, found.database) == ("dbt", "postgres", "postgres")
    assert said(found) == said(own)
    assert found.relationships == own.relationships != ()


@pytest.mark.deep
def test_an_adapter_without_a_scanner_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relations and columns come from dbt's own macros."""
    monkeypatch.setattr(dbt_profile, "_CATALOGUES", {})
    found = through_dbt(f"dbt:{project}?target=postgres")
    assert [(t.name, t.table_type, [c.name for c in t.columns]) for t in found.tables] == [
        ("customers", "table", ["id", "code", "name"]),
        ("newest", "view", ["id"]),
        ("orders", "table", ["id", "line", "customer_id", "total"]),
    ]
    assert found.notes == ("Keys, comments and row counts are not known: dbt's adapter lists columns alone.",)
    assert [t.name for t in asyncio.run(app.scan(f"dbt:{project}?target=postgres")).tables] == [
        t.name for t in found.tables
    ]


@pytest.mark.deep
def test_what_dbt_cannot_reach(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", f"dbt:{project}?target=down"]) == 1
    shown = capsys.readouterr().err
    assert "dbt could not read through the profile" in shown
    assert "Run `dbt debug` there." in shown
    assert "secret-word" not in shown
    assert run(["scan", f"dbt:{project}?target=nosuch"]) == 1
    assert "nosuch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rest", "says"), [("/absent", "holds no dbt_project.yml"), ("?target=dev&host=x", "host= is not known there")]
)
def test_what_is_no_project(project: Path, rest: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        dbt_source.parse(f"dbt:{project}{rest}")


def test_without_dbt_nothing_is_scanned(project: Path) -> None:
    with pytest.raises(SourceError, match="needs dbt to be run"):
        scan(f"dbt:{project}")
