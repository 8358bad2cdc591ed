"""Warehouses that no test can reach: their scanners over answers in the form that the vendors' documentation gives.

The same answers come as the driver gives them and as dbt prints them, where every value is text.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cartridge.domain.progress import silent
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan import scan
from cartridge.scan.catalogue import Answer, Ask, Catalogue, Refused, Source, snapshot
from cartridge.scan.selection import Selection
from cartridge.scan.servers import bigquery, databricks, snowflake, spark

Recorded = Mapping[str, list[tuple[Any, ...]] | str]
"""A part of a query to its rows, or to the words with which it is refused."""

EPOCH = "2024-01-01 00:00:00.000 -0800"
SNOWFLAKE: Recorded = {
    "current_database": [("RAW",)],
    "schemata": [("PUBLIC",), ("SHOP",)],
    "information_schema.tables": [
        ("SHOP", "CUSTOMERS", "BASE TABLE", 3, "People"), ("SHOP", "ORDERS", "BASE TABLE", 1000000, None),
        ("SHOP", "LANDED", "EXTERNAL TABLE", None, None), ("SHOP", "SCRATCH", "TEMPORARY TABLE", 0, None),
        ("SHOP", "OPEN_ORDERS", "VIEW", None, None), ("SHOP", "DAILY", "MATERIALIZED VIEW", 7, None),
    ],
    "information_schema.views": [("SHOP", "OPEN_ORDERS"), ("SHOP", "NEWEST")],
    "information_schema.columns": [
        ("SHOP", "CUSTOMERS", "ID", "NUMBER", None, 38, 0, "NO", "IDENTITY START 1 INCREMENT 1", None),
        ("SHOP", "CUSTOMERS", "REGION", "TEXT", 2, None, None, "NO", None, "Where they live"),
        ("SHOP", "ORDERS", "ID", "NUMBER", None, 38, 0, "NO", None, None),
        ("SHOP", "ORDERS", "CUSTOMER_ID", "NUMBER", None, 38, 0, "YES", None, None),
        ("SHOP", "ORDERS", "REGION", "TEXT", 16777216, None, None, "YES", None, None),
        ("SHOP", "ORDERS", "total", "NUMBER", None, 12, 2, "YES", "0", None),
        ("SHOP", "ORDERS", "DOCUMENT", "VARIANT", None, None, None, "YES", None, None),
        ("SHOP", "ORDERS", "PLACED", "TIMESTAMP_TZ", None, None, None, "YES", None, None),
        *(("SHOP", name, "ID", "NUMBER", None, 38, 0, "YES", None, None)
          for name in ("LANDED", "SCRATCH", "OPEN_ORDERS", "DAILY", "NEWEST")),
    ],
    'show primary keys in schema "RAW"."SHOP"': [
        (EPOCH, "RAW", "SHOP", "CUSTOMERS", "REGION", 2, "PK_CUSTOMERS", "false", None),
        (EPOCH, "RAW", "SHOP", "CUSTOMERS", "ID", 1, "PK_CUSTOMERS", "false", None),
        (EPOCH, "RAW", "SHOP", "ORDERS", "ID", 1, "PK_ORDERS", "false", None),
    ],
    'show unique keys in schema "RAW"."SHOP"': [
        (EPOCH, "RAW", "SHOP", "ORDERS", "total", 1, "UQ", "false", None),
    ],
    'show imported keys in schema "RAW"."SHOP"': [
        (EPOCH, "RAW", "SHOP", "CUSTOMERS", "ID", "RAW", "SHOP", "ORDERS", "CUSTOMER_ID", 1, "NO ACTION", "NO ACTION",
         "FK_ORDERS", "PK_CUSTOMERS", "NOT DEFERRABLE", "false", None),
        (EPOCH, "RAW", "SHOP", "CUSTOMERS", "REGION", "RAW", "SHOP", "ORDERS", "REGION", 2, "NO ACTION", "NO ACTION",
         "FK_ORDERS", "PK_CUSTOMERS", "NOT DEFERRABLE", "false", None),
    ],
    "show": [],
}  # fmt: skip
BIGQUERY: Recorded = {
    "SCHEMATA": [("shop",)],
    "INFORMATION_SCHEMA.TABLES": [
        ("customers", "BASE TABLE"), ("events_20240101", "BASE TABLE"), ("events_20240102", "BASE TABLE"),
        ("landed", "EXTERNAL"), ("newest", "VIEW"), ("orders", "BASE TABLE"), ("summed", "MATERIALIZED VIEW"),
    ],
    "INFORMATION_SCHEMA.COLUMNS": [
        ("customers", "id", "INT64", "NO", "NULL"), ("customers", "region", "STRING", "NO", "NULL"),
        ("events_20240101", "at", "TIMESTAMP", "YES", "NULL"), ("events_20240102", "at", "TIMESTAMP", "YES", "NULL"),
        ("landed", "line", "STRING", "YES", "NULL"), ("newest", "id", "INT64", "YES", "NULL"),
        ("orders", "id", "INT64", "NO", "NULL"), ("orders", "customer_id", "INT64", "YES", "NULL"),
        ("orders", "region", "STRING", "YES", "'de'"),
        ("orders", "lines", "ARRAY<STRUCT<sku STRING, price NUMERIC>>", "NO", "NULL"),
        ("summed", "total", "NUMERIC", "YES", "NULL"),
    ],
    "COLUMN_FIELD_PATHS": [("customers", "region", "Where they live")],
    "TABLE_OPTIONS": [("customers", '"People \\"who\\" buy"')],
    "__TABLES__": [("customers", 3), ("orders", 1000000)],
    "TABLE_CONSTRAINTS": [
        ("customers.pk$", "customers", "PRIMARY KEY"), ("orders.pk$", "orders", "PRIMARY KEY"),
        ("orders.fk$1", "orders", "FOREIGN KEY"),
    ],
    "KEY_COLUMN_USAGE": [
        ("customers.pk$", "customers", "id", 1, None), ("customers.pk$", "customers", "region", 2, None),
        ("orders.pk$", "orders", "id", 1, None),
        ("orders.fk$1", "orders", "region", 1, 2), ("orders.fk$1", "orders", "customer_id", 2, 1),
    ],
    "CONSTRAINT_COLUMN_USAGE": [
        ("customers.pk$", "shop", "customers"), ("orders.pk$", "shop", "orders"), ("orders.fk$1", "shop", "customers"),
    ],
}  # fmt: skip
DATABRICKS: Recorded = {
    "current_catalog": [("main",)],
    "schemata": [("shop",)],
    "information_schema.tables": [
        ("shop", "customers", "MANAGED", "People"), ("shop", "landed", "EXTERNAL", None),
        ("shop", "newest", "VIEW", None), ("shop", "orders", "STREAMING_TABLE", None),
    ],
    "information_schema.columns": [
        ("shop", "customers", "id", "bigint", "NO", None, None),
        ("shop", "customers", "region", "string", "NO", None, "Where they live"),
        ("shop", "landed", "line", "string", "YES", None, None), ("shop", "newest", "id", "bigint", "YES", None, None),
        ("shop", "orders", "id", "bigint", "NO", None, None),
        ("shop", "orders", "customer_id", "bigint", "YES", None, None),
        ("shop", "orders", "region", "string", "YES", None, None),
        ("shop", "orders", "lines", "array<struct<sku:string,price:decimal(10,2)>>", "YES", None, None),
    ],
    "referential_constraints": [
        ("shop", "orders", "fk", 1, "customer_id", "shop", "customers", "id"),
        ("shop", "orders", "fk", 2, "region", "shop", "customers", "region"),
    ],
    "key_column_usage": [
        ("shop", "customers", "customers_pk", 1, "id", "PRIMARY KEY"),
        ("shop", "customers", "customers_pk", 2, "region", "PRIMARY KEY"),
        ("shop", "orders", "orders_pk", 1, "id", "PRIMARY KEY"),
    ],
}  # fmt: skip
SPARK: Recorded = {
    "show schemas": [("default",), ("shop",)],
    "in `default`": [],
    "in `shop`": [
        ("shop", "orders", False, """Catalog: spark_catalog
