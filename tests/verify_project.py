"""A small dbt project on DuckDB, written by hand, and the plan that it carries out: what the proofs are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from cartridge.domain.plan import (
    DataTest,
    Evidence,
    ExecutionPlan,
    Join,
    JoinKey,
    ModelDetail,
    ModelInput,
    OutputColumn,
    PlanAction,
    SourceColumn,
    SourceDetail,
    SourceTable,
    StagedColumn,
    StagingDetail,
)

DATABASE = """
create table customers (id integer primary key, name varchar, region integer);
insert into customers values (1, 'Ann', 10), (2, 'Bob', 10), (3, 'Cid', 20);
create table orders (id integer primary key, customer_id integer, region integer, amount decimal(10, 2));
insert into orders values (100, 1, 10, 9.50), (101, 1, 10, 1), (102, 2, 20, 3), (103, null, 20, 4);
"""

FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0.0'\nprofile: shop\nmodels:\n  shop:\n    +materialized: table\n",
    "profiles.yml": """\
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('WAREHOUSE_PATH') }}"
      attach:
        - {path: "{{ env_var('RAW_SOURCE_PATH') }}", alias: raw, read_only: true}
""",
    "models/sources.yml": """\
version: 2
sources:
  - name: raw
    database: raw
    schema: main
    tables:
      - name: customers
        columns:
          - name: id
            data_tests: [unique]
      - name: orders
""",
    "models/stg_customers.sql": (
        "select id as customer_id, name as customer_name, region from {{ source('raw', 'customers') }}\n"
    ),
    "models/stg_orders.sql": (
        "select id as order_id, customer_id, region, amount from {{ source('raw', 'orders') }}\n"
    ),
    "models/fct_orders.sql": """\
select
    orders.order_id, orders.customer_id, orders.region, orders.amount, customers.customer_name
from {{ ref('stg_orders') }} as orders
left join {{ ref('stg_customers') }} as customers on orders.customer_id = customers.customer_id
""",
    "models/models.yml": """\
version: 2
models:
  - name: stg_customers
    columns:
      - name: customer_id
        data_tests: [unique, not_null]
  - name: stg_orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
  - name: fct_orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
      - name: customer_id
        data_tests:
          - relationships:
              arguments: {to: ref('stg_customers'), field: customer_id}
""",
}  # fmt: skip

KEY = (DataTest(name="unique"), DataTest(name="not_null"))


def plan() -> ExecutionPlan:
    """The plan that the project carries out."""
    source = SourceDetail(
        schema_name="main",
        database="raw",
        tables=(
            SourceTable(name="customers", columns=(SourceColumn(name="id", tests=(DataTest(name="unique"),)),)),
            SourceTable(name="orders"),
        ),
    )
    return ExecutionPlan(
        strategy="greenfield",
        actions=[
            PlanAction(step_id=1, type="create_source", name="raw", file_path="models/sources.yml", detail=source),
            action(2, "create_staging", "stg_customers", ["raw"], _customers()),
            action(3, "create_staging", "stg_orders", ["raw"], _orders()),
            action(4, "create_mart", "fct_orders", ["stg_orders", "stg_customers"], fact("customer_id")),
        ],
    )


def action(step: int, kind: str, name: str, reads: list[str], detail: StagingDetail | ModelDetail) -> PlanAction:
    """One action of a model."""
    return PlanAction(
        step_id=step,
        type=kind,
        name=name,
        file_path=f"models/{name}.sql",
        dependencies=reads,
        detail=detail,
        evidence=(Evidence(about="grain", says=f"{name} keeps the rows of {reads[0]}"),),
    )


def _customers() -> StagingDetail:
    return StagingDetail(
        source="raw",
        source_table="customers",
        table=("main", "customers"),
        columns=(
            StagedColumn(name="customer_id", source="id", tests=KEY),
            StagedColumn(name="customer_name", source="name"),
            StagedColumn(name="region", source="region"),
        ),
        grain=("customer_id",),
    )


def _orders() -> StagingDetail:
    return StagingDetail(
        source="raw",
        source_table="orders",
        table=("main", "orders"),
        columns=(
            StagedColumn(name="order_id", source="id", tests=KEY),
            StagedColumn(name="customer_id", source="customer_id"),
            StagedColumn(name="region", source="region"),
            StagedColumn(name="amount", source="amount"),
        ),
        grain=("order_id",),
    )


def fact(left: str, right: str = "customer_id") -> ModelDetail:
    """The fact, with the join on `orders.<left> = customers.<right>`."""
    to = {"to": "ref('stg_customers')", "field": "customer_id"}
    return ModelDetail(
        role="fact",
        inputs=(ModelInput(alias="orders", model="stg_orders"), ModelInput(alias="customers", model="stg_customers")),
        joins=(
            Join(
                alias="customers",
                keys=(JoinKey(left_alias="orders", left_column=left, right_column=right),),
                basis="inferred",
                because=f"{left} looks like a key of customers",
            ),
        ),
        columns=(
            OutputColumn(name="order_id", alias="orders", column="order_id", role="key", tests=KEY),
            OutputColumn(
                name="customer_id",
                alias="orders",
                column="customer_id",
                role="foreign_key",
                tests=(DataTest(name="relationships", arguments=to, because="customer_id names customers"),),
            ),
            OutputColumn(name="region", alias="orders", column="region"),
            OutputColumn(name="amount", alias="orders", column="amount", role="measure"),
            OutputColumn(name="customer_name", alias="customers", column="customer_name"),
        ),
        grain=("order_id",),
        grain_says="one row per order",
    )


def write_project(folder: Path, changed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Write the project and its source into `folder`, some files changed or added; returns the variables it reads."""
    for path, text in {**FILES, **(changed or {})}.items():
        file = folder / "project" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    with duckdb.connect(str(folder / "raw.duckdb")) as source:
        source.execute(DATABASE)
    return {"WAREHOUSE_PATH": str(folder / "warehouse.duckdb"), "RAW_SOURCE_PATH": str(folder / "raw.duckdb")}
