"""The path that all models share, with the SDK's methods replaced as the quick start does it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest
from google.genai.types import FinishReason

from cartridge.ai import fault, model_provider, prompts
from cartridge.ai.base import ModelGenerationRequest, ProjectContext
from cartridge.ai.factory import create_ai_provider
from cartridge.ai.short_form import MODELS_SCHEMA
from cartridge.errors import (
    EmptyReplyError,
    InputError,
    InvalidReplyError,
    RefusalError,
    TruncatedReplyError,
)
from model_replies import MODEL_VENDORS, good_text, make_request, mock_reply, plan_reply

NAMES = [item["name"] for item in plan_reply()["actions"]]


@pytest.fixture
def request_() -> ModelGenerationRequest:
    """The request of the quick start."""
    return make_request()


@pytest.fixture(params=MODEL_VENDORS)
def provider(request: pytest.FixtureRequest) -> Any:
    return create_ai_provider(request.param, {"api_key": "sk-tell-nobody"})


def sent(call: AsyncMock, vendor: str) -> tuple[str, str, dict[str, Any]]:
    """The system prompt, the user prompt and all parameters of the last call."""
    given = call.call_args.kwargs
    if vendor == "openai":
        system, user = given["messages"]
        assert (system["role"], user["role"]) == ("system", "user")
        return system["content"], user["content"], given
    if vendor == "anthropic":
        return given["system"], given["messages"][0]["content"], given | given["extra_body"]
    return given["config"]["system_instruction"], given["contents"], given | given["config"]


class TestReplies:
    async def test_a_good_reply_comes_back_as_it_is(self, provider: Any, request_: ModelGenerationRequest) -> None:
        call = mock_reply(provider, good_text())
        plan = await provider.generate_execution_plan(request_)
        assert (plan.strategy, [step.name for step in plan.actions]) == ("greenfield", NAMES)
        assert [step.step_id for step in plan.actions] == [1, 2, 3]
        assert call.await_count == 1

    @pytest.mark.parametrize("text", ["no json", '{"actions": 3}', "```json\nnot\n```"])
    async def test_no_json(self, provider: Any, text: str, request_: ModelGenerationRequest) -> None:
        mock_reply(provider, text)
        with pytest.raises(ValueError, match="Invalid JSON response") as caught:
            await provider.generate_execution_plan(request_)
        assert isinstance(caught.value, InvalidReplyError)

    @pytest.mark.parametrize("text", ["", "  ", None])
    async def test_nothing(self, provider: Any, text: str | None, request_: ModelGenerationRequest) -> None:
        mock_reply(provider, text)
        with pytest.raises(ValueError, match="Empty response") as caught:
            await provider.generate_execution_plan(request_)
        assert isinstance(caught.value, EmptyReplyError)

    async def test_a_bare_mock_answers_nothing(self, provider: Any, request_: ModelGenerationRequest) -> None:
        mock_reply(provider, MagicMock())
        with pytest.raises(EmptyReplyError):
            await provider.generate_execution_plan(request_)

    async def test_foreign_errors_pass_as_they_are(self, provider: Any, request_: ModelGenerationRequest) -> None:
        call = mock_reply(provider, "")
        call.side_effect = ZeroDivisionError("not the vendor's")
        with pytest.raises(ZeroDivisionError):
            await provider.generate_execution_plan(request_)
        assert call.await_count == 1

    async def test_what_is_no_request_is_refused(self, provider: Any) -> None:
        with pytest.raises(InputError, match="ModelGenerationRequest"):
            await provider.generate_execution_plan({"tables": []})


REAL_FIELDS = [
    ("openai", {"refusal": "I will not"}, RefusalError),
    ("openai", {"finish_reason": "content_filter"}, RefusalError),
    ("openai", {"finish_reason": "length"}, TruncatedReplyError),
    ("anthropic", {"stop_reason": "refusal"}, RefusalError),
    ("anthropic", {"stop_reason": "max_tokens"}, TruncatedReplyError),
    ("anthropic", {"stop_reason": "model_context_window_exceeded"}, TruncatedReplyError),
    ("gemini", {"prompt_feedback": MagicMock(block_reason="SAFETY")}, RefusalError),
    ("gemini", {"candidates": [MagicMock(finish_reason="PROHIBITED_CONTENT")]}, RefusalError),
    ("gemini", {"candidates": [MagicMock(finish_reason="MAX_TOKENS")]}, TruncatedReplyError),
]


@pytest.mark.parametrize(("vendor", "fields", "kind"), REAL_FIELDS, ids=range(len(REAL_FIELDS)))
async def test_real_values_of_a_vendors_fields_count(
    vendor: str, fields: dict[str, Any], kind: type[Exception]
) -> None:
    provider: Any = create_ai_provider(vendor, {"api_key": "k"})
    mock_reply(provider, good_text(), **fields)
    with pytest.raises(kind):
        await provider.generate_execution_plan(make_request())


async def test_gemini_enums_count_as_their_values() -> None:
    provider: Any = create_ai_provider("gemini", {"api_key": "k"})
    mock_reply(provider, good_text(), candidates=[MagicMock(finish_reason=FinishReason.STOP)])
    assert (await provider.generate_execution_plan(make_request())).actions
    mock_reply(provider, good_text(), candidates=[MagicMock(finish_reason=FinishReason.SAFETY)])
    with pytest.raises(RefusalError, match="SAFETY"):
        await provider.generate_execution_plan(make_request())


async def test_anthropic_thoughts_are_no_answer_and_a_tools_input_is_one() -> None:
    provider: Any = create_ai_provider("anthropic", {"api_key": "k"})
    thought = MagicMock(type="thinking", text='{"actions": []}', thinking="hm")
    mock_reply(provider, "").return_value = MagicMock(content=[thought, MagicMock(type="text", text=good_text())])
    assert len((await provider.generate_execution_plan(make_request())).actions) == 3
    tool = MagicMock(type="tool_use", input=plan_reply())
    mock_reply(provider, "").return_value = MagicMock(content=[thought, tool])
    assert len((await provider.generate_execution_plan(make_request())).actions) == 3


class TestClient:
    async def test_it_is_one_object_made_when_needed(self, provider: Any) -> None:
        assert "client" not in vars(provider)
        assert provider.client is provider.client

    def test_what_was_replaced_is_called_in_any_loop(self, provider: Any, request_: ModelGenerationRequest) -> None:
        call = mock_reply(provider, good_text())
        client = provider.client
        for _ in range(2):
            assert asyncio.run(provider.generate_execution_plan(request_)).actions
        assert call.await_count == 2
        assert provider.client is client

    async def test_it_may_be_replaced_as_a_whole(self, provider: Any, request_: ModelGenerationRequest) -> None:
        provider.client = MagicMock()
        mock_reply(provider, good_text())
        assert (await provider.generate_execution_plan(request_)).actions


class TestParameters:
    async def test_temperature_model_and_json_are_asked_for(
        self, provider: Any, request_: ModelGenerationRequest
    ) -> None:
        call = mock_reply(provider, good_text())
        await provider.generate_execution_plan(request_)
        *_, given = sent(call, provider.vendor_name)
        assert given["temperature"] == 0.1
        assert given["model"] == provider.model
        assert json.dumps(MODELS_SCHEMA) in json.dumps(given, default=str)

    @pytest.mark.parametrize("model", ["gpt-4", "gpt-3.5-turbo", "gpt-4o", "some-model-of-tomorrow"])
    async def test_openai_is_asked_for_json_whatever_the_model(self, model: str) -> None:
        provider: Any = create_ai_provider("openai", {"api_key": "k", "model": model})
        call = mock_reply(provider, good_text())
        await provider.generate_execution_plan(make_request())
        known_old = model in ("gpt-4", "gpt-3.5-turbo")
        assert call.call_args.kwargs["response_format"]["type"] == ("json_object" if known_old else "json_schema")

    async def test_the_longest_answer_goes_out_under_the_vendors_name(self, provider: Any) -> None:
        names = {"openai": "max_completion_tokens", "anthropic": "max_tokens", "gemini": "max_output_tokens"}
        limited: Any = create_ai_provider(provider.vendor_name, {"api_key": "k", "max_tokens": 77})
        call = mock_reply(limited, good_text())
        await limited.generate_execution_plan(make_request())
        *_, given = sent(call, provider.vendor_name)
        assert given[names[provider.vendor_name]] == 77


class TestPrompts:
    async def test_prompts_are_read_when_called(
        self, provider: Any, request_: ModelGenerationRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = mock_reply(provider, good_text())
        monkeypatch.setattr(prompts, "PLANNER_SYSTEM_PROMPT", 'Braces {stay} {{as}} {"they": {"are": 1}}')
        monkeypatch.setattr(prompts, "PLANNER_USER_PROMPT", "{project_name}|{warehouse_type}|{schema_name}")
        await provider.generate_execution_plan(request_)
        system, user, _ = sent(call, provider.vendor_name)
        assert system == 'Braces {stay} {{as}} {"they": {"are": 1}}'
        assert user == "my_dbt_project|postgresql|ecommerce"

    async def test_the_request_reaches_the_model(self, provider: Any) -> None:
        context = ProjectContext(
            is_incremental=True,
            existing_models=["stg_customers", "fct_sales"],
            existing_sources=["marketing"],
            naming_conventions={"staging": "stg_"},
            project_name="my_shop",
        )
        call = mock_reply(provider, good_text().replace("greenfield", "brownfield"))
        request = make_request(context, business_context="Orders are B2B", naming_convention="All in snake case")
        await provider.generate_execution_plan(request)
        system, user, _ = sent(call, provider.vendor_name)
        assert system == prompts.PLANNER_SYSTEM_PROMPT
        for word in ("my_shop", "stg_customers", "fct_sales", "marketing", "Orders are B2B", "All in snake case",
                     "prefix of staging: stg_", "orders", "customer_id -> customers", "10k rows"):  # fmt: skip
            assert word in user


class TestWaiting:
    @pytest.fixture
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        times: list[float] = []

        async def sleep(seconds: float) -> None:
            times.append(seconds)

        monkeypatch.setattr(model_provider.asyncio, "sleep", sleep)
        return times

    async def test_a_broken_connection_is_tried_again(
        self, provider: Any, slept: list[float], request_: ModelGenerationRequest
    ) -> None:
        call = mock_reply(provider, good_text())
        call.side_effect = [ConnectionError("reset"), ConnectionError("reset"), call.return_value]
        assert (await provider.generate_execution_plan(request_)).actions
        assert call.await_count == 3
        assert 0 < slept[0] < slept[1]

    @pytest.mark.parametrize("retries", [0, 1, 3])
    async def test_no_more_often_than_asked(self, retries: int, slept: list[float]) -> None:
        provider: Any = create_ai_provider("openai", {"api_key": "k", "max_retries": retries})
        call = mock_reply(provider, good_text())
        call.side_effect = TimeoutError()
        with pytest.raises(fault.ProviderTimeoutError):
            await provider.generate_execution_plan(make_request())
        assert (call.await_count, len(slept)) == (retries + 1, retries)

    async def test_cancelling_stops_at_once(self, provider: Any, request_: ModelGenerationRequest) -> None:
        call = mock_reply(provider, good_text())
        call.side_effect = asyncio.CancelledError()
        with pytest.raises(asyncio.CancelledError):
            await provider.generate_execution_plan(request_)
        assert call.await_count == 1