Database: shop
Table: orders
Type: MANAGED
Provider: parquet
Comment: What people buy
Statistics: 1234 bytes, 17 rows
Partition Provider: Catalog
Partition Columns: [`day`]
Schema: root
 |-- id: long (nullable = true)
 |-- total: decimal(10,2) (nullable = true)
 |-- lines: array (nullable = true)
 |    |-- element: struct (containsNull = true)
 |    |    |-- sku: string (nullable = true)
 |-- odd: name: string (nullable = false)
 |-- day: date (nullable = true)

"""),
        ("shop", "newest", False, "Table: newest\nType: VIEW\nSchema: root\n |-- id: integer (nullable = true)\n"),
        ("", "scratch", True, "Table: scratch\nType: VIEW\nSchema: root\n |-- id: integer (nullable = true)\n"),
    ],
}  # fmt: skip


def replay(recorded: Recorded, *, as_text: bool, asked: list[str] | None = None) -> Ask:
    """Answers each query from the first entry that stands in it."""

    def ask(queries: Sequence[str]) -> list[Answer]:
        found: list[Answer] = []
        for query in queries:
            answer = next(answer for part, answer in recorded.items() if part in query)
            if asked is not None:
                asked.append(query)
            if isinstance(answer, str):
                found.append(Refused(answer))
            elif as_text:
                found.append([tuple(None if value is None else str(value) for value in row) for row in answer])
            else:
                found.append(answer)
        return found

    return ask


def taken(found: Catalogue, kind: str) -> SchemaSnapshot:
    return snapshot(found, Source(kind, kind, "raw"), Selection())


def shapes(found: SchemaSnapshot) -> list[tuple[str, str, int | None]]:
    return [(table.name, table.table_type, table.row_count) for table in found.tables]


@pytest.mark.parametrize("as_text", [False, True])
def test_snowflake(as_text: bool) -> None:
    asked: list[str] = []
    read, database = snowflake.catalogue(replay(SNOWFLAKE, as_text=as_text, asked=asked), None, ["shop"], silent)
    found = taken(read, "snowflake")
    assert (database, len(asked)) == ("RAW", 8)
    assert shapes(found) == [
        ("CUSTOMERS", "table", 3), ("DAILY", "materialized_view", 7), ("LANDED", "external_table", None),
        ("NEWEST", "view", None), ("OPEN_ORDERS", "view", None), ("ORDERS", "table", 1_000_000),
    ]  # fmt: skip
    customers, orders = found.tables[0], found.tables[-1]
    assert [(column.name, column.data_type, column.nullable) for column in orders.columns] == [
        ("ID", "NUMBER(38,0)", False),
        ("CUSTOMER_ID", "NUMBER(38,0)", True),
        ("REGION", "VARCHAR", True),
        ("total", "NUMBER(12,2)", True),
        ("DOCUMENT", "VARIANT", True),
        ("PLACED", "TIMESTAMP_TZ", True),
    ]
    assert (customers.primary_key, orders.unique_keys) == (("ID", "REGION"), [["total"]])
    assert (customers.description, customers.columns[1].data_type) == ("People", "VARCHAR(2)")
    assert [str(edge) for edge in found.relationships] == ["ORDERS(CUSTOMER_ID, REGION) -> CUSTOMERS(ID, REGION)"]
    assert [(item.name, item.reason) for item in found.left_out] == [("SCRATCH", "a temporary table")]


def test_snowflake_without_the_right_to_see_keys() -> None:
    refused = {**SNOWFLAKE, 'show imported keys in schema "RAW"."SHOP"': "SQL access control error"}
    found = taken(snowflake.catalogue(replay(refused, as_text=False), "RAW", ["SHOP"], silent)[0], "snowflake")
    assert (len(found.tables), found.relationships) == (6, ())
    assert found.notes == ("Foreign keys could not be read, the rest was: SQL access control error",)


@pytest.mark.parametrize("as_text", [False, True])
def test_bigquery(as_text: bool) -> None:
    asked: list[str] = []
    ask = replay(BIGQUERY, as_text=as_text, asked=asked)
    found = taken(bigquery.catalogue(ask, "`p`.`region-eu`", ("p", []), silent), "bigquery")
    assert len(asked) == 9
    assert "`p`.`region-eu`.INFORMATION_SCHEMA.SCHEMATA" in asked[0]
    assert shapes(found) == [
        ("customers", "table", 3), ("events_20240102", "table", None), ("landed", "external_table", None),
        ("newest", "view", None), ("orders", "table", 1_000_000), ("summed", "materialized_view", None),
    ]  # fmt: skip
    customers, orders = found.tables[0], found.tables[4]
    assert (customers.description, customers.columns[1].description) == ('People "who" buy', "Where they live")
    assert [(column.data_type, column.nullable, column.default) for column in orders.columns] == [
        ("INT64", False, None),
        ("INT64", True, None),
        ("STRING", True, "'de'"),
        ("ARRAY<STRUCT<sku STRING, price NUMERIC>>", False, None),
    ]
    assert customers.primary_key == ("id", "region")
    assert [str(edge) for edge in found.relationships] == ["orders(region, customer_id) -> customers(region, id)"]
    assert [item.reason for item in found.left_out] == ["one day of events_*, of which the newest is taken"]


def test_bigquery_without_the_right_to_see_sizes() -> None:
    refused = {**BIGQUERY, "__TABLES__": "403 Access Denied"}
    ask = replay(refused, as_text=False)
    found = taken(bigquery.catalogue(ask, "", ("p", ["shop"]), silent), "bigquery")
    assert {table.row_count for table in found.tables} == {None}
    assert found.notes == ("Row counts of shop could not be read, the rest was: 403 Access Denied",)


@pytest.mark.parametrize("as_text", [False, True])
def test_databricks(as_text: bool) -> None:
    read, database = databricks.catalogue(replay(DATABRICKS, as_text=as_text), None, silent)
    found = taken(read, "databricks")
    assert database == "main"
    assert shapes(found) == [
        ("customers", "table", None), ("landed", "external_table", None), ("newest", "view", None),
        ("orders", "table", None),
    ]  # fmt: skip
    customers, orders = found.tables[0], found.tables[-1]
    assert (customers.primary_key, customers.columns[1].description) == (("id", "region"), "Where they live")
    assert orders.columns[3].data_type == "array<struct<sku:string,price:decimal(10,2)>>"
    assert [str(edge) for edge in found.relationships] == ["orders(customer_id, region) -> customers(id, region)"]


@pytest.mark.parametrize("as_text", [False, True])
def test_spark(as_text: bool) -> None:
    found = taken(spark.catalogue(replay(SPARK, as_text=as_text), [], silent), "spark")
    assert shapes(found) == [("newest", "view", None), ("orders", "table", 17)]
    orders = found.tables[1]
    assert orders.description == "What people buy"
    assert [(column.name, column.data_type, column.nullable) for column in orders.columns] == [
        ("id", "bigint", True),
        ("total", "decimal(10,2)", True),
        ("lines", "array", True),
        ("odd: name", "string", False),
        ("day", "date", True),
    ]


def test_a_catalogue_that_cannot_be_read_at_all() -> None:
    refused = {**DATABRICKS, "schemata": "PERMISSION_DENIED: token = secret-word"}
    with pytest.raises(SourceError, match="Ask for the right to read it") as caught:
        databricks.catalogue(replay(refused, as_text=False), None, silent)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("snowflake://ann:secret-word@account", "names no database"),
        ("databricks://token:secret-word@127.0.0.1:1/main", "names no SQL warehouse: add ?http_path="),
        ("redshift://ann:secret-word@127.0.0.1:1/dev?connect_timeout=2", "Check host and port, and that the cluster"),
        ("redshift://ann:secret-word@127.0.0.1:1/dev?connect_timeout=no", "must be a whole number of seconds"),
        ("spark://127.0.0.1:1/default", "Check host and port, and that Spark's Thrift server runs there."),
        pytest.param(
            "bigquery://project/shop?credentials_path=/no/such/key.json", "Check ?credentials_path= in the URL.",
            marks=pytest.mark.deep,
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_reached(url: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        scan(url)
    assert says in str(caught.value)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [
        ("snowflake://ann@account/raw", "snowflake.connector", "snowflake"),
        ("bigquery://project", "google.cloud", "bigquery"),
        ("databricks://host/main?http_path=x", "databricks", "databricks"),
        ("redshift://ann@host/dev", "redshift_connector", "redshift"),
        ("spark://host/default", "pyhive", "spark"),
    ],
)
def test_without_the_driver(url: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"cartridge-dbt\[{extra}\]"):
        scan(url)
