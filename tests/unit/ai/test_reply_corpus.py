"""Two hundred answers of models, kept as files, and what becomes of each; then the good ones, changed at random.

Whatever a model answers ends as a plan that passed the gate, or as one of our errors; never a path outside `models/`.
"""

from __future__ import annotations

import asyncio
import json
import os
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.ai.base import ExecutionPlan
from cartridge.ai.factory import create_ai_provider
from cartridge.errors import CartridgeError, PlanError, ReplyError
from cartridge.plan import scope_of
from cartridge.plan.gate import judge
from model_replies import mock_reply
from reply_cases import BROWNFIELD, ReplyCase, files_outside, kept, outside, read_cases, request_of

CASES = read_cases()
DEEP = bool(os.environ.get("CARTRIDGE_DEEP"))
STRICT: dict[str, Any] = {}
MENDED = {"strict": False, "complete": True}
"""What the command line asks for."""


@cache
def provider(*, mended: bool) -> Any:
    """One provider of each kind: making the SDK's client takes longer than a plan."""
    return create_ai_provider("openai", {"api_key": "k", "repairs": 0, **(MENDED if mended else STRICT)})


def planned(text: str, file: str, *, mended: bool) -> ExecutionPlan | CartridgeError:
    """The plan that an answer gives, or our error, a `ValueError`. Anything else that is raised fails the test."""
    made = provider(mended=mended)
    mock_reply(made, text)
    try:
        plan: ExecutionPlan = asyncio.run(made.generate_execution_plan(request_of(file)))
    except (PlanError, ReplyError) as error:
        return error
    assert outside(plan) == []
    return plan


def test_there_are_two_hundred_and_no_two_are_alike() -> None:
    assert len(CASES) >= 200
    assert len({(case.file, case.text) for case in CASES}) == len(CASES)
    assert {case.file for case in CASES} == {"valid", "broken", "hostile", BROWNFIELD}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_strict(case: ReplyCase) -> None:
    found = planned(case.text, case.file, mended=False)
    assert (kept(found) if isinstance(found, ExecutionPlan) else type(found).__name__) == case.strict


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=[pytest.mark.deep] if c.file == "valid" else [], id=c.id) for c in CASES]
)
def test_mended(case: ReplyCase) -> None:
    """As the command line asks: what is wrong is dropped, what is missing is added, and the files are looked at too."""
    found = planned(case.text, case.file, mended=True)
    if isinstance(found, CartridgeError):
        assert type(found).__name__ == case.mended
        return
    dropped = [finding.action for finding in found.findings if finding.code == "dropped"]
    assert (" ".join(["dropped", *map(str, dropped)]) if dropped else "ok") == case.mended
    request = request_of(case.file)
    assert not [finding for finding in judge(found, scope_of(request)).findings if finding.severity == "error"]
    if case.file != BROWNFIELD:  # Of that project only the names are known: joins to it are not rendered.
        assert files_outside(found, request) == []


# ---------------------------------------------------------------- changed at random


def value_of(case: ReplyCase) -> Any:
    """The JSON value that an answer is, or None where more stands around it."""
    try:
        return json.loads(case.text)
    except ValueError:
        return None


GOOD = [value for case in CASES if case.file == "valid" and (value := value_of(case))]
NASTY = st.sampled_from(
    (
        "../../x.sql", "/etc/passwd", "models/../../x.sql", "models/marts/x.sql", "..", ".", "CON", "", " ", "x" * 300,
        "shop", "stg_shop__orders", "fct_x", "create_mart", "create_source", "'; drop table x; --", "{{ x }}",
        "a\u0000b", "\ud800",
    )
)  # fmt: skip
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | NASTY | st.lists(NASTY, max_size=3)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@st.composite
def changed_replies(draw: st.DrawFn) -> str:
    """A good answer with up to four values taken out, doubled, exchanged or replaced; then perhaps letters too."""
    reply = deepcopy(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 4))):
        found = places(reply)[1:]
        if not found:
            break
        path = draw(st.sampled_from(found))
        parent, key = at(reply, path[:-1]), path[-1]
        what = draw(st.sampled_from(["replace", "remove", "double", "exchange"]))
        if what == "replace":
            parent[key] = draw(VALUES)
        elif what == "remove":
            del parent[key]
        elif what == "double" and isinstance(parent, list):
            parent.append(parent[key])
        else:
            parent[key] = deepcopy(at(reply, draw(st.sampled_from(found))))
    text = json.dumps(reply)
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(text) - 1))
        text = text[:place] + draw(st.text(max_size=3)) + text[place + draw(st.integers(0, 3)) :]
    return text


@given(text=changed_replies(), mended=st.booleans(), file=st.sampled_from(["valid", BROWNFIELD]))
@settings(max_examples=3_000 if DEEP else 60, deadline=None)
def test_a_good_answer_changed_at_random(text: str, mended: bool, file: str) -> None:
    planned(text, file, mended=mended)
