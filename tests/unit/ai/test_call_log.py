"""The record of calls: on request, complete, and without the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from cartridge.ai.factory import create_ai_provider
from cartridge.errors import InputError, ProviderTimeoutError
from model_replies import MODEL_VENDORS, good_text, make_request, mock_reply

KEY = "sk-tell-nobody"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("vendor", MODEL_VENDORS)
async def test_every_call_is_a_line(vendor: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    provider: Any = create_ai_provider(vendor, {"api_key": KEY, "call_log": str(path), "max_retries": 0})
    await_good = mock_reply(provider, good_text())
    request = make_request(business_context=f"Our key is {KEY}")
    await provider.generate_execution_plan(request)
    await_good.side_effect = TimeoutError()
    with pytest.raises(ProviderTimeoutError):
        await provider.generate_execution_plan(request)
    good, bad = lines(path)
    assert (good["vendor"], good["model"], good["reply"]) == (vendor, provider.model, good_text())
    assert "orders" in good["messages"][0]["content"]
    assert good["tokens_in"] > 100
    assert bad["error"] == "ProviderTimeoutError"
    assert KEY not in path.read_text(encoding="utf-8")


async def test_the_vendors_own_counts_win() -> None:
    provider: Any = create_ai_provider("openai", {"api_key": "k"})
    mock_reply(provider, good_text(), usage=MagicMock(prompt_tokens=11, completion_tokens=7))
    await provider.generate_execution_plan(make_request())
    assert (provider.spent.calls, provider.spent.tokens_in, provider.spent.tokens_out) == (1, 11, 7)


async def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    provider: Any = create_ai_provider("openai", {"api_key": "k", "call_log": str(tmp_path)})
    mock_reply(provider, good_text())
    with pytest.raises(InputError, match="call_log"):
        await provider.generate_execution_plan(make_request())
