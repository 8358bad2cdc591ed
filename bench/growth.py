"""How time grows with the schema: processor seconds, the best of several runs, and the exponent of the growth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence

from cartridge.domain.plan import ModelGenerationRequest
from cartridge.domain.schema import ModelType, TableMapping
from cartridge.plan import gated
from cartridge.plan.keys import find_keys
from cartridge.render import render
from keys_growth import schema
from tables import Table

COLUMNS_PER_TABLE = 20


def growth_tables(columns: Sequence[int], tables: Sequence[int]) -> Iterator[Table]:
    """Growth of the search for keys over columns, and of whole plans and their text over tables."""
    yield _table("Growth: keys from names and types", "columns", columns, lambda size: _keys(schema(size)))
    sizes = [size * COLUMNS_PER_TABLE for size in tables]
    planning = _table("Growth: planning (draft, gate, details)", "tables", sizes, lambda size: _plan(schema(size)))
    planning.notes.append(f"Schemas of tables with {COLUMNS_PER_TABLE} columns, no keys declared; all layers.")
    yield planning
    yield _table("Growth: rendering the plan to files", "tables", sizes, lambda size: _render(schema(size)))


Work = Callable[[], int]
"""One run: answers how many things it made."""


def _table(title: str, unit: str, sizes: Sequence[int], made: Callable[[int], Work]) -> Table:
    table = Table(title, (unit, "made", "seconds", "exponent since the line above"))
    points: list[tuple[int, float]] = []
    for size in sizes:
        shown = size if unit == "columns" else size // COLUMNS_PER_TABLE
        seconds, count = _best(made(size), 3 if shown <= 10_000 and unit == "columns" else 1)
        growth = f"{_exponent(points[-1], (shown, seconds)):.2f}" if points else "-"
        table.rows.append((f"{shown:,}", f"{count:,}", f"{seconds:.2f}", growth))
        points.append((shown, seconds))
    if len(points) > 1:
        whole = _exponent(points[0], points[-1])
        table.notes.append(f"Growth exponent from {points[0][0]:,} to {points[-1][0]:,} {unit}: **{whole:.2f}**.")
    return table


def _best(work: Work, runs: int) -> tuple[float, int]:
    best, count = math.inf, 0
    for _ in range(runs):
        start = time.process_time()
        count = work()
        best = min(best, time.process_time() - start)
    return best, count


def _exponent(one: tuple[int, float], other: tuple[int, float]) -> float:
    return math.log(other[1] / one[1]) / math.log(other[0] / one[0])


def _keys(tables: list[TableMapping]) -> Work:
    return lambda: len(find_keys(tables).relationships)


def _request(tables: list[TableMapping]) -> ModelGenerationRequest:
    """All layers of the tables."""
    layers = [ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS]
    return ModelGenerationRequest(tables=tables, model_types=layers, target_warehouse="postgres")


def _plan(tables: list[TableMapping]) -> Work:
    request = _request(tables)
    return lambda: len(gated(request).actions)


def _render(tables: list[TableMapping]) -> Work:
    request = _request(tables)
    plan = gated(request)
    return lambda: len(render(plan, request).files)
