"""Requests of any size: cut along relationships, asked side by side, put together into one plan."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from cartridge.ai import parts, prompts
from cartridge.ai.base import ColumnMapping, ModelGenerationRequest, ModelType, TableMapping
from cartridge.ai.factory import create_ai_provider
from cartridge.ai.parts import TABLES_A_PART, job_for, parts_of
from cartridge.ai.settings import Settings
from cartridge.errors import InvalidReplyError, PlanError, QuotaError
from cartridge.plan import resolve, scope_of


def many(count: int, **changes: Any) -> ModelGenerationRequest:
    """`count` tables in families of five: a parent, its children and one hub that all refer to."""
    tables = []
    for number in range(count):
        family = number - number % 5
        columns = [ColumnMapping("id", "bigint", nullable=False, is_primary_key=True)]
        for other in {family, 0} - {number}:
            columns.append(
                ColumnMapping(
                    f"thing_{other}_id",
                    "bigint",
                    is_foreign_key=True,
                    foreign_key_table=f"thing_{other}",
                    foreign_key_column="id",
                )
            )
        columns += [ColumnMapping("amount", "numeric"), ColumnMapping("happened_at", "timestamp")]
        tables.append(TableMapping(name=f"thing_{number}", schema="shop", columns=columns))
    return ModelGenerationRequest(tables=tables, **changes)


def provider(**config: Any) -> Any:
    return create_ai_provider("openai", {"api_key": "k", **config})


def answering(made: Any, answer: Any) -> AsyncMock:
    """Lets the provider answer what a function makes of the user prompt."""

    async def create(**given: Any) -> MagicMock:
        await asyncio.sleep(0)
        text = answer(given["messages"][-1]["content"])
        return MagicMock(choices=[MagicMock(message=MagicMock(content=text))])

    made.client.chat.completions.create = AsyncMock(side_effect=create)
    return made.client.chat.completions.create


def fact_for_every_table(prompt: str) -> str:
    """A model that proposes a fact on every table of its part."""
    inside = prompt.partition("Tables:")[2].partition("Neighbours:")[0]
    staged = re.findall(r"^stg_shop__\w+", inside, re.MULTILINE)
    models = [
        {"name": name.replace("stg_shop__", "fct_"), "dependencies": [name], "description": f"One row per {name}"}
        for name in staged
    ]
    return json.dumps({"models": models})


def test_a_small_request_is_one_prompt_for_decisions_alone() -> None:
    (prompt,) = job_for(scope_of(many(40)), Settings()).prompts
    assert list(prompt.schema["properties"]) == ["models"]
    assert prompt.user.count("\nstg_shop__thing_") == 40


def test_a_system_prompt_of_ones_own_may_ask_for_whole_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PLANNER_SYSTEM_PROMPT", "Answer with strategy and actions.")
    (prompt,) = job_for(scope_of(many(40)), Settings()).prompts
    assert "actions" in prompt.schema["properties"]
    assert "shop.thing_7" in prompt.user.splitlines()


async def test_a_staging_model_may_be_described() -> None:
    made = provider()
    told = [{"name": "stg_shop__thing_1", "dependencies": [], "description": "One row per vessel"}]
    answering(made, lambda _: json.dumps({"models": told}))
    plan = await made.generate_execution_plan(many(3))
    described = {step.name: step.description for step in plan.actions}
    assert described["stg_shop__thing_1"] == "One row per vessel"
    assert len(described) == 4


@pytest.mark.parametrize("count", [100, 251, 1000])
def test_a_large_request_is_cut_and_every_table_is_in_one_part(count: int) -> None:
    scope = scope_of(many(count))
    found = parts_of(scope)
    assert sorted(key for part in found for key in part) == sorted(scope.tables)
    assert len(found) == -(-count // TABLES_A_PART)
    assert max(map(len, found)) <= TABLES_A_PART
    assert found == parts_of(scope)


def test_families_stay_together() -> None:
    found = parts_of(scope_of(many(500)))
    where = {name: at for at, part in enumerate(found) for _, name in part}
    apart = sum(where[f"thing_{number}"] != where[f"thing_{number - number % 5}"] for number in range(500))
    assert apart <= 2 * len(found)


async def test_the_parts_become_one_plan() -> None:
    made = provider()
    call = answering(made, fact_for_every_table)
    request = many(230, model_types=[ModelType.STAGING, ModelType.MARTS])
    plan = await made.generate_execution_plan(request)
    assert call.await_count == 2
    kinds = [step.type for step in plan.actions]
    assert [kinds.count(kind) for kind in ("create_source", "create_staging", "create_mart")] == [1, 230, 230]
    assert len(resolve(plan, request).actions) == 461


async def test_the_errors_of_a_part_go_back_to_that_part_alone() -> None:
    made = provider()
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        if "thing_7;" in prompt or "thing_7 " in prompt.partition("Neighbours:")[0].partition("Tables:")[2]:
            return json.dumps({"models": [{"name": "fct_x", "dependencies": ["stg_invented"], "description": ""}]})
        return '{"models": []}'

    answering(made, answer)
    plan = await made.generate_execution_plan(many(150))
    assert len(asked) == 3
    assert "found errors" in asked[-1]
    assert "fct_x" not in [step.name for step in plan.actions]


async def test_what_no_repair_mends_stops_a_strict_plan_and_is_dropped_from_another() -> None:
    def answer(_: str) -> str:
        return json.dumps({"models": [{"name": "fct_x", "dependencies": ["stg_invented"], "description": "d"}]})

    made = provider()
    answering(made, answer)
    with pytest.raises(PlanError, match="stg_invented"):
        await made.generate_execution_plan(many(150))
    made = provider(strict=False)
    answering(made, answer)
    plan = await made.generate_execution_plan(many(150))
    codes = {finding.code for finding in plan.findings}
    assert {"dropped", "proposed-twice"} <= codes


def broken_at(*calls: int) -> Callable[[str], str]:
    """A model that answers so many calls with what is no plan."""
    count = itertools.count(1)
    return lambda prompt: "oh no" if next(count) in calls else fact_for_every_table(prompt)


async def test_one_broken_part_is_asked_again() -> None:
    made = provider()
    call = answering(made, broken_at(1))
    plan = await made.generate_execution_plan(many(150))
    assert call.await_count == 3
    assert "part-without-models" not in {finding.code for finding in plan.findings}


async def test_one_part_that_stays_broken_stops_a_strict_plan_and_is_reported_in_another() -> None:
    made = provider()
    answering(made, broken_at(1, 3, 4))
    with pytest.raises(InvalidReplyError):
        await made.generate_execution_plan(many(150))
    made = provider(strict=False)
    answering(made, broken_at(1, 3, 4))
    plan = await made.generate_execution_plan(many(150))
    assert [finding.code for finding in plan.findings].count("part-without-models") == 1
    assert any(step.type == "create_mart" for step in plan.actions)


async def test_a_model_of_which_nothing_can_be_read_gives_no_plan() -> None:
    made = provider(strict=False, complete=True, repairs=0)
    answering(made, lambda _: "oh no")
    with pytest.raises(InvalidReplyError):
        await made.generate_execution_plan(many(150))


async def test_of_a_part_that_was_cut_off_the_beginning_counts() -> None:
    """Its models in full stay, those of the other part too; what is missing is completed, each said."""
    made = provider(strict=False, complete=True)
    request = many(150, model_types=[ModelType.STAGING, ModelType.MARTS])

    async def create(**given: Any) -> MagicMock:
        text = fact_for_every_table(given["messages"][-1]["content"])
        cut = "stg_shop__thing_7;" in given["messages"][-1]["content"].partition("Neighbours:")[0]
        text = text[: text.index("}, {", 200) + 10] if cut else text
        ending = "length" if cut else "stop"
        return MagicMock(choices=[MagicMock(message=MagicMock(content=text), finish_reason=ending)])

    made.client.chat.completions.create = AsyncMock(side_effect=create)
    plan = await made.generate_execution_plan(request)
    assert made.client.chat.completions.create.await_count == 2
    facts = [step for step in plan.actions if step.description.startswith("One row per stg_shop__thing")]
    assert 70 < len(facts) < 80
    codes = [finding.code for finding in plan.findings]
    assert codes.count("cut-off-answer") == 1
    assert codes.count("completed") == sum(step.type == "create_mart" for step in plan.actions) - len(facts)
    assert len(resolve(plan, request).actions) == len(plan.actions)


async def test_so_many_calls_at_once_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "TABLES_A_PART", 10)
    made = provider(concurrency=3)
    busy, most = 0, 0

    async def create(**_: Any) -> MagicMock:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.01)
        busy -= 1
        return MagicMock(choices=[MagicMock(message=MagicMock(content='{"models": []}'))])

    made.client.chat.completions.create = AsyncMock(side_effect=create)
    await made.generate_execution_plan(many(150))
    assert made.client.chat.completions.create.await_count == 15
    assert most == 3


async def test_one_error_stops_the_other_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "TABLES_A_PART", 10)
    made = provider(concurrency=2)
    call = answering(made, lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await made.generate_execution_plan(many(150))
    assert call.await_count < 15


async def test_only_staging_needs_no_call() -> None:
    made = provider()
    call = answering(made, fact_for_every_table)
    plan = await made.generate_execution_plan(many(150, model_types=[ModelType.STAGING]))
    assert call.await_count == 0
    assert len(plan.actions) == 151


async def test_the_budget_stops_before_it_is_passed() -> None:
    made = provider(max_tokens_total=12_000)
    call = answering(made, fact_for_every_table)
    with pytest.raises(QuotaError, match="max_tokens_total"):
        await made.generate_execution_plan(many(1000))
    assert call.await_count < 10
    assert made.spent.tokens_in + made.spent.tokens_out <= 12_000


def test_prompts_fit_a_small_context() -> None:
    scope = scope_of(many(150))
    for limit in (2_000, 4_000):
        job = job_for(scope, Settings(max_prompt_tokens=limit))
        assert max(prompt.tokens for prompt in job.prompts) <= limit
        asked = "".join(prompt.user.partition("Tables:")[2].partition("Neighbours:")[0] for prompt in job.prompts)
        assert asked.count("\nstg_shop__thing_") == 150
    assert len(job_for(scope, Settings(max_prompt_tokens=1)).prompts) == 150


def test_the_prompt_of_a_part_is_lean() -> None:
    job = job_for(scope_of(many(1000)), Settings())
    sent, answered = job.tokens
    assert sent < 60 * 1000
    assert answered < 8_000 * len(job.prompts)
