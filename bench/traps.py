"""Keys in generated databases with planted traps: precision and recall from names, and with a look at the data."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tables import Table, percent

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from cartridge import app
from cartridge.plan import scope_of
from testbed import Bed, Score, beds, score


def trap_table() -> Table:
    """Micro precision, recall and F1 of foreign keys over all schemas, and the share of right primary keys."""
    names, data = Score(), Score()
    with tempfile.TemporaryDirectory() as folder:
        for bed in beds():
            from_names, from_data = asyncio.run(_scores(bed, Path(folder) / f"{bed.name}.duckdb"))
            names, data = names + from_names, data + from_data
    table = Table(
        "Keys in twenty generated schemas with planted traps (%, micro)",
        ("evidence", "true edges", "found", "precision", "recall", "F1", "primary keys"),
    )
    for label, one in (("names and types", names), ("and the data (`--profile`)", data)):
        together = 2 * one.right / (one.found + one.true)
        numbers = (one.precision, one.recall, together, one.keys)
        table.rows.append((label, str(one.true), str(one.found), *(percent(number) for number in numbers)))
    return table


async def _scores(bed: Bed, path: Path) -> tuple[Score, Score]:
    source = str(bed.write(path))
    snapshot = await app.scan(source)
    names = scope_of(app.request_for(snapshot)).keys
    data = scope_of(app.request_for(await app.profile(source, snapshot))).keys
    return score(bed, names), score(bed, data)
