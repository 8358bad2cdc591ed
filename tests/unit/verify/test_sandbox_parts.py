"""The pure parts of the sandbox: the plan rewritten, the rules of the rows, the spoiled rows, the target's SQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from cartridge.domain.change import ChangeSet, FileChange, NodeResult
from cartridge.domain.plan import (
    DataTest,
    DateSpan,
    ExecutionPlan,
    ModelDetail,
    ModelGenerationRequest,
    OutputColumn,
    SourceDetail,
    SourceTable,
    StagingDetail,
)
from cartridge.domain.schema import ColumnMapping, Relationship, TableMapping
from cartridge.errors import VerifyError
from cartridge.project import read_project
from cartridge.project.columns import with_columns
from cartridge.verify import build as verify_build
from cartridge.verify.adversary import spoil
from cartridge.verify.artefacts import Artefacts, Result
from cartridge.verify.dbt import DbtRun
from cartridge.verify.lineage import Lineage
from cartridge.verify.sandbox_files import write_project, write_tables
from cartridge.verify.sandbox_plan import Stub, sandbox_plan
from cartridge.verify.sandbox_rules import truth_of
from cartridge.verify.synthetic import Rules, keys_of, synthesize
from cartridge.verify.target_sql import parse_faults
from saved_plans import PROJECT, planned
from saved_plans import write_project as write_files
from verify_project import action, fact, plan

CUSTOMERS = TableMapping(
    "customers",
    "main",
    columns=[
        ColumnMapping("id", "integer", nullable=False),
        ColumnMapping("name", "varchar"),
        ColumnMapping("region", "integer"),
    ],
    primary_key_columns=["id"],
)
ORDERS = TableMapping(
    "orders",
    "main",
    columns=[
        ColumnMapping("id", "integer", nullable=False),
        ColumnMapping("customer_id", "integer"),
        ColumnMapping("region", "integer"),
        ColumnMapping("amount", "decimal(10, 2)"),
    ],
    primary_key_columns=["id"],
)
DECLARED = Relationship(("main", "orders"), ("customer_id",), ("main", "customers"), ("id",))
REQUEST = ModelGenerationRequest([CUSTOMERS, ORDERS], relationships=[DECLARED], target_warehouse="postgres")


def lineage(planned: ExecutionPlan | None = None) -> Lineage:
    return Lineage(planned or plan(), [CUSTOMERS, ORDERS])


def test_columns_are_traced_to_their_source() -> None:
    traced = lineage()
    assert traced.source("fct_orders", "customer_id") == (("main", "orders"), "customer_id")
    assert traced.source("fct_orders", "customer_name") == (("main", "customers"), "name")
    assert traced.source("fct_orders", "no_such") is None
    assert traced.source("nobody", "id") is None
    assert traced.sources("fct_orders", ["order_id", "customer_name"]) is None
    assert traced.is_filled("fct_orders", "order_id")
    assert not traced.is_filled("fct_orders", "region")


def test_uniqueness_rests_on_a_declared_key_on_the_sql_or_on_belief() -> None:
    planned = plan()
    rollup = ModelDetail(
        role="rollup",
        inputs=fact("customer_id").inputs[:1],
        columns=(OutputColumn(name="customer_id", alias="orders", column="customer_id"),),
        group_by=("customer_id",),
    )
    planned.actions.append(action(5, "create_intermediate", "int_orders", ["stg_orders"], rollup))
    planned.actions.append(action(6, "create_mart", "fct_region", ["stg_orders"], fact("region", "region")))
    traced = lineage(planned)
    assert traced.ground("stg_orders", ["order_id"]) == "declared"
    assert traced.ground("stg_orders", ["order_id", "region"]) == "declared"
    assert traced.ground("stg_orders", ["region"]) == "assumed"
    assert traced.ground("int_orders", ["customer_id"]) == "built"
    assert traced.ground("fct_orders", ["order_id"]) == "declared"
    assert traced.ground("fct_region", ["order_id"]) == "assumed", "its join may multiply rows"
    assert traced.ground("nobody", ["id"]) == "assumed"


def test_the_plan_is_rewritten_over_stub_tables() -> None:
    made = sandbox_plan(plan(), REQUEST)
    assert made.plan.strategy == "greenfield"
    assert made.request.target_warehouse == "duckdb"
    assert [(stub.schema, stub.name, stub.table.key) for stub in made.stubs] == [
        ("source_1", "customers", ("main", "customers")), ("source_1", "orders", ("main", "orders")),
    ]  # fmt: skip
    assert [found.step_id for found in made.plan.actions] == [1, 2, 3, 4]
    source = made.plan.actions[0].detail
    assert isinstance(source, SourceDetail)
    assert (source.database, source.schema_name, source.mode) == ("sandbox_source", "source_1", "create")
    assert made.unprovable == {}


def test_names_that_duckdb_would_fold_are_kept_apart_or_refused() -> None:
    upper = replace(ORDERS, name="ORDERS")
    twice = TableMapping("twice", "main", columns=[ColumnMapping("a", "integer"), ColumnMapping("A", "integer")])
    planned = plan()
    source = planned.actions[0].detail
    assert isinstance(source, SourceDetail)
    more = (*source.tables, SourceTable(name="orders_2", identifier="ORDERS"), SourceTable(name="twice"))
    planned.actions[0].detail = source.model_copy(update={"tables": more})
    made = sandbox_plan(planned, replace(REQUEST, tables=[CUSTOMERS, ORDERS, upper, twice]))
    assert [(stub.name, stub.table.name) for stub in made.stubs] == [
        ("customers", "customers"), ("orders", "orders"), ("ORDERS_", "ORDERS"),
    ]  # fmt: skip


def test_unknown_models_take_those_that_read_them_with_them() -> None:
    planned = plan()
    mart = fact("customer_id")
    assert planned.actions[3].detail is not None
    unknown = mart.model_copy(
        update={"inputs": (mart.inputs[0].model_copy(update={"model": "stg_gone"}), mart.inputs[1])}
    )
    planned.actions.append(action(5, "create_mart", "fct_gone", ["stg_gone"], unknown))
    reader = mart.model_copy(
        update={"inputs": (mart.inputs[0].model_copy(update={"model": "fct_gone"}), mart.inputs[1])}
    )
    planned.actions.append(action(6, "create_mart", "fct_reader", ["fct_gone"], reader))
    dates = ModelDetail(role="date", date_spans=(DateSpan(model="fct_reader", column="d"),))
    planned.actions.append(action(7, "create_mart", "dim_dates", ["fct_reader"], dates))
    test = DataTest(name="relationships", arguments={"to": "ref('fct_gone')", "field": "x"})
    tested = mart.model_copy(update={"tests": (test,)})
    planned.actions.append(action(8, "create_mart", "fct_tested", ["stg_orders"], tested))
    made = sandbox_plan(planned, REQUEST)
    assert made.unprovable == {
        "fct_gone": "the columns of the existing model stg_gone are not known",
        "fct_reader": "it reads fct_gone, which is not provable here",
        "dim_dates": "it reads fct_reader, which is not provable here",
    }
    assert made.dropped == ("relationships on fct_tested",)
    assert [found.name for found in made.plan.actions][-1] == "fct_tested"


def test_rows_honour_the_schema_and_not_a_plan_that_contradicts_it() -> None:
    planned = plan()
    planned.actions[3].detail = fact("region")
    made = sandbox_plan(planned, REQUEST)
    truth = truth_of(made, Lineage(made.plan, made.tables))
    assert DECLARED in truth.relationships
    own = [edge for edge in truth.relationships if edge.columns == ("region",)]
    assert [edge.origin for edge in own] == ["inferred"], "nothing else is known of region: believed, not known"
    wrong = plan()
    detail = fact("customer_id", "region")
    wrong.actions[3].detail = detail
    made = sandbox_plan(wrong, REQUEST)
    truth = truth_of(made, Lineage(made.plan, made.tables))
    assert [edge.ref_columns for edge in truth.relationships] == [("id",)], "a known key is never bent to the plan"


def test_spoiled_rows_break_every_declaration() -> None:
    rules = Rules()
    tables, edges = [CUSTOMERS, ORDERS], [DECLARED]
    spoiled = spoil(synthesize(tables, edges, rules), tables, edges, rules)
    ids = {key: [row["id"] for row in rows] for key, rows in spoiled.items()}
    for table in tables:
        filled = [value for value in ids[table.key] if value is not None]
        assert len(set(filled)) < len(filled), "repeated keys"
        assert None in ids[table.key], "empty keys"
        assert keys_of(table, rules) == (("id",),)
    customers = set(ids["main", "customers"])
    assert any(row["customer_id"] not in customers for row in spoiled["main", "orders"]), "orphans"
    empty = TableMapping("empty", "main", columns=[ColumnMapping("a", "integer")])
    made = replace(synthesize([empty], []), rows={})
    assert spoil(made, [empty], [], rules)["main", "empty"] == ({"a": None},)


def test_every_kind_of_value_fits_into_duckdb(tmp_path: Path) -> None:
    types = (
        "integer", "bigint", "smallint", "numeric(5,2)", "numeric(38,0)", "real", "boolean", "varchar(3)", "char(1)",
        "text", "date", "timestamp", "timestamptz", "time", "interval", "uuid", "bytea", "jsonb", "integer[]", "text[]",
        "uuid[]", "inet", "tsvector", "money", "bit(1)",
    )  # fmt: skip
    columns = [ColumnMapping(f'c"{place} {kind}', kind) for place, kind in enumerate(types)]
    keyed = [ColumnMapping(f"k{place}", kind, nullable=False) for place, kind in enumerate(types)]
    everything = TableMapping('o\'dd "name"', "s", columns=columns)
    keys = [
        TableMapping(f"keyed {place}", "s", columns=[column], primary_key_columns=[column.name])
        for place, column in enumerate(keyed)
    ]
    tables, rules = [everything, *keys], Rules(dialect="postgres")
    made = synthesize(tables, [], rules)
    stubs = [Stub("a schema", table.name, table) for table in tables]
    spoiled = spoil(made, tables, [], rules)
    write_tables(tmp_path / "honest.duckdb", stubs, made.shapes, made.rows)
    write_tables(tmp_path / "spoiled.duckdb", stubs, made.shapes, spoiled)
    with duckdb.connect(str(tmp_path / "honest.duckdb")) as connection:
        for table in tables:
            name = table.name.replace('"', '""')
            found = connection.execute(f'select count(*) from "a schema"."{name}"').fetchone()
            assert found == (len(made.rows[table.key]),)
            if table in keys:
                column = table.columns[0].name
                distinct = connection.execute(f'select count(distinct {column}) from "a schema"."{name}"').fetchone()
                assert distinct == found


def test_a_table_that_duckdb_refuses_is_named(tmp_path: Path) -> None:
    broken = TableMapping("broken", "s", columns=[ColumnMapping("a", "integer")])
    made = synthesize([broken], [])
    with pytest.raises(VerifyError, match="cannot hold the table 'broken'"):
        write_tables(tmp_path / "x.duckdb", [Stub("s", "broken", broken)], made.shapes, {broken.key: ({"a": "word"},)})


def test_nothing_is_written_outside_of_the_project(tmp_path: Path) -> None:
    changes = ChangeSet((FileChange("../outside.sql", "create", ""),))
    with pytest.raises(VerifyError, match="leads out of the project"):
        write_project(tmp_path / "project", changes, sandbox_plan(plan(), REQUEST))


def test_the_sql_of_the_target_is_parsed() -> None:
    text = "{{ config(x='y') }} select * from {{ ref('a') }} {% if is_incremental() %} where b > 1 {% endif %}"
    changes = ChangeSet((
        FileChange("models/a.sql", "create", text, step_ids=(1,)),
        FileChange("models/b.sql", "create", "select from where", step_ids=(2,)),
        FileChange("models/c.sql", "create", "select {{ nobody() }}", step_ids=(3,)),
        FileChange("models/d.yml", "create", "select from where", step_ids=(4,)),
        FileChange(".sqlfluff", "create", ""),
    ))  # fmt: skip
    faults = parse_faults(changes, "snowflake")
    assert set(faults) == {2, 3}
    assert faults[2].startswith("its snowflake SQL does not parse")


def test_an_existing_model_has_the_type_of_what_is_tested_against_it(tmp_path: Path) -> None:
    """Its SQL says no type; the planned key that must be found in it does."""
    name = "stg_crm__customers"
    project = write_files(tmp_path / "shop", {path: text for path, text in PROJECT.items() if "/marts/" not in path})
    saved = planned(project)
    context = with_columns(project, read_project(project), [name]).context()
    staging = [step for step in saved.plan.actions if step.type != "create_mart"]
    alone = saved.plan.model_copy(update={"actions": staging})
    made = sandbox_plan(alone, replace(saved.request, context=context)).existing[name]
    types = {column.name: column.data_type for column in made.columns}
    assert types["customer_id"] == "integer"


def test_what_is_tested_against_an_existing_model_is_found_in_it() -> None:
    """Where the table behind it is not here: its key is one of the model's made-up rows."""
    made = sandbox_plan(plan(), REQUEST)
    there = TableMapping("stg_there", "existing_models", columns=[ColumnMapping("id", "integer", nullable=False)],
                         primary_key_columns=["id"])  # fmt: skip
    staged = made.plan.actions[2].detail
    assert isinstance(staged, StagingDetail)
    test = DataTest(name="relationships", arguments={"to": "stg_there", "field": "id"})
    columns = tuple(
        column.model_copy(update={"tests": (test,)}) if column.name == "region" else column for column in staged.columns
    )
    made.plan.actions[2].detail = staged.model_copy(update={"columns": columns})
    made = replace(made, existing={"stg_there": there})
    truth = truth_of(made, Lineage(made.plan, [CUSTOMERS, ORDERS, there], made.existing))
    source = (staged.table, next(column.source for column in staged.columns if column.name == "region"))
    assert [edge for edge in truth.relationships if edge.ref_table == there.key] == [
        Relationship(source[0], (source[1],), there.key, ("id",), origin="inferred", confidence=0.5)
    ]


def test_what_ended_dbt_before_a_build_is_said_where_all_is_skipped() -> None:
    run = DbtRun(exit_code=1, seconds=0.0, errors=["Catalog Error: no such schema"])
    skipped = NodeResult("fct_orders", "model", "skipped")
    notes = verify_build._notes(run, Artefacts(results={"model.a.fct_orders": Result("skipped")}), [skipped], [])
    assert notes == ("dbt ended with exit code 1: Catalog Error: no such schema",)
    hook = {"operation.a.on_run_start": Result("error", "Parser Error: near x")}
    notes = verify_build._notes(run, Artefacts(results=hook), [skipped], [])
    assert notes == ("operation.a.on_run_start: Parser Error: near x",)
