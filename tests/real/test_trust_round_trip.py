"""Plan, apply, undo gives the original tree, bit for bit; plan, apply, plan has nothing to do: for every case."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.saved_plan import SavedPlan
from cartridge.apply import commit, undo
from cartridge.domain.schema import SchemaSnapshot
from cartridge.scan import scan
from render_cases import CASES, read_case
from saved_plans import planned, scanned
from shared_data import REPOSITORY

PROJECTS = sorted(path.parent for path in (REPOSITORY / "tests" / "cases").glob("*/*/tables.sql"))
"""Case folders of projects that are there: `project/`, and the SQL of the database below it."""

SCHEMAS = sorted((REPOSITORY / "tests" / "unit" / "plan" / "star_cases").glob("*.txt"))


def everything(folder: Path) -> dict[str, bytes | None]:
    """Every file with its bytes, and every folder, but cartridge's own."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {
        name: path.read_bytes() if path.is_file() else None
        for name, path in found.items()
        if name != ".cartridge" and not name.startswith(".cartridge/")
    }


def applied(saved: SavedPlan, project: Path) -> None:
    asyncio.run(app.recheck(saved, project))
    asyncio.run(app.apply(saved.changes, project))


def half(snapshot: SchemaSnapshot) -> SchemaSnapshot:
    """Every other table, with the keys among them."""
    tables = tuple(snapshot.tables[::2])
    kept = {table.key for table in tables}
    keys = tuple(key for key in snapshot.relationships if key.table in kept and key.ref_table in kept)
    for table in tables:
        table.foreign_key_relationships = [key for key in keys if key.table == table.key] or None
    return replace(snapshot, tables=tables, relationships=keys)


def schema_of(path: Path) -> SchemaSnapshot:
    return scanned(path.read_text(encoding="utf-8").partition("=====\n")[0])


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_new_project(path: Path, tmp_path: Path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "README.md").write_text("Kept.\n")
    before = everything(project)
    saved = planned(project, schema_of(path))
    assert saved.plan.actions
    applied(saved, project)
    after = everything(project)
    again = planned(project, schema_of(path))
    assert not again.plan.actions, [action.name for action in again.plan.actions]
    assert not again.changes.pending
    applied(saved, project)
    assert everything(project) == after
    undo(project)
    assert everything(project) == before


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_project_that_is_there(path: Path, tmp_path: Path):
    project = tmp_path / "project"
    applied(planned(project, half(schema_of(path))), project)
    (project / "models" / "staging" / "by_hand.sql").write_bytes(b"-- by hand\r\nselect 1 as one")
    before = everything(project)
    saved = planned(project, schema_of(path))
    assert saved.plan.strategy == "brownfield"
    assert saved.plan.actions
    applied(saved, project)
    again = planned(project, schema_of(path))
    assert not again.plan.actions, [action.name for action in again.plan.actions]
    undo(project)
    assert everything(project) == before


def test_names_that_were_cut_and_plurals_that_look_singular(tmp_path: Path):
    """What the marts are called does not show how they were named; that they stand for their tables does."""
    long = "customer_order_" * 8
    names = [f"{long}line", f"{long}payment", "x_y"]
    snapshot = scanned("\n".join(f"raw.{name}(id pk, amount num, created_at ts)" for name in names))
    saved = planned(tmp_path / "project", snapshot)
    assert sum(action.type == "create_mart" for action in saved.plan.actions) > len(names)
    applied(saved, tmp_path / "project")
    again = planned(tmp_path / "project", snapshot)
    assert [action.name for action in again.plan.actions] == []


@pytest.mark.skipif(not PROJECTS, reason="no case folder holds a project and its tables")
@pytest.mark.parametrize("case", PROJECTS, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_case_of_a_project(case: Path, tmp_path: Path):
    duckdb = pytest.importorskip("duckdb")
    project, database = tmp_path / "project", tmp_path / "warehouse.duckdb"
    shutil.copytree(case / "project", project, symlinks=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute((case / "tables.sql").read_text(encoding="utf-8"))
    snapshot = scan(str(database))
    before = everything(project)
    saved = planned(project, snapshot)
    applied(saved, project)
    after = everything(project)
    again = planned(project, snapshot)
    assert not again.plan.actions, [action.name for action in again.plan.actions]
    assert not again.changes.pending
    if saved.changes.pending:
        assert after != before
        undo(project)
    assert everything(project) == before


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_case_of_rendering(name: str, tmp_path: Path):
    case = read_case(name)
    for path, text in case.before.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    before = everything(tmp_path)
    commit(case.render(), tmp_path)
    texts = {path: content.decode() for path, content in everything(tmp_path).items() if content is not None}
    assert texts == case.expected
    assert not case.render(texts).pending
    undo(tmp_path)
    assert everything(tmp_path) == before
