"""What would be sent is what is sent, and is said before."""

from __future__ import annotations

from typing import Any

import pytest

from cartridge.ai.estimate import estimate
from cartridge.ai.factory import create_ai_provider
from cartridge.errors import ProviderConfigError
from model_replies import good_text, make_request, mock_reply


async def test_the_prompts_of_the_estimate_are_those_that_go_out() -> None:
    request = make_request(business_context="B2B only")
    said = estimate(request, "openai/gpt-4")
    assert (said.model, said.calls, len(said.prompts)) == ("gpt-4", 1, 1)
    provider: Any = create_ai_provider("openai/gpt-4", {"api_key": "k"})
    call = mock_reply(provider, good_text())
    await provider.generate_execution_plan(request)
    system, user = call.call_args.kwargs["messages"]
    assert (system["content"], user["content"]) == (said.prompts[0].system, said.prompts[0].user)
    assert 0.5 < said.tokens_in / ((len(system["content"]) + len(user["content"])) / 4) < 2
    assert said.tokens_out > 0


def test_the_offline_planner_costs_nothing() -> None:
    said = estimate(make_request(), "offline")
    assert (said.calls, said.tokens_in, said.tokens_out) == (0, 0, 0)


def test_an_unknown_provider() -> None:
    with pytest.raises(ProviderConfigError):
        estimate(make_request(), "nobody")
