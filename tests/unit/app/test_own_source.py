"""A project's own database as its source: no SOURCE is named, the profile tells where the raw tables are."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from cartridge.app import own_source
from cartridge.cli.entry import run_guarded
from cartridge.errors import ProjectError
from saved_plans import write_project

FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\n",
    "profiles.yml": "shop: {outputs: {dev: {type: duckdb, path: \"{{ env_var('SHOP_DB') }}\"}}}\n",
    "models/staging/src_shop.yml": (
        "sources:\n  - name: shop\n    schema: main\n    tables:\n      - name: customers\n      - name: orders\n"
    ),
    "models/staging/stg_shop__customers.sql": "select id as customer_id from {{ source('shop', 'customers') }}\n",
    "models/staging/stg_shop__orders.sql": ("select id as order_id, customer_id from {{ source('shop', 'orders') }}\n"),
}
RAW = """
create table customers (id bigint primary key);
create table orders (id bigint primary key, customer_id bigint);
create view stg_shop__orders as select id as order_id, customer_id from orders;
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(tmp_path, FILES)
    database(tmp_path, RAW)
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    monkeypatch.setenv("SHOP_DB", "shop.duckdb")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def database(project: Path, statements: str) -> None:
    with duckdb.connect(str(project / "shop.duckdb")) as connection:
        connection.execute(statements)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_guarded(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_what_is_not_modelled_yet_is_planned(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "plan", "--detailed-exitcode")[0] == 0
    database(project, "create table refunds (id bigint primary key, order_id bigint, reason varchar)")
    code, out, _ = run(capsys, "plan", "--detailed-exitcode")
    assert code == 2
    assert "Not modelled yet: 1 of 3 tables: shop.refunds" in out
    assert "apply plan.json --project ." in out
    assert run(capsys, "apply", "plan.json", "--project", ".")[0] == 0
    code, out, _ = run(capsys, "plan", "--detailed-exitcode")
    assert code == 0
    assert "Not modelled yet: 0 of 3 tables" in out
    assert "Nothing to do" in out


def test_drift_needs_no_source_either(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "drift")[:2] == (0, "Nothing moved: the project is as the source is.\n")
    database(
        project, "drop view stg_shop__orders; alter table orders rename customer_id to buyer_id; drop table customers"
    )
    code, out, _ = run(capsys, "drift", "--json")
    assert code == 2
    found = {finding["code"]: finding["message"] for finding in json.loads(out)["findings"]}
    assert found == {
        "dropped-column": "shop.orders: column customer_id is gone; read by stg_shop__orders",
        "dropped-table": "shop.customers: the table is gone; read by stg_shop__customers",
        "new-column": "shop.orders: column buyer_id (BIGINT) is new; its table is read by stg_shop__orders",
    }


def test_no_project_and_no_source_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "plan")
    assert (code, out) == (1, "")
    assert "Name a SOURCE, or a dbt project: there is no dbt_project.yml" in err
    assert list(tmp_path.iterdir()) == []


def test_a_variable_that_is_not_set_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SHOP_DB")
    code, _, err = run(capsys, "plan")
    assert code == 1
    assert "needs the environment variable SHOP_DB, which is not set" in err
    assert not (project / "plan.json").exists()


@pytest.mark.parametrize(
    ("target", "address"),
    [
        (
            "{type: postgres, host: db.local, user: 'a@b', password: 'p:/w', port: 5433, dbname: shop, schema: x}",
            "postgresql://a%40b:p%3A%2Fw@db.local:5433/shop",
        ),
        (
            "{type: postgres, host: '::1', user: me, pass: pw, database: shop, sslmode: require}",
            "postgresql://me:pw@[::1]:5432/shop?sslmode=require",
        ),
    ],
)
def test_a_postgres_profile_becomes_a_url(project: Path, target: str, address: str) -> None:
    (project / "profiles.yml").write_text(f"shop: {{outputs: {{dev: {target}}}}}\n")
    assert own_source(project) == address


def test_another_warehouse_is_asked_through_dbt(project: Path) -> None:
    (project / "profiles.yml").write_text("shop: {outputs: {dev: {type: snowflake, account: a}}}\n")
    assert own_source(project) == f"dbt:{project}"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("{type: duckdb}", "is :memory:, which is no file"),
        ("{type: postgres, host: db}", "names no host or no dbname"),
    ],
)
def test_what_cannot_be_reached_through_a_profile_is_said(project: Path, target: str, says: str) -> None:
    (project / "profiles.yml").write_text(f"shop: {{outputs: {{dev: {target}}}}}\n")
    with pytest.raises(ProjectError, match=says):
        own_source(project)
