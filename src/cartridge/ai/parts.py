"""A request cut into prompts: one where everything fits, else parts that follow the relationships between tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cartridge.ai import prompts
from cartridge.ai.describe import build_prompt, existing_models, fill, prompt_values, wishes
from cartridge.ai.prompt import Prompt
from cartridge.ai.reply import decode_reply, read_reply
from cartridge.ai.settings import Settings
from cartridge.ai.short_form import MODELS_SCHEMA, Ground, read_models
from cartridge.ai.table_lines import FULL, LEAN, TableLines
from cartridge.domain.plan import ExecutionPlan, Finding, PlanAction
from cartridge.domain.schema import ModelType, TableKey
from cartridge.errors import ReplyError
from cartridge.plan.scope import Scope

MAX_ANSWER_TOKENS = 8_000
"""The longest answer that is asked for in one piece."""
MAX_PROMPT_TOKENS = 60_000
"""The longest prompt that is sent in one piece."""
TABLES_A_PART = 125
"""How many tables one part holds at most: few calls, and an answer far below any model's limit."""

_TOKENS_A_MODEL = 60
_EXISTING_A_PART = 40


@dataclass(frozen=True)
class Draft:
    """A plan put together from the answers, and which answer each action came from."""

    plan: ExecutionPlan
    owners: dict[str, int]
    unread: frozenset[int] = frozenset()
    """The answers that were no plan, and of which nothing was taken."""


@dataclass(frozen=True)
class Job:
    """The prompts of a request, and how their answers become one draft."""

    prompts: tuple[Prompt, ...]
    assemble: Callable[[Sequence[str | None]], Draft]

    @property
    def tokens(self) -> tuple[int, int]:
        """The tokens sent and answered, about, without repetitions and repairs."""
        return sum(prompt.tokens for prompt in self.prompts), sum(prompt.tokens_expected for prompt in self.prompts)


def job_for(scope: Scope, settings: Settings) -> Job:
    """One prompt for the whole request where it fits, else one for each part of it.

    Both ask for decisions alone, but where somebody wrote a system prompt of their own: it may speak of whole actions.
    """
    longest = min(MAX_ANSWER_TOKENS, settings.max_tokens or MAX_ANSWER_TOKENS)
    whole = build_prompt(scope, settings)
    ground = Ground(scope)
    if whole.tokens_expected <= longest and whole.tokens <= MAX_PROMPT_TOKENS:
        if prompts.asks_for_decisions_alone():
            whole = _whole_prompt(ground, settings)
        return Job((whole,), lambda texts: _whole(texts, ground))
    wanted = scope.wants(ModelType.INTERMEDIATE) or scope.wants(ModelType.MARTS)
    parts = parts_of(scope, _tables_that_fit(longest)) if wanted else []
    lines = TableLines(ground, settings, LEAN)
    built = tuple(replace(_part_prompt(part, lines), shared=len(parts) > 1) for part in parts)
    return Job(built, lambda texts: _merged(texts, ground, settings))


