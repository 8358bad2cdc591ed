"""Databases full of hostile text, from the scan to a real `dbt build`: green, nothing executed, all in its place."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import saved_plan
from cartridge.domain.plan import ExecutionPlan, SourceDetail, StagingDetail
from cartridge.domain.schema import SchemaSnapshot
from cartridge.render import profile_environment
from dbt_child import Outcome, dbt
from hostile import CANARY_FILE, SECRET, SECRET_NAME, HostileTable, corpus, create, databases, quoted, value
from trust_record import record

ROUNDS = 8
SAMPLE = 48
FILES = (
    "raw.duckdb",
    f"{{{{ env_var('{SECRET_NAME}') }}}} &a '\"x.duckdb",
    "models.duckdb",
    "😀 .. .duckdb",
    "1 - {# x.duckdb",
)
"""Names of database files; the rounds take turns."""


@dataclass(frozen=True)
class Built:
    """One database, what was planned for it, and what dbt made of the plan."""

    tables: list[HostileTable] = field(repr=False)
    snapshot: SchemaSnapshot = field(repr=False)
    plan: ExecutionPlan = field(repr=False)
    project: Path
    source: Path
    outcome: Outcome = field(repr=False)
    before: dict[str, bytes] = field(repr=False)
    after: dict[str, bytes] = field(repr=False)
    """The files outside of the project, by path, before apply and after dbt."""

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.project / "target" / "manifest.json").read_text(encoding="utf-8"))

    @property
    def staging(self) -> dict[tuple[str, str], tuple[str, StagingDetail]]:
        """The staging models by the tables they read."""
        return {
            action.detail.table: (action.name, action.detail)
            for action in self.plan.actions
            if isinstance(action.detail, StagingDetail)
        }


def _rounds() -> Iterator[Any]:
    texts = corpus()
    step = len(texts) // SAMPLE
    yield pytest.param((0, databases(1, texts[::step])[0]), id="sample")
    for number, tables in enumerate(databases(ROUNDS, texts), 1):
        yield pytest.param((number, tables), id=f"{number}-of-{ROUNDS}", marks=pytest.mark.deep)


@pytest.fixture(scope="module", params=_rounds())
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    number, tables = request.param
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("data", "home", "work", "project"):
        (folder / name).mkdir()
    source = create(folder / "data" / FILES[number % len(FILES)], tables)
    before = _files(folder)
    snapshot, saved = asyncio.run(_planned_and_applied(source, folder / "work" / "plan.json", folder / "project"))
    assert (folder / "work" / "plan.json").exists()
    variables = {SECRET_NAME: SECRET, "HOME": str(folder / "home")}
    for variable in profile_environment(saved.plan, saved.request):
        if variable.role == "source":
            variables[variable.name] = os.path.relpath(source, folder / "project")
    outcome = dbt(folder / "project", "build", environment=variables)
    return Built(tables, snapshot, saved.plan, folder / "project", source, outcome, before, _files(folder))


async def _planned_and_applied(source: Path, path: Path, project: Path) -> tuple[SchemaSnapshot, app.SavedPlan]:
    """The whole way of the data, through a plan file."""
    snapshot = await app.scan(str(source))
    request = app.request_for(snapshot)
    plan, changes = await app.decide(request)
    app.save_plan(saved_plan(plan, changes, snapshot, request), path)
    saved = app.load_plan(path)
    assert saved.changes == changes
    await app.apply(saved.changes, project)
    return snapshot, saved


def _files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, but for the project and the plan."""
    ours = {"plan.json", "hint_ts.json"}  # the plan, and where dbt notes in the home folder which hints it has given
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in ours)
    return {str(path): path.read_bytes() for path in found if not path.is_relative_to(folder / "project")}


def test_every_table_is_staged_or_refused_with_the_reason(built: Built) -> None:
    refused = {(left.schema, left.name): left.reason for left in built.snapshot.left_out}
    said = [finding.message for finding in built.plan.findings if finding.code == "left-out"]
    for table in built.tables:
        key = (table.schema, table.name)
        assert key in built.staging or refused.get(key) or any(table.name in message for message in said), key
    assert len(built.staging) >= len(built.tables) - 2, "only tables called like those of loaders may be left out"


def test_dbt_builds_all_of_it_without_a_complaint(built: Built) -> None:
    assert built.outcome.complaints == []
    assert built.outcome.success
    assert set(built.outcome.results.values()) == {"success", "pass"}
    made = {name.rsplit(".", 1)[-1] for name in built.outcome.results if name.startswith("model.")}
    assert made == {action.name for action in built.plan.actions if not isinstance(action.detail, SourceDetail)}


