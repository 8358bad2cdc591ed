"""How much of the rooms that decide, render and write the tests run through, kept in `bench/trust.md`.

    python bench/covered.py

Reads what `pytest --cov` left in `.coverage`. Every room needs 95 % of its lines and 95 % of its branches.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))

from trust_record import record  # noqa: E402

ROOMS = ("plan", "render", "apply")
ENOUGH = 95.0


def counted() -> dict[str, Counter[str]]:
    """The counts of `coverage json`, added up by room."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)]
        subprocess.run(command, cwd=REPOSITORY, check=True)
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    rooms = {room: Counter[str]() for room in ROOMS}
    for path, found in files.items():
        room = path.split("cartridge/", 1)[-1].split("/", 1)[0]
        if room in rooms:
            rooms[room].update({name: count for name, count in found["summary"].items() if isinstance(count, int)})
    return rooms


def main() -> None:
    """Print the shares, and keep them where they are enough."""
    low = []
    for room, counts in counted().items():
        lines = 100 * counts["covered_lines"] / max(counts["num_statements"], 1)
        branches = 100 * counts["covered_branches"] / max(counts["num_branches"], 1)
        said = f"{lines:.1f} % of {counts['num_statements']:,} lines"
        said += f", {branches:.1f} % of {counts['num_branches']:,} branches"
        print(f"{room}/: {said}")
        if min(lines, branches) < ENOUGH:
            low.append(room)
        else:
            record(f"coverage of `{room}/` by the tests", said)
    if low:
        raise SystemExit(f"Less than {ENOUGH:g} %: {', '.join(low)}. `coverage report` lists what is missed.")


if __name__ == "__main__":
    main()
