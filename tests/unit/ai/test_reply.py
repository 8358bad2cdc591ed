"""Any text ends as a plan or as a reply error, whatever a model wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.ai.base import ExecutionPlan, ModelGenerationRequest, ProjectContext
from cartridge.ai.reply import MAX_REPLY_CHARACTERS, PLAN_SCHEMA, read_reply, whole_part
from cartridge.errors import EmptyReplyError, InvalidReplyError, ReplyError
from model_replies import action, make_request, plan_reply

GOOD = json.dumps(plan_reply())
NAMES = ["ecommerce", "stg_ecommerce__orders", "fct_orders"]


@pytest.fixture
def request_() -> ModelGenerationRequest:
    """The request of the quick start."""
    return make_request()


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        json.dumps(plan_reply(), indent=2),
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Here is the plan:\n\n```json\n{GOOD}\n```\nHope it helps {{}}!",
        f"The form is {{strategy, actions}}, so: {GOOD}. Done.",
        f"\ufeff  {GOOD}  ",
        f'{{"plan": {GOOD}}}',
        f'{{"thoughts": "first the source", "result": {{"execution_plan": {GOOD}}}}}',
        f'{{"note": "no plan here"}} {GOOD}',
        f"<think>Maybe {json.dumps({'actions': [action(7, name='draft')]})}?</think>{GOOD}",
        f"{json.dumps(PLAN_SCHEMA)}\n\n{GOOD}",
        json.dumps(plan_reply()["actions"]),
        GOOD.replace("}]}", '}], "comment": "extra", "version": 3}'),
        f'He said "{GOOD[:40]} ... {GOOD}',
    ],
    ids=range(15),
)
def test_the_plan_is_found(text: str, request_: ModelGenerationRequest) -> None:
    plan = read_reply(text, request_)
    assert plan.strategy == "greenfield"
    assert [step.name for step in plan.actions] == NAMES


def test_only_the_six_fields_are_taken(request_: ModelGenerationRequest) -> None:
    extra = action(detail={"kind": "model"}, properties_path="../x", evidence=[1], confidence=9, sql="drop table x")
    plan = read_reply(json.dumps({"strategy": "greenfield", "actions": [extra]}), request_)
    assert plan.model_dump() == {"strategy": "greenfield", "actions": [action()]}


@pytest.mark.parametrize(
    ("context", "strategy"),
    [
        (None, "greenfield"),
        (ProjectContext(), "greenfield"),
        (ProjectContext(is_incremental=True), "brownfield"),
        (ProjectContext(existing_models=["stg_a"]), "brownfield"),
        (ProjectContext(existing_sources=["a"]), "brownfield"),
    ],
)
def test_a_missing_strategy_follows_from_the_context(context: ProjectContext | None, strategy: str) -> None:
    assert read_reply('{"actions": []}', make_request(context)).strategy == strategy


def test_a_strategy_may_be_written_loosely(request_: ModelGenerationRequest) -> None:
    assert read_reply('{"strategy": " Brownfield ", "actions": []}', request_).strategy == "brownfield"


def test_step_ids_and_optional_fields_may_be_written_loosely(request_: ModelGenerationRequest) -> None:
    loose = [action("1"), action(2.0, description=None, dependencies=None)]
    del loose[0]["description"], loose[0]["dependencies"]
    plan = read_reply(json.dumps({"actions": loose}), request_)
    assert [(step.step_id, step.description, step.dependencies) for step in plan.actions] == [(1, "", []), (2, "", [])]


@pytest.mark.parametrize("text", [None, "", "  \n\t "])
def test_nothing_is_an_empty_response(text: str | None, request_: ModelGenerationRequest) -> None:
    with pytest.raises(ValueError, match=r"^Empty response") as caught:
        read_reply(text, request_)
    assert isinstance(caught.value, EmptyReplyError)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"step_id": "one"}, "actions[0].step_id: must be a whole number, got 'one'"),
        ({"step_id": True}, "actions[0].step_id"),
        ({"step_id": None}, "actions[0].step_id"),
        ({"step_id": 1.5}, "actions[0].step_id"),
        ({"step_id": 10**20}, "actions[0].step_id"),
        ({"type": 3}, "actions[0].type: must be text"),
        ({"type": ""}, "actions[0].type"),
        ({"name": None}, "actions[0].name"),
        ({"name": "a\u0000b"}, "actions[0].name: holds control characters"),
        ({"name": "a\ud800b"}, "actions[0].name: holds control characters"),
        ({"file_path": ["x"]}, "actions[0].file_path: must be text that is not empty, got a list"),
        ({"file_path": "a\nb"}, "actions[0].file_path"),
        ({"description": 4}, "actions[0].description: must be text, got a number"),
        ({"dependencies": "a"}, "actions[0].dependencies: must be a list of names, got text"),
        ({"dependencies": [1]}, "actions[0].dependencies[0]"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], told: str, request_: ModelGenerationRequest) -> None:
    with pytest.raises(ValueError, match=r"^Invalid JSON response") as caught:
        read_reply(json.dumps({"strategy": "greenfield", "actions": [action(**changes)]}), request_)
    assert told in str(caught.value)


@pytest.mark.parametrize("missing", ["step_id", "type", "name", "file_path"])
def test_a_missing_field_is_named(missing: str, request_: ModelGenerationRequest) -> None:
    broken = {key: value for key, value in action().items() if key != missing}
    with pytest.raises(InvalidReplyError, match=rf"actions\[1\]\.{missing}: is missing"):
        read_reply(json.dumps({"actions": [action(), broken]}), request_)


DEEP = '{"actions": ' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize(
    "text",
    [
        "I cannot do that.",
        GOOD[:-30],
        "{}",
        "[]",
        "null",
        "42",
        '{"actions": {}}',
        '{"actions": "none"}',
        '{"actions": [[]]}',
        '{"actions": [null]}',
        '{"strategy": "redfield", "actions": []}',
        '{"strategy": 7, "actions": []}',
        '{"actions": [NaN]}',
        '{"actions": [{"step_id": ' + "9" * 5000 + "}]}",
        DEEP,
        '{"a": ' * 50_000,
        "{" * 500_000,
        '{"' * 200_000,
        "<think>" * 100_000 + "</think>" * 3,
        "x" * (MAX_REPLY_CHARACTERS + 1),
    ],
    ids=range(20),
)
def test_what_is_no_plan_is_an_invalid_response(text: str, request_: ModelGenerationRequest) -> None:
    with pytest.raises(ValueError, match=r"^Invalid JSON response") as caught:
        read_reply(text, request_)
    assert isinstance(caught.value, InvalidReplyError)
    assert len(str(caught.value)) < 300


def test_descriptions_lose_what_no_file_can_hold(request_: ModelGenerationRequest) -> None:
    text = json.dumps({"actions": [action(description=" One row\u0000 per\ud800 order\nwith a line ")]})
    assert read_reply(text, request_).actions[0].description == "One row per order\nwith a line"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
FIELDS = ("step_id", "type", "name", "file_path", "description", "dependencies")


def accepted(text: str) -> ExecutionPlan | None:
    """The plan, or None for a reply error. Anything else raised is a failure of the test."""
    try:
        return read_reply(text, make_request())
    except ReplyError:
        return None


@given(st.text())
@settings(deadline=None)
def test_any_text_is_a_plan_or_a_reply_error(text: str) -> None:
    accepted(text)


@given(st.lists(JSON, max_size=3), st.text(max_size=10), st.text(max_size=10))
@settings(max_examples=200, deadline=None)
def test_any_json_in_the_place_of_actions(actions: list[Any], before: str, after: str) -> None:
    accepted(before + json.dumps({"strategy": "greenfield", "actions": actions}) + after)


@given(st.sampled_from(FIELDS), JSON, st.integers(0, 2))
@settings(max_examples=200, deadline=None)
def test_any_value_in_the_place_of_a_field(name: str, value: Any, at: int) -> None:
    reply = plan_reply()
    reply["actions"][at][name] = value
    plan = accepted(json.dumps(reply))
    if plan is not None:
        assert len(plan.actions) == 3
        plan.model_dump_json().encode()  # Whatever was accepted can be written as UTF-8.


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_good_reply_cut_and_stuffed_anywhere(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, len(GOOD)))
    stuffing = data.draw(st.text(alphabet='{}[]",:\\ab0\n`', max_size=12))
    accepted(GOOD[:start] + stuffing + GOOD[end:])


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('{"models": [{"name": "a"}, {"name": "b"}, {"na', '{"models": [{"name": "a"}, {"name": "b"}]}'),
        (
            '```json\n{"strategy": "greenfield", "actions": [{"a": [1, {"b": "]}"}]} ,',
            '{"actions": [{"a": [1, {"b": "]}"}]}]}',
        ),
        ('{"models": [{"na', None),
        ('{"models": [', None),
        ('{"models": [' + "[" * 100_000, None),
        ("I think that", None),
        ("", None),
        (None, None),
    ],
)
def test_what_was_said_in_full_before_the_end(text: str | None, whole: str | None) -> None:
    assert whole_part(text) == whole
