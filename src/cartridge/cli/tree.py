"""A plan as a tree that a person reads in a minute: layers, names, grain, why, confidence, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cartridge.cli.output import plural, printable
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

LAYERS = (
    ("sources", (CREATE_SOURCE,)),
    ("staging", (CREATE_STAGING, UPDATE_STAGING)),
    ("snapshots", (CREATE_SNAPSHOT,)),
    ("intermediate", (CREATE_INTERMEDIATE,)),
    ("marts", (CREATE_MART,)),
)
"""Layer -> the action types in it, in the order of the data."""

SHOWN_OF_A_LAYER = 40
"""Longer layers are cut, with a count of what is left: nobody reads a thousand lines."""
REASONS_SHOWN = 2
LABEL_WIDTH = 5
SEVERITY_ROLES = {"error": "bad", "warning": "warn", "note": "quiet"}


def by_layer(plan: ExecutionPlan) -> Iterator[tuple[str, list[PlanAction]]]:
    """The layers that the plan touches, each with its actions; types of no known layer come last."""
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
    said = [plural(severities[severity], severity) for severity in SEVERITY_ROLES if severities[severity]]
    return f"{plan.strategy}: {', '.join(counts)}" + (f"; {', '.join(said)}" if said else "")


def _count(layer: str, count: int) -> str:
    match layer:
        case "sources" | "snapshots" | "marts":
            return plural(count, layer[:-1])
        case "others":
            return plural(count, "other step")
        case _:
            return plural(count, f"{layer} model")


def plan_tree(plan: ExecutionPlan, *, whole: bool = False) -> Tree:
    """The plan as a tree. `whole`: every action of long layers, and every reason."""
    root = Tree(Text(summary(plan), style="title"), guide_style="quiet")
    for layer, actions in by_layer(plan):
        folder = _common_folder(actions)
        branch = root.add(_line((layer, "layer"), (f"  {folder}/" if folder else "", "path")))
        shown = actions if whole else actions[:SHOWN_OF_A_LAYER]
        width = max(len(action.name) for action in shown)
        for action in shown:
            _add_action(branch, action, folder, width, whole)
        if len(shown) < len(actions):
            branch.add(_line((f"and {len(actions) - len(shown)} more: --all shows them", "quiet")))
    if plan.findings:
        _add_findings(root, plan.findings)
    return root


def _add_action(branch: Tree, action: PlanAction, folder: str, width: int, whole: bool) -> None:
    path = PurePosixPath(action.file_path)
    usual = path.name == f"{action.name}.sql" and str(path.parent) == folder
    shown_path = "" if usual else "  " + action.file_path.removeprefix(f"{folder}/")
    node = branch.add(
        _line(
            (action.name.ljust(width), "name"),
            (f"  {_what(action)}" if _what(action) else "", ""),
            (_confidence(action), "quiet"),
            (shown_path, "path"),
        )
    )
    if action.type in (CREATE_INTERMEDIATE, CREATE_MART, CREATE_SNAPSHOT):
        node.add(_labelled("reads", ", ".join(action.dependencies)))
    for reason in _reasons(action, whole):
        node.add(_labelled("against" if reason.against else "why", reason.says))


def _reasons(action: PlanAction, whole: bool) -> Sequence[Evidence]:
    """The reasons that say most: of models that were designed, first those of their role and grain."""
    evidence = action.evidence or ()
    if whole:
        return evidence
    if action.type not in (CREATE_INTERMEDIATE, CREATE_MART):
        return ()
    order = {"role": 0, "grain": 1, "join": 2}
    telling = [reason for reason in evidence if reason.about in order]
    return sorted(telling, key=lambda reason: (reason.against, order[reason.about]))[:REASONS_SHOWN]


def _what(action: PlanAction) -> str:
    """What one action makes, in a few words: its role, its grain, its tables."""
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


def _confidence(action: PlanAction) -> str:
    """The confidence as a share of a hundred; nothing where it is certain or not known."""
    return f"  {action.confidence:.0%} sure" if action.confidence is not None and action.confidence < 1 else ""


def _add_findings(root: Tree, findings: Sequence[Finding]) -> None:
    branch = root.add(_line(("findings", "layer")))
    order = list(SEVERITY_ROLES)
    for finding in sorted(findings, key=lambda finding: order.index(finding.severity)):
        node = branch.add(finding_line(finding))
        if finding.mend:
            node.add(_labelled("mend", finding.mend))


def finding_line(finding: Finding) -> Text:
    """One finding: its severity, code and message."""
    role = SEVERITY_ROLES[finding.severity]
    return _line((finding.severity, role), (f" {finding.code}: ", role), (finding.message, ""))


def _common_folder(actions: Sequence[PlanAction]) -> str:
    """The folder that all files of a layer lie in; empty where they lie apart."""
    folders = {str(PurePosixPath(action.file_path).parent) for action in actions}
    return folders.pop() if len(folders) == 1 else ""


def _labelled(label: str, text: str) -> Table:
    """A label and its text, which wraps beside it, not below it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="quiet", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(label.ljust(LABEL_WIDTH), Text(printable(text)))
    return grid


def _line(*parts: tuple[str, str]) -> Text:
    return Text.assemble(*((printable(text), role) for text, role in parts))
