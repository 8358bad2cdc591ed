"""Why a node failed and what to do next, in words of the plan; and on what the failed decision rested."""

from __future__ import annotations

import re

from cartridge.domain.change import NodeResult
from cartridge.domain.plan import DataTest, Join, ModelDetail, PlanAction
from cartridge.render import jinja_text
from cartridge.verify.artefacts import Node

_MOST_EVIDENCE = 6

_ERRORS = (
    (
        r"env(?:ironment)? var(?:iable)? required",
        "Pass the variable on: dbt gets only what its profile names. Name it with --env, or in the profile.",
    ),
    (
        r"depends on a node named|depends on a source named",
        "What it reads is not in the project: apply the whole plan, or plan again.",
    ),
    (
        r"(no such|not have a|referenced) column|column .* (does not exist|not found)|invalid identifier|unrecognized",
        "A column that it reads is not there: scan the source again and plan again, or bring the column back.",
    ),
    (
        r"table .* does not exist|relation .* does not exist|object .* does not exist|not found: table",
        "A table that it reads is not there on this target: check the source's schema and database, then run again.",
    ),
    (
        r"could not convert|conversion error|invalid input syntax|cannot cast|failed to parse",
        "A cast meets a value that it cannot take: plan the column without the cast, or clean the value.",
    ),
    (r"permission denied|insufficient privilege|access denied", "Grant the target's role what the message names."),
)

_TESTS = {
    "relationships": "{rows} of {column} point to no row of {to}. Where the key is wrong, correct the plan; where the "
    "data have orphans, keep the test with severity warn.",
    "unique": "{rows} of {column} appear more than once. Either the column is no key, or a join multiplies rows: check "
    "the grain and the joins of this step.",
    "not_null": "{rows} of {column} are empty. Either the column may be empty after all, or a join finds no row.",
    "accepted_values": "{rows} of {column} hold a value that was not there when the plan was made. Add it, or drop the "
    "test.",
}


def mend_of(result: NodeResult, node: Node | None) -> str:
    """What to do about a result; empty where nothing is wrong."""
    match result.status:
        case "missing":
            return (
                "Check that its file lies below the project's model-paths, that it is not disabled, and that the "
                "change set was applied."
            )
        case "skipped":
            return "Mend what it reads; it is built after that."
        case "error":
            found = (mend for pattern, mend in _ERRORS if re.search(pattern, result.message, re.IGNORECASE))
            return next(found, "Read dbt's message; the file is named in it. Plan again where the source has changed.")
        case "fail" | "warn":
            return _test_mend(result, node)
        case _:
            return ""


def _test_mend(result: NodeResult, node: Node | None) -> str:
    text = _TESTS.get(node.test or "") if node is not None else None
    if node is None or text is None:
        return "Look at the rows that the test returns: `dbt test --select " + result.name + " --store-failures`."
    rows = "1 value" if result.failures == 1 else f"{result.failures} values"
    to = ".".join(part for part in (_referenced(node), str(node.arguments.get("field", ""))) if part)
    return text.format(rows=rows, column=node.column or "the key", to=to or "the referenced model")


def _referenced(node: Node) -> str:
    called = jinja_text.called(str(node.arguments.get("to", "")))
    return called[1][-1] if called is not None else ""


def evidence_of(action: PlanAction, test: DataTest | None, column: str | None) -> tuple[str, ...]:
    """On what the decisions of an action rest: the test's own reason first, then its joins', then the action's."""
    reasons: list[str] = []
    if test is not None and test.because:
        reasons.append(f"{test.name} ({test.basis}): {test.because}")
    elif test is not None:
        reasons.append(f"{test.name}: {test.basis}")
    if isinstance(action.detail, ModelDetail):
        joins = [join for join in action.detail.joins if column is None or _uses(join, action.detail, column)]
        reasons += [join_in_words(join, action.detail) for join in joins or action.detail.joins]
    reasons += [f"{found.about}: {found.says}" for found in action.evidence or ()]
    return tuple(dict.fromkeys(reasons))[:_MOST_EVIDENCE]


def join_in_words(join: Join, detail: ModelDetail) -> str:
    """One join with its keys, its claim, and why it is believed."""
    models = {read.alias: read.model for read in detail.inputs}
    keys = " and ".join(
        f"{models.get(key.left_alias, key.left_alias)}.{key.left_column} = "
        f"{models.get(join.alias, join.alias)}.{key.right_column}"
        for key in join.keys
    )
    because = f": {join.because}" if join.because else ""
    return f"join {keys} ({join.cardinality.replace('_', ' ')}, {join.basis}){because}"


def _uses(join: Join, detail: ModelDetail, column: str) -> bool:
    sources = {(output.alias, output.column) for output in detail.columns if output.name == column}
    return any((key.left_alias, key.left_column) in sources for key in join.keys)
