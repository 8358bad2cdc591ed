"""Everything that is measured, part by part: quality beside the baselines, growth, size, cost.

    python bench/run.py [--quick] [PART...]

Prints Markdown tables, each with its date and machine, and keeps them in `bench/results.md`: the parts that ran are
written anew, the others stay as they were. The README quotes from there, between its markers. Without PART, all of
them run. `--quick` leaves out the largest schemas, and saves nothing.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from growth import growth_tables
from model_cost import cost_tables
from reading import reading_table
from review import review_table
from scale import planning_table, size_table
from scores import PRODUCT, REPOSITORY, layout_tables, marts_tables, relationships_tables
from tables import Table
from traps import trap_table

RESULTS = REPOSITORY / "bench" / "results.md"
README = REPOSITORY / "README.md"
MARKERS = ("<!-- measured -->", "<!-- /measured -->")
HEAD = "# Measured\n\nBy `make bench`; `python bench/run.py PART` measures one part anew.\n"


def _growth(quick: bool) -> Iterable[Table]:
    return growth_tables((1_000, 10_000) if quick else (1_000, 10_000, 100_000), (100,) if quick else (1_000, 10_000))


PARTS: dict[str, Callable[[bool], Iterable[Table]]] = {
    "relationships": lambda _: relationships_tables(),
    "marts": lambda _: marts_tables(),
    "layout": lambda _: layout_tables(),
    "traps": lambda _: [trap_table()],
    "models": lambda quick: cost_tables((10, 100) if quick else (10, 100, 1_000)),
    "growth": _growth,
    "reading": lambda quick: [reading_table((1_000,) if quick else (1_000, 10_000))],
    "size": lambda quick: [size_table(300 if quick else 10_000)],
    "planning": lambda quick: [planning_table(1_000 if quick else 100_000)],
    "review": lambda _: [review_table()],
}
"""What each part measures; the argument says whether to be quick."""

QUOTED = ("relationships", "marts", "layout", "size", "reading")
"""The parts whose tables the README quotes."""


def machine() -> str:
    """Processor, number of cores, Python."""
    known = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.+)", known.read_text()) if known.exists() else []
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


def kept(text: str) -> dict[str, str]:
    """The parts of the results page, by name."""
    pieces = re.split(r"^<!-- part: (\w+) -->\n", text, flags=re.MULTILINE)
    return {name: body.strip("\n") + "\n" for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}


def page(parts: dict[str, str]) -> str:
    """The results page, its parts in their order."""
    return "\n".join([HEAD, *(f"<!-- part: {name} -->\n{parts[name]}" for name in PARTS if name in parts)])


def quotation(parts: dict[str, str]) -> str:
    """For the README: of tables with several predictors only cartridge and the best baseline; of others all lines."""
    return "\n\n".join("\n".join(_telling(parts[name].splitlines())) for name in QUOTED if name in parts)


def _telling(lines: list[str]) -> Iterator[str]:
    is_contest = any(PRODUCT in line for line in lines)
    is_quoted = True
    for place, line in enumerate(lines):
        is_quoted = (is_quoted or line.startswith("Measured on")) and not line.startswith("## Layout, paired")
        if not is_quoted:
            continue
        following = lines[place + 1] if place + 1 < len(lines) else ""
        is_head = line.startswith("|") and (following.startswith("| ---") or line.startswith("| ---"))
        if line.startswith("## "):
            yield f"**{line.removeprefix('## ')}**"
        elif not (is_contest and line.startswith("|")) or is_head or PRODUCT in line or PRODUCT in following:
            yield line


def main() -> None:
    """Measure, print, save each part as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="only small schemas; nothing is saved")
    asked = parser.parse_args()
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    for name in asked.parts or PARTS:
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        where = f"Measured on {today} ({machine()}).\n"
        text = "\n".join([*(table.markdown() for table in PARTS[name](asked.quick)), where])
        print(text, flush=True)
        if not asked.quick:
            _save(name, text)


def _save(name: str, text: str) -> None:
    parts = kept(RESULTS.read_text(encoding="utf-8")) | {name: re.sub(r"\n{3,}", "\n\n", text)}
    RESULTS.write_text(page(parts), encoding="utf-8")
    before, _, rest = README.read_text(encoding="utf-8").partition(MARKERS[0])
    after = rest.partition(MARKERS[1])[2]
    README.write_text(f"{before}{MARKERS[0]}\n{quotation(parts)}\n{MARKERS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
