"""Plan files that were tampered with: refused, or judged by the gate as any plan; never a write outside the models.

The digest is no signature: whoever edits a plan can make it anew. So every edit is tried with the digest left as it
was, and with one that fits.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import hashlib
import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cartridge import app
from cartridge.app.saved_plan import SavedPlan, dump_text, load_text
from cartridge.errors import CartridgeError, PlanFileError
from saved_plans import planned, tree, write_project
from trust_record import record

DEEP = bool(os.environ.get("CARTRIDGE_DEEP"))
PLAN = Path("plan.json")
Place = tuple[str | int, ...]

HOSTILE = (
    "../../../escaped.sql", "/tmp/escaped.sql", "models/../../escaped.yml", ".github/workflows/x.yml", "packages.yml",
    "macros/evil.sql", ".git/hooks/post-commit", "dbt_project.yml", "models/x.sql\x00.yml", "{{ env_var('HOME') }}",
    "{% do run_query('drop table x') %}", "'; drop table x; --", "\ud800", "\u202e", "x" * 5000, "", "models", "..",
)  # fmt: skip
"""What an edited text may become."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("place") / "project")


@pytest.fixture(scope="module")
def document(project: Path) -> dict[str, Any]:
    return json.loads(dump_text(planned(project)))


def forged(document: dict[str, Any]) -> str:
    """The document with a digest that fits."""
    body = {name: value for name, value in document.items() if name != "digest"}
    try:
        content = json.dumps(body, separators=(",", ":")).encode()
    except (RecursionError, ValueError):
        content = b""
    return json.dumps({**body, "digest": "sha256:" + hashlib.sha256(content).hexdigest()})


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a JSON document, its inner ones included."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*place, key))


def kind_of(place: Place) -> str:
    """The place with its numbers left out, so that one of many like places can stand for all."""
    return ".".join("*" if isinstance(part, int) else part for part in place)


