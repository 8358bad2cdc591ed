"""From a model's answer to a draft plan. Any text ends as a plan or a `ReplyError`; nothing else can come of it.

Only the six public fields of an action are taken; whatever else a reply holds is ignored. A fence, prose or a train of
thought around the JSON is tolerated: the first JSON object that has `actions` is the plan.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NoReturn, cast

from cartridge.domain.plan import ACTION_TYPES, ExecutionPlan, ModelGenerationRequest, PlanAction
from cartridge.errors import EmptyReplyError, InvalidReplyError

MAX_REPLY_CHARACTERS = 8_000_000
"""A plan for 10,000 tables has about 4 million."""

_SEARCH_BUDGET = 500_000_000
"""Characters read while looking for the plan among braces; bounds the work on hostile text to about a second."""

_LIST = re.compile(r'"(actions|models)"\s*:\s*\[')
_SPACE = re.compile(r"[\s,]*")
_FENCE = re.compile(r"\A```[A-Za-z]*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)

_ACTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "step_id": {"type": "integer", "description": "1, 2, 3, ... in order of dependency"},
        "type": {"type": "string", "enum": list(ACTION_TYPES[:4])},
        "name": {"type": "string", "description": "name of the source or model"},
        "file_path": {"type": "string", "description": "relative path below models/"},
        "description": {"type": "string", "description": "what one row is and what it is for"},
        "dependencies": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["step_id", "type", "name", "file_path", "description", "dependencies"],
    "additionalProperties": False,
}
PLAN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "strategy": {"type": "string", "enum": ["greenfield", "brownfield"]},
        "actions": {"type": "array", "items": _ACTION_SCHEMA},
    },
    "required": ["strategy", "actions"],
    "additionalProperties": False,
}
"""The JSON schema of a reply, in the subset that every vendor's constrained output knows."""


def read_reply(text: str | None, request: ModelGenerationRequest) -> ExecutionPlan:
    """The draft plan in a model's answer. A missing `strategy` follows from the request's context.

    Raises:
        EmptyReplyError: there is no text.
        InvalidReplyError: the text holds no plan; the message names the field that is wrong.
    """
    found = decode_reply(text, ("actions",))
    strategy = _strategy(found.get("strategy"), request)
    return ExecutionPlan(strategy=strategy, actions=[_action(item, at) for at, item in enumerate(found["actions"])])


def decode_reply(text: str | None, lists: Sequence[str] = ("actions", "models")) -> dict[str, Any]:
    """The JSON object of an answer: the first one that has one of the `lists`.

    Raises:
        EmptyReplyError: there is no text.
        InvalidReplyError: the text holds no such object.
    """
    if text is None or not text.strip():
        raise EmptyReplyError("Empty response: the model answered no text. Ask again, or try another model")
    if len(text) > MAX_REPLY_CHARACTERS:
        invalid(f"the answer has {len(text):,} characters; more than {MAX_REPLY_CHARACTERS:,} are not read")
    found = find_plan(text, lists)
    if found is None:
        wanted = " or ".join(f"`{name}`" for name in lists)
        invalid(f"no JSON object with a list of {wanted} in the answer, which begins {_excerpt(text.strip())}")
    return found


def find_plan(text: str, lists: Sequence[str] = ("actions",)) -> dict[str, Any] | None:
    """The first JSON object in the text, or inside one, that has one of the `lists`; a bare list of actions counts too.

    What follows a train of thought (`<think> ... </think>`) is looked at first.
    """
    _, closing, answer = text.rpartition("</think>")
    if closing and (plan := find_plan(answer, lists)) is not None:
        return plan
    stripped = text.strip().lstrip("\ufeff")
    fenced = _FENCE.match(stripped)
    whole = _decode(fenced[1] if fenced else stripped)
    if isinstance(whole, list) and whole and all(isinstance(item, dict) and "type" in item for item in whole):
        return {"actions": whole}
    for value in _objects(stripped):
        plan = _plan_within(value, lists)
        if plan is not None:
            return plan
    return None


def whole_part(text: str | None) -> str | None:
    """What was said in full by an answer that ends in the middle: an answer of its own; None where nothing was."""
    begun = _LIST.search(text or "")
    if text is None or begun is None:
        return None
    items: list[Any] = []
    place = begun.end()
    while True:
        try:
            item, place = _DECODER.raw_decode(text, _SPACE.match(text, place).end())  # type: ignore[union-attr]
        except (ValueError, RecursionError):
            return json.dumps({begun[1]: items}) if items else None
        items.append(item)