def test_staging_holds_the_rows_of_its_source(built: Built) -> None:
    with duckdb.connect(str(built.project / "warehouse.duckdb"), config={"threads": 1}) as warehouse:
        warehouse.execute(f"attach {value(str(built.source))} as {quoted(_alias(built))} (read_only)")
        for table in built.tables:
            name, detail = built.staging.get((table.schema, table.name), (None, None))
            if name is None or detail is None:
                continue
            staged = {column.source: column.name for column in detail.columns}
            columns = ", ".join(quoted(staged[column]) for column in table.columns)
            rows = warehouse.execute(f"select {columns} from main.{quoted(name)} order by 1").fetchall()
            places = range(1, len(table.columns))
            assert rows == [(key, *(f"{key}/{place}" for place in places)) for key in (1, 2)], table


def _alias(built: Built) -> str:
    found = {action.detail.database for action in built.plan.actions if isinstance(action.detail, SourceDetail)}
    (alias,) = found
    assert alias
    return alias


def test_comments_arrive_literally(built: Built) -> None:
    manifest = built.manifest
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    sources = {(node["source_name"], node["name"]): node for node in manifest["sources"].values()}
    for table in built.tables:
        name, detail = built.staging.get((table.schema, table.name), (None, None))
        if name is None or detail is None:
            continue
        source = sources[detail.source, detail.source_table]
        assert source["identifier"] == table.name.replace('"', '""'), "dbt puts it between double quotes as it is"
        assert source["schema"] == table.schema.replace('"', '""')
        assert _same(source["description"], table.comment)
        assert set(source["columns"]) == set(table.columns)
        staged = {column.source: column.name for column in detail.columns}
        for column, comment in zip(table.columns, table.comments, strict=True):
            assert _same(source["columns"][column]["description"], comment)
            assert _same(nodes[name]["columns"][staged[column]]["description"], comment)


def _same(arrived: str, comment: str) -> bool:
    """Line ends at the end of a comment are dropped; a blank comment says nothing, so that anything may be said."""
    return arrived == comment.rstrip("\n") or not comment.strip()


def test_nothing_was_executed(built: Built) -> None:
    for path in built.project.rglob("*"):
        assert path.name != CANARY_FILE
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    with duckdb.connect(str(built.project / "warehouse.duckdb"), config={"threads": 1}) as warehouse:
        found = warehouse.execute(
            "select table_name from information_schema.tables where table_catalog = 'warehouse'"
        ).fetchall()
    planned = {action.name for action in built.plan.actions if not isinstance(action.detail, SourceDetail)}
    assert {row[0] for row in found} == planned


def test_nothing_was_written_outside_of_the_project(built: Built) -> None:
    assert built.after == built.before
    written = {path.relative_to(built.project).parts[0] for path in built.project.iterdir()}
    ours = {
        "models",
        "dbt_project.yml",
        "profiles.yml",
        "README.md",
        ".gitignore",
        ".sqlfluff",
        ".yamllint",
        ".cartridge",
    }
    assert written - ours <= {"target", "logs", "warehouse.duckdb", ".user.yml"}


async def test_a_second_plan_finds_nothing_to_do(built: Built) -> None:
    context = await app.project_context(built.project, built.snapshot.tables)
    plan, changes = await app.decide(
        app.request_for(built.snapshot, PlanOptions(layers=("all",)), context), built.project
    )
    assert [action.name for action in plan.actions] == []
    assert changes.pending == ()


COUNTED: list[tuple[int, int, int, int]] = []
"""Of every round of a deep run: tables, tables left out, comments, nodes that dbt built and tested."""


def test_what_was_counted_is_kept(built: Built, request: pytest.FixtureRequest) -> None:
    """The last test of a round; after the last round the sum is kept, unless something failed."""
    if len(built.tables) <= SAMPLE:
        return
    comments = sum(1 + len(table.comments) for table in built.tables)
    left_out = len(built.tables) - len(built.staging)
    COUNTED.append((len(built.tables), left_out, comments, len(built.outcome.results)))
    if len(COUNTED) == ROUNDS and not request.session.testsfailed:
        tables, out, comments, nodes = (sum(column) for column in zip(*COUNTED, strict=True))
        record(
            "hostile names and comments, from scan to `dbt build`",
            f"{tables} tables and {comments} comments in {ROUNDS} databases: {tables - out} staged, {out} left out "
            f"with the reason, {nodes} models and tests built and passed, nothing executed or written elsewhere",
        )
