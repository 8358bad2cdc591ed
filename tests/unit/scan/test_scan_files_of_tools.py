"""Files that other tools write: a schema of dlt, dbt's catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cartridge.errors import SourceError
from cartridge.scan import scan
from cartridge.scan.saved import dump
from cartridge.scan.saved import load as load_saved

DLT = """\
version: 2
version_hash: Ung3mGiei5EmAUSNHT8FOLOnAs6Ced0axNhr6umc0yg=
engine_version: 11
name: shop
tables:
  _dlt_loads:
    columns: {load_id: {data_type: text, nullable: false}}
  customers:
    description: People who buy
    columns:
      id: {data_type: bigint, nullable: false, primary_key: true}
      name: {data_type: text, nullable: false, description: How we call them}
      balance: {data_type: decimal, precision: 10, scale: 2}
      debt: {data_type: decimal}
      seen: {data_type: timestamp}
      local: {data_type: timestamp, timezone: false}
      papers: {data_type: json}
      never_seen: {nullable: true}
      _dlt_id: {data_type: text, nullable: false, unique: true, row_key: true}
  orders:
    columns:
      id: {data_type: bigint, nullable: false, primary_key: true}
      line: {data_type: bigint, nullable: false, primary_key: true}
      customer_id: {data_type: bigint}
      _dlt_id: {data_type: text, nullable: false, unique: true, row_key: true}
    references:
      - {columns: [customer_id], referenced_table: customers, referenced_columns: [id]}
  orders__tags:
    parent: orders
    columns:
      value: {data_type: text}
      _dlt_parent_id: {data_type: text, nullable: false, parent_key: true}
      _dlt_list_idx: {data_type: bigint, nullable: false}
      _dlt_id: {data_type: text, nullable: false, unique: true, row_key: true}
"""


def column(name: str, kind: str, index: int, comment: str | None = None) -> dict[str, object]:
    return {"name": name, "type": kind, "index": index, "comment": comment}


def entry(name: str, kind: str, columns: list[dict[str, object]], rows: object = None) -> dict[str, object]:
    about = {"type": kind, "schema": "SHOP", "name": name, "database": "RAW", "comment": f"About {name}", "owner": "me"}
    stats = {"has_stats": {"id": "has_stats", "value": rows is not None}}
    if rows is not None:
        stats["row_count"] = {"id": "row_count", "value": rows}
    return {"metadata": about, "columns": {str(c["name"]): c for c in columns}, "stats": stats, "unique_id": name}


CATALOG = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json", "dbt_version": "1.12.6"},
    "nodes": {"model.p.fct": entry("FCT", "BASE TABLE", [column("N", "NUMBER", 1)])},
    "sources": {
        "source.p.shop.orders": entry(
            "ORDERS", "BASE TABLE", [column("TOTAL", "NUMBER", 2), column("ID", "NUMBER", 1, "Which")], 7.0
        ),
        "source.p.shop.open": entry("OPEN", "VIEW", [column("ID", "NUMBER", 1)]),
        "source.p.shop.sums": entry("SUMS", "MATERIALIZED VIEW", [column("ID", "NUMBER", 1)]),
    },
    "errors": None,
}  # fmt: skip


@pytest.mark.parametrize("name", ["shop.schema.yaml", "shop.schema.json"])
def test_a_schema_of_dlt(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(DLT if name.endswith("yaml") else json.dumps(yaml.safe_load(DLT), indent=2))
    found = scan(str(file))
    assert (found.kind, found.dialect, found.database) == ("dlt", "duckdb", "shop")
    assert [table.key for table in found.tables] == [("shop", t) for t in ("customers", "orders", "orders__tags")]
    customers, orders, tags = found.tables
    assert [(c.name, c.data_type, c.nullable) for c in customers.columns] == [
        ("id", "bigint", False),
        ("name", "varchar", False),
        ("balance", "decimal(10,2)", True),
        ("debt", "decimal(38,9)", True),
        ("seen", "timestamp with time zone", True),
        ("local", "timestamp", True),
        ("papers", "json", True),
        ("_dlt_id", "varchar", False),
    ], "a column in which no value was ever seen is not made"
    assert (customers.description, customers.columns[1].description) == ("People who buy", "How we call them")
    assert (orders.primary_key, orders.unique_keys, tags.primary_key) == (("id", "line"), [["_dlt_id"]], ())
    assert [str(edge) for edge in found.relationships] == [
        "orders(customer_id) -> customers(id)",
        "orders__tags(_dlt_parent_id) -> orders(_dlt_id)",
    ]
    assert [item.reason for item in found.left_out] == ["bookkeeping of dlt"]
    assert load_saved(dump(found)) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("engine_version: 11\nname: shop\ntables: [oops", "is no YAML"),
        ("engine_version: 11\nname: shop\n", "is no schema of dlt: 'tables'"),
        ("engine_version: 11\nname: shop\ntables: {a: [1]}\n", "is no schema of dlt"),
        ("engine_version: 11\nname: shop\ntables: {}\n", "holds no tables"),
    ],
)
def test_no_schema_of_dlt(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(SourceError, match=says):
        scan(str(file))


def test_the_catalogue_of_dbt(tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(CATALOG))
    found = scan(str(file))
    assert (found.kind, found.dialect, found.database, found.notes) == (
        "dbt_catalog", "", "RAW", ("dbt's catalogue holds no keys.",),
    )  # fmt: skip
    assert [(t.name, t.table_type, t.row_count, t.description) for t in found.tables] == [
        ("OPEN", "view", None, "About OPEN"),
        ("ORDERS", "table", 7, "About ORDERS"),
        ("SUMS", "materialized_view", None, "About SUMS"),
    ]
    assert [(c.name, c.description) for c in found.tables[1].columns] == [("ID", "Which"), ("TOTAL", None)]
    (tmp_path / "manifest.json").write_text('{"metadata": {"adapter_type": "snowflake"}, "nodes": {}}')
    assert scan(str(file)).dialect == "snowflake"


def test_a_catalogue_without_sources(tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps({**CATALOG, "sources": {}}))
    assert [table.name for table in scan(str(file)).tables] == ["FCT"]
    file.write_text(json.dumps({**CATALOG, "sources": {"source.p.s.t": {"metadata": {}}}}))
    with pytest.raises(SourceError, match=r"catalog\.json: the entry source\.p\.s\.t has another form"):
        scan(str(file))
    file.write_text(json.dumps(CATALOG)[:-30])
    with pytest.raises(SourceError, match="Run `dbt docs generate`"):
        scan(str(file))
