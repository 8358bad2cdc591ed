"""What a model's plan costs: tokens beside one prompt that holds everything, and time beside the ideal.

Tokens are counted by the product's own estimate on both sides. The prompts are those that would go out; the answers of
the single prompt are the six-field form of the offline plan, those of the product what its prompts expect.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cartridge.ai.base import ModelGenerationRequest, ModelType, ProjectContext
from cartridge.ai.estimate import estimate
from cartridge.ai.factory import create_ai_provider
from cartridge.ai.parts import MAX_ANSWER_TOKENS
from cartridge.ai.prompt import Prompt
from cartridge.ai.prompts import PLANNER_SYSTEM_PROMPT
from cartridge.ai.tokens import estimate_tokens
from cartridge.plan import draft_offline
from keys_growth import schema
from tables import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from model_replies import good_text, make_request
from model_servers import COMPATIBLE, serve

COLUMNS_PER_TABLE = 20
CHUNKS = 40
AT_ONCE = 8
LATENCY = 1.0
"""Seconds that the server takes for an answer."""
SINGLE_PROMPT = """\
You plan how raw tables become part of a dbt project. Answer with one JSON object and nothing else:
{"strategy": "greenfield" or "brownfield", "actions": [{"step_id": 1, "type": "create_source", "name": "shop",
"file_path": "models/staging/shop/_shop__sources.yml", "description": "Raw tables of the shop", "dependencies": []}]}
`type` is create_source, create_staging, create_intermediate or create_mart. One source per schema, one staging model
per table, then intermediate models and marts (fct_, dim_) where they earn their place. Every dependency is an earlier
step or an existing model. Never plan what exists already.
"""
"""What the single prompt says before the tables: no more than it must, so that it is not made dearer than it is."""


def cost_tables(tables: tuple[int, ...]) -> Iterator[Table]:
    """Tokens by the number of tables and of existing models; then time and repeated calls."""
    yield _tokens(tables)
    yield _calls()


def _tokens(sizes: tuple[int, ...]) -> Table:
    heads = ("tables / existing models", "calls", "in", "out", "longest answer", "single: in", "single: out", "share")
    table = Table("Cost of a model's plan: tokens, beside a single prompt", heads)
    for size in sizes:
        for existing in (0, 100, 1_000):
            table.rows.append(_row(size, existing))
    table.notes.append(
        f"Tables of {COLUMNS_PER_TABLE} columns. `share`: tokens both ways, of the single prompt's. An answer above "
        f"{MAX_ANSWER_TOKENS:,} tokens may be cut off by a model's limit; both sides are estimates by characters. "
        f"{estimate_tokens(PLANNER_SYSTEM_PROMPT):,} tokens of every call are the rules of modelling, whatever its "
        f"size; the single prompt has none ({estimate_tokens(SINGLE_PROMPT):,} tokens before the tables)."
    )
    return table


def _row(size: int, existing: int) -> tuple[str, ...]:
    request = _request(size, existing)
    ours = estimate(request, "openai")
    naive_in, naive_out = _single(request)
    longest = max((prompt.tokens_expected for prompt in ours.prompts), default=0)
    share = (ours.tokens_in + ours.tokens_out) / (naive_in + naive_out)
    counts = (ours.calls, ours.tokens_in, ours.tokens_out, longest, naive_in, naive_out)
    return (f"{size:,} / {existing:,}", *(f"{count:,}" for count in counts), f"{share:.2f}")


def _request(size: int, existing: int) -> ModelGenerationRequest:
    once = list({table.key: table for table in schema(size * COLUMNS_PER_TABLE)}.values())
    context = ProjectContext(
        is_incremental=existing > 0, existing_models=[f"stg_legacy__entity_{at}" for at in range(existing)]
    )
    layers = [ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS]
    return ModelGenerationRequest(tables=once, model_types=layers, context=context)  # type: ignore[arg-type]


def _single(request: ModelGenerationRequest) -> tuple[int, int]:
    """Tokens in and out of one prompt with every column of every table and every model, as JSON."""
    context = request.context or ProjectContext()
    tables = [
        {"table": f"{t.schema}.{t.name}", "columns": [{"name": c.name, "type": c.data_type} for c in t.columns]}
        for t in request.tables
    ]
    sent = SINGLE_PROMPT + json.dumps({"tables": tables, "existing_models": context.existing_models})
    fields = ("step_id", "type", "name", "file_path", "description", "dependencies")
    answer = [{name: getattr(step, name) for name in fields} for step in draft_offline(request).actions]
    return estimate_tokens(sent), estimate_tokens(json.dumps(answer))


def _calls() -> Table:
    ideal = math.ceil(CHUNKS / AT_ONCE) * LATENCY
    table = Table("Cost of a model's plan: time and repetition", ("what", "measured", "ideal", "ratio"))
    with serve([COMPATIBLE.good(good_text(), delay=LATENCY)]) as server:
        provider: Any = create_ai_provider("openai-compatible", COMPATIBLE.config(server.address, concurrency=AT_ONCE))
        for when in ("the first of a process, which loads the SDK", "the next"):
            start = time.perf_counter()
            asyncio.run(provider._ask_all([Prompt(when, f"part {at}", {"type": "object"}) for at in range(CHUNKS)]))
            taken = time.perf_counter() - start
            called = f"{CHUNKS} calls, {AT_ONCE} at once, seconds: {when}"
            table.rows.append((called, f"{taken:.2f}", f"{ideal:.2f}", f"{taken / ideal:.2f}"))
    table.rows.append(("calls of a second run, with the cache", str(_second_run()), "0", "-"))
    return table


def _second_run() -> int:
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as folder, serve([COMPATIBLE.good(good_text())]) as server:
        os.environ["XDG_CACHE_HOME"] = folder
        try:
            for _ in range(2):
                seen = len(server.requests)
                provider = create_ai_provider("openai-compatible", COMPATIBLE.config(server.address, cache=True))
                asyncio.run(provider.generate_execution_plan(make_request()))
        finally:
            os.environ.pop("XDG_CACHE_HOME")
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before
        return len(server.requests) - seen
