"""What cannot be rendered is an error that names the action; nothing is rendered by halves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.errors import InputError, PlanError
from cartridge.render import render
from render_cases import CASES

Change = Callable[[dict[str, dict[str, Any]]], object]


def plan_with(change: Change, strategy: str = "greenfield") -> ExecutionPlan:
    """The shop's plan after `change` had its actions, by name."""
    plan = json.loads((CASES / "shop" / "plan.json").read_text(encoding="utf-8"))
    change({action["name"]: action for action in plan["actions"]})
    return ExecutionPlan.model_validate({**plan, "strategy": strategy})


def set_test(actions: dict[str, dict[str, Any]], **test: object) -> None:
    actions["dim_customers"]["detail"]["columns"][0]["tests"] = [test]


WRONG: dict[str, tuple[Change, str]] = {
    "no detail": (lambda a: a["fct_orders"].pop("detail"), "step 13 (create_mart fct_orders)"),
    "no properties": (lambda a: a["fct_orders"].pop("properties_path"), "no properties_path"),
    "properties that are no YAML": (lambda a: a["fct_orders"].update(properties_path="models/x.sql"), "no .yml file"),
    "no columns": (lambda a: a["dim_customers"]["detail"].update(columns=[]), "not known"),
    "a join of nothing": (lambda a: a["fct_orders"]["detail"]["joins"][0].update(alias="other"), "no input"),
    "a join before its base": (
        lambda a: a["fct_orders"]["detail"]["joins"][0]["keys"][0].update(left_alias="order_lines"),
        "not joined before",
    ),
    "a column of nothing": (lambda a: a["fct_orders"]["detail"]["columns"][0].update(alias="other"), "not joined"),
    "a group of nothing": (
        lambda a: a["int_order_lines_summed_to_orders"]["detail"].update(group_by=["other"]),
        "group_by",
    ),
    "a product of one": (lambda a: a["fct_order_lines"]["detail"]["columns"][-1].pop("factor"), "without a factor"),
    "an unknown type": (
        lambda a: a["stg_shop__orders"]["detail"]["columns"][0].update(cast="no type at all ("),
        "is not known",
    ),
    "an unknown cursor": (lambda a: a["fct_orders"]["detail"].update(incremental_cursor="other"), "cursor"),
    "a calendar without dates": (lambda a: a["dim_dates"]["detail"].update(date_spans=[]), "date_spans"),
    "an unknown part of a date": (
        lambda a: a["dim_dates"]["detail"]["columns"][0].update(name="moon_phase"),
        "no column 'moon_phase'",
    ),
    "a reference that is code": (
        lambda a: set_test(a, name="relationships", arguments={"to": "env_var('HOME')", "field": "x"}),
        "neither a model nor",
    ),
    "a reference with more code": (
        lambda a: set_test(a, name="relationships", arguments={"to": "ref('a') ~ env_var('HOME')", "field": "x"}),
        "neither a model nor",
    ),
    "a reference without a field": (
        lambda a: set_test(a, name="relationships", arguments={"to": "dim_dates"}),
        "needs 'to' and 'field'",
    ),
    "values without values": (lambda a: set_test(a, name="accepted_values", arguments={}), "needs 'values'"),
    "a combination of nothing": (lambda a: set_test(a, name="unique_combination"), "needs columns"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_error_says_which_action_and_why(name: str) -> None:
    change, says = WRONG[name]
    with pytest.raises(PlanError) as caught:
        render(plan_with(change), ModelGenerationRequest(tables=[], target_warehouse="duckdb"))
    assert says in str(caught.value)
    (finding,) = caught.value.findings
    assert finding.step_id
    assert finding.action
    assert finding.mend


def test_an_unknown_warehouse_is_named() -> None:
    with pytest.raises(InputError, match=r"oracle.*Known: bigquery"):
        render(plan_with(lambda _: None), ModelGenerationRequest(tables=[], target_warehouse="oracle"))


def test_a_file_that_cannot_be_inserted_into_is_named_with_its_line() -> None:
    path = "models/marts/_marts__models.yml"
    texts = {path: "models:\n  - name: a\n\t# tab\n"}
    with pytest.raises(PlanError) as caught:
        render(plan_with(lambda _: None, "brownfield"), ModelGenerationRequest(tables=[]), texts)
    (finding,) = caught.value.findings
    assert (finding.code, finding.path, finding.line) == ("cannot-insert", path, 3)


def test_a_source_to_append_to_must_be_there() -> None:
    def append(actions: dict[str, dict[str, Any]]) -> None:
        actions["shop"]["detail"]["mode"] = "append"

    request = ModelGenerationRequest(tables=[])
    path = "models/staging/shop/_shop__sources.yml"
    with pytest.raises(PlanError, match="is not there"):
        render(plan_with(append, "brownfield"), request)
    with pytest.raises(PlanError, match="no source named 'shop'"):
        render(plan_with(append, "brownfield"), request, {path: "version: 2\n"})


def test_a_staging_model_that_was_edited_is_not_updated() -> None:
    def update(actions: dict[str, dict[str, Any]]) -> None:
        actions["stg_shop__orders"]["type"] = "update_staging"

    path = "models/staging/shop/stg_shop__orders.sql"
    with pytest.raises(PlanError, match="edited by hand"):
        render(plan_with(update, "brownfield"), ModelGenerationRequest(tables=[]), {path: "select 1 as mine\n"})
