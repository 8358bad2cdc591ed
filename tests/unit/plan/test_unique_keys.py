"""Keys besides the primary one: a join to a whole unique key, or to a loader's row key, multiplies no rows."""

from __future__ import annotations

import pytest
from key_schemas import tables
from test_gate import codes, draft, step

from cartridge.domain.plan import ExecutionPlan, ModelDetail, ModelGenerationRequest, PlanAction
from cartridge.domain.schema import ModelType, Relationship, TableMapping
from cartridge.errors import PlanError
from cartridge.plan import draft_offline, resolve, review
from cartridge.plan.keys import find_keys
from cartridge.plan.star.names import BusinessNames

NESTED = """
orders: id, customer text, amount num, ordered_at time, _dlt_load_id text, _dlt_id text
orders__lines: sku text, qty, _dlt_parent_id text, _dlt_list_idx, _dlt_id text
"""
ORDERS = """
orders: id, region text, number text, placed_at time, total num
lines: id, order_region text, order_number text, quantity, amount num
"""


def request(found: list[TableMapping], *edges: Relationship) -> ModelGenerationRequest:
    return ModelGenerationRequest(tables=found, relationships=list(edges), model_types=list(ModelType))


def planned(asked: ModelGenerationRequest) -> ExecutionPlan:
    return resolve(review(draft_offline(asked), asked), asked)


def mart(plan: ExecutionPlan, name: str) -> ModelDetail:
    detail = next(action.detail for action in plan.actions if action.name == name)
    assert isinstance(detail, ModelDetail)
    return detail


def joins(detail: ModelDetail) -> list[tuple[str, ...]]:
    return [(join.alias, *(key.right_column for key in join.keys)) for join in detail.joins]


def nested(*, primary: bool, declared: bool) -> list[TableMapping]:
    found = tables(NESTED)
    for table in found:
        table.columns[-1].nullable = not declared
        table.unique_keys = [["_dlt_id"]] if declared else None
    found[0].primary_key_columns = ["id"] if primary else None
    return found


@pytest.mark.parametrize("primary", [True, False])
@pytest.mark.parametrize("declared", [True, False])
def test_rows_of_a_document_are_joined_by_the_loaders_key(primary: bool, declared: bool) -> None:
    plan = planned(request(nested(primary=primary, declared=declared)))
    lines = mart(plan, "fct_order_lines")
    assert joins(lines) == [("orders", "_dlt_id")]
    assert (lines.grain, lines.grain_says) == (("_dlt_id",), "one row per order line")
    assert ("order_id", "foreign_key") in [(column.name, column.role) for column in lines.columns]
    assert "no-key-test" not in codes(plan)


def test_a_key_that_is_declared_unique_and_filled_is_no_guess() -> None:
    keys = find_keys(nested(primary=False, declared=True)).primary_keys
    assert (keys["main", "orders__lines"].origin, keys["main", "orders__lines"].confidence) == ("declared", 1.0)
    assert keys["main", "orders"].origin == "inferred"
    found = nested(primary=False, declared=True)
    found[1].columns[-1].nullable = True
    assert find_keys(found).primary_keys["main", "orders__lines"].origin == "inferred"


def numbered(*unique: str) -> ModelGenerationRequest:
    orders, lines = found = tables(ORDERS)
    for table in found:
        table.primary_key_columns = ["id"]
    orders.unique_keys = [list(unique)]
    own = tuple(f"order_{name}" for name in unique)
    return request(found, Relationship(lines.key, own, orders.key, unique))


@pytest.mark.parametrize("unique", [("number",), ("region", "number")])
def test_a_reference_to_a_unique_key_is_joined(unique: tuple[str, ...]) -> None:
    assert joins(mart(planned(numbered(*unique)), "fct_lines")) == [("orders", *unique)]


def drafted() -> list[PlanAction]:
    return [
        step(1, "source", "main"),
        step(2, "staging", "stg_orders", "main"),
        step(3, "staging", "stg_lines", "main"),
        step(4, "intermediate", "int_orders", "stg_orders"),
        step(5, "mart", "fct_lines", "stg_lines", "int_orders"),
    ]


def test_a_model_that_keeps_a_tables_rows_keeps_its_unique_keys() -> None:
    asked = numbered("region", "number")
    plan = resolve(review(draft(*drafted()), asked), asked)
    assert joins(mart(plan, "fct_lines")) == [("orders", "region", "number")]


def test_half_of_a_unique_key_is_none() -> None:
    asked = numbered("region", "number")
    plan = resolve(review(draft(*drafted()), asked), asked)
    last = plan.actions[-1]
    detail = mart(plan, "fct_lines")
    halved = detail.joins[0].model_copy(update={"keys": detail.joins[0].keys[:1]})
    changed = last.model_copy(update={"detail": detail.model_copy(update={"joins": (halved,)})})
    with pytest.raises(PlanError, match="would multiply"):
        review(plan.model_copy(update={"actions": [*plan.actions[:-1], changed]}), asked)


def test_rows_unnested_from_a_table_are_called_after_one_of_its_rows() -> None:
    names = ["orders", "orders__lines", "orders__lines__taxes", "news__items"]
    said = BusinessNames([("main", name) for name in names], {})
    assert [said.singular(("main", name)) for name in names] == ["order", "order_line", "order_line_tax", "news_item"]
