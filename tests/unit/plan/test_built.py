"""What dbt builds in a project's own database is no raw table."""

from __future__ import annotations

from cartridge.domain.project import ModelState, ProjectState, SourceState, SourceTableState
from cartridge.plan.built import built_by_dbt


def state(*models: ModelState, sources: dict[str, SourceState] | None = None) -> ProjectState:
    return ProjectState("shop", models={model.name: model for model in models}, sources=sources or {})


MODELS = (
    ModelState("stg_orders", "models/stg_orders.sql"),
    ModelState("dim_customers", "models/dim_customers.sql", alias="customers"),
    ModelState("fct_orders", "models/fct_orders_v2.sql", versions=("1", "2")),
    ModelState("helper", "models/helper.sql", materialized="ephemeral"),
)


def test_the_targets_schemas_are_dbts() -> None:
    keys = [("dev", "stg_orders"), ("dev_marts", "fct_orders_v1"), ("dev", "customers"), ("raw", "customers")]
    found = built_by_dbt(state(*MODELS), keys, "dev")
    assert found == {
        ("dev", "stg_orders"): "dbt builds it: stg_orders",
        ("dev_marts", "fct_orders_v1"): "dbt builds it: fct_orders",
        ("dev", "customers"): "dbt builds it: dim_customers",
        ("raw", "customers"): "dbt builds it: dim_customers",  # the only relation of raw: it looks like another target
    }


def test_raw_tables_beside_models_stay() -> None:
    keys = [("main", name) for name in ("orders", "items", "helper", "refunds", "stg_orders")]
    assert list(built_by_dbt(state(*MODELS), keys, "main")) == [("main", "stg_orders")]


def test_other_targets_are_known_by_what_they_hold() -> None:
    keys = [("prod", "stg_orders"), ("prod", "fct_orders_v2"), ("prod", "left_over"), ("raw", "left_over")]
    found = built_by_dbt(state(*MODELS), keys, "dev")
    assert found[("prod", "left_over")] == "it lies in prod, which dbt builds into"
    assert ("raw", "left_over") not in found


def test_what_a_source_declares_is_raw() -> None:
    tables = (SourceTableState("customers"), SourceTableState("o", identifier="STG_ORDERS"))
    for schema in ("raw", "{{ var('schema') }}"):
        known = state(*MODELS, sources={"shop": SourceState("shop", schema, tables=tables)})
        keys = [("raw", "Customers"), ("raw", "stg_orders"), ("raw", "refunds")]
        assert built_by_dbt(known, keys, "dev") == {}
