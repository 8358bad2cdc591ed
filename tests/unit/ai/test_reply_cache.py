"""The same question is asked once; another question, or an answer that failed the gate, is no answer to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cartridge.ai import prompts, reply_cache
from cartridge.ai.factory import create_ai_provider
from cartridge.errors import InvalidReplyError, PlanError
from model_replies import MODEL_VENDORS, action, good_text, make_request, mock_reply, plan_reply

KEY = "sk-tell-nobody"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cartridge" / "replies"


async def calls(text: object = None, vendor: str = "openai", **config: Any) -> int:
    """How many calls one plan took."""
    provider: Any = create_ai_provider(vendor, {"api_key": KEY, "cache": True, **config})
    call = mock_reply(provider, good_text() if text is None else text)
    plan = await provider.generate_execution_plan(make_request())
    assert plan.actions
    return int(call.await_count)


@pytest.mark.parametrize("vendor", MODEL_VENDORS)
async def test_the_second_time_takes_no_call(vendor: str, folder: Path) -> None:
    assert [await calls(vendor=vendor), await calls(vendor=vendor)] == [1, 0]
    (entry,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o077, entry.stat().st_mode & 0o077) == (0, 0)
    assert KEY not in entry.read_text()


async def test_off_unless_asked_for(folder: Path) -> None:
    assert [await calls(cache=False), await calls(cache=False)] == [1, 1]
    assert not folder.exists()


@pytest.mark.parametrize(
    "change",
    [{"vendor": "anthropic"}, {"model": "other"}, {"temperature": 0.2}, {"max_tokens": 900},
     {"base_url": "http://127.0.0.1:1/v1"}],
    ids=str,
)  # fmt: skip
async def test_another_question_is_asked(change: dict[str, Any]) -> None:
    await calls()
    assert await calls(**change) == 1


async def test_another_prompt_or_version_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    await calls()
    monkeypatch.setattr(prompts, "PLANNER_SYSTEM_PROMPT", "Plan.")
    assert await calls() == 1
    monkeypatch.setattr(reply_cache, "__version__", "99")
    assert await calls() == 1


async def test_a_reply_that_fails_the_gate_is_not_kept(folder: Path) -> None:
    bad = plan_reply()
    bad["actions"].append(action(4, type="create_mart", name="fct_x", file_path="models/marts/fct_x.sql",
                                 dependencies=["stg_nothing"]))  # fmt: skip
    with pytest.raises(PlanError):
        await calls(json.dumps(bad))
    assert await calls(json.dumps(bad), strict=False) == 3
    with pytest.raises(InvalidReplyError):
        await calls("no plan")
    assert not folder.exists()


async def test_what_was_mended_is_kept_for_the_first_question() -> None:
    provider: Any = create_ai_provider("openai", {"api_key": KEY, "cache": True})
    bad = plan_reply()
    bad["actions"][2]["dependencies"] = ["stg_nothing"]
    call = mock_reply(provider, json.dumps(bad))
    wrong, good = call.return_value, mock_reply(provider, good_text())
    good.side_effect = [wrong, good.return_value]
    await provider.generate_execution_plan(make_request())
    assert good.await_count == 2
    assert await calls() == 0


@pytest.mark.parametrize("bytes_", [b"", b"{", b"[1]", b'{"reply": 3}', b"\xff", b"[" * 100_000], ids=range(6))
async def test_a_broken_entry_is_none(folder: Path, bytes_: bytes) -> None:
    await calls()
    (entry,) = folder.iterdir()
    entry.write_bytes(bytes_)
    assert [await calls(), await calls()] == [1, 0]


async def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "cartridge").write_text("a file")
    assert [await calls(), await calls()] == [1, 1]
