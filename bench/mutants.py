"""The score of mutation testing, read from what `mutmut run` left, and kept in `bench/trust.md`.

    python bench/mutants.py

A mutant counts as found when a test failed on it or it ran beyond its time; every other one counts as missed, those
that no test reaches too. The survivors are listed by `mutmut results`, and shown by `mutmut show NAME`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))

from trust_record import record  # noqa: E402

FOUND = frozenset({1, 3, 24, -24, 36, 37, 152, 255})
"""Exit codes of a mutant's run that mean: a test or the type check failed, or the time was up (mutmut's table)."""
GROUPS = {"the gate": "src/cartridge/plan/gate/", "the YAML merge": "src/cartridge/render/"}


def counted(folder: Path) -> Counter[bool]:
    """How many mutants below a folder were found (True) and missed (False).

    Raises:
        SystemExit: a mutant was not run yet.
    """
    counts: Counter[bool] = Counter()
    for file in sorted(folder.rglob("*.meta")):
        codes = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
        if None in codes.values():
            raise SystemExit(f"{file.name}: not every mutant was run; `mutmut run` goes on where it stopped")
        counts.update(code in FOUND for code in codes.values())
    return counts


def main() -> None:
    """Print and keep a row for each group; a score of 85 % or less fails."""
    low = False
    for name, folder in GROUPS.items():
        counts = counted(REPOSITORY / "mutants" / folder)
        score = 100 * counts[True] / max(counts.total(), 1)
        low = low or score <= 85
        result = f"{counts[True]} of {counts.total()} mutants found: {score:.1f} %"
        print(f"{name}: {result}")
        record(f"mutation testing of {name}", result)
    raise SystemExit(1 if low else 0)


if __name__ == "__main__":
    main()
