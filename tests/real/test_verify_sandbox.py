"""Plans proven without their warehouse: right ones are proven, planted faults caught, beliefs called beliefs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cartridge.domain.change import VerifyReport
from cartridge.domain.plan import (
    DataTest,
    Evidence,
    ExecutionPlan,
    Join,
    JoinKey,
    ModelDetail,
    ModelGenerationRequest,
    ModelInput,
    OutputColumn,
    PlanAction,
    StagedColumn,
    StagingDetail,
)
from cartridge.domain.project import ModelState, ProjectContext, ProjectState, SourceState, SourceTableState
from cartridge.domain.schema import ColumnMapping, Relationship, TableMapping
from cartridge.verify import verify_in_sandbox

KEY = (DataTest(name="unique"), DataTest(name="not_null"))


def table(name: str, *columns: str, key: list[str] | None = None) -> TableMapping:
    made = [
        ColumnMapping(text.split(" ", 1)[0], text.split(" ", 1)[1].rstrip("?"), text.endswith("?")) for text in columns
    ]
    return TableMapping(name, "shop", columns=made, primary_key_columns=key)


def refers(child: str, column: str, parent: str) -> Relationship:
    return Relationship(("shop", child), (column,), ("shop", parent), ("id",))


def staging(step: int, of: TableMapping, *tested: str, source: str = "shop") -> PlanAction:
    """A staging model that calls `id` after its table and leaves out no column."""
    columns = tuple(
        StagedColumn(
            name=f"{of.name}_id" if column.name == "id" else column.name,
            source=column.name,
            data_type=column.data_type,
            tests=KEY if column.name == "id" else (),
        )
        for column in of.columns
    )
    detail = StagingDetail(
        source=source,
        source_table=of.name,
        table=of.key,
        columns=columns,
        grain=tuple(column.name for column in columns if column.source in (of.primary_key or tested)),
    )
    return PlanAction(
        step_id=step, type="create_staging", name=f"stg_{of.name}", file_path=f"models/stg_{of.name}.sql",
        dependencies=[source], detail=detail, properties_path="models/models.yml",
    )  # fmt: skip


def fact(step: int, name: str, *joins: tuple[str, str, str], because: str = "") -> PlanAction:
    """A mart over stg_orders with joins (its column, model, that model's column); tests every key."""
    inputs = [ModelInput(alias="orders", model="stg_orders")]
    columns = [
        OutputColumn(name="orders_id", alias="orders", column="orders_id", role="key", tests=KEY),
        OutputColumn(name="amount", alias="orders", column="amount", role="measure"),
    ]
    made = []
    for place, (left, model, right) in enumerate(joins):
        alias = f"input_{place}"
        inputs.append(ModelInput(alias=alias, model=model))
        key = JoinKey(left_alias="orders", left_column=left, right_column=right)
        made.append(Join(alias=alias, keys=(key,), because=because))
        test = DataTest(name="relationships", arguments={"to": f"ref('{model}')", "field": right})
        columns.append(
            OutputColumn(name=f"{left}_{place}", alias="orders", column=left, role="foreign_key", tests=(test,))
        )
    detail = ModelDetail(
        role="fact", inputs=tuple(inputs), joins=tuple(made), columns=tuple(columns), grain=("orders_id",),
        grain_says="one row per order",
    )  # fmt: skip
    return PlanAction(
        step_id=step, type="create_mart", name=name, file_path=f"models/{name}.sql",
        dependencies=[read.model for read in inputs], detail=detail, properties_path="models/models.yml",
    )  # fmt: skip


CUSTOMERS = table("customers", "id integer", "name varchar(30)", "region integer", "tags text[]?", key=["id"])
PRODUCTS = table("products", "id integer", "price numeric(8,2)", "attributes jsonb?", key=["id"])
ORDERS = table(
    "orders", "id bigint", "customer_id integer", "product_id integer?", "region integer", "campaign_id integer?",
    "amount numeric(10,2)", "placed_at timestamp with time zone", "location geometry?", key=["id"],
)  # fmt: skip
LOG = table("log", "entry integer", "said text")
TABLES = [CUSTOMERS, PRODUCTS, ORDERS, LOG]
KEYS = [refers("orders", "customer_id", "customers"), refers("orders", "product_id", "products")]


def request(tables: list[TableMapping], keys: list[Relationship]) -> ModelGenerationRequest:
    """PostgreSQL, into a project that has two models: of one the columns are known."""
    state = ProjectState(
        "real",
        models={
            "dim_campaigns": ModelState(
                "dim_campaigns", "models/c.sql", columns=("campaign_id", "name"), grain=("campaign_id",)
            ),
            "dim_secret": ModelState("dim_secret", "models/s.sql"),
        },
    )
    return ModelGenerationRequest(
        tables, relationships=keys, target_warehouse="postgres", source_dialect="postgres",
        context=ProjectContext(is_incremental=True, existing_sources=["shop"], state=state),
    )  # fmt: skip


@pytest.fixture(scope="module")
def right() -> VerifyReport:
    """A brownfield plan without a fault."""
    joins = (("customer_id", "stg_customers", "customers_id"), ("product_id", "stg_products", "products_id"))
    actions = [
        staging(1, CUSTOMERS), staging(2, PRODUCTS), staging(3, ORDERS), staging(4, LOG, "entry"),
        fact(5, "fct_orders", *joins),
        fact(6, "fct_campaigns", ("campaign_id", "dim_campaigns", "campaign_id")),
    ]  # fmt: skip
    return verify_in_sandbox(ExecutionPlan(strategy="brownfield", actions=actions), request(TABLES, KEYS))


def test_a_right_plan_is_proven_and_the_engine_is_said(right: VerifyReport) -> None:
    assert right.proven, [node for node in right.nodes if node.status not in ("success", "pass")]
    assert right.sandbox
    assert right.target == "sandbox (duckdb)"
    assert right.notes == ("Proven as DuckDB SQL; postgres SQL parsed, not run, over synthetic rows.",)
    assert (right.warnings, right.deprecations) == (0, 0)
    assert {node.step_id for node in right.nodes} == {1, 2, 3, 4, 5, 6}
    assert {check.status for check in right.checks} == {"pass"}


def test_proven_consistent_and_untested_are_kept_apart(right: VerifyReport) -> None:
    standing = {node.name: node.standing for node in right.nodes if node.kind == "model"}
    assert standing["fct_orders"] == "proven"
    assert standing["fct_campaigns"] == "consistent", "nothing but the plan says so"
    tests = {node.name: node.standing for node in right.nodes if node.kind == "test"}
    assert tests["unique_stg_orders_orders_id"] == "proven"
    relationships = {name: worth for name, worth in tests.items() if name.startswith("relationships_")}
    assert sorted(relationships.values()) == ["consistent", "proven", "proven"]
    assert right.by_standing("untested") == ()


@pytest.fixture(scope="module")
def faulty() -> VerifyReport:
    """Every planted fault in one plan."""
    first = table("first", "id integer", "second_id integer", key=["id"])
    second = table("second", "id integer", "first_id integer", key=["id"])
    dropped = staging(4, LOG, "entry")
    assert isinstance(dropped.detail, StagingDetail)
    gone = StagedColumn(name="gone", source="gone")
    dropped.evidence = (Evidence(about="column", says="gone was there when the plan was made"),)
    dropped.detail = dropped.detail.model_copy(update={"columns": (*dropped.detail.columns, gone)})
    actions = [
        staging(1, CUSTOMERS), staging(2, PRODUCTS), staging(3, ORDERS), dropped, staging(5, first), staging(6, second),
        fact(7, "fct_wrong_key", ("product_id", "stg_customers", "customers_id"), because="both are numbers"),
        fact(8, "fct_fan_out", ("region", "stg_customers", "region"), because="both have a region"),
        fact(9, "fct_secret", ("region", "dim_secret", "region")),
    ]  # fmt: skip
    cycle = [refers("first", "second_id", "second"), refers("second", "first_id", "first")]
    plan = ExecutionPlan(strategy="brownfield", actions=actions)
    return verify_in_sandbox(plan, request([*TABLES, first, second], [*KEYS, *cycle]))


def test_a_wrong_foreign_key_is_caught(faulty: VerifyReport) -> None:
    assert not faulty.proven
    check = next(check for check in faulty.checks if check.kind == "orphans" and check.status == "fail")
    assert (check.name, check.step_id) == ("fct_wrong_key", 7)
    assert any("both are numbers" in reason for reason in check.evidence)
    failed = next(node for node in faulty.nodes if node.status == "fail" and node.step_id == 7)
    assert failed.name.startswith("relationships_fct_wrong_key_product_id")
    assert failed.failures


def test_a_join_that_multiplies_rows_is_caught(faulty: VerifyReport) -> None:
    failed = {check.kind: check for check in faulty.checks if check.name == "fct_fan_out" and check.status == "fail"}
    assert {"rows", "grain", "sums"} <= set(failed)
    assert {check.step_id for check in failed.values()} == {8}
    assert any("both have a region" in reason for reason in failed["rows"].evidence)
    assert "several rows for one" in failed["rows"].mend


def test_a_column_that_the_source_does_not_have_is_caught(faulty: VerifyReport) -> None:
    broken = next(node for node in faulty.nodes if node.name == "stg_log")
    assert (broken.status, broken.step_id, broken.standing) == ("error", 4, "untested")
    assert "gone" in broken.message
    assert broken.evidence == ("column: gone was there when the plan was made",)
    assert "scan the source again" in broken.mend


def test_a_cycle_of_filled_keys_is_said_to_be_unsatisfiable(faulty: VerifyReport) -> None:
    notes = [note for note in faulty.notes if note.startswith(("first:", "second:"))]
    assert len(notes) == 2
    assert "unsatisfiable row by row" in notes[0]


def test_what_reads_a_model_of_unknown_columns_is_not_provable_here(faulty: VerifyReport) -> None:
    secret = next(node for node in faulty.nodes if node.name == "fct_secret")
    assert (secret.status, secret.step_id, secret.standing) == ("skipped", 9, "untested")
    assert "not provable here: the columns of the existing model dim_secret are not known" in secret.message


def test_marts_over_models_that_are_there_are_proven_without_a_source() -> None:
    """The plan reads no source: stand-ins alone are in the attached file, filled as the table behind them is."""
    there = ModelState(
        "raw_orders", "models/o.sql", layer="staging", sources=(("shop", "orders"),),
        columns=("id", "customer_id", "amount"), grain=("id",),
        passed=(("id", "id"), ("customer_id", "customer_id"), ("amount", "amount")),
    )  # fmt: skip
    shop = SourceState("shop", "shop", tables=(SourceTableState("orders"),))
    state = ProjectState("real", models={there.name: there}, sources={"shop": shop})
    detail = ModelDetail(
        role="fact", inputs=(ModelInput(alias="orders", model=there.name),),
        columns=(
            OutputColumn(name="id", alias="orders", column="id", role="key", tests=KEY),
            OutputColumn(name="customer_id", alias="orders", column="customer_id", tests=KEY[1:]),
            OutputColumn(name="amount", alias="orders", column="amount", role="measure"),
        ),
        grain=("id",), grain_says="one row per order",
    )  # fmt: skip
    action = PlanAction(
        step_id=1, type="create_mart", name="fct_orders", file_path="models/fct_orders.sql",
        dependencies=[there.name], detail=detail, properties_path="models/models.yml",
    )  # fmt: skip
    context = ProjectContext(is_incremental=True, existing_sources=["shop"], state=state)
    asked = replace(request(TABLES, KEYS), context=context)
    report = verify_in_sandbox(ExecutionPlan(strategy="brownfield", actions=[action]), asked)
    assert report.proven, (report.notes, [node for node in report.nodes if node.status not in ("success", "pass")])
    assert len(report.nodes) == 4


def test_a_plan_of_nothing_but_unknowns_runs_nothing(tmp_path: Path) -> None:
    unknown = TableMapping("unknown", "shop")
    action = staging(1, unknown)
    report = verify_in_sandbox(ExecutionPlan(strategy="brownfield", actions=[action]), request([unknown], []))
    assert not report.proven
    assert [(node.name, node.status) for node in report.nodes] == [("stg_unknown", "skipped")]
