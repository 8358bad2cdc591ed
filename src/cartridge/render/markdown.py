"""A plan as one Markdown page, for a pull request: what it does, its lineage, its findings, its reasons, every diff.

GitHub takes comments of no more than 65,536 characters. What does not fit is left out from the end, whole files at a
time, and counted: a diff that is cut in the middle would be read as the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.plan import ExecutionPlan, Finding, ModelDetail, PlanAction, SnapshotDetail, StagingDetail
from cartridge.domain.wording import plural
from cartridge.render.diff import file_diff
from cartridge.render.lineage import EXISTING, flowchart
from cartridge.render.markdown_text import block, code, details, html_text, plain
from cartridge.render.summary import (
    SEVERITIES,
    by_layer,
    confidence,
    summary,
    telling_reasons,
    what_it_makes,
    worst_first,
)

LIMIT = 65_536
"""The most characters that a comment, or the text of a pull request, may have on GitHub."""
_FINDINGS_SHOWN = 30
_SHARE_OF_STEPS = 0.4
"""The part of the page that the tables of steps may take; the diffs get the rest."""
_SAID = 2_000
"""Room kept for what is said of the files that were left out."""
_OPEN_LAYERS = ("intermediate", "marts")
"""The layers whose tables stand open: what was designed, and is worth reading first."""


def markdown(plan: ExecutionPlan, changes: ChangeSet, *, digest: str = "", limit: int = LIMIT) -> str:
    """The page, no longer than `limit` characters (a limit below 4,000 may be exceeded by the page's frame)."""
    parts = ["## Plan of cartridge\n", f"**{plain(summary(plan))}**\n", f"{_counts(changes)}{_sealed(digest)}\n"]
    if plan.findings:
        parts.append(_findings(plan.findings))
    if plan.actions:
        drawn, remark = flowchart(plan)
        if len(drawn) < limit / 3:
            grey = "Grey is what the project has already." if f":::{EXISTING}" in drawn else ""
            said = " ".join(part for part in (remark, grey) if part)
            parts.append(f"### Lineage\n\n{block(drawn, 'mermaid')}" + (f"\n{said}\n" if said else ""))
    room = int((limit - sum(map(len, parts))) * _SHARE_OF_STEPS)
    parts.append(_steps(plan, room))
    room = limit - sum(len(part) + 1 for part in parts) - _SAID
    parts.append(_diffs(changes, plan, room))
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _counts(changes: ChangeSet) -> str:
    created = sum(file.operation == "create" for file in changes.pending)
    changed = len(changes.pending) - created
    if not changes.pending:
        return "Nothing to do: the project is as planned."
    said = [f"{plural(created, 'file')} to create"] * bool(created)
    said += [f"{plural(changed, 'file')} to change, by insertion only"] * bool(changed)
    return ", ".join(said) + "."


def _sealed(digest: str) -> str:
    return f" The plan's digest is {code(digest)}." if digest else ""


def _findings(findings: Sequence[Finding]) -> str:
    counts = {severity: sum(f.severity == severity for f in findings) for severity in SEVERITIES}
    said = ", ".join(plural(count, severity) for severity, count in counts.items() if count)
    rows = ["| | finding | what | what to do |", "|---|---|---|---|"]
    for found in worst_first(findings)[:_FINDINGS_SHOWN]:
        rows.append(f"| {found.severity} | {code(found.code)} | {plain(found.message)} | {plain(found.mend)} |")
    left = len(findings) - _FINDINGS_SHOWN
    more = f"\nand {left} more: `cartridge show` prints them all\n" if left > 0 else ""
    table = "\n".join(rows) + "\n" + more
    return f"### Findings: {said}\n\n{table}" if counts["error"] or counts["warning"] else details(said, table)


def _steps(plan: ExecutionPlan, room: int) -> str:
    """A table for each layer, marts and intermediate models first in what is kept when there is no room for all."""
    tables = {layer: [_row(action) for action in actions] for layer, actions in by_layer(plan)}
    kept: dict[str, list[str]] = {}
    for layer in sorted(tables, key=lambda layer: layer not in ("sources", *_OPEN_LAYERS)):
        kept[layer] = []
        for row in tables[layer]:
            if (room := room - len(row) - 1) < 0:
                break
            kept[layer].append(row)
    parts = [_layer(layer, rows, kept[layer]) for layer, rows in tables.items()]
    return "### Steps\n\n" + "\n".join(parts) if parts else ""


def _layer(layer: str, rows: Sequence[str], kept: Sequence[str]) -> str:
    head = ["| step | makes | reads | why |", "|---|---|---|---|"]
    more = f"\nand {len(rows) - len(kept)} more: `cartridge show --all` prints them\n" if len(kept) < len(rows) else ""
    table = "\n".join([*head, *kept]) + "\n" + more
    heading = f"{layer} ({len(rows)})"
    return f"**{heading}**\n\n{table}" if layer in _OPEN_LAYERS else details(heading, table)


def _row(action: PlanAction) -> str:
    made = plain("; ".join(part for part in (what_it_makes(action), confidence(action)) if part))
    materialized = getattr(action.detail, "materialized", None)
    how = f" ({materialized})" if materialized else ""
    read = ", ".join(code(name) for name in _reads(action))
    why = "<br>".join(("against: " if r.against else "") + plain(r.says) for r in telling_reasons(action))
    return f"| {code(action.name)}{how} | {made} | {read} | {why} |"


def _reads(action: PlanAction) -> Sequence[str]:
    match action.detail:
        case StagingDetail() | SnapshotDetail() as detail:
            return [f"{detail.source}.{detail.source_table}"]
        case ModelDetail() | None:
            return action.dependencies
        case _:
            return []


def _diffs(changes: ChangeSet, plan: ExecutionPlan, room: int) -> str:
    """Every pending file's diff, those that change what is there first, then the marts and back to the sources."""
    if not changes.pending:
        return ""
    parts: list[str] = []
    left_out: list[FileChange] = []
    for file in sorted(changes.pending, key=_Weight(plan)):
        part = _file(file)
        if len(part) + 1 <= room:
            room -= len(part) + 1
            parts.append(part)
        else:
            left_out.append(file)
    return "\n".join([f"### Files ({len(changes.pending)})\n", *parts, *_left_out(left_out)])


def _file(file: FileChange) -> str:
    diff = file_diff(file)
    added = sum(line.startswith("+") and not line.startswith("+++") for line in diff.split("\n"))
    heading = f"<code>{html_text(file.path)}</code>: {'created' if file.operation == 'create' else 'changed'}, +{added}"
    return details(heading, block(diff, "diff"))


def _left_out(files: Sequence[FileChange]) -> Iterator[str]:
    if not files:
        return
    names, room = [], _SAID - 300
    for file in files:
        name = code(file.path)
        if (room := room - len(name) - 2) < 0:
            break
        names.append(name)
    more = f" and {len(files) - len(names)} others" if len(names) < len(files) else ""
    yield (
        f"No room here for {plural(len(files), 'file')}: {', '.join(names)}{more}. "
        "`cartridge show --diff` prints them.\n"
    )


class _Weight:
    """The order in which a reviewer wants to see files: changes to what is there, then from the marts backwards."""

    def __init__(self, plan: ExecutionPlan) -> None:
        layers = [layer for layer, _ in by_layer(plan)]
        self._rank = {
            action.step_id: len(layers) - layers.index(layer) for layer, actions in by_layer(plan) for action in actions
        }
        self._last = len(layers) + 1

    def __call__(self, file: FileChange) -> tuple[bool, int, str]:
        rank = min((self._rank.get(step, self._last) for step in file.step_ids), default=self._last)
        return file.operation == "create", rank, file.path
