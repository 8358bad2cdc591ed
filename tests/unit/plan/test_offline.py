"""The offline planner on the request of the quick start, and on a project that is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cartridge.domain.plan import ExecutionPlan, ModelDetail, ModelGenerationRequest, StagingDetail
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, ModelType, TableMapping
from cartridge.errors import InputError
from cartridge.plan import draft_offline, resolve, review
from cartridge.render.model import model_sql
from cartridge.render.sql import Target


def orders() -> TableMapping:
    return TableMapping(
        name="orders",
        schema="ecommerce",
        table_type="table",
        columns=[
            ColumnMapping(name="id", data_type="bigint", nullable=False, is_primary_key=True),
            ColumnMapping(
                name="customer_id",
                data_type="bigint",
                nullable=False,
                is_foreign_key=True,
                foreign_key_table="customers",
                foreign_key_column="id",
            ),
        ],
        row_count=10000,
    )


def customers() -> TableMapping:
    return TableMapping(
        name="customers",
        schema="ecommerce",
        columns=[
            ColumnMapping(name="id", data_type="bigint", nullable=False, is_primary_key=True),
            ColumnMapping(name="name", data_type="text"),
            ColumnMapping(name="active", data_type="boolean"),
            ColumnMapping(name="created", data_type="timestamp"),
        ],
    )


def planned(request: ModelGenerationRequest) -> ExecutionPlan:
    return resolve(review(draft_offline(request), request), request)


QUICK_START = [ModelType.STAGING, ModelType.MARTS]


def test_quick_start_request_is_planned_whole() -> None:
    plan = planned(ModelGenerationRequest(tables=[orders()], model_types=QUICK_START, context=ProjectContext()))

    assert plan.strategy == "greenfield"
    assert plan.actions[0].type == "create_source"
    assert {action.type for action in plan.actions} == {"create_source", "create_staging", "create_mart"}
    assert [action.step_id for action in plan.actions] == list(range(1, len(plan.actions) + 1))
    earlier: set[str] = set()
    for action in plan.actions:
        assert set(action.dependencies) <= earlier
        earlier.add(action.name)


def test_key_to_a_table_that_is_not_there_is_a_finding() -> None:
    plan = planned(ModelGenerationRequest(tables=[orders()], model_types=QUICK_START))

    assert any("customers" in finding.message and finding.severity != "error" for finding in plan.findings)


def test_resolving_twice_changes_nothing() -> None:
    request = ModelGenerationRequest(tables=[orders(), customers()], model_types=list(ModelType))
    once = planned(request)

    assert resolve(once, request).model_dump() == once.model_dump()


def test_the_six_fields_alone_give_the_same_staging() -> None:
    request = ModelGenerationRequest(tables=[orders(), customers()], model_types=QUICK_START)
    whole = planned(request)
    bare = ExecutionPlan(
        strategy="greenfield",
        actions=[
            action.model_copy(update={"detail": None, "evidence": None, "confidence": None})
            for action in whole.actions
            if action.type != "create_mart"
        ],
    )

    again = resolve(review(bare, request), request)

    assert [action.detail for action in again.actions] == [
        action.detail for action in whole.actions if action.type != "create_mart"
    ]


def test_staging_renames_in_house_style() -> None:
    plan = planned(ModelGenerationRequest(tables=[customers()], model_types=[ModelType.STAGING]))
    detail = plan.actions[1].detail

    assert detail is not None
    assert detail.kind == "staging"
    assert [(column.source, column.name) for column in detail.columns] == [
        ("id", "customer_id"),
        ("name", "name"),
        ("active", "is_active"),
        ("created", "created_at"),
    ]


def test_id_keeps_its_name_where_the_better_one_is_taken() -> None:
    table = customers()
    table.columns.append(ColumnMapping(name="customer_id", data_type="text"))
    plan = planned(ModelGenerationRequest(tables=[table], model_types=[ModelType.STAGING]))
    detail = plan.actions[1].detail

    assert detail is not None
    assert detail.kind == "staging"
    assert {column.source: column.name for column in detail.columns}["id"] == "id"


def test_the_id_of_versions_is_that_of_the_thing() -> None:
    names = {"id": "bigint", "updated_at": "timestamp", "name": "text", "_fivetran_synced": "timestamp"}
    columns = [ColumnMapping(name, kind) for name, kind in names.items()]
    versions = TableMapping("campaign_history", "ads", columns=columns)
    own_ids = TableMapping("order_history", "ads", columns=[ColumnMapping("order_id", "bigint"), *columns])
    staging = [
        action.detail
        for action in planned(ModelGenerationRequest([versions, own_ids], [ModelType.STAGING])).actions
        if isinstance(action.detail, StagingDetail)
    ]
    assert [(detail.columns[0].name, detail.grain) for detail in staging] == [
        ("campaign_id", ("campaign_id", "updated_at")),
        ("order_history_id", ("order_history_id",)),
    ]


def test_existing_project_known_by_names_only() -> None:
    context = ProjectContext(
        is_incremental=True,
        existing_models=["stg_ecommerce__customers", "dim_customers"],
        existing_sources=["ecommerce", "marketing"],
        naming_conventions={"staging": "stage_", "marts": "fct_"},
    )
    request = ModelGenerationRequest(tables=[orders(), customers()], model_types=QUICK_START, context=context)
    plan = planned(request)

    assert plan.strategy == "brownfield"
    assert not [action for action in plan.actions if action.type == "create_source"]
    names = {action.name for action in plan.actions}
    assert not names & set(context.existing_models)
    assert all(action.name.startswith("stage_") for action in plan.actions if action.type == "create_staging")


def of_month(month: str) -> TableMapping:
    names = ("id", "sensor", "level", "state", "taken_at")
    types = ("bigint", "text", "double", "text", "timestamp")
    columns = [ColumnMapping(name=name, data_type=kind) for name, kind in zip(names, types, strict=True)]
    columns[0].is_primary_key, columns[0].nullable = True, False
    return TableMapping(name=f"readings_{month}", schema="plant", columns=columns)


def test_tables_of_one_kind_are_stacked_and_read_as_one() -> None:
    tables = [of_month(month) for month in ("2024_01", "2024_02", "2024_03")]
    for table in tables:
        table.columns.append(ColumnMapping(name="source_table", data_type="text"))
    plan = planned(ModelGenerationRequest(tables=tables, model_types=list(ModelType)))
    union = plan.action("int_readings_unioned")
    assert union is not None
    assert isinstance(union.detail, ModelDetail)
    assert [read.label for read in union.detail.inputs] == ["2024_01", "2024_02", "2024_03"]
    assert union.dependencies == [f"stg_plant__readings_{month}" for month in ("2024_01", "2024_02", "2024_03")]
    labelled, *others = [column.name for column in union.detail.columns]
    assert labelled == union.detail.union_label == "source_table_name"
    assert set(others) == {"reading_id", "sensor", "level", "state", "taken_at", "source_table"}
    assert union.detail.grain == ("source_table_name", "reading_id")
    fact = plan.action("fct_readings")
    assert fact is not None
    assert isinstance(fact.detail, ModelDetail)
    assert (fact.dependencies, fact.detail.grain) == ([union.name], union.detail.grain)


def test_tables_of_tenants_bear_one_name_for_their_keys() -> None:
    tables = []
    for tenant in ("eu", "us"):
        for one in (orders(), customers()):
            one.name = f"{tenant}_{one.name}"
            one.columns += [ColumnMapping(name=name, data_type="text") for name in ("note", "state", "city")]
            tables.append(one)
    plan = planned(ModelGenerationRequest(tables=tables, model_types=list(ModelType)))
    details = {action.name: action.detail for action in plan.actions if isinstance(action.detail, ModelDetail)}
    assert details["int_orders_unioned"].grain == ("source_table", "order_id")
    assert details["int_customers_unioned"].grain == ("source_table", "customer_id")


def test_stacking_waits_for_its_layer() -> None:
    tables = [of_month(month) for month in ("2024_01", "2024_02", "2024_03")]
    plan = planned(ModelGenerationRequest(tables=tables, model_types=QUICK_START))
    assert "create_intermediate" not in {action.type for action in plan.actions}


def test_half_a_character_in_a_name_leaves_its_table_out_and_nothing_else() -> None:
    """A saved scan may hold such; a file of the project cannot."""
    by_name, by_column, described = orders(), customers(), customers()
    by_name.name, by_column.name, described.name = "ord\ud800ers", "clients", "customers"
    by_column.columns[1].name = "na\udc00me"
    described.description, described.columns[1].description = "half \ud800 of it", "\udfff"
    empty = TableMapping(name="empty", schema="ecommerce", columns=[])
    plan = planned(
        ModelGenerationRequest(tables=[by_name, by_column, described, empty], model_types=[ModelType.STAGING])
    )
    assert [action.name for action in plan.actions] == ["ecommerce", "stg_ecommerce__customers"]
    said = [finding.message for finding in plan.findings if finding.code == "left-out"]
    assert sum("half a character" in message for message in said) == 2
    assert any("no columns" in message for message in said)
    plan.model_dump_json().encode()


def test_a_table_of_nothing_but_loaders_columns_is_staged_and_no_mart() -> None:
    bare = TableMapping(name="syncs", schema="raw", columns=[ColumnMapping(name="_airbyte_id", data_type="text")])
    plan = planned(ModelGenerationRequest(tables=[bare], model_types=list(ModelType)))
    assert [action.name for action in plan.actions] == ["raw", "stg_raw__syncs"]


def test_unknown_warehouse_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="duckdb, postgres"):
        draft_offline(ModelGenerationRequest(tables=[orders()], target_warehouse="oracle9"))


SCRIPT = """
import json, sys
sys.path.insert(0, {tests!r})
from unit.plan.test_offline import orders, customers, planned
from cartridge.domain.plan import ModelGenerationRequest
from cartridge.domain.schema import ModelType
tables = [orders(), customers()]
if sys.argv[1] == "reversed":
    tables.reverse()
