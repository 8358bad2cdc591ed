"""Markdown tables of what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Table:
    """A table under a heading: the first column is text, the others are numbers. `notes` stand below it."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Heading, table and notes, ending with an empty line."""
        lines = [f"## {self.title}", ""]
        if self.rows:
            lines += [row_of(self.columns), row_of(["---", *["---:"] * (len(self.columns) - 1)])]
            lines += [row_of(row) for row in self.rows]
            lines.append("")
        for note in self.notes:
            lines += [note, ""]
        return "\n".join(lines) + "\n"


def row_of(cells: Sequence[str]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def percent(share: float | None) -> str:
    """A share between 0 and 1 in per cent, one digit."""
    return "-" if share is None else f"{100 * share:.1f}"
