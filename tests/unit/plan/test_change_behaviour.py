"""What follows from how tables change: freshness, incremental facts, snapshots, accepted values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cartridge.domain.plan import ExecutionPlan, ModelDetail, ModelGenerationRequest, SnapshotDetail, SourceDetail
from cartridge.domain.schema import (
    ColumnMapping,
    ColumnProfile,
    ModelType,
    Overlap,
    Relationship,
    TableMapping,
    TableProfile,
)
from cartridge.plan import draft_offline, resolve, review


def planned(**changes: Any) -> ExecutionPlan:
    request = ModelGenerationRequest(**({"model_types": [ModelType.STAGING, ModelType.MARTS]} | changes))
    return resolve(review(draft_offline(request), request), request)


def payments(rows: int, *, nullable: bool = False) -> TableMapping:
    return TableMapping(
        name="payments",
        schema="shop",
        row_count=rows,
        columns=[
            ColumnMapping(name="id", data_type="bigint", nullable=False, is_primary_key=True),
            ColumnMapping(name="amount", data_type="numeric(12,2)"),
            ColumnMapping(name="updated_at", data_type="timestamp", nullable=nullable),
            ColumnMapping(name="_fivetran_synced", data_type="timestamp"),
        ],
    )


def fact(plan: ExecutionPlan) -> ModelDetail:
    found = plan.action("fct_payments")
    assert found is not None
    assert isinstance(found.detail, ModelDetail)
    return found.detail


def test_large_fact_with_a_proven_cursor_is_incremental() -> None:
    detail = fact(planned(tables=[payments(50_000_000)]))

    assert detail.materialized == "incremental"
    assert detail.incremental_key == ("payment_id",)
    assert detail.incremental_cursor == "updated_at"
    assert detail.incremental_lookback_days


def test_small_fact_and_unproven_cursor_are_tables() -> None:
    assert fact(planned(tables=[payments(1000)])).materialized == "table"
    assert fact(planned(tables=[payments(50_000_000, nullable=True)])).materialized == "table"


def test_a_profile_proves_or_disproves_the_cursor() -> None:
    def profile(nulls: int) -> dict[Any, TableProfile]:
        return {("shop", "payments"): TableProfile(50_000_000, {"updated_at": ColumnProfile(nulls, 1_000)})}

    table = payments(50_000_000, nullable=True)
    assert fact(planned(tables=[table], profile=profile(0))).materialized == "incremental"
    assert fact(planned(tables=[payments(50_000_000)], profile=profile(5))).materialized == "table"


def test_freshness_where_a_loader_says_when() -> None:
    source = planned(tables=[payments(10)]).actions[0].detail

    assert isinstance(source, SourceDetail)
    assert source.tables[0].loaded_at_field == "_fivetran_synced"
    assert source.tables[0].freshness_hours is not None


def test_the_number_of_a_load_says_when() -> None:
    table = payments(10)
    table.columns = [column for column in table.columns if not column.name.startswith("_")]
    table.columns += [ColumnMapping("_dlt_load_id", "text"), ColumnMapping("_dlt_id", "text")]
    source = planned(tables=[table]).actions[0].detail
    assert isinstance(source, SourceDetail)
    assert (source.tables[0].loaded_at_field, source.tables[0].freshness_hours) == ("_dlt_load_id", (24, 48))


def test_snapshots_only_where_asked_for() -> None:
    customers = TableMapping(
        name="customers",
        schema="shop",
        columns=[
            ColumnMapping(name="id", data_type="bigint", nullable=False, is_primary_key=True),
            ColumnMapping(name="name", data_type="text"),
            ColumnMapping(name="email", data_type="text"),
            ColumnMapping(name="modified", data_type="timestamp", nullable=False),
        ],
    )
    asked = planned(tables=[customers, payments(10)], model_types=list(ModelType))
    details = [action.detail for action in asked.actions if action.type == "create_snapshot"]

    assert [
        (detail.strategy, detail.updated_at, detail.unique_key)
        for detail in details
        if isinstance(detail, SnapshotDetail)
    ] == [("timestamp", "modified", ("id",))]
    assert not [action for action in planned(tables=[customers]).actions if action.type == "create_snapshot"]


def test_accepted_values_only_from_measured_values() -> None:
    table = payments(10)
    table.columns.append(ColumnMapping(name="method", data_type="text"))
    profile = {("shop", "payments"): TableProfile(10, {"method": ColumnProfile(0, 2, values=("cash", "card"))})}
    plan = planned(tables=[table], profile=profile)
    detail = plan.actions[1].detail

    assert detail is not None
    assert detail.kind == "staging"
    tests = {column.name: column.tests for column in detail.columns}
    assert [(test.name, test.arguments, test.severity) for test in tests["method"]] == [
        ("accepted_values", {"values": ["card", "cash"]}, "warn")
    ]
    assert "accepted_values" not in planned(tables=[table]).model_dump_json()


def test_a_test_says_whether_its_key_was_measured_or_guessed() -> None:
    customers = TableMapping(
        "customers", "shop", columns=[ColumnMapping("id", "bigint"), ColumnMapping("name", "text")]
    )
    orders = TableMapping(
        "orders",
        "shop",
        columns=[
            ColumnMapping(*it) for it in (("id", "bigint"), ("customer_id", "bigint"), ("placed_at", "timestamp"))
        ],
    )
    guess = Relationship(orders.key, ("customer_id",), customers.key, ("id",), "inferred", 0.98)
    number = ColumnProfile(0, 40, minimum="1", maximum="40")
    profile = {
        customers.key: TableProfile(40, {"id": number}, key_duplicates={("id",): 0}),
        orders.key: TableProfile(90, {"id": replace(number, distinct=90, maximum="90"), "customer_id": number}),
    }
    overlap = Overlap(guess, rows=90, orphans=2, values=40, matched=39, parent_values=40, parent_unique=True)
    plan = planned(tables=[customers, orders], profile=profile, overlaps=[overlap])
    tests = {
        (action.name, test.name): (test.severity, test.basis, test.because)
        for action in plan.actions
        for column in getattr(action.detail, "columns", ())
        for test in getattr(column, "tests", ())
        if column.name == "customer_id"
    }
    assert tests[("stg_shop__customers", "unique")][:2] == ("error", "measured")
    assert "none of 40 rows repeats" in tests[("stg_shop__customers", "unique")][2]
    said = ("warn", "measured", "inferred foreign key; 2 of 90 rows have no parent")
    assert tests[("stg_shop__orders", "relationships")] == tests[("fct_orders", "relationships")] == said
    guessed = planned(tables=[customers])
    assert '"basis":"measured"' not in guessed.model_dump_json()


def test_a_mart_says_why_it_joins_and_why_it_is_a_table() -> None:
    customers = TableMapping(
        "customers", "shop", columns=[ColumnMapping("id", "bigint"), ColumnMapping("name", "text")]
    )
    stores = TableMapping(
        "stores",
        "shop",
        columns=[ColumnMapping("id", "bigint"), ColumnMapping("name", "text"), ColumnMapping("owner_id", "bigint")],
        row_count=1_200,
    )
    says = "all 9 distinct values in 1,200 rows are among the 40 of customers(id), none of which repeats"
    edge = Relationship(stores.key, ("owner_id",), customers.key, ("id",), "measured", 0.97, (says,))
    plan = planned(tables=[customers, stores], relationships=[edge])
    evidence = next(action.evidence for action in plan.actions if action.name == "dim_stores")
    said = {(reason.about, reason.basis): reason.says for reason in evidence or ()}
    assert said["join", "measured"].endswith(says)
    assert said["materialized", "default"].startswith("1,200 rows: table")
    assert "5,000,000 rows" in said["materialized", "default"]
