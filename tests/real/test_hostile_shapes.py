"""Tables of odd shapes: only BLOBs, two thousand columns, no key, repeated rows, no columns, names that fold."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cartridge import app
from cartridge.domain.plan import ExecutionPlan, StagingDetail
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot, TableMapping
from cartridge.render import profile_environment
from cartridge.scan.saved import dump
from dbt_child import Outcome, dbt

SHAPES = {
    "blobs": """
        create table blobs (a blob, b blob, c blob);
        insert into blobs values ('\\xAA'::blob, null, ''::blob), (null, null, null);
    """,
    "wide": "create table wide (id bigint primary key, {});insert into wide (id) values (1), (2);".format(
        ", ".join(f'"Column {place}" varchar' for place in range(2_000))
    ),
    "no key": """
        create table readings (amount double, other double, taken timestamp);
        insert into readings (amount, other) values (1, 2), (1, 2), (null, 3);
    """,
    "children without a parent": """
        create table orders (id integer primary key, customer varchar);
        insert into orders values (1, 'Ann'), (2, 'Bob');
        create table order_lines (
            id integer primary key, order_id integer references orders (id), quantity integer, amount decimal(10, 2)
        );
        insert into order_lines values (1, 1, 2, 3.5), (2, null, 1, 1), (3, null, null, null);
    """,
    "one for each year": """
        create table orders_2023 (id integer primary key, source_table varchar, amount double);
        create table orders_2024 (id integer primary key, source_table varchar, amount double);
        create table orders_2025 (id integer primary key, source_table varchar, amount double);
        insert into orders_2023 values (1, 'a', 2);
        insert into orders_2024 values (1, 'b', 3);
    """,
    "nothing in it": "create table empty (id bigint primary key, name varchar, created timestamp);",
    "nested": """
        create table nested (
            id bigint primary key, list varchar[], pairs map(varchar, integer), huge hugeint, code uuid, document json,
            parts struct("a b" integer, "{{ c }}" varchar), choice enum('x', 'it''s', '{{ y }}'),
            either union(num integer, str varchar), spans interval, bits bit
        );
        insert into nested (id, list) values (1, ['{{ a }}']);
    """,
    "views": """
        create table base (id integer primary key);
        insert into base values (1);
        create view "v {{ x }}" as select id, id + 1 as "n {{ x }}" from base;
    """,
    "cycle": """
        create table a (id integer primary key, b_id integer);
        create table b (id integer primary key, a_id integer references a (id));
        insert into a values (1, 1), (2, 1);
        insert into b values (1, 2);
    """,
}  # fmt: skip


async def made(source: Path, project: Path) -> tuple[ExecutionPlan, Outcome]:
    """The plan for a source, and what dbt makes of it."""
    snapshot = await app.scan(str(source))
    request = app.request_for(snapshot)
    plan, changes = await app.decide(request)
    await app.apply(changes, project)
    variables = {v.name: str(source) for v in profile_environment(plan, request) if v.role == "source"}
    return plan, dbt(project, "build", environment=variables)


@pytest.mark.parametrize("shape", SHAPES)
async def test_an_odd_shape_is_built(shape: str, tmp_path: Path) -> None:
    source = tmp_path / "raw.duckdb"
    with duckdb.connect(str(source)) as connection:
        connection.execute(SHAPES[shape])
    plan, outcome = await made(source, tmp_path / "project")
    assert outcome.complaints == []
    assert set(outcome.results.values()) <= {"success", "pass"}
    with duckdb.connect(str(source), read_only=True) as connection:
        rows = {
            name: connection.execute(f'select count(*) from "{name}"').fetchone()
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
    with duckdb.connect(str(tmp_path / "project" / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"attach '{source}' as raw (read_only)")
        for action in plan.actions:
            if isinstance(action.detail, StagingDetail):
                counted = warehouse.execute(f'select count(*) from main."{action.name}"').fetchone()
                assert counted == rows.pop(action.detail.table[1])
    assert not rows


async def test_rows_that_repeat_an_inferred_key_are_warned_of(tmp_path: Path) -> None:
    source = tmp_path / "raw.duckdb"
    with duckdb.connect(str(source)) as connection:
        connection.execute("create table orders (order_id integer, amount double)")
        connection.execute("insert into orders values (1, 2), (1, 2), (2, 3), (null, 1)")
    _, outcome = await made(source, tmp_path / "project")
    assert outcome.success
    warned = {name.split(".")[2] for name, status in outcome.results.items() if status == "warn"}
    assert warned == {
        f"{test}_{model}_order_id" for test in ("unique", "not_null") for model in ("stg_raw__orders", "fct_orders")
    }


async def test_what_no_engine_holds_comes_as_a_saved_scan(tmp_path: Path) -> None:
    columns = [ColumnMapping(name, "integer") for name in ("Id", "ID", "id", "iD", "name", "Name ")]
    tables = [
        TableMapping("Orders", "main", columns=list(columns)),
        TableMapping("ORDERS", "main", columns=list(columns)),
        TableMapping("orders", "main", columns=list(columns)),
        TableMapping("nothing", "main"),
        TableMapping("half \ud800", "main", columns=list(columns)),
    ]
    scan = tmp_path / "scan.json"
    scan.write_text(dump(SchemaSnapshot("duckdb", "shop", "duckdb", tuple(tables), file="shop.duckdb")))
    plan, outcome = await made(scan, tmp_path / "project")
    left_out = {finding.message for finding in plan.findings if finding.code == "left-out"}
    assert left_out == {
        "nothing was left out: it has no columns",
        "half \ufffd was left out: the name of its table holds half a character, which no file can hold",
    }
    staged = [action.detail for action in plan.actions if isinstance(action.detail, StagingDetail)]
    assert {detail.table[1] for detail in staged} == {"Orders", "ORDERS", "orders"}
    for detail in staged:
        assert {column.source for column in detail.columns} == {column.name for column in columns}
    assert not any("Parsing" in complaint or "Compilation" in complaint for complaint in outcome.complaints)
