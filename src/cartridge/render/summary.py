"""A plan in few words: its layers, what each step makes, and the reasons that say most. Every view reads these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SNAPSHOT,
    CREATE_SOURCE,
    CREATE_STAGING,
    UPDATE_STAGING,
    Evidence,
    ExecutionPlan,
    Finding,
    ModelDetail,
    PlanAction,
    SourceDetail,
    StagingDetail,
)
from cartridge.domain.wording import plural

LAYERS = (
    ("sources", (CREATE_SOURCE,)),
    ("staging", (CREATE_STAGING, UPDATE_STAGING)),
    ("snapshots", (CREATE_SNAPSHOT,)),
    ("intermediate", (CREATE_INTERMEDIATE,)),
    ("marts", (CREATE_MART,)),
)
"""Layer -> the action types in it, in the order of the data."""

SEVERITIES = ("error", "warning", "note")
"""What is worst comes first."""
REASONS_SHOWN = 2


def by_layer(plan: ExecutionPlan) -> Iterator[tuple[str, list[PlanAction]]]:
    """The layers that the plan touches, each with its actions; types of no known layer come last, as "others"."""
    known = {kind for _, kinds in LAYERS for kind in kinds}
    for layer, kinds in LAYERS:
        if actions := [action for action in plan.actions if action.type in kinds]:
            yield layer, actions
    if others := [action for action in plan.actions if action.type not in known]:
        yield "others", others


def summary(plan: ExecutionPlan) -> str:
    """The plan in one line: "greenfield: 1 source, 15 staging models, ... ; 2 warnings"."""
    if not plan.actions:
        return f"{plan.strategy}: nothing to do"
    counts = [_count(layer, len(actions)) for layer, actions in by_layer(plan)]
    severities: Counter[str] = Counter(finding.severity for finding in plan.findings)
    said = [plural(severities[severity], severity) for severity in SEVERITIES if severities[severity]]
    return f"{plan.strategy}: {', '.join(counts)}" + (f"; {', '.join(said)}" if said else "")


def _count(layer: str, count: int) -> str:
    match layer:
        case "sources" | "snapshots" | "marts":
            return plural(count, layer[:-1])
        case "others":
            return plural(count, "other step")
        case _:
            return plural(count, f"{layer} model")


def what_it_makes(action: PlanAction) -> str:
    """What one action makes, in a few words: its role, its grain, its tables; what it changes of a model that is
    there."""
    if action.type == UPDATE_STAGING:
        return action.description
    match action.detail:
        case SourceDetail() as source:
            count = plural(len(source.tables), "table")
            return f"{count} added" if source.mode == "append" else count
        case StagingDetail() as staging:
            key = f"key {', '.join(staging.grain)}" if staging.grain else "no key known"
            return "; ".join(part for part in (staging.grain_says, key) if part)
        case ModelDetail() as model:
            key = f" ({', '.join(model.grain)})" if model.grain else ""
            return f"{model.role}: {model.grain_says or 'grain'}{key}"
        case _:
            return action.description


def confidence(action: PlanAction) -> str:
    """The confidence as a share of a hundred, "72% sure"; empty where it is certain or not known."""
    return f"{action.confidence:.0%} sure" if action.confidence is not None and action.confidence < 1 else ""


def telling_reasons(action: PlanAction) -> Sequence[Evidence]:
    """The reasons that say most of a designed model: first those of its role and grain. None for other steps."""
    if action.type not in (CREATE_INTERMEDIATE, CREATE_MART):
        return ()
    order = {"role": 0, "grain": 1, "join": 2}
    telling = [reason for reason in action.evidence or () if reason.about in order]
    return sorted(telling, key=lambda reason: (reason.against, order[reason.about]))[:REASONS_SHOWN]


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, errors before warnings before notes, else in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
