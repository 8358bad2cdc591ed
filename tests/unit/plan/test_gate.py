"""The gate: one case a finding, written as a reply of a model would be."""

from __future__ import annotations

from typing import Any

import pytest

from cartridge.domain.plan import DataTest, ExecutionPlan, ModelGenerationRequest, PlanAction
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, ModelType, TableMapping
from cartridge.errors import PlanError
from cartridge.plan import resolve, review


def table(name: str, *columns: str, key: str = "id", schema: str = "shop", **references: str) -> TableMapping:
    made = [ColumnMapping(name=key, data_type="bigint", nullable=False, is_primary_key=True)]
    made += [ColumnMapping(name=column, data_type="text") for column in columns]
    made += [
        ColumnMapping(
            name=column,
            data_type="bigint",
            is_foreign_key=True,
            foreign_key_table=target,
            foreign_key_column="id",
        )
        for column, target in references.items()
    ]
    return TableMapping(name=name, schema=schema, columns=made)


TABLES = [
    table("customers", "name"),
    table("orders", "note", customer_id="customers"),
    table("items", "sku", order_id="orders"),
    table("payments", "method", order_id="orders"),
]


def ask(context: ProjectContext | None = None, **changes: Any) -> ModelGenerationRequest:
    wanted = {"tables": TABLES, "model_types": list(ModelType), "context": context} | changes
    return ModelGenerationRequest(**wanted)


def step(number: int, kind: str, name: str, *reads: str, path: str | None = None) -> PlanAction:
    folders = {"source": "staging", "staging": "staging", "intermediate": "intermediate", "mart": "marts"}
    file_path = path or f"models/{folders.get(kind, kind)}/{name}{'.yml' if kind == 'source' else '.sql'}"
    kind = kind if "_" in kind else f"create_{kind}"
    return PlanAction(step_id=number, type=kind, name=name, file_path=file_path, dependencies=list(reads))


SOURCE = step(1, "source", "shop")
ORDERS = step(2, "staging", "stg_orders", "shop")
CUSTOMERS = step(3, "staging", "stg_customers", "shop")


def draft(*actions: PlanAction, strategy: Any = "greenfield") -> ExecutionPlan:
    return ExecutionPlan(strategy=strategy, actions=list(actions))


def codes(plan: ExecutionPlan) -> set[str]:
    return {finding.code for finding in plan.findings}


