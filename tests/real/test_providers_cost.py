"""What is counted, kept by the vendor, and asked at once, through the real SDKs against local servers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cartridge.ai import parts
from cartridge.ai.base import ColumnMapping, ModelGenerationRequest, TableMapping
from cartridge.ai.factory import create_ai_provider
from model_replies import good_text, make_request
from model_servers import ANTHROPIC, COMPATIBLE, GEMINI, OPENAI, PROTOCOLS, Protocol, Reply, serve

MARK = {"type": "ephemeral"}
USAGE: dict[str, tuple[str, dict[str, Any]]] = {
    "openai": ("usage", {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                         "prompt_tokens_details": {"cached_tokens": 64}}),
    "anthropic": ("usage", {"input_tokens": 30, "output_tokens": 20, "cache_creation_input_tokens": 6,
                            "cache_read_input_tokens": 64}),
    "gemini": ("usageMetadata", {"promptTokenCount": 100, "candidatesTokenCount": 12, "thoughtsTokenCount": 8,
                                 "cachedContentTokenCount": 64}),
}  # fmt: skip
"""A hundred tokens read, 64 of them from the vendor's cache, and twenty answered, thoughts included."""


@pytest.mark.parametrize("protocol", [OPENAI, ANTHROPIC, GEMINI], ids=lambda protocol: protocol.vendor)
async def test_all_tokens_are_counted_kept_ones_and_thoughts_too(protocol: Protocol) -> None:
    name, counts = USAGE[protocol.vendor]
    body = {**protocol.said(good_text()), name: counts}
    with serve([Reply(json.dumps(body).encode())]) as server:
        provider: Any = create_ai_provider(protocol.vendor, protocol.config(server.address))
        await provider.generate_execution_plan(make_request())
    spent = provider.spent
    assert (spent.calls, spent.tokens_in, spent.tokens_out, spent.tokens_cached) == (1, 100, 20, 64)


async def test_anthropic_is_told_what_to_keep() -> None:
    wrong = good_text().replace('"stg_ecommerce__orders"]', '"stg_ecommerce__nothing"]')
    with serve([ANTHROPIC.good(wrong), ANTHROPIC.good(good_text())]) as server:
        provider = create_ai_provider("anthropic", ANTHROPIC.config(server.address))
        await provider.generate_execution_plan(make_request())
    first, again = server.requests
    assert "cache_control" not in json.dumps(first), "what is not sent again costs more with a mark"
    assert (again["system"], again["messages"][0]) == (first["system"], first["messages"][0])
    assert again["messages"][-1]["content"][0]["cache_control"] == MARK


async def test_parts_share_a_system_prompt_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_PROMPT_TOKENS", 0)
    monkeypatch.setattr(parts, "TABLES_A_PART", 2)
    with serve([ANTHROPIC.good('{"models": []}')]) as server:
        provider = create_ai_provider("anthropic", ANTHROPIC.config(server.address))
        await provider.generate_execution_plan(chain(4))
    assert [[block["cache_control"] for block in asked["system"]] for asked in server.requests] == [[MARK], [MARK]]


async def test_a_server_that_keeps_nothing_is_asked_without_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_PROMPT_TOKENS", 0)
    monkeypatch.setattr(parts, "TABLES_A_PART", 2)
    refused = ANTHROPIC.bad(400, "system.0.cache_control: Extra inputs are not permitted")
    with serve([refused, ANTHROPIC.good('{"models": []}')]) as server:
        provider = create_ai_provider("anthropic", ANTHROPIC.config(server.address, concurrency=1))
        assert (await provider.generate_execution_plan(chain(4))).actions
    assert len(server.requests) == 3
    assert "cache_control" not in json.dumps(server.requests[1:])


def chain(count: int) -> ModelGenerationRequest:
    """Tables of which each refers to the one before."""
    tables = []
    for at in range(count):
        columns = [ColumnMapping("id", "bigint", nullable=False, is_primary_key=True), ColumnMapping("made_at", "date")]
        if at:
            columns.append(
                ColumnMapping(
                    "former_id",
                    "bigint",
                    is_foreign_key=True,
                    foreign_key_table=f"link_{at - 1}",
                    foreign_key_column="id",
                )
            )
        tables.append(TableMapping(f"link_{at}", "chain", columns=columns))
    return ModelGenerationRequest(tables=tables)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.vendor)
async def test_parts_are_asked_side_by_side_and_begin_alike(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is the same for all parts comes first: that is what every vendor's cache goes by."""
    monkeypatch.setattr(parts, "MAX_PROMPT_TOKENS", 0)
    monkeypatch.setattr(parts, "TABLES_A_PART", 2)
    with serve([protocol.good('{"models": []}', delay=0.3)]) as server:
        provider = create_ai_provider(protocol.vendor, protocol.config(server.address, concurrency=3))
        plan = await provider.generate_execution_plan(chain(12))
    assert (len(server.requests), server.busiest) == (6, 3)
    assert len(plan.actions) == 13
    system = {json.dumps(asked.get("system") or asked.get("systemInstruction") or asked["messages"][0])
              for asked in server.requests}  # fmt: skip
    assert len(system) == 1


async def test_no_answer_is_longer_than_what_was_asked_for() -> None:
    """A model with a low limit gets smaller parts: an answer is not cut off."""
    limit = 400
    with serve([COMPATIBLE.good('{"models": []}')]) as server:
        provider = create_ai_provider("openai-compatible", COMPATIBLE.config(server.address, max_tokens=limit))
        await provider.generate_execution_plan(chain(60))
    assert len(server.requests) > 1
    assert all(asked["max_tokens"] == limit for asked in server.requests)