def at(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return document


def changed(document: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(document)
    at(made, place[:-1])[place[-1]] = value
    return made


def removed(document: dict[str, Any], place: Place) -> dict[str, Any]:
    made = copy.deepcopy(document)
    del at(made, place[:-1])[place[-1]]
    return made


def other(value: Any) -> list[Any]:
    """Values near a value, and of another kind."""
    if isinstance(value, bool):
        return [not value, "yes"]
    if isinstance(value, int | float):
        return [value + 1, -value, str(value), 10**400]
    if isinstance(value, str):
        return [value + "x", value.upper(), "models/escaped.sql", 7]
    if isinstance(value, list):
        return [[], value * 2, {}, value[::-1]]
    return [{}, None, []] if isinstance(value, dict) else ["x"]


def outcome(text: str, project: Path, desk: Path) -> str:
    """What becomes of a plan file: "refused", or "applied", in which case nothing was written but models, their
    properties, and text added to files that were there. Anything but our own error is a failure."""
    try:
        saved = load_text(text, PLAN)
        asyncio.run(app.recheck(saved, project))
    except CartridgeError:
        return "refused"
    place = desk / "copy"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(project, place / "project")
    before, outside = tree(place / "project"), set(desk.iterdir())
    try:
        asyncio.run(app.apply(saved.changes, place / "project"))
    except CartridgeError:
        return "refused"
    after = tree(place / "project")
    assert set(desk.iterdir()) == outside
    assert set(place.iterdir()) == {place / "project"}
    for path in after.keys() - before.keys():
        assert re.fullmatch(r"models/[\w/]+\.(sql|yml)", path)
        assert b"run_query" not in after[path]
        assert b"env_var(" not in after[path].replace(b"{{ '{' }}{ env_var(", b"")
    for path, content in before.items():
        rest = iter(after[path])
        assert all(byte in rest for byte in content)
    return "applied"


def test_every_field_that_is_edited_breaks_the_digest(document: dict[str, Any]):
    for place in places(document):
        for made in (
            removed(document, place),
            *(changed(document, place, value) for value in other(at(document, place))),
        ):
            if made != document:
                with pytest.raises(PlanFileError):
                    load_text(json.dumps(made), PLAN)


def edits(document: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every edit of one field; where many places are alike, one stands for all but in a deep run."""
    seen: set[str] = set()
    for place in places(document):
        if place[0] == "digest" or (not DEEP and kind_of(place) in seen):
            continue
        seen.add(kind_of(place))
        yield place, removed(document, place)
        values = other(at(document, place))
        if isinstance(at(document, place), str):
            values += HOSTILE if "path" in str(place[-1]) else HOSTILE[:1]
        for value in values:
            yield place, changed(document, place, value)


def test_every_field_that_is_forged_is_refused_or_judged(document: dict[str, Any], project: Path, tmp_path: Path):
    outcomes: dict[str, set[str]] = {}
    for place, made in edits(document):
        if made != document:
            outcomes.setdefault(kind_of(place), set()).add(outcome(forged(made), project, tmp_path))
    assert outcome(forged(document), project, tmp_path) == "applied"
    # bytes, and all from which they follow, are never taken on trust
    for kind in ("files.*.text", "files.*.path", "files.*.operation", "files", "plan.actions.*.file_path", "format"):
        assert outcomes[kind] == {"refused"}, kind


def mutated(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The document after one to four random edits."""
    made = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        all_places = [place for place in places(made) if place != ("digest",)]
        if not all_places:
            break
        place = chance.choice(all_places)
        match chance.randrange(6):
            case 0:
                made = removed(made, place)
            case 1:
                made = changed(made, place, copy.deepcopy(at(made, chance.choice(all_places))))
            case 2:
                made = changed(made, place, chance.choice(HOSTILE))
            case 3:
                made = changed(made, (*place[:-1], "added") if isinstance(place[-1], str) else place, "x")
            case _:
                made = changed(made, place, chance.choice(other(at(made, place))))
    return made


@pytest.mark.parametrize("seed", range(20))
def test_random_forgeries(document: dict[str, Any], project: Path, tmp_path: Path, seed: int):
    chance = random.Random(seed)
    for _ in range(15):
        outcome(forged(mutated(document, chance)), project, tmp_path)


@pytest.mark.deep
def test_ten_thousand_random_forgeries(document: dict[str, Any], project: Path, tmp_path: Path):
    chance = random.Random("forged")
    outcomes = Counter(outcome(forged(mutated(document, chance)), project, tmp_path) for _ in range(10_000))
    assert outcomes.total() == 10_000
    record(
        "random mutations of a saved plan, its digest made to fit",
        f"10000 made: {outcomes['refused']} refused, {outcomes['applied']} passed the gate and wrote models only, "
        "0 tracebacks",
    )


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(document: dict[str, Any], tmp_path: Path, seed: int):
    """Bytes flipped, cut and doubled, as by a bad disk or a merge."""
    chance, path = random.Random(seed), tmp_path / PLAN
    whole = dump_text(load_text(json.dumps(document), PLAN)).encode()
    for _ in range(1000 if DEEP else 40):
        damaged = bytearray(whole)
        start = chance.randrange(len(damaged))
        end = min(len(damaged), start + chance.randint(1, 40))
        damaged[start:end] = chance.choice(
            (b"", bytes(chance.randrange(256) for _ in range(4)), damaged[start:end] * 2)
        )
        path.write_bytes(damaged)
        with contextlib.suppress(ValueError):
            if json.loads(damaged) == document:  # a space more or less
                continue
        with pytest.raises(PlanFileError):
            app.load_plan(path)


def test_a_plan_that_writes_what_it_does_not_decide(document: dict[str, Any], project: Path):
    """The file that a reviewer does not read to its end: all decisions are right, one text is not."""
    made = copy.deepcopy(document)
    file = next(file for file in made["files"] if file["path"].endswith("fct_tickets.sql"))
    file["text"] += "{% do run_query('drop table crm.tickets') %}\n"
    saved: SavedPlan = load_text(forged(made), PLAN)
    with pytest.raises(PlanFileError, match=r"fct_tickets\.sql would be another"):
        asyncio.run(app.recheck(saved, project))
