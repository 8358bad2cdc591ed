"""Every vendor through its real SDK, against a local server that speaks its protocol.

Asked of each answer: the right plan or the right error class, the right number of calls, and no secret anywhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from cartridge.ai.base import ExecutionPlan
from cartridge.ai.factory import create_ai_provider
from cartridge.errors import (
    AuthenticationError,
    CartridgeError,
    EmptyReplyError,
    InvalidReplyError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    QuotaError,
    RefusalError,
    TruncatedReplyError,
)
from model_replies import good_text, make_request, plan_reply
from model_servers import COMPATIBLE, KEY, OPENAI, PROTOCOLS, Protocol, Reply, closed_port, serve

NAMES = [item["name"] for item in plan_reply()["actions"]]
SOON = {"retry-after": "0.01"}


@pytest.fixture(params=PROTOCOLS, ids=[protocol.vendor for protocol in PROTOCOLS])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _no_secret_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text


async def ask(protocol: Protocol, address: str, **config: Any) -> ExecutionPlan:
    provider = create_ai_provider(protocol.vendor, protocol.config(address, **config))
    return await provider.generate_execution_plan(make_request())


def message(caught: pytest.ExceptionInfo[BaseException]) -> str:
    """What a user would see: the message, the representation, and no secret in either."""
    text = f"{caught.value} {caught.value!r}"
    assert KEY not in text
    assert caught.value.__cause__ is None
    return text


async def test_a_good_reply_after_one_call(protocol: Protocol) -> None:
    with serve([protocol.good(good_text())]) as server:
        plan = await ask(protocol, server.address)
    assert [step.name for step in plan.actions] == NAMES
    assert server.paths == [protocol.path]
    assert "planner" not in json.dumps(server.requests)
    assert "stg_ecommerce__orders" in json.dumps(server.requests)


async def test_the_key_goes_where_the_vendor_wants_it(protocol: Protocol) -> None:
    with serve([protocol.good(good_text())]) as server:
        await ask(protocol, server.address)
    assert [name for name, value in server.headers[0].items() if KEY in value] == [protocol.key_header]
    assert KEY not in json.dumps(server.requests) + "".join(server.paths)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_passes_is_tried_again(protocol: Protocol, status: int) -> None:
    with serve([protocol.bad(status, headers=SOON), protocol.good(good_text())]) as server:
        plan = await ask(protocol, server.address)
    assert (len(plan.actions), len(server.requests)) == (3, 2)


async def test_a_server_error_without_a_wish_is_tried_again(protocol: Protocol) -> None:
    with serve([protocol.bad(500), protocol.good(good_text())]) as server:
        assert (await ask(protocol, server.address)).actions
    assert len(server.requests) == 2


ERRORS: list[tuple[int, type[CartridgeError], int]] = [
    (429, QuotaError, 3),
    (500, ProviderError, 3),
    (401, AuthenticationError, 1),
    (403, AuthenticationError, 1),
    (404, ModelNotFoundError, 1),
    (400, ProviderError, 1),
]


@pytest.mark.parametrize(("status", "kind", "calls"), ERRORS, ids=[str(case[0]) for case in ERRORS])
async def test_statuses(protocol: Protocol, status: int, kind: type[CartridgeError], calls: int) -> None:
    script = [protocol.bad(status, f"no, {KEY} is wrong", headers=SOON)]
    with serve(script) as server, pytest.raises(kind) as caught:
        await ask(protocol, server.address)
    assert type(caught.value) is kind
    assert f"({status})" in message(caught)
    assert "***" in message(caught)
    assert len(server.requests) == calls


@pytest.mark.parametrize(
    ("headers", "wait"), [({"retry-after": "7"}, 7.0), ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5)]
)
async def test_the_wait_that_is_asked_for_is_kept(
    protocol: Protocol, headers: dict[str, str], wait: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with serve([protocol.bad(429, headers=headers), protocol.good(good_text())]) as server:
        assert (await ask(protocol, server.address)).actions
    assert wait in waited
    assert len(server.requests) == 2


async def test_a_quota_that_is_used_up_is_asked_once(protocol: Protocol) -> None:
    said = "You exceeded your current quota, please check your plan and billing details (insufficient_quota)"
    with serve([protocol.bad(429, said, headers=SOON)]) as server, pytest.raises(QuotaError, match="billing") as caught:
        await ask(protocol, server.address)
    assert message(caught)
    assert len(server.requests) == 1


async def test_a_wait_of_an_hour_is_not_waited_for(protocol: Protocol) -> None:
    with serve([protocol.bad(429, headers={"retry-after": "3600"})]) as server, pytest.raises(QuotaError):
        await ask(protocol, server.address)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("not JSON", InvalidReplyError),
        ('{"actions": [', InvalidReplyError),
        ("{}", InvalidReplyError),
        ('{"strategy": "greenfield", "actions": [{"type": 1}]}', InvalidReplyError),
        ('{"models": ["fct_orders"]}', InvalidReplyError),
        ("\u00a0\n", EmptyReplyError),
        ("", EmptyReplyError),
    ],
)
async def test_answers_that_are_no_plan(protocol: Protocol, text: str, kind: type[CartridgeError]) -> None:
    with serve([protocol.good(text)]) as server, pytest.raises(kind) as caught:
        await ask(protocol, server.address)
    assert message(caught).startswith(("Invalid JSON response", "Empty response"))
    assert len(server.requests) == 3, "what is no plan goes back twice"


@pytest.mark.parametrize("text", ["not JSON", '{"actions": [', ""])
async def test_an_answer_that_is_no_plan_goes_back_with_what_is_wrong(protocol: Protocol, text: str) -> None:
    with serve([protocol.good(text), protocol.good(good_text())]) as server:
        assert [step.name for step in (await ask(protocol, server.address)).actions] == NAMES
    first, again = map(json.dumps, server.requests)
    assert "found errors in this answer" in again
    assert ("Invalid JSON response" if text else "Empty response") in again
    assert len(again) > len(first)


async def test_ten_megabytes_of_nothing(protocol: Protocol) -> None:
    with serve([protocol.good("x" * 10_000_000)]) as server, pytest.raises(InvalidReplyError) as caught:
        await ask(protocol, server.address)
    assert len(message(caught)) < 500
    assert [len(json.dumps(asked)) < 20_000 for asked in server.requests] == [True] * 3


async def test_ten_megabytes_that_are_no_answer(protocol: Protocol) -> None:
    with serve([Reply(b"<html>" * 1_700_000, content_type="text/html")]) as server, pytest.raises(ValueError) as caught:
        await ask(protocol, server.address)
    assert isinstance(caught.value, CartridgeError)
    assert len(message(caught)) < 1_000
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "text/html; charset=utf-8", ""])
async def test_a_good_answer_of_another_content_type(protocol: Protocol, kind: str) -> None:
    with serve([protocol.good(good_text(), content_type=kind)]) as server:
        try:
            assert [step.name for step in (await ask(protocol, server.address)).actions] == NAMES
        except InvalidReplyError as error:
            assert "base_url" in str(error)  # noqa: PT017 - both are right, by the SDK
    assert len(server.requests) == 1


@pytest.mark.parametrize("which", ["refused", "filtered"])
async def test_a_refusal(protocol: Protocol, which: str) -> None:
    body = json.dumps(getattr(protocol, which)).encode()
    with serve([Reply(body)]) as server, pytest.raises(RefusalError) as caught:
        await ask(protocol, server.address)
    assert "Reword" in message(caught)
    assert len(server.requests) == 1


async def test_a_content_filter_that_answers_with_an_error() -> None:
    said = "The response was filtered due to the prompt triggering the content management policy (content_filter)"
    with serve([OPENAI.bad(400, said)]) as server, pytest.raises(RefusalError):
        await ask(COMPATIBLE, server.address)
    assert len(server.requests) == 1


async def test_an_answer_that_was_cut_off(protocol: Protocol) -> None:
    with serve([Reply(json.dumps(protocol.cut_off).encode())]) as server, pytest.raises(TruncatedReplyError):
        await ask(protocol, server.address)
    assert len(server.requests) == 1


CUT = good_text()[: good_text().rindex('"name"')]
"""The source and the staging model in full, and the beginning of a fact."""


def cut_off(protocol: Protocol) -> Reply:
    """A reply that ends at the output limit in the middle of its third action."""
    return Reply(
        json.dumps(protocol.cut_off).replace(json.dumps('{"actions": [')[1:-1], json.dumps(CUT)[1:-1]).encode()
    )


async def test_what_was_said_before_the_limit_is_completed(protocol: Protocol) -> None:
    with serve([cut_off(protocol)]) as server:
        provider: Any = create_ai_provider(
            protocol.vendor, protocol.config(server.address, strict=False, complete=True)
        )
        plan = await provider.generate_execution_plan(make_request())
    assert [step.name for step in plan.actions] == NAMES
    assert [step.description for step in plan.actions][:2] == [item["description"] for item in plan_reply()["actions"]][
        :2
    ]
    said = [
        (finding.code, finding.action) for finding in plan.findings if finding.code in ("cut-off-answer", "completed")
    ]
    assert said == [("cut-off-answer", None), ("completed", "fct_orders")]
    assert len(server.requests) == 1, "it would be cut off again"
    assert provider.spent.tokens_out == 7, "what was cut off is paid for"


@pytest.mark.parametrize("config", [{}, {"strict": False}, {"complete": True}])
async def test_where_nothing_is_completed_a_cut_is_an_error(protocol: Protocol, config: dict[str, Any]) -> None:
    with serve([cut_off(protocol)]) as server, pytest.raises(TruncatedReplyError, match="max_tokens"):
        await ask(protocol, server.address, **config)
    assert len(server.requests) == 1


async def test_no_answer_in_time(protocol: Protocol) -> None:
    with serve([protocol.good(good_text(), delay=5.0)]) as server, pytest.raises(ProviderTimeoutError) as caught:
        await ask(protocol, server.address, timeout=0.5, max_retries=0)
    assert "timeout" in message(caught)
    assert len(server.requests) <= 1  # A busy machine may need all the time for the connection.


@pytest.mark.parametrize("cut", [0, 20])
async def test_a_connection_reset_in_the_body(protocol: Protocol, cut: int) -> None:
    with serve([protocol.good(good_text(), cut=cut), protocol.good(good_text())]) as server:
        assert (await ask(protocol, server.address)).actions
    assert len(server.requests) == 2
    with serve([protocol.good(good_text(), cut=cut)]) as server, pytest.raises(ProviderConnectionError) as caught:
        await ask(protocol, server.address, max_retries=0)
    assert "base_url" in message(caught)
    assert len(server.requests) == 1


async def test_nobody_listens(protocol: Protocol) -> None:
    with pytest.raises(ProviderConnectionError) as caught:
        await ask(protocol, f"http://127.0.0.1:{closed_port()}", max_retries=0)
    assert "127.0.0.1" in message(caught)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>Login</html>", content_type="text/html"),
        Reply(b"<html>Login</html>"),
        Reply(b'{"choices": [', content_type="application/json"),
        Reply(b'{"hello": "world"}'),
        Reply(b"[]"),
        Reply(b"null"),
        Reply(b"\xff\xfe\x00", content_type="application/octet-stream"),
    ],
    ids=["html", "html as json", "broken", "other", "list", "null", "bytes"],
)
async def test_a_server_that_speaks_something_else(protocol: Protocol, reply: Reply) -> None:
    with serve([reply]) as server, pytest.raises(CartridgeError) as caught:
        await ask(protocol, server.address, max_retries=0)
    assert isinstance(caught.value, ValueError), message(caught)
    assert len(server.requests) == 1


REFUSED_PARAMETERS = {
    "openai": [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
        "Unsupported value: 'temperature' does not support 0.1 with this model.",
    ],
    "anthropic": [
        "output_config: Extra inputs are not permitted",
        "tool_choice: this model does not support forced tool use",
        "`temperature` is deprecated for this model.",
        "max_tokens: 32000 > 4096, which is the maximum allowed number of output tokens for the-model",
    ],
    "gemini": [
        "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config'",
        "JSON mode is not enabled for models/the-model",
    ],
}


async def test_parameters_that_a_model_refuses_are_left_out_one_by_one(protocol: Protocol) -> None:
    messages = REFUSED_PARAMETERS.get(protocol.vendor, REFUSED_PARAMETERS["openai"])
    script = [*(protocol.bad(400, text) for text in messages), protocol.good(good_text())]
    with serve(script) as server:
        provider = create_ai_provider(protocol.vendor, protocol.config(server.address))
        assert (await provider.generate_execution_plan(make_request())).actions
        assert len(server.requests) == len(script)
        bodies = [json.dumps(body) for body in server.requests]
        assert len(set(bodies)) == len(bodies)
        assert "json_schema" not in bodies[-1]
        assert "responseJsonSchema" not in bodies[-1]
        # What was learned is kept: the next plan takes one call.
        assert (await provider.generate_execution_plan(make_request())).actions
        assert json.dumps(server.requests[-1]) == bodies[-1]
    assert len(server.requests) == len(script) + 1


async def test_a_parameter_that_is_refused_again_is_no_endless_loop(protocol: Protocol) -> None:
    every = " ".join(text for texts in REFUSED_PARAMETERS.values() for text in texts)
    with serve([protocol.bad(400, every)]) as server, pytest.raises(ProviderError):
        await ask(protocol, server.address)
    assert len(server.requests) <= 6


def test_one_client_serves_one_loop_after_another(protocol: Protocol) -> None:
    with serve([protocol.good(good_text())]) as server:
        provider: Any = create_ai_provider(protocol.vendor, protocol.config(server.address))
        client = provider.client
        for _ in range(3):
            assert asyncio.run(provider.generate_execution_plan(make_request())).actions
        assert provider.client is client
    assert len(server.requests) == 3


async def test_cancelling_ends_the_call(protocol: Protocol) -> None:
    with serve([protocol.good(good_text(), delay=5.0)]) as server:
        task = asyncio.create_task(ask(protocol, server.address))
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(server.requests) == 1


async def test_a_server_without_a_key_gets_none() -> None:
    with serve([OPENAI.good(good_text())]) as server:
        provider = create_ai_provider("openai-compatible", {"base_url": f"{server.address}/v1", "model": "m"})
        assert (await provider.generate_execution_plan(make_request())).actions
    assert server.headers[0]["authorization"] == "Bearer none"