print(planned(ModelGenerationRequest(tables=tables, model_types=list(ModelType))).model_dump_json())
"""


def test_same_bytes_whatever_the_hash_seed_and_the_order_of_tables(request: pytest.FixtureRequest) -> None:
    tests = str(request.config.rootpath / "tests")
    printed = []
    for seed, order in (("1", "given"), ("2", "reversed"), ("3", "given")):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(tests=tests), order],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        )
        printed.append(done.stdout)

    assert len(set(printed)) == 1
    assert json.loads(printed[0])["actions"]


def test_columns_are_called_by_what_they_say() -> None:
    names = ("requires_shipping", "is_requires_login", "active", "has_tax")
    flags = [ColumnMapping(name, "boolean", nullable=False) for name in names]
    moments = [ColumnMapping(name, "timestamp") for name in ("end", "order", "period_end", "created")]
    table = TableMapping("tbl_prod_mst", "erp", columns=[ColumnMapping("id", "bigint"), *flags, *moments])
    plan = planned(ModelGenerationRequest(tables=[table]))
    detail = next(action.detail for action in plan.actions if action.type == "create_staging")
    assert isinstance(detail, StagingDetail)
    staged = {column.source: column for column in detail.columns}
    assert {name: staged[name].name for name in names} == {
        "requires_shipping": "requires_shipping", "is_requires_login": "is_requires_login",
        "active": "is_active", "has_tax": "has_tax",
    }  # fmt: skip
    assert {column.source: column.name for column in detail.columns if column.source in {m.name for m in moments}} == {
        "end": "ended_at", "order": "ordered_at", "period_end": "period_end_at",
        "created": "created_at",
    }  # fmt: skip
    assert staged["requires_shipping"].description == "Whether the product requires shipping."
    assert detail.grain_says == "one row per product"


def test_children_without_a_parent_are_summed_to_none() -> None:
    def lines(*, optional: bool) -> ModelDetail:
        key, parent = ColumnMapping("id", "bigint", is_primary_key=True), ColumnMapping("ticket_id", "bigint", optional)
        amount = ColumnMapping("amount", "decimal(10,2)")
        tickets = TableMapping("tickets", "box", columns=[key, ColumnMapping("sold_at", "timestamp"), amount])
        ticket_lines = TableMapping("ticket_lines", "box", columns=[key, parent, amount])
        plan = planned(ModelGenerationRequest([tickets, ticket_lines], list(ModelType)[:3]))
        details = [step.detail for step in plan.actions if step.name == "int_ticket_lines_summed_to_tickets"]
        assert isinstance(details[0], ModelDetail)
        return details[0]

    assert "where ticket_id is not null\n" in model_sql(lines(optional=True), Target("postgres"))
    assert "where" not in model_sql(lines(optional=False), Target("postgres"))