def _tables_that_fit(longest: int) -> int:
    """For how many tables the answer stays within so many tokens; at least one, whatever the limit."""
    return max(1, (longest // _TOKENS_A_MODEL - 1) * 3 // 2)


def parts_of(scope: Scope, most: int | None = None) -> list[list[TableKey]]:
    """The tables in groups of at most `most` and `TABLES_A_PART`, those that refer to each other together as far as
    possible."""
    limit = min(TABLES_A_PART, most or TABLES_A_PART)
    neighbours: dict[TableKey, set[TableKey]] = {key: set() for key in scope.tables}
    for reference in scope.keys.relationships:
        if reference.table in neighbours and reference.ref_table in neighbours:
            neighbours[reference.table].add(reference.ref_table)
            neighbours[reference.ref_table].add(reference.table)
    order = _walk(neighbours)
    count = -(-len(order) // limit)
    size = -(-len(order) // count) if count else 0
    return [order[at : at + size] for at in range(0, len(order), size)] if size else []


def _walk(neighbours: dict[TableKey, set[TableKey]]) -> list[TableKey]:
    """Every table once, each as near as possible to those it is related to. Tables of few relations come first, so
    that a hub that everything refers to does not pull all of it into one part."""
    order: list[TableKey] = []
    seen: set[TableKey] = set()
    for start in sorted(neighbours, key=lambda key: (len(neighbours[key]) == 0, len(neighbours[key]), key)):
        stack = [start]
        while stack:
            key = stack.pop()
            if key in seen:
                continue
            seen.add(key)
            order.append(key)
            stack += sorted(neighbours[key] - seen, key=lambda other: (-len(neighbours[other]), other))
    return order


# ---------------------------------------------------------------- answers


def _whole(texts: Sequence[str | None], ground: Ground) -> Draft:
    short = isinstance(decode_reply(texts[0]).get("models"), list)
    scope = ground.scope
    plan = ground.expand(read_models(texts[0], scope)) if short else read_reply(texts[0], scope.request)
    return Draft(plan, dict.fromkeys((action.name for action in plan.actions), 0))


def _merged(texts: Sequence[str | None], ground: Ground, settings: Settings) -> Draft:
    """One plan from all answers. Of two models of one name, the first answer's stays, and the other is reported."""
    models: list[PlanAction] = []
    owners: dict[str, int] = {}
    findings: list[Finding] = []
    unread: set[int] = set()
    for at, text in enumerate(texts):
        try:
            found = read_models(text, ground.scope)
        except ReplyError as error:
            if settings.strict:
                raise
            findings.append(_warning("part-without-models", f"part {at + 1} of {len(texts)} gave no models: {error}"))
            unread.add(at)
            continue
        for model in found:
            if owners.setdefault(model.name, at) != at:
                findings.append(_warning("proposed-twice", f"{model.name} was proposed by two parts: the first stays"))
            else:
                models.append(model)
    plan = ground.expand(models)
    return Draft(plan.model_copy(update={"findings": [*plan.findings, *findings]}), owners, frozenset(unread))


def _warning(code: str, message: str) -> Finding:
    return Finding(code=code, severity="warning", message=message)


# ---------------------------------------------------------------- prompts


def _whole_prompt(ground: Ground, settings: Settings) -> Prompt:
    scope = ground.scope
    lines = TableLines(ground, settings, FULL)
    told = [*wishes(scope.request), "<data>", *map(lines.line, scope.tables.values()), "</data>"]
    return _prompt(prompt_values(scope, settings, "\n".join(told)), len(scope.tables))


def _part_prompt(part: Sequence[TableKey], lines: TableLines) -> Prompt:
    scope = lines.ground.scope
    tables = [scope.tables[key] for key in part]
    values = prompt_values(scope, lines.settings, _part_tables(part, lines))
    values["existing_models"] = existing_models(sorted(scope.existing_models), tables, _EXISTING_A_PART)
    return _prompt(values, len(part))


def _prompt(values: Mapping[str, str], tables: int) -> Prompt:
    user = fill(prompts.PLANNER_USER_PROMPT, values)
    expected = _TOKENS_A_MODEL * (tables * 2 // 3 + 1)
    return Prompt(prompts.PLANNER_SYSTEM_PROMPT, user, MODELS_SCHEMA, tokens_expected=expected)


def _part_tables(part: Sequence[TableKey], lines: TableLines) -> str:
    scope = lines.ground.scope
    inside = set(part)
    outside = {
        reference.ref_table
        for key in part
        for reference in lines.references.get(key, ())
        if reference.ref_table in scope.tables and reference.ref_table not in inside
    }
    told = [prompts.PLANNER_PART_PROMPT, *wishes(scope.request), "<data>", "Tables:"]
    told += [lines.line(scope.tables[key]) for key in part]
    if outside:
        told += ["Neighbours:", *map(lines.neighbour, sorted(outside))]
    return "\n".join([*told, "</data>"])
