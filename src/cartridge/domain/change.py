"""What will be written, what was written, and what the proof said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class FileChange:
    """One file of a change set.

    `path` is relative to the project, with `/`. `before` is the sha256 of the bytes that were there, None where there
    was no file; `before_text` is that text, so that the change can be shown anywhere. `text` is the exact new text,
    written as UTF-8 without any translation. `step_ids` are the actions it serves; scaffolding of a new project has
    none.
    """

    path: str
    operation: Literal["create", "insert", "nothing"]
    text: str
    before: str | None = None
    step_ids: tuple[int, ...] = ()
    why: str = ""
    before_text: str | None = None


@dataclass(frozen=True)
class ChangeSet:
    """Every file that a plan writes, ordered by path. Rendered once; all views and `commit` read this value."""

    files: tuple[FileChange, ...]

    @property
    def pending(self) -> tuple[FileChange, ...]:
        """The files that are not yet as planned."""
        return tuple(file for file in self.files if file.operation != "nothing")


@dataclass(frozen=True)
class ApplyReport:
    """What a commit did. `unchanged` files held the planned bytes already."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def nothing_to_do(self) -> bool:
        """Whether every file was as planned before."""
        return not self.created and not self.changed


NodeStatus = Literal["success", "pass", "warn", "error", "fail", "skipped", "missing"]
"""dbt's own words, and `missing` for a planned node that dbt did not report."""


NodeKind = Literal["model", "test", "seed", "snapshot", "source"]

Standing = Literal["proven", "consistent", "untested"]
"""What a result is worth. `proven`: it rests on the user's own data, on declared keys or on counts of what was built,
and it fails where the data are wrong. `consistent`: the data were made to honour the very keys that it tests.
`untested`: nothing was learned, such as from a test that passes on wrong data too."""


@dataclass(frozen=True)
class NodeResult:
    """One node of a dbt run: a planned model, or a test attached to it.

    `step_id` maps it to the action; None for nodes outside the plan. `failures` counts the rows a test returned.
    `evidence` says on what the action's decision rested, where the node failed.
    """

    name: str
    kind: NodeKind
    status: NodeStatus
    message: str = ""
    step_id: int | None = None
    failures: int | None = None
    seconds: float = 0.0
    rows: int | None = None
    mend: str = ""
    evidence: tuple[str, ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True)
class DataCheck:
    """One fact about built data, such as "every fact row is one row of its grain".

    `kind`: "columns" (every planned column is there), "rows" (row count against the input's), "grain" (no two rows of
    one key), "sums" (a measure's sum against its input's), "orphans" (keys that a join finds no row for). `expected`
    and `found` are numbers as text.
    """

    kind: Literal["columns", "rows", "grain", "sums", "orphans"]
    name: str
    status: Literal["pass", "warn", "fail", "error"]
    message: str
    step_id: int | None = None
    expected: str | None = None
    found: str | None = None
    mend: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class VerifyReport:
    """The outcome of a proof: every planned node accounted for.

    `target` names what it ran on. `proven` is True only where every planned node was built, no test failed and no
    check of the data failed. `sandbox` marks a proof on synthetic rows, in a throw-away project.
    """

    target: str
    nodes: tuple[NodeResult, ...]
    proven: bool
    dbt_version: str = ""
    warnings: int = 0
    deprecations: int = 0
    notes: tuple[str, ...] = ()
    checks: tuple[DataCheck, ...] = ()
    sandbox: bool = False

    def by_standing(self, standing: Standing) -> tuple[NodeResult, ...]:
        """The nodes whose results are worth that much."""
        return tuple(node for node in self.nodes if node.standing == standing)
