"""Four databases as star schemas: what is planned, reviewed line by line, beside what a person drew.

`tests/cases/stars/NAME/planned.txt` is the plan, `drawn.txt` the star drawn by hand, `why.md` the reason of every
difference between the two, each named at the head of an item: a mart, or `mart.column` (`*` stands for any letters).
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.demo import create_shop
from cartridge.domain.schema import SchemaSnapshot
from cartridge.plan import gated
from databases import chinook_duckdb, northwind_duckdb
from pagila_scan import pagila
from shared_data import REPOSITORY
from star_text import read_star, star_text

FOLDER = REPOSITORY / "tests" / "cases" / "stars"
NAMES = ("chinook", "northwind", "pagila", "shop")
MAKERS = {"chinook": chinook_duckdb, "northwind": northwind_duckdb, "shop": create_shop}
REWRITE = "CARTRIDGE_REWRITE_CASES"


def snapshot(name: str, folder: Path) -> SchemaSnapshot:
    if name == "pagila":
        return pagila()
    path = folder / f"{name}.duckdb"
    MAKERS[name](path)
    return asyncio.run(app.scan(str(path)))


@pytest.mark.parametrize("name", NAMES)
def test_the_planned_star_is_the_reviewed_one(name: str, tmp_path: Path) -> None:
    text = star_text(gated(app.request_for(snapshot(name, tmp_path))))
    golden = FOLDER / name / "planned.txt"
    if os.environ.get(REWRITE):
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"rewritten because {REWRITE} is set: review the diff, then run again without it")
    assert text.splitlines() == golden.read_text(encoding="utf-8").splitlines()


def differences(planned: str, drawn: str) -> set[str]:
    """Marts that only one of the two has or that are of another kind, and columns that only one of both has."""
    mine, theirs = read_star(planned), read_star(drawn)
    found = {name for name in mine.keys() | theirs.keys() if mine.get(name, "")[:1] != theirs.get(name, "")[:1]}
    for name in mine.keys() & theirs.keys():
        found |= {f"{name}.{column}" for column in mine[name][1] ^ theirs[name][1]}
    return found


def reasons(text: str) -> Iterator[str]:
    """What stands in backquotes at the head of each item, before the colon."""
    for item in re.findall(r"^- (.+?):", text, re.MULTILINE | re.DOTALL):
        yield from re.findall(r"`([^`]+)`", item)


@pytest.mark.parametrize("name", NAMES)
def test_every_difference_to_the_drawn_star_has_its_reason(name: str) -> None:
    planned, drawn, why = ((FOLDER / name / file).read_text("utf-8") for file in ("planned.txt", "drawn.txt", "why.md"))
    found, given = differences(planned, drawn), set(reasons(why))
    without = {one for one in found if not any(fnmatchcase(one, pattern) for pattern in given)}
    assert without == set(), "these differences have no reason"
    stale = {pattern for pattern in given if not any(fnmatchcase(one, pattern) for one in found)}
    assert stale == set(), "these are no differences"
    shared = read_star(planned).keys() & read_star(drawn).keys()
    assert len(shared) >= 0.75 * len(read_star(drawn)), "most marts are the same"