def _decode(text: str) -> Any:
    """The JSON value that the whole text is, or None."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _objects(text: str) -> Iterator[Any]:
    """Every outermost JSON object in the text, in order, as far as the budget allows."""
    spent = 0
    start = text.find("{")
    while start >= 0 and spent < _SEARCH_BUDGET:
        try:
            value, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            # The error counts lines from the very beginning; an unterminated string was read to the very end.
            spent += 1 + (len(text) if error.msg.startswith("Unterminated string") else error.pos)
            start = text.find("{", start + 1)
        except (ValueError, RecursionError):
            # A number of more digits than Python reads, NaN, or brackets nested too deep.
            spent += len(text)
            start = text.find("{", start + 1)
        else:
            spent += end - start
            yield value
            start = text.find("{", end)


def _plan_within(value: Any, lists: Sequence[str], depth: int = 0) -> dict[str, Any] | None:
    """The object itself, or the first one inside it, that has one of the `lists`; three levels down at most."""
    if isinstance(value, dict):
        if any(isinstance(value.get(name), list) for name in lists):
            return cast("dict[str, Any]", value)
        if depth < 3:
            found = (_plan_within(inner, lists, depth + 1) for inner in value.values())
            return next((plan for plan in found if plan is not None), None)
    return None


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _strategy(value: Any, request: ModelGenerationRequest) -> Literal["greenfield", "brownfield"]:
    if value is None:
        return expected_strategy(request)
    word = value.strip().lower() if isinstance(value, str) else value
    if word not in ("greenfield", "brownfield"):
        invalid(f"strategy: must be 'greenfield' or 'brownfield', got {_excerpt(value)}")
    return "greenfield" if word == "greenfield" else "brownfield"


def expected_strategy(request: ModelGenerationRequest) -> Literal["greenfield", "brownfield"]:
    """What the request's context says: brownfield where a project exists."""
    context = request.context
    if context and (context.is_incremental or context.existing_models or context.existing_sources):
        return "brownfield"
    return "greenfield"


def _action(item: Any, at: int) -> PlanAction:
    where = f"actions[{at}]"
    if not isinstance(item, dict):
        invalid(f"{where}: must be an object, got {_kind(item)}")
    dependencies = item.get("dependencies")
    if dependencies is None:
        dependencies = []
    if not isinstance(dependencies, list):
        invalid(f"{where}.dependencies: must be a list of names, got {_kind(dependencies)}")
    return PlanAction(
        step_id=_step_id(item, where),
        type=_word(item, "type", where),
        name=_word(item, "name", where),
        file_path=_word(item, "file_path", where),
        description=_prose(item.get("description"), f"{where}.description"),
        dependencies=[check_text(name, f"{where}.dependencies[{i}]") for i, name in enumerate(dependencies)],
    )


def _step_id(item: dict[str, Any], where: str) -> int:
    if "step_id" not in item:
        invalid(f"{where}.step_id: is missing")
    value = item["step_id"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not -(10**9) < value < 10**9:
        invalid(f"{where}.step_id: must be a whole number, got {_excerpt(value)}")
    return value


def _word(item: dict[str, Any], key: str, where: str) -> str:
    if key not in item:
        invalid(f"{where}.{key}: is missing")
    return check_text(item[key], f"{where}.{key}")


def check_text(value: Any, where: str) -> str:
    """A name or path: one line of text, without spaces around it.

    Raises:
        InvalidReplyError: it is something else; the message says where.
    """
    if not isinstance(value, str) or not value.strip():
        invalid(f"{where}: must be text that is not empty, got {_excerpt(value)}")
    name = value.strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        invalid(f"{where}: holds control characters: {_excerpt(name)}")
    return name


def _prose(value: Any, where: str) -> str:
    """Text of any length, without characters that no file can hold."""
    if value is None:
        return ""
    if not isinstance(value, str):
        invalid(f"{where}: must be text, got {_kind(value)}")
    return "".join(c for c in value.strip() if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _excerpt(value: Any) -> str:
    """A value as one short line for a message."""
    if isinstance(value, dict | list):
        return _kind(value)
    text = ascii(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 80 else text[:77] + "..."


def invalid(problem: str) -> NoReturn:
    """Stops at an answer that is no plan."""
    raise InvalidReplyError(f"Invalid JSON response: {problem}")
