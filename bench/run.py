"""Everything that is measured, in one run: quality beside the baselines, and growth.

    python bench/run.py [--quick]

Prints Markdown tables with date and machine, saves them as `bench/results.md`, and puts the cartridge rows of the
quality tables between the markers of the README. `--quick` leaves out the largest schemas, and saves nothing.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

from growth import growth_tables
from model_cost import cost_tables
from reading import reading_table
from review import review_table
from scores import PRODUCT, REPOSITORY, score_tables
from tables import Table, row_of
from traps import trap_table

RESULTS = REPOSITORY / "bench" / "results.md"
README = REPOSITORY / "README.md"
MARKERS = ("<!-- measured -->", "<!-- /measured -->")


def machine() -> str:
    """Processor, number of cores, Python."""
    known = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.+)", known.read_text()) if known.exists() else []
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


def measured(*, quick: bool) -> Iterator[Table]:
    """Every table, as soon as it is known."""
    yield from score_tables()
    yield trap_table()
    yield from cost_tables((10, 100) if quick else (10, 100, 1_000))
    yield from growth_tables(
        (1_000, 10_000) if quick else (1_000, 10_000, 100_000), (100,) if quick else (1_000, 10_000)
    )
    yield reading_table((1_000,) if quick else (1_000, 10_000))
    yield review_table()


def summary(tables: list[Table]) -> str:
    """For the README: the quality tables without the growth, cartridge beside the best baseline of each block."""
    lines = []
    for table in tables:
        if table.title.startswith(("Growth", "Layout, paired", "Cost", "Review page")) or not table.rows:
            continue
        lines += [
            f"**{table.title}**",
            "",
            row_of(table.columns),
            row_of(["---", *["---:"] * (len(table.columns) - 1)]),
        ]
        lines += [row_of(row) for row in _telling(table.rows)] + [""]
    growth = [f"{table.title.removeprefix('Growth: ')}: {table.notes[0]}" for table in tables if _has_exponent(table)]
    return "\n".join([*lines, *(f"- {line}" for line in growth)]) + "\n"


def _telling(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The product's rows, each after the last baseline before it, which is the strongest one."""
    kept = [place for place, row in enumerate(rows) if PRODUCT in row[0]]
    return [row for place in kept for row in rows[max(place - 1, 0) : place + 1]] or rows


def _has_exponent(table: Table) -> bool:
    return table.title.startswith("Growth") and bool(table.notes) and "exponent" in table.notes[0]


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only small schemas; nothing is saved")
    quick = parser.parse_args().quick
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    where = f"Measured on {today} by `make bench` ({machine()})."
    print(f"# Measured\n\n{where}\n", flush=True)
    tables = []
    for table in measured(quick=quick):
        tables.append(table)
        print(table.markdown(), flush=True)
    if quick:
        return
    text = "\n".join([f"# Measured\n\n{where}\n", *(table.markdown() for table in tables)])
    RESULTS.write_text(text.replace("\n\n\n", "\n\n").rstrip("\n") + "\n", encoding="utf-8")
    before, _, rest = README.read_text(encoding="utf-8").partition(MARKERS[0])
    after = rest.partition(MARKERS[1])[2]
    quoted = f"{MARKERS[0]}\n{where}\n\n{summary(tables)}{MARKERS[1]}"
    README.write_text(f"{before}{quoted}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
