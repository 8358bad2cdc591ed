"""A plan that did not pass: told to the model, dropped, completed; and every such step reported."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import AsyncMock

import pytest

from cartridge.ai.base import ColumnMapping, ModelGenerationRequest, ModelType, ProjectContext, TableMapping
from cartridge.ai.factory import create_ai_provider
from cartridge.errors import InvalidReplyError, PlanError
from cartridge.plan import resolve
from model_replies import MODEL_VENDORS, action, good_text, make_request, mock_reply, plan_reply


def shop() -> ModelGenerationRequest:
    """Orders of customers, with lines."""

    def key() -> ColumnMapping:
        return ColumnMapping("id", "bigint", nullable=False, is_primary_key=True)

    def to(table: str) -> ColumnMapping:
        return ColumnMapping(
            f"{table[:-1]}_id", "bigint", is_foreign_key=True, foreign_key_table=table, foreign_key_column="id"
        )

    tables = {
        "customers": [key(), ColumnMapping("name", "text")],
        "orders": [key(), to("customers"), ColumnMapping("ordered_at", "timestamp")],
        "order_lines": [key(), to("orders"), ColumnMapping("amount", "numeric")],
    }
    return ModelGenerationRequest(
        tables=[TableMapping(name=name, schema="shop", columns=columns) for name, columns in tables.items()],
        model_types=[ModelType.STAGING, ModelType.MARTS],
    )


def staging(step_id: int, table: str) -> dict[str, Any]:
    return action(
        step_id,
        type="create_staging",
        name=f"stg_shop__{table}",
        file_path=f"models/staging/shop/stg_shop__{table}.sql",
        dependencies=["shop"],
    )


def mart(step_id: int, name: str, *dependencies: str) -> dict[str, Any]:
    return action(
        step_id, type="create_mart", name=name, file_path=f"models/marts/{name}.sql", dependencies=list(dependencies)
    )


def reply(*actions: dict[str, Any]) -> str:
    source = action(name="shop", file_path="models/staging/shop/_shop__sources.yml")
    return json.dumps({"strategy": "greenfield", "actions": [source, *actions]})


STAGED = [staging(2, "customers"), staging(3, "orders"), staging(4, "order_lines")]
GOOD = reply(*STAGED, mart(5, "fct_orders", "stg_shop__orders", "stg_shop__customers"))
INVENTED = reply(*STAGED, mart(5, "fct_orders", "stg_shop__orders"), mart(6, "fct_refunds", "stg_shop__refunds"))


def answers(provider: Any, *texts: str) -> AsyncMock:
    """Lets the provider answer the texts in turn, the last one for ever."""
    made = [mock_reply(provider, text).return_value for text in texts]
    call = mock_reply(provider, texts[-1])
    call.side_effect = lambda **_: made[min(call.await_count, len(made)) - 1]
    return call


def names(plan: Any) -> list[str]:
    return [step.name for step in plan.actions]


@pytest.fixture(params=MODEL_VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestRepair:
    async def test_errors_go_back_and_the_mended_plan_comes_out(self, vendor: str) -> None:
        provider: Any = create_ai_provider(vendor, {"api_key": "k"})
        call = answers(provider, INVENTED, GOOD)
        plan = await provider.generate_execution_plan(shop())
        assert names(plan)[-1] == "fct_orders"
        assert call.await_count == 2
        sent = json.dumps(call.call_args.kwargs, default=str)
        assert "stg_shop__refunds" in sent
        assert "found errors in this answer" in sent

    async def test_at_most_so_often_as_asked(self, vendor: str) -> None:
        for repairs in (0, 1, 2):
            provider: Any = create_ai_provider(vendor, {"api_key": "k", "repairs": repairs})
            call = answers(provider, INVENTED)
            with pytest.raises(PlanError, match="stg_shop__refunds") as caught:
                await provider.generate_execution_plan(shop())
            assert isinstance(caught.value, ValueError)
            assert call.await_count == repairs + 1

    async def test_a_repair_that_is_no_plan_leaves_the_errors_of_the_plan(self, vendor: str) -> None:
        provider: Any = create_ai_provider(vendor, {"api_key": "k"})
        call = answers(provider, INVENTED, "sorry, no")
        with pytest.raises(PlanError):
            await provider.generate_execution_plan(shop())
        assert call.await_count == 2

    async def test_a_first_answer_that_is_no_plan_goes_back_too(self, vendor: str) -> None:
        for repairs in (0, 1, 2):
            provider: Any = create_ai_provider(vendor, {"api_key": "k", "repairs": repairs})
            call = answers(provider, "sorry, no")
            with pytest.raises(InvalidReplyError, match="sorry, no"):
                await provider.generate_execution_plan(shop())
            assert call.await_count == repairs + 1
        provider = create_ai_provider(vendor, {"api_key": "k"})
        call = answers(provider, "sorry, no", GOOD)
        assert names(await provider.generate_execution_plan(shop()))[-1] == "fct_orders"
        assert "Invalid JSON response" in json.dumps(call.call_args.kwargs, default=str)


class TestDropping:
    async def plan(self, *actions: dict[str, Any], **config: Any) -> Any:
        provider: Any = create_ai_provider("openai", {"api_key": "k", "repairs": 0, "strict": False, **config})
        mock_reply(provider, reply(*actions))
        plan = await provider.generate_execution_plan(shop())
        resolve(plan, shop())
        assert [step.step_id for step in plan.actions] == list(range(1, len(plan.actions) + 1))
        return plan

    async def test_what_is_wrong_and_what_needs_it_is_dropped_and_said(self) -> None:
        plan = await self.plan(
            *STAGED,
            mart(5, "fct_refunds", "stg_shop__refunds"),
            mart(6, "fct_more", "fct_refunds", "stg_shop__orders"),
            mart(7, "fct_orders", "stg_shop__orders"),
        )
        assert names(plan)[4:] == ["fct_orders"]
        dropped = [finding for finding in plan.findings if finding.code == "dropped"]
        assert [finding.action for finding in dropped] == ["fct_refunds", "fct_more"]
        assert all(finding.severity == "warning" for finding in dropped)

    async def test_a_circle_is_dropped_as_a_whole(self) -> None:
        plan = await self.plan(*STAGED, mart(5, "fct_a", "fct_b"), mart(6, "fct_b", "fct_a"))
        assert not {"fct_a", "fct_b"} & set(names(plan))
        assert {finding.action for finding in plan.findings if finding.code == "dropped"} == {"fct_a", "fct_b"}

    async def test_a_path_outside_never_stays(self) -> None:
        outside = mart(5, "fct_orders", "stg_shop__orders") | {"file_path": "../../.bashrc"}
        plan = await self.plan(*STAGED, outside)
        assert all(step.file_path.startswith("models/") for step in plan.actions)

    async def test_completing_adds_what_is_missing_and_says_so(self) -> None:
        plan = await self.plan(staging(2, "orders"), mart(3, "fct_refunds", "stg_shop__refunds"), complete=True)
        assert {"stg_shop__customers", "stg_shop__order_lines"} <= set(names(plan))
        assert any(step.type == "create_mart" for step in plan.actions)
        added = {finding.action for finding in plan.findings if finding.code == "completed"}
        assert added == set(names(plan)) - {"shop", "stg_shop__orders"}
        assert "uncovered-table" not in [finding.code for finding in plan.findings]

    async def test_completing_keeps_the_names_that_the_model_gave(self) -> None:
        own = staging(2, "customers") | {
            "name": "stg_crm_customers",
            "file_path": "models/staging/shop/stg_crm_customers.sql",
        }
        plan = await self.plan(own, complete=True)
        assert "stg_shop__customers" not in names(plan)
        readers = [step.name for step in plan.actions if "stg_crm_customers" in step.dependencies]
        assert readers

    async def test_completing_adds_no_second_mart_of_the_same_rows(self) -> None:
        own = mart(5, "fct_sales", "stg_shop__orders", "stg_shop__customers")
        plan = await self.plan(*STAGED, own, complete=True)
        marts = {step.name for step in plan.actions if step.type == "create_mart"}
        assert "fct_sales" in marts
        assert "dim_customers" in marts
        assert "fct_orders" not in marts
        read = {name for step in plan.actions for name in step.dependencies}
        assert {step.name for step in plan.actions if step.type == "create_intermediate"} <= read

    async def test_a_whole_plan_is_not_added_to(self) -> None:
        provider: Any = create_ai_provider("openai", {"api_key": "k", "complete": True})
        mock_reply(provider, good_text())
        plan = await provider.generate_execution_plan(make_request())
        assert names(plan)[:3] == [item["name"] for item in plan_reply()["actions"]]


async def test_without_strict_even_nonsense_is_a_plan() -> None:
    provider: Any = create_ai_provider("openai", {"api_key": "k", "repairs": 0, "strict": False, "complete": True})
    mock_reply(provider, json.dumps({"actions": [mart(1, "fct_x", "nothing")]}))
    plan = await provider.generate_execution_plan(shop())
    assert len(names(plan)) > 4


async def test_the_short_form_expands_to_everything_it_implies() -> None:
    provider: Any = create_ai_provider("openai", {"api_key": "k"})
    short = {
        "models": [{"name": "dim_customers", "dependencies": ["stg_shop__customers"], "description": "One row per c"}]
    }
    mock_reply(provider, json.dumps(short))
    plan = await provider.generate_execution_plan(shop())
    assert names(plan)[0] == "shop"
    assert len([step for step in plan.actions if step.type == "create_staging"]) == 3
    last = plan.actions[-1]
    assert (last.name, last.type, last.file_path) == ("dim_customers", "create_mart", "models/marts/dim_customers.sql")


async def test_existing_models_may_be_built_on() -> None:
    context = ProjectContext(is_incremental=True, existing_models=["dim_customers"], existing_sources=["shop"])
    provider: Any = create_ai_provider("openai", {"api_key": "k"})
    text = json.dumps({"actions": [staging(1, "orders"), mart(2, "fct_orders", "stg_shop__orders", "dim_customers")]})
    mock_reply(provider, text)
    request = shop()
    request.context = context
    plan = await provider.generate_execution_plan(request)
    assert names(plan) == ["stg_shop__orders", "fct_orders"]
