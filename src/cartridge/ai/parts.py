"""A request cut into prompts: one where everything fits, else parts that follow the relationships between tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cartridge.ai import prompts
from cartridge.ai.call_log import Answer
from cartridge.ai.describe import build_prompt, existing_models, fill, prompt_values, wishes
from cartridge.ai.prompt import Prompt
from cartridge.ai.reply import decode_reply, read_reply, whole_part
from cartridge.ai.settings import Settings
from cartridge.ai.short_form import MODELS_SCHEMA, Ground, read_models
from cartridge.ai.table_lines import FULL, LEAN, TableLines
from cartridge.domain.plan import ExecutionPlan, Finding, PlanAction
from cartridge.domain.schema import ModelType, TableKey
from cartridge.errors import CartridgeError, ReplyError, TruncatedReplyError
from cartridge.plan.scope import Scope

MAX_ANSWER_TOKENS = 8_000
"""The longest answer that is asked for in one piece."""
MAX_PROMPT_TOKENS = 60_000
"""The longest prompt that is sent in one piece."""
TABLES_A_PART = 125
"""How many tables one part holds at most: few calls, and an answer far below any model's limit."""

_TOKENS_A_MODEL = 60


@dataclass(frozen=True)
class Draft:
    """A plan put together from the answers, and which answer each action came from."""

    plan: ExecutionPlan
    owners: dict[str, int]
    unread: Mapping[int, CartridgeError] = field(default_factory=dict)
    """The answers of which nothing was taken, and why."""


@dataclass(frozen=True)
class Job:
    """The prompts of a request, and how their answers become one draft."""

    prompts: tuple[Prompt, ...]
    assemble: Callable[[Sequence[Answer]], Draft]

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
    limit = min(MAX_PROMPT_TOKENS, settings.max_prompt_tokens or MAX_PROMPT_TOKENS)
    if whole.tokens_expected <= longest and whole.tokens <= limit:
        if prompts.asks_for_decisions_alone():
            whole = _whole_prompt(ground, settings)
        return Job((whole,), lambda answers: _whole(answers, ground))
    wanted = scope.wants(ModelType.INTERMEDIATE) or scope.wants(ModelType.MARTS)
    lines = TableLines(ground, settings, LEAN)
    built = _parts_that_fit(lines, _tables_that_fit(longest), settings.max_prompt_tokens) if wanted else []
    return Job(
        tuple(replace(prompt, shared=len(built) > 1) for prompt in built), lambda answers: _merged(answers, ground)
    )


def _parts_that_fit(lines: TableLines, most: int, limit: int | None) -> list[Prompt]:
    """The prompts of the parts, of ever fewer tables until none is longer than the limit, or each holds one table."""
    most = min(most, TABLES_A_PART)
    while True:
        built = [_part_prompt(part, lines) for part in parts_of(lines.ground.scope, most)]
        if limit is None or most == 1 or all(prompt.tokens <= limit for prompt in built):
            return built
        most = (most + 1) // 2


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


def _whole(answers: Sequence[Answer], ground: Ground) -> Draft:
    scope = ground.scope
    try:
        text, findings = _said(answers[0], "the answer")
        short = isinstance(decode_reply(text).get("models"), list)
        plan = ground.expand(read_models(text, scope)) if short else read_reply(text, scope.request)
    except (ReplyError, TruncatedReplyError) as error:
        return Draft(ground.plan, {}, {0: error})
    plan = plan.model_copy(update={"findings": [*plan.findings, *findings]})
    return Draft(plan, dict.fromkeys((action.name for action in plan.actions), 0))


def _merged(answers: Sequence[Answer], ground: Ground) -> Draft:
    """One plan from all answers. Of two models of one name, the first answer's stays, and the other is reported."""
    models: list[PlanAction] = []
    owners: dict[str, int] = {}
    findings: list[Finding] = []
    unread: dict[int, CartridgeError] = {}
    for at, answer in enumerate(answers):
        part = f"part {at + 1} of {len(answers)}"
        try:
            text, cut = _said(answer, part)
            found = read_models(text, ground.scope)
        except (ReplyError, TruncatedReplyError) as error:
            findings.append(_warning("part-without-models", f"{part} gave no models: {error}"))
            unread[at] = error
            continue
        findings += cut
        for model in found:
            if owners.setdefault(model.name, at) != at:
                findings.append(_warning("proposed-twice", f"{model.name} was proposed by two parts: the first stays"))
            else:
                models.append(model)
    plan = ground.expand(models)
    return Draft(plan.model_copy(update={"findings": [*plan.findings, *findings]}), owners, unread)


def _said(answer: Answer, part: str) -> tuple[str | None, list[Finding]]:
    """The text of an answer. Of one that was cut off what was said in full, and that this was so.

    Raises:
        TruncatedReplyError: nothing was said in full.
    """
    if answer.cut_off is None:
        return answer.text, []
    text = whole_part(answer.text)
    if text is None:
        raise answer.cut_off
    return text, [_warning("cut-off-answer", f"of {part} only the beginning was read: {answer.cut_off}")]


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
    values["existing_models"] = existing_models(sorted(scope.existing_models), tables)
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