REFUSED = {
    "cycle": [SOURCE, ORDERS, step(3, "mart", "fct_a", "fct_b"), step(4, "mart", "fct_b", "fct_a")],
    "duplicate-name": [SOURCE, ORDERS, step(3, "staging", "STG_orders", "shop", path="models/x/STG_orders.sql")],
    "unknown-dependency": [SOURCE, ORDERS, step(3, "mart", "fct_orders", "stg_order")],
    "unknown-type": [SOURCE, step(2, "create_view", "stg_orders", "shop")],
    "unusable-name": [SOURCE, step(2, "staging", "stg orders", "shop")],
    "unsafe-path": [SOURCE, step(2, "staging", "stg_orders", "shop", path="models/../../stg_orders.sql")],
    "path-clash": [
        step(1, "source", "shop", path="models/A.yml"),
        step(2, "source", "shop2", path="models/a.yml"),
    ],
    "mart-on-source": [SOURCE, ORDERS, step(3, "mart", "fct_orders", "shop")],
    "intermediate-on-source": [SOURCE, ORDERS, step(3, "intermediate", "int_orders", "shop", "stg_orders")],
    "root-model": [SOURCE, ORDERS, step(3, "mart", "fct_orders")],
    "no-grain": [
        SOURCE,
        step(2, "staging", "stg_items", "shop"),
        step(3, "staging", "stg_payments", "shop"),
        step(4, "mart", "fct_money", "stg_items", "stg_payments"),
    ],
    "unknown-table": [SOURCE, step(2, "staging", "stg_invoices", "shop")],
    "staging-without-source": [SOURCE, step(2, "staging", "stg_invoices")],
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused_with_its_code_and_a_mend(code: str) -> None:
    with pytest.raises(PlanError) as caught:
        review(draft(*REFUSED[code]), ask())

    errors = {finding.code: finding for finding in caught.value.findings if finding.severity == "error"}
    assert code in errors
    assert errors[code].mend
    assert f"[{code}]" in str(caught.value)


PATHS = [
    "/etc/passwd.sql", "models/../stg_orders.sql", "../stg_orders.sql", "models//stg_orders.sql", "C:/models/a.sql",
    "models/stg_orders.py", "seeds/stg_orders.sql", "models/con/stg_orders.sql", "models/{{ x }}/stg_orders.sql",
    "models/a\x00b/stg_orders.sql", "models/ /stg_orders.sql", "~/models/stg_orders.sql", "modelsx/stg_orders.sql",
    "models/" + "a" * 300 + "/stg_orders.sql", "models/\u202egnp/stg_orders.sql", "models/./stg_orders.sql",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_path_outside_the_model_folders_is_refused(path: str) -> None:
    with pytest.raises(PlanError, match="unsafe-path"):
        review(draft(SOURCE, step(2, "staging", "stg_orders", "shop", path=path)), ask())


@pytest.mark.parametrize(
    "path", ["packages.yml", ".github/workflows/x.yml", "models/../x.yml", "/tmp/x.yml", "models/x.sql", "macros/x.yml"]
)
def test_properties_outside_the_model_folders_are_refused(path: str) -> None:
    action = step(2, "staging", "stg_orders", "shop").model_copy(update={"properties_path": path})
    with pytest.raises(PlanError, match="unsafe-path"):
        review(draft(SOURCE, action), ask())


@pytest.mark.parametrize(("to", "field"), [("stg_clients", "id"), ("stg_customers", "client_id")])
def test_tests_refer_to_what_is_there(to: str, field: str) -> None:
    plan = resolve(draft(SOURCE, ORDERS, CUSTOMERS), ask())
    detail = plan.actions[1].detail
    assert detail is not None
    assert detail.kind == "staging"
    test = DataTest(name="relationships", arguments={"to": to, "field": field})
    wrong = plan.actions[1].model_copy(update={"detail": detail.model_copy(update={"tests": (test,)})})
    with pytest.raises(PlanError, match="unknown-test-target"):
        review(draft(SOURCE, wrong, CUSTOMERS), ask())


def test_names_of_the_project_are_taken_and_mended_hints_given() -> None:
    context = ProjectContext(is_incremental=True, existing_models=["stg_orders"], existing_sources=["shop"])
    with pytest.raises(PlanError, match="name-taken"):
        review(draft(ORDERS, strategy="brownfield"), ask(context))
    with pytest.raises(PlanError, match="Did you mean stg_orders"):
        review(draft(step(1, "mart", "fct_orders", "stg_ordes"), strategy="brownfield"), ask(context))


def test_order_ids_and_file_name_are_mended_and_said() -> None:
    plan = review(draft(step(7, "mart", "fct_orders", "stg_orders", path="models/marts/x.sql"), ORDERS, SOURCE), ask())

    assert [action.name for action in plan.actions] == ["shop", "stg_orders", "fct_orders"]
    assert [action.step_id for action in plan.actions] == [1, 2, 3]
    assert plan.actions[2].file_path == "models/marts/fct_orders.sql"
    assert {"step-order", "step-ids", "path-name"} <= codes(plan)


def test_actions_come_back_as_they_are_and_uncovered_tables_are_said() -> None:
    given = draft(SOURCE, ORDERS, CUSTOMERS, step(4, "mart", "fct_orders", "stg_orders", "stg_customers"))
    plan = review(given, ask())

    assert [action.model_dump() for action in plan.actions] == [action.model_dump() for action in given.actions]
    uncovered = [finding for finding in plan.findings if finding.code == "uncovered-table"]
    assert [finding.severity for finding in uncovered] == ["warning"]
    assert "items" in uncovered[0].message
    assert "payments" in uncovered[0].message


def test_source_that_exists_becomes_an_append() -> None:
    context = ProjectContext(is_incremental=True, existing_sources=["shop"])
    plan = review(draft(SOURCE, ORDERS, strategy="brownfield"), ask(context))

    assert "source-exists" in codes(plan)
    assert plan.actions[0].detail is not None
    assert plan.actions[0].detail.kind == "source"
    assert plan.actions[0].detail.mode == "append"


def test_strategy_follows_what_is_there() -> None:
    context = ProjectContext(is_incremental=True, existing_models=[f"m{i}" for i in range(40)])
    plan = review(draft(SOURCE, ORDERS), ask(context))

    assert plan.strategy == "brownfield"
    assert "strategy" in codes(plan)


def test_joins_to_models_known_by_name_only_are_not_judged_but_cannot_be_written() -> None:
    context = ProjectContext(is_incremental=True, existing_models=["stg_customers"], existing_sources=["shop"])
    request = ask(context)
    plan = review(
        draft(
            step(1, "staging", "stg_shop_orders", "shop"),
            step(2, "intermediate", "int_customer_orders", "stg_customers", "stg_shop_orders"),
            step(3, "mart", "fct_orders", "int_customer_orders"),
            strategy="brownfield",
        ),
        request,
    )

    notes = [finding for finding in plan.findings if finding.code == "unverifiable"]
    assert {finding.action for finding in notes} == {"int_customer_orders", "fct_orders"}
    assert {finding.severity for finding in notes} == {"note"}


def test_source_and_model_of_one_name_need_a_mark() -> None:
    context = ProjectContext(is_incremental=True, existing_models=["shop"], existing_sources=["shop"])
    with pytest.raises(PlanError, match="source:shop"):
        review(draft(step(1, "staging", "stg_orders", "shop"), strategy="brownfield"), ask(context))
    marked = review(draft(step(1, "staging", "stg_orders", "source:shop"), strategy="brownfield"), ask(context))
    assert resolve(marked, ask(context)).actions[0].detail is not None


def test_one_name_for_two_tables_lists_them() -> None:
    tables = [table("order", "note"), table("orders", "note")]
    with pytest.raises(PlanError, match=r"ambiguous-table") as caught:
        review(draft(SOURCE, step(2, "staging", "stg_orders", "shop")), ask(tables=tables))
    assert "order, orders" in str(caught.value)


def test_a_longer_table_name_wins_over_its_ending() -> None:
    tables = [table("items", "note"), table("order_items", "note")]
    request = ask(tables=tables)
    plan = resolve(review(draft(SOURCE, step(2, "staging", "stg_shop__order_items", "shop")), request), request)
    assert plan.actions[1].detail is not None
    assert plan.actions[1].detail.kind == "staging"
    assert plan.actions[1].detail.table == ("shop", "order_items")


def test_roles_to_one_table_are_joined_once_each() -> None:
    tables = [
        table("addresses", "city"),
        table("orders", "note", billing_address_id="addresses", shipping_address_id="addresses"),
    ]
    request = ask(tables=tables)
    reply = draft(
        SOURCE,
        ORDERS,
        step(3, "staging", "stg_addresses", "shop"),
        step(4, "mart", "fct_orders", "stg_orders", "stg_addresses"),
    )
    detail = resolve(review(reply, request), request).actions[3].detail

    assert detail is not None
    assert detail.kind == "model"
    assert [join.alias for join in detail.joins] == ["billing_address", "shipping_address"]
    assert {"billing_address_city", "shipping_address_city"} <= {column.name for column in detail.columns}
