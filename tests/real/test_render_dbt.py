"""A rendered project is built by the real dbt on DuckDB without a warning, and passes its own linters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ModelDetail, SourceDetail, StagingDetail
from cartridge.render import profile_environment
from dbt_child import dbt
from render_cases import Case, read_case

SHOP = """
create table customers (id bigint, "Full Name" varchar, email varchar, active boolean, created timestamp);
insert into customers values
    (1, 'Ann', 'ann@example.org', true, '2024-02-29 10:00'), (2, 'Bob', null, false, '2023-05-01');
create table products (id bigint, name varchar, category varchar, price decimal(10, 2), attributes json);
insert into products values
    (10, 'Bear', 'toys', 9.99, '{}'), (11, 'Hat', 'kid''s "wear"', 5, null), (12, 'Home', 'env_var(''HOME'')', 1, null),
    (13, 'Number', '1e3', 1, null), (14, 'Braces', '{{ x }}', 1, null);
create table "Orders {{ x }}" (
    "OrderID" bigint, "CustomerID" bigint, "group" bigint, "we""ird {% col %}" varchar, priority integer,
    order_date varchar, _loaded_at timestamp
);
insert into "Orders {{ x }}" values
    (100, 1, 2, 'placed', 1, '2024-03-01', '2024-03-01'), (101, 2, 2, 'shipped', 3, '2025-01-15', '2025-01-15');
create table order_lines (order_id bigint, product_id bigint, quantity integer, unit_price decimal(10, 2));
insert into order_lines values (100, 10, 2, 9.99), (100, 11, 1, 5), (101, 10, 1, 9.5);
create table web_orders (id bigint, channel varchar, ordered_at timestamp);
insert into web_orders values (1, 'ads', '2024-01-01');
create table store_orders (id bigint, channel varchar, ordered_at timestamp);
insert into store_orders values (2, 'Main Street', '2024-01-02');
create table product_tags (product_id bigint, tag varchar);
insert into product_tags values (10, 'soft'), (10, 'gift');
"""


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("shop")


@pytest.fixture(scope="module")
def project(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered project, with its source beside it."""
    folder = tmp_path_factory.mktemp("shop")
    write(case.render({}), folder)
    with duckdb.connect(str(folder / "shop.duckdb")) as source:
        source.execute(SHOP)
    return folder


@pytest.fixture(scope="module")
def built(project: Path) -> Path:
    """The project after a build without a single complaint."""
    outcome = dbt(project, "build")
    assert outcome.complaints == []
    assert outcome.success
    assert set(outcome.results.values()) == {"success", "pass"}
    return project


def write(changes: ChangeSet, folder: Path) -> None:
    for file in changes.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode("utf-8"))


def test_parse_reports_no_warning_and_no_deprecation(project: Path) -> None:
    outcome = dbt(project, "parse", "--no-partial-parse", "--show-all-deprecations")
    assert outcome.complaints == []
    assert outcome.success


def test_every_action_is_a_node_and_every_test_ran(built: Path, case: Case) -> None:
    manifest = json.loads((built / "target/manifest.json").read_text())
    planned = {action.name for action in case.plan.actions if not isinstance(action.detail, SourceDetail)}
    assert {node["name"] for node in manifest["nodes"].values() if node["resource_type"] != "test"} == planned
    results = json.loads((built / "target/run_results.json").read_text())["results"]
    assert len(results) == len(manifest["nodes"])


def test_text_from_the_database_arrives_literally(built: Path, case: Case) -> None:
    manifest = json.loads((built / "target/manifest.json").read_text())
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    sources = {node["name"]: node for node in manifest["sources"].values()}
    for action in case.plan.actions:
        if isinstance(action.detail, SourceDetail):
            for table in action.detail.tables:
                assert sources[table.name]["description"] == (table.description or "")
                assert sources[table.name]["identifier"] == (table.identifier or table.name)
                told = {column["name"]: column["description"] for column in sources[table.name]["columns"].values()}
                assert told == {column.name: column.description or "" for column in table.columns}
        if isinstance(action.detail, StagingDetail | ModelDetail):
            told = {column["name"]: column["description"] for column in nodes[action.name]["columns"].values()}
            assert told == {column.name: column.description or "" for column in action.detail.columns}
            assert nodes[action.name]["description"].startswith(action.description)


def test_the_data_are_right(built: Path) -> None:
    with duckdb.connect(str(built / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute(f"attach '{built / 'shop.duckdb'}' as shop (read_only)")
        facts = warehouse.execute("select order_id, customer_name, quantity, order_amount from fct_orders").fetchall()
        assert [(*row[:3], float(row[3])) for row in sorted(facts)] == [(100, "Ann", 3, 24.98), (101, "Bob", 1, 9.5)]
        days = warehouse.execute("select count(*), min(date_day), max(date_day) from dim_dates").fetchone()
        assert days is not None
        assert (days[0], str(days[1]), str(days[2])) == (365 + 366 + 365, "2023-01-01", "2025-12-31")
        week = "select day_of_week_iso, is_weekend, iso_week_of_year, month_name, day_of_year from dim_dates"
        leap = warehouse.execute(f"{week} where date_day = '2024-02-29'").fetchone()
        assert leap == (4, False, 9, "February", 60)
        both = warehouse.execute("select * exclude (ordered_at) from int_orders_unioned order by 2").fetchall()
        assert both == [("web {{ orders }}", 1, "ads"), ("the store's", 2, "Main Street")]


def test_a_second_run_reads_the_days_of_the_lookback_again(built: Path) -> None:
    with duckdb.connect(str(built / "shop.duckdb")) as source:
        source.execute("""
            insert into "Orders {{ x }}" values
                (102, 1, 1, 'placed', 1, '2025-01-13', now()), (99, 1, 1, 'placed', 1, '2024-01-01', now())
        """)
    outcome = dbt(built, "build", "--select", "stg_shop__orders+")
    assert outcome.complaints == []
    with duckdb.connect(str(built / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute("select order_id from fct_orders order by 1").fetchall()
    assert found == [(100,), (101,), (102,)]


def test_the_variables_of_the_profile_are_the_ones_it_reads(built: Path, case: Case, tmp_path: Path) -> None:
    warehouse, source = profile_environment(case.plan, case.request)
    assert (warehouse.role, source.role, source.attached) == ("warehouse", "source", "shop")
    moved = {warehouse.name: str(tmp_path / "other.duckdb"), source.name: str(built / "shop.duckdb")}
    outcome = dbt(built, "run", "--select", "stg_shop__products", environment=moved)
    assert outcome.complaints == []
    assert (tmp_path / "other.duckdb").exists()


def test_linters_find_nothing(built: Path) -> None:
    for command in (("sqlfluff", "lint", "models"), ("yamllint", "--strict", ".")):
        done = subprocess.run([sys.executable, "-m", *command], cwd=built, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARNING" not in done.stdout + done.stderr
