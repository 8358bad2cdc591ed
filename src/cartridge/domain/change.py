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


@dataclass(frozen=True)
class NodeResult:
    """One node of a dbt run: a planned model, or a test attached to it.

    `step_id` maps it to the action; None for nodes outside the plan. `failures` counts the rows a test returned.
    """

    name: str
    kind: Literal["model", "test", "seed", "snapshot", "source"]
    status: NodeStatus
    message: str = ""
    step_id: int | None = None
    failures: int | None = None
    seconds: float = 0.0
    rows: int | None = None
    mend: str = ""


@dataclass(frozen=True)
class VerifyReport:
    """The outcome of a proof: every planned node accounted for.

    `target` names what it ran on. `proven` is True only where every planned node was built and no test failed.
    """

    target: str
    nodes: tuple[NodeResult, ...]
    proven: bool
    dbt_version: str = ""
    warnings: int = 0
    deprecations: int = 0
    notes: tuple[str, ...] = ()
