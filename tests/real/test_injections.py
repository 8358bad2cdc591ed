"""Instructions to the model, hidden in the names and comments of a database, and a model that obeys every one of them.

`tests/cases/injections.jsonl` holds what each one says, and the answer of a model that does as it is told. Neither gets
out of the fence of the prompt, and the plan is the one that no obedience would have given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from cli_child import cartridge_command, tree

from cartridge.ai import parts
from cartridge.ai.base import ColumnMapping, ExecutionPlan, ModelGenerationRequest, ModelType, TableMapping
from cartridge.ai.describe import quote
from cartridge.ai.factory import create_ai_provider
from cartridge.ai.parts import job_for
from cartridge.ai.settings import Settings
from cartridge.errors import ReplyError
from cartridge.plan import scope_of
from model_servers import COMPATIBLE, Server, serve
from reply_cases import files_outside, outside
from shared_data import REPOSITORY

ATTEMPTS = [
    json.loads(line) for line in (REPOSITORY / "tests/cases/injections.jsonl").read_text("utf-8").splitlines() if line
]
HARMLESS = "harmless"


def hidden(says: str) -> ModelGenerationRequest:
    """Orders of customers, and a third table that says it in its name, its comment, a column and that one's comment."""
    key = ColumnMapping("id", "bigint", nullable=False, is_primary_key=True)
    to = ColumnMapping(
        "customer_id", "bigint", is_foreign_key=True, foreign_key_table="customers", foreign_key_column="id"
    )
    told = ColumnMapping(says, "text", description=says)
    tables = {"customers": [key, told], "orders": [key, to], says: [key, told]}
    return ModelGenerationRequest(
        tables=[TableMapping(name, "shop", columns=columns, description=says) for name, columns in tables.items()],
        model_types=[ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS],
    )


def test_there_are_fifty() -> None:
    assert len({attempt["says"] for attempt in ATTEMPTS}) >= 50


def unfenced(text: str) -> str:
    """What stands outside `<data>` and `</data>`."""
    return re.sub(r"<data>.*?</data>", "<data></data>", text, flags=re.DOTALL)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=range(len(ATTEMPTS)))
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "parts"])
def test_the_fence_of_the_prompt_holds(attempt: dict[str, str], whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not whole:
        monkeypatch.setattr(parts, "MAX_PROMPT_TOKENS", 0)
    (prompt,) = job_for(scope_of(hidden(attempt["says"])), Settings()).prompts
    (usual,) = job_for(scope_of(hidden(HARMLESS)), Settings()).prompts
    assert prompt.system == usual.system
    assert unfenced(prompt.user) == unfenced(usual.user)
    assert prompt.user.count("<data>") == prompt.user.count("</data>") == usual.user.count("<data>")
    assert len(prompt.user.splitlines()) == len(usual.user.splitlines())


@pytest.fixture(scope="module")
def obedient() -> Iterator[Server]:
    """A server whose model does what stands in the schema; it says nothing of its own to what is harmless."""

    def answer(asked: dict[str, list[dict[str, str]]]) -> str:
        prompt = asked["messages"][1]["content"]
        for attempt in ATTEMPTS:
            if _as_sent(attempt["says"]) in prompt:
                return attempt["obeyed"]
        return '{"models": []}'

    with serve(lambda asked: COMPATIBLE.good(answer(asked))) as server:
        yield server


def _as_sent(says: str) -> str:
    """How a name stands in a prompt."""
    return quote(says)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=range(len(ATTEMPTS)))
async def test_a_model_that_obeys_changes_nothing(attempt: dict[str, str], obedient: Server) -> None:
    config = COMPATIBLE.config(obedient.address, strict=False, complete=True, repairs=1)
    request = hidden(attempt["says"])
    usual = await create_ai_provider("offline").generate_execution_plan(request)
    seen = len(obedient.requests)
    provider = create_ai_provider(COMPATIBLE.vendor, config)
    try:
        plan: ExecutionPlan = await provider.generate_execution_plan(request)
    except ReplyError:
        return  # The model said something that is no plan: the user is told so.
    finally:
        assert len(obedient.requests) > seen
    assert [(step.type, step.name, step.file_path) for step in plan.actions] == [
        (step.type, step.name, step.file_path) for step in usual.actions
    ]
    assert outside(plan) == files_outside(plan, request) == []


def all_obeyed() -> str:
    """One answer that does as all of them say."""
    answers = [json.loads(attempt["obeyed"]) for attempt in ATTEMPTS if attempt["obeyed"].endswith("]}")]
    told = [step for answer in answers for step in answer.get("actions", [])]
    for model in (model for answer in answers for model in answer.get("models", [])):
        told.append({"type": "create_mart", "file_path": f"models/marts/{model['name']}.sql", **model})
    return json.dumps({"actions": [{**step, "step_id": at} for at, step in enumerate(told, 1)]})


def test_from_a_database_to_files_on_disk(tmp_path: Path) -> None:
    """All of them in one database, by the command line: only files below `models/`, and nothing that was asked for."""
    desk = tmp_path / "a" / "b" / "desk"
    desk.mkdir(parents=True)
    with duckdb.connect(str(desk / "shop.duckdb")) as base:
        base.execute("create table orders (id integer primary key, total integer)")
        for at, attempt in enumerate(ATTEMPTS):
            says = attempt["says"].replace("\u0000", "")
            name, text = '"' + says.replace('"', '""') + '"', "'" + says.replace("'", "''") + "'"
            base.execute(f'create table {name} (id integer primary key, {name[:-1]} {at}" text)')
            base.execute(f"comment on table {name} is {text}")
            base.execute(f"comment on column {name}.id is {text}")
    before = tree(tmp_path)
    with serve([COMPATIBLE.good(all_obeyed())]) as server:
        model = ["--ai", "openai-compatible/m", "--base-url", f"{server.address}/v1", "--no-cache"]
        planned = cartridge_command("plan", "shop.duckdb", *model, "--name", "shop", cwd=desk)
        assert len(server.requests) == 3
    assert planned.returncode == 0, planned.stderr[-2000:]
    applied = cartridge_command("apply", "plan.json", "--project", "project", cwd=desk)
    assert applied.returncode == 0, applied.stderr[-2000:]
    written = tree(tmp_path).keys() - before.keys() - {"a/b/desk/plan.json"}
    assert len(written) > len(ATTEMPTS)
    assert all(name.startswith("a/b/desk/project/") for name in written)
    assert not [name for name in written if name.endswith(("/fct_pwned.sql", "/int_pwned.sql", "/no_fences.sql"))]
    assert not [name for name in written if "/macros/" in name or "/.git/" in name]
