"""Names are found by the database that they were quoted for."""

from __future__ import annotations

import re

import duckdb
import pytest
import sqlglot
from hypothesis import assume, given
from hypothesis import strategies as st

from cartridge.domain.warehouse import WAREHOUSES, Warehouse
from cartridge.render.identifier import identifier, quoted, source_identifier

hard = st.sampled_from(
    ["order", "Order", "1st", "a b", 'a"b', "a`b", "a.b", "--", "*/", "émile", "名前", "👩‍👧", "a\nb", "$x"]
)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30) | hard
warehouses = st.sampled_from(sorted(set(WAREHOUSES.values())))


@given(name=names)
def test_duckdb_finds_a_column_under_its_name(name: str) -> None:
    with duckdb.connect() as database:
        database.execute(f"create table t ({quoted(name, 'duckdb')} integer)")
        found = database.execute(f"select {source_identifier(name, 'duckdb')} as {identifier(name, 'duckdb')} from t")
        assert [column[0] for column in found.description or ()] == [name]


def test_duckdb_takes_each_of_its_own_keywords_in_every_place() -> None:
    with duckdb.connect() as database:
        words = [row[0] for row in database.execute("select keyword_name from duckdb_keywords()").fetchall()]
        for word in words:
            name = identifier(word, "duckdb")
            assert source_identifier(word, "duckdb") == name
            database.execute(f"create or replace table t ({quoted(word, 'duckdb')} integer)")
            database.execute(f"with {name} as (select {name} from t) select {name}.{name}, 1 as {name} from {name}")


@given(name=names, warehouse=warehouses)
def test_every_grammar_reads_the_name_back(name: str, warehouse: Warehouse) -> None:
    assume(warehouse != "bigquery" or re.fullmatch(r"[\w &%=+:'<>#|-]+", name))  # it has no other columns
    column = sqlglot.parse_one(f"select {quoted(name, warehouse)} from t", dialect=warehouse).selects[0]
    assert column.name == name


@pytest.mark.parametrize(
    ("name", "warehouse", "source_dialect", "written"),
    [
        ("order_id", "postgres", None, "order_id"),
        ("OrderId", "postgres", None, '"OrderId"'),
        ("ORDER_ID", "postgres", None, '"ORDER_ID"'),
        ("ORDER_ID", "snowflake", "snowflake", "order_id"),
        ("order_id", "snowflake", "snowflake", '"order_id"'),
        ("order_id", "snowflake", "postgres", "order_id"),
        ("OrderId", "snowflake", "postgres", '"OrderId"'),
        ("ORDER", "snowflake", "snowflake", '"ORDER"'),
        ("order", "snowflake", "postgres", '"ORDER"'),
        ("order", "snowflake", "snowflake", '"order"'),
        ("OrderId", "bigquery", None, "`OrderId`"),
        ("group", "databricks", None, "`group`"),
        ("user id", "spark", None, "`user id`"),
    ],
)
def test_a_name_of_the_source_keeps_its_case(
    name: str, warehouse: Warehouse, source_dialect: str | None, written: str
) -> None:
    assert source_identifier(name, warehouse, source_dialect) == written
