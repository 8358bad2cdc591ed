"""A plan as a tree that a person reads in a minute: layers, names, grain, why, confidence, findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cartridge.cli.output import printable
from cartridge.domain.plan import CREATE_INTERMEDIATE, CREATE_MART, CREATE_SNAPSHOT, ExecutionPlan, Finding, PlanAction
from cartridge.render.summary import by_layer, confidence, summary, telling_reasons, what_it_makes, worst_first

SHOWN_OF_A_LAYER = 40
"""Longer layers are cut, with a count of what is left: nobody reads a thousand lines."""
LABEL_WIDTH = 5
GAP = 2
LEAST_BESIDE = 24
"""Cells; in a narrower column words would stand below each other."""
SEVERITY_ROLES = {"error": "bad", "warning": "warn", "note": "quiet"}


def plan_tree(plan: ExecutionPlan, *, whole: bool = False) -> Tree:
    """The plan as a tree. `whole`: every action of long layers, and every reason."""
    root = Tree(Text(summary(plan), style="title"), guide_style="quiet")
    for layer, actions in by_layer(plan):
        folder = _common_folder(actions)
        branch = root.add(_line((layer, "layer"), (f"  {folder}/" if folder else "", "path")))
        shown = actions if whole else actions[:SHOWN_OF_A_LAYER]
        width = max(cell_len(printable(action.name)) for action in shown)
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
    made, sure = what_it_makes(action), confidence(action)
    said = _line((made, ""), (f"  {sure}" if sure else "", "quiet"), (shown_path, "path"))
    node = branch.add(_Beside(_line((action.name, "name")), said, width))
    if action.type in (CREATE_INTERMEDIATE, CREATE_MART, CREATE_SNAPSHOT):
        node.add(_labelled("reads", ", ".join(action.dependencies)))
    for reason in (action.evidence or ()) if whole else telling_reasons(action):
        node.add(_labelled("against" if reason.against else "why", reason.says))


@dataclass(frozen=True)
class _Beside:
    """A name and what is said of it: beside it, in a column that begins after `width` cells, where there is room; else
    below it."""

    name: Text
    said: Text
    width: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        grid = Table.grid(padding=(0, GAP))
        if self.width + GAP + LEAST_BESIDE <= options.max_width:
            grid.add_column(no_wrap=True, width=self.width)
            grid.add_column()
            grid.add_row(self.name, self.said)
        else:
            self.name.overflow = "fold"
            grid.add_column()
            grid.add_row(self.name)
            grid.add_row(Padding(self.said, (0, 0, 0, GAP)))
        yield grid


def _add_findings(root: Tree, findings: Sequence[Finding]) -> None:
    branch = root.add(_line(("findings", "layer")))
    for finding in worst_first(findings):
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
