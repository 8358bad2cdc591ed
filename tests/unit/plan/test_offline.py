"""The offline planner on the request of the quick start, and on a project that is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest, StagingDetail
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, ModelType, TableMapping
from cartridge.errors import InputError
from cartridge.plan import draft_offline, resolve, review


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
