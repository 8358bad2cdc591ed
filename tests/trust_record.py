"""The counts of a deep run, kept with their date in `bench/trust.md`: one row for each thing that was counted."""

from __future__ import annotations

import datetime
import fcntl
import re

from shared_data import REPOSITORY

PAGE = REPOSITORY / "bench" / "trust.md"
HEAD = """# Counted

What the deep runs (`make deep`, `make mutants`) counted last. A row is written by the run itself, only where it passed.

| what | date | result |
| --- | --- | --- |
"""


def record(what: str, result: str) -> None:
    """Put a row in the place of the last one of that name; two processes may do so at once."""
    row = f"| {what} | {datetime.datetime.now(datetime.UTC).date().isoformat()} | {result} |"
    with PAGE.open("a+", encoding="utf-8") as page:
        fcntl.flock(page, fcntl.LOCK_EX)
        page.seek(0)
        rows = [line for line in page.read().splitlines() if re.match(r"\| (?!what|---)", line)]
        kept = [line for line in rows if not line.startswith(f"| {what} | ")]
        page.truncate(0)
        page.write(HEAD + "\n".join(sorted([*kept, row])) + "\n")
