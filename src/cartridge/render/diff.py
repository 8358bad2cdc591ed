"""A change set as a unified diff."""

from __future__ import annotations

from difflib import unified_diff

from cartridge.domain.change import ChangeSet, FileChange


def diff(changes: ChangeSet) -> str:
    """The pending files as one unified diff, as `git apply` takes it."""
    return "".join(file_diff(change) for change in changes.pending)


def file_diff(change: FileChange) -> str:
    """The unified diff of one file."""
    before = change.before_text
    old = _lines(before or "")
    new = _lines(change.text)
    if before is None:  # every line is new: no need to compare
        head = f"--- /dev/null\n+++ b/{change.path}\n"
        body = [f"@@ -0,0 +1{f',{len(new)}' if len(new) > 1 else ''} @@\n", *("+" + line for line in new)]
        return head + "".join(_ended(line) for line in body) if new else ""
    lines = unified_diff(old, new, f"a/{change.path}", f"b/{change.path}")
    return "".join(_ended(line) for line in lines)


def _lines(text: str) -> list[str]:
    """Lines with their newlines. Only a newline ends one, as in git."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
