"""When a plan is stale, and when it is not: what others do to the project between plan and apply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import SavedPlan
from cartridge.errors import ApplyError, ConflictError, InputError, StalePlanError
from saved_plans import PROJECT, planned, scanned, tree, write_project

SOURCES = "models/staging/crm/_crm__sources.yml"
MODELS = "models/staging/crm/_crm__models.yml"
STAGED = "models/staging/crm/stg_crm__customers.sql"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "shop")


def check(saved: SavedPlan, project: Path) -> None:
    asyncio.run(app.recheck(saved, project))


def commit(saved: SavedPlan, project: Path) -> dict[str, bytes]:
    check(saved, project)
    asyncio.run(app.apply(saved.changes, project))
    return tree(project)


def append(path: str, text: str) -> Callable[[Path], object]:
    def move(project: Path) -> None:
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((file.read_text() if file.exists() else "") + text)

    return move


OTHERS = {
    "a model of another kind": append("models/marts/fct_visits.sql", "select 1 as visit_id\n"),
    "a model that is not used": append("models/other/notes.sql", "-- a remark\n"),
    "documentation of another model": append(
        "models/other/_other.yml", "version: 2\nmodels:\n  - name: notes\n    tests: []\n"
    ),
    "another source": append(
        "models/x/_x.yml", "version: 2\nsources:\n  - name: erp\n    tables:\n      - name: orders\n"
    ),
    "a comment in a model that is read": append("models/staging/crm/stg_crm__customers.sql", "-- a remark\n"),
    "a macro": append("macros/cents.sql", "{% macro cents(x) %}{{ x }} / 100{% endmacro %}\n"),
    "a variable": append("dbt_project.yml", "vars:\n  since: '2020-01-01'\n"),
    "a file that is no part of dbt": append("README.md", "# Shop\n"),
    "a hundred models": lambda project: [
        append(f"models/bulk/bulk_{number}.sql", f"select {number} as bulk_id\n")(project) for number in range(100)
    ],
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_others_do_elsewhere_is_no_matter(project: Path, what: str):
    saved = planned(project)
    OTHERS[what](project)
    before = tree(project)
    after = commit(saved, project)
    assert after.keys() - before.keys() == {file.path for file in saved.changes.files if file.operation == "create"}
    assert {path for path in before if after[path] != before[path]} == {SOURCES, MODELS}


MOVES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file to insert into": (append(SOURCES, "      - name: orders\n"), SOURCES),
    "a file to insert into that is gone": (lambda project: (project / MODELS).unlink(), f"{MODELS} is gone"),
    "a column of a model that is tested against": (
        lambda project: (project / STAGED).write_text("select id as client_id from {{ source('crm', 'customers') }}\n"),
        STAGED,
    ),
    "a model that is tested against": (lambda project: (project / STAGED).unlink(), f"{STAGED} is gone"),
    "a name that is taken": (append("models/other/fct_tickets.sql", "select 1 as ticket_id\n"), "fct_tickets is taken"),
    "a folder of the models": (
        lambda project: (project / "dbt_project.yml").write_text("name: shop\nmodel-paths: [transform]\n"),
        "dbt_project.yml was changed",
    ),
    "a project that is gone": (lambda project: (project / "dbt_project.yml").unlink(), "dbt_project.yml is gone"),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moved_is_named_and_planning_again_offered(project: Path, what: str):
    saved = planned(project)
    move, named = MOVES[what]
    move(project)
    before = tree(project)
    with pytest.raises(StalePlanError, match="--replan") as caught:
        check(saved, project)
    assert named in str(caught.value)
    assert tree(project) == before


def test_a_model_that_is_read_lost_a_column(project: Path):
    """The mart's columns were read off the model's SQL, so another select makes another mart."""
    saved = planned(project, options=PlanOptions(layers=("all",)))
    (project / STAGED).write_text("select email from {{ source('crm', 'customers') }}\n")
    with pytest.raises(StalePlanError, match=STAGED):
        check(saved, project)


def test_a_second_apply_has_nothing_to_do(project: Path):
    saved = planned(project)
    after = commit(saved, project)
    report = asyncio.run(app.apply(saved.changes, project))
    check(saved, project)
    assert report.nothing_to_do
    assert tree(project) == after


@pytest.mark.parametrize("lost", ["models/marts/fct_tickets.sql", MODELS])
def test_a_file_that_was_taken_back_is_written_again(project: Path, lost: str):
    saved = planned(project)
    after = commit(saved, project)
    if lost in PROJECT:
        (project / lost).write_text(PROJECT[lost])
    else:
        (project / lost).unlink()
    assert commit(saved, project) == after


def test_a_file_in_the_way_is_named(project: Path):
    saved = planned(project)
    (project / "models/marts/fct_tickets.sql").write_text("select 1 as mine\n")
    with pytest.raises(ConflictError, match=r"fct_tickets\.sql"):
        check(saved, project)


def test_a_plan_for_a_new_project_is_not_for_one_that_is_there(project: Path):
    with pytest.raises(StalePlanError, match=r"dbt_project\.yml is there, and the plan is for a new project"):
        check(planned(None), project)


def test_a_plan_made_elsewhere_is_applied_here(tmp_path: Path):
    saved = planned(write_project(tmp_path / "there"))
    here = write_project(tmp_path / "here" / "another name")
    assert commit(saved, here) == commit(saved, tmp_path / "there")


def test_another_version_that_writes_other_bytes_is_said(project: Path):
    saved = planned(project)
    files = tuple(replace(file, text=file.text + "\n") for file in saved.changes.files)
    older = replace(saved, cartridge="0.0.1", changes=replace(saved.changes, files=files))
    with pytest.raises(StalePlanError, match=r"cartridge 0\.0\.1 made it"):
        check(older, project)


# ---------------------------------------------------------------- the source

SOURCE_MOVES = {
    "the same": ("", None),
    "a new table": ("crm.visits(id pk)", None),
    "a new column": ("crm.replies(id pk, ticket_id -> crm.tickets, body, sent_at ts, x int)", "column x is new"),
    "a column that is gone": ("crm.replies(id pk, ticket_id -> crm.tickets, sent_at ts)", "column body is gone"),
    "another type": (
        "crm.replies(id pk, ticket_id -> crm.tickets, body int, sent_at ts)", "column body was text and is integer now",
    ),
    "another key": (
        "crm.replies(id pk, ticket_id pk -> crm.tickets, body, sent_at ts)",
        "the primary key was id and is id, ticket_id now",
    ),
    "a reference that is gone": (
        "crm.replies(id pk, ticket_id int, body, sent_at ts)", "foreign key ticket_id -> crm.tickets (id) is gone",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SOURCE_MOVES)
def test_the_source_is_held_against_the_scan(what: str):
    table, says = SOURCE_MOVES[what]
    tables = [line for line in scanned().tables if not table.startswith(f"crm.{line.name}(")]
    other = scanned("crm.customers(id pk, name, email)\n crm.tickets(id pk)\n" + table).tables if table else ()
    tables += [one for one in other if table.startswith(f"crm.{one.name}(")]
    now = replace(scanned(), tables=tuple(tables))
    if says is None:
        app.recheck_source(planned(None), now)
        return
    with pytest.raises(StalePlanError, match="--replan") as caught:
        app.recheck_source(planned(None), now)
    assert f"crm.replies: {says}" in str(caught.value)


def test_a_table_that_is_gone_is_named():
    with pytest.raises(StalePlanError, match=r"table crm\.replies is gone"):
        app.recheck_source(planned(None), replace(scanned(), tables=scanned().tables[:-1]))


# ---------------------------------------------------------------- a part of it, and all of it again


def names(saved: SavedPlan) -> set[str]:
    return {action.name for action in saved.plan.actions}


def part(saved: SavedPlan, project: Path, **which: list[str]) -> SavedPlan:
    return asyncio.run(app.part_of(saved, project, **which))


def test_a_step_comes_with_what_it_needs(project: Path):
    saved = planned(project)
    chosen = part(saved, project, only=["fct_tickets"])
    assert names(chosen) == {"crm", "stg_crm__tickets", "fct_tickets"}
    assert not any("replies.sql" in path for path in commit(chosen, project))


def test_a_step_goes_with_what_needs_it(project: Path):
    chosen = part(planned(project), project, skip=["stg_crm__tickets"])
    assert names(chosen) == {"crm", "stg_crm__replies"}
    texts = "".join(file.text for file in chosen.changes.files)
    assert "stg_crm__tickets" not in texts
    commit(chosen, project)


def test_steps_by_number_and_by_the_mark_of_sources(project: Path):
    saved = planned(project)
    number = next(str(action.step_id) for action in saved.plan.actions if action.name == "stg_crm__replies")
    assert names(part(saved, project, only=[number])) == {"crm", "stg_crm__replies"}
    assert names(part(saved, project, only=["source:crm"])) == {"crm"}


def test_steps_that_are_not_there_are_said(project: Path):
    saved = planned(project)
    with pytest.raises(InputError, match="Did you mean fct_tickets"):
        part(saved, project, only=["fct_tikets"])
    with pytest.raises(InputError, match="No step"):
        part(saved, project, skip=["crm"])


def test_the_rest_of_a_plan_is_planned_again(project: Path):
    saved = planned(project)
    commit(part(saved, project, only=["fct_tickets"]), project)
    with pytest.raises(ApplyError):
        check(saved, project)
    rest = asyncio.run(app.replan(saved, project))
    assert names(rest) == {"stg_crm__replies", "fct_replies"}
    commit(rest, project)
    assert not asyncio.run(app.replan(saved, project)).plan.actions


def test_decisions_of_a_person_are_kept_when_planning_again(project: Path):
    saved = planned(project)
    actions = [
        action.model_copy(update={"description": "Said by hand."}) if action.name == "fct_tickets" else action
        for action in saved.plan.actions
    ]
    by_hand = replace(
        saved,
        plan=saved.plan.model_copy(update={"actions": actions}),
        options=replace(saved.options, planner="draft"),
    )
    again = asyncio.run(app.replan(by_hand, project))
    assert "Said by hand." in "".join(file.text for file in again.changes.files)
