"""Checks of built data: the plan's questions asked through dbt itself, so on any warehouse that dbt can reach.

All questions go as one `dbt show --inline` (more only where the text would be too long for a command line): the
project's own connection, its own names for schemas and databases, and no driver of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from cartridge.domain.change import DataCheck
from cartridge.domain.plan import ExecutionPlan, ModelDetail, PlanAction, StagingDetail
from cartridge.domain.warehouse import WAREHOUSES
from cartridge.verify.artefacts import Artefacts
from cartridge.verify.dbt import DbtCall, run_dbt
from cartridge.verify.mend import evidence_of, join_in_words
from cartridge.verify.question_sql import query_text
from cartridge.verify.questions import Question, questions_of

_LONGEST_QUERY = 90_000
"""Characters that one argument of a command line surely takes (Linux: 128 KiB)."""
_TOLERANCE = Decimal("1e-9")
"""Relative difference of sums that is put down to the order in which floats were added."""


@dataclass(frozen=True)
class Answer:
    """The two numbers of a question, as text; None where the sum or count was empty."""

    expected: str | None
    found: str | None


def check_data(
    plan: ExecutionPlan, artefacts: Artefacts, call: DbtCall, *, strict: bool = False
) -> tuple[DataCheck, ...]:
    """Ask every question of the plan that the models built let us ask. `strict`: rows without a match are a failure.

    Raises:
        VerifyError: the time is over.
    """
    built = [action for action in plan.actions if _is_built(action, artefacts)]
    checks: list[DataCheck] = []
    for batch in _batches(built):
        checks += _ask(batch, artefacts, call, strict=strict)
    return tuple(checks)


def _is_built(action: PlanAction, artefacts: Artefacts) -> bool:
    node = artefacts.model(action.name)
    result = artefacts.results.get(node.unique_id) if node is not None else None
    return isinstance(action.detail, StagingDetail | ModelDetail) and result is not None and result.status == "success"


def _batches(actions: Iterable[PlanAction]) -> Iterable[list[PlanAction]]:
    """Actions by as many as fit into one query."""
    batch: list[PlanAction] = []
    size = 0
    for action in actions:
        length = len(query_text([action], "duckdb"))
        if batch and size + length > _LONGEST_QUERY:
            yield batch
            batch, size = [], 0
        batch.append(action)
        size += length
    if batch:
        yield batch


def _ask(actions: Sequence[PlanAction], artefacts: Artefacts, call: DbtCall, *, strict: bool) -> list[DataCheck]:
    warehouse = WAREHOUSES.get(artefacts.adapter, "duckdb")
    args = ["show", "--inline", query_text(actions, warehouse), "--output", "json", "--limit", "-1"]
    run = run_dbt(args, call)
    rows = [{str(key).lower(): value for key, value in row.items()} for row in run.rows]
    answers = {row["question"]: row for row in rows}
    checks: list[DataCheck] = []
    for index, action in enumerate(actions):
        asked = answers.get(f"c{index}")
        columns = _columns(action, asked, run.said if run.exit_code else "")
        checks += [columns] if columns is not None else []
        for number, question in enumerate(questions_of(action)):
            row = answers.get(f"q{index}_{number}")
            if row is not None:
                checks.append(judge(question, Answer(row["expected"], row["found"]), strict=strict))
    return checks


def _columns(action: PlanAction, asked: Mapping[str, Any] | None, said: str) -> DataCheck | None:
    """Whether every planned column is there, in any case."""
    if asked is None:
        if not said:
            return None  # an ephemeral model has no columns to look up
        message = f"the data of {action.name} could not be looked at: {said}"
        return DataCheck("columns", action.name, "error", message, action.step_id, mend="Run verify again.")
    assert isinstance(action.detail, StagingDetail | ModelDetail)
    there = set(str(asked["expected"] or "").split("|"))
    planned = list(dict.fromkeys(column.name for column in action.detail.columns))
    missing = [name for name in planned if name.lower() not in there]
    check = DataCheck(
        "columns",
        action.name,
        "fail" if missing else "pass",
        f"planned and not there: {', '.join(missing)}" if missing else "every planned column is there",
        action.step_id,
        expected=str(len(planned)),
        found=str(len(planned) - len(missing)),
    )
    mend = "Bring the column back into the model's SQL, or plan again without it."
    return replace(check, mend=mend, evidence=evidence_of(action, None, None)) if missing else check


def judge(question: Question, answer: Answer, *, strict: bool) -> DataCheck:
    """What an answer means. `strict`: every row of a join must find its match."""
    expected, found = _number(answer.expected), _number(answer.found)
    agree = abs(found - expected) <= _TOLERANCE * max(abs(expected), abs(found))
    if agree or (question.at_most and found < expected):
        status: Literal["pass", "warn", "fail"] = "pass"
    else:
        status = "warn" if question.kind == "orphans" and not strict else "fail"
    numbers = f"expected {_short(expected)}, found {_short(found)}"
    check = DataCheck(
        kind=question.kind,
        name=question.action.name,
        status=status,
        message=question.about if status == "pass" else f"{question.about}: {numbers}",
        step_id=question.action.step_id,
        expected=_short(expected),
        found=_short(found),
    )
    if status == "pass":
        return check
    return replace(check, mend=_mend(question, expected, found), evidence=_evidence(question))


def _number(text: str | None) -> Decimal:
    """A number as the warehouse printed it; the sum of no rows is zero."""
    return Decimal(str(text)) if text is not None else Decimal(0)


def _short(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _mend(question: Question, expected: Decimal, found: Decimal) -> str:
    match question.kind:
        case "rows" | "sums" if found > expected and _joins(question.action):
            return "A join finds several rows for one: correct its keys, or sum its side to one row a key first."
        case "rows" | "sums":
            return (
                "Rows are lost or added on the way: look for filters, inner joins, and changes made to the SQL by hand."
            )
        case "grain":
            return (
                "These columns do not identify a row here: name the right key, or correct the join that repeats rows."
            )
        case "orphans":
            return (
                "Where the key is wrong, correct the plan. Where the data have orphans, the left join keeps their rows."
            )


def _joins(action: PlanAction) -> bool:
    return isinstance(action.detail, ModelDetail) and bool(action.detail.joins)


def _evidence(question: Question) -> tuple[str, ...]:
    detail = question.action.detail
    own = (join_in_words(question.join, detail),) if question.join and isinstance(detail, ModelDetail) else ()
    return tuple(dict.fromkeys([*own, *evidence_of(question.action, None, None)]))
