"""A reviewer's changes to a plan: dependents follow, the gate judges, and what comes out can be applied."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.saved_plan import SavedPlan
from cartridge.domain.plan import PlanAction
from cartridge.errors import InputError
from cartridge.plan.amend import Amendment, amendable, materializations
from plan_sizes import twenty_steps
from saved_plans import planned, scanned, tree, write_project

SHOP = """
    crm.customers(id pk, name, email)
    crm.tickets(id pk, customer_id -> crm.customers, subject, opened_at ts, minutes int)
    crm.replies(id pk, ticket_id -> crm.tickets, body, sent_at ts)
"""


@pytest.fixture(scope="module")
def saved() -> SavedPlan:
    return planned(None, scanned(SHOP))


def step(saved: SavedPlan, name: str) -> PlanAction:
    action = saved.plan.action(name)
    assert action is not None, [action.name for action in saved.plan.actions]
    return action


def revised(
    saved: SavedPlan, changes: dict[str, Amendment], rejected: tuple[str, ...] = (), project: Path | None = None
):
    amendments = {step(saved, name).step_id: amendment for name, amendment in changes.items()}
    return asyncio.run(app.revise(saved, project, amendments, [step(saved, name).step_id for name in rejected]))


def test_no_change_is_the_plan_itself(saved: SavedPlan):
    assert revised(saved, {}).saved is saved


def test_dependents_take_a_new_name(saved: SavedPlan):
    old, new = "stg_crm__customers", "stg_crm__clients"
    revision = revised(saved, {old: Amendment(name=new)})
    assert revision.saved is not None, revision.findings
    written = {file.path: file.text for file in revision.saved.changes.files}
    assert f"models/staging/crm/{new}.sql" in written
    assert not [path for path, text in written.items() if old in path or f"'{old}'" in text or f"name: {old}\n" in text]
    readers = [action.name for action in revision.saved.plan.actions if new in action.dependencies]
    assert readers == [action.name for action in saved.plan.actions if old in action.dependencies] != []


def test_two_steps_can_swap_their_names(saved: SavedPlan):
    one, other = "stg_crm__customers", "stg_crm__tickets"
    revision = revised(saved, {one: Amendment(name=other), other: Amendment(name=one)})
    assert revision.saved is not None, revision.findings
    swapped = next(action for action in revision.saved.plan.actions if action.name == one)
    assert swapped.detail.table == ("crm", "tickets")


@pytest.mark.parametrize(("changed", "taken"), [("stg_crm__customers", "stg_crm__tickets"),
                                                ("stg_crm__tickets", "stg_crm__customers")])  # fmt: skip
def test_a_name_that_is_taken_is_one_finding_at_the_step_that_was_changed(saved: SavedPlan, changed: str, taken: str):
    """The joins and columns of what reads one of the two are no findings of their own."""
    revision = revised(saved, {changed: Amendment(name=taken)})
    assert revision.saved is None
    (found,) = [finding for finding in revision.findings if finding.severity == "error"]
    assert found.code == "duplicate-name"
    assert revision.step_of(found) == step(saved, changed).step_id


@pytest.mark.parametrize("name", ["stg crm", "../../up", "{{ evil }}", "", "1st"])
def test_a_name_that_dbt_refuses_is_a_finding(saved: SavedPlan, name: str):
    revision = revised(saved, {"stg_crm__customers": Amendment(name=name)})
    assert revision.saved is None
    errors = [finding for finding in revision.findings if finding.severity == "error"]
    assert "unusable-name" in {finding.code for finding in errors}


@pytest.mark.parametrize("path", ["../../.bashrc", "/etc/passwd", "models/x.txt", ""])
def test_a_path_outside_the_models_is_a_finding(saved: SavedPlan, path: str):
    revision = revised(saved, {"stg_crm__customers": Amendment(file_path=path)})
    assert revision.saved is None
    assert [finding for finding in revision.findings if finding.severity == "error"]


def test_properties_move_with_their_model(saved: SavedPlan):
    mart = next(action for action in saved.plan.actions if action.type == "create_mart")
    revision = revised(saved, {mart.name: Amendment(file_path=f"models/marts/service/{mart.name}.sql")})
    assert revision.saved is not None, revision.findings
    moved = step(revision.saved, mart.name)
    assert moved.properties_path is not None
    assert Path(moved.properties_path).parent == Path("models/marts/service")


def test_what_reads_a_rejected_step_goes_with_it(saved: SavedPlan):
    revision = revised(saved, {}, rejected=("stg_crm__tickets",))
    assert revision.saved is not None, revision.findings
    left = {action.name for action in revision.saved.plan.actions}
    assert "stg_crm__tickets" not in left
    assert not [action for action in revision.saved.plan.actions if "stg_crm__tickets" in action.dependencies]
    assert not [file.path for file in revision.saved.changes.files if "'stg_crm__tickets'" in file.text]
    numbers = {action.name: action.step_id for action in saved.plan.actions}
    kept = zip(revision.steps, revision.plan.actions, strict=True)
    assert all(numbers[action.name] == number for number, action in kept)


def test_a_calendar_spans_the_dates_that_are_left_and_goes_with_the_last():
    saved = twenty_steps()
    spanned = ("stg_sales__orders", "stg_sales__payments", "stg_sales__shipments", "stg_crm__tickets")
    assert set(step(saved, "dim_dates").dependencies) == set(spanned)
    revision = revised(saved, {}, rejected=spanned[1:])
    assert revision.saved is not None, revision.findings
    calendar = step(revision.saved, "dim_dates")
    assert calendar.dependencies == [spanned[0]]
    (text,) = [file.text for file in revision.saved.changes.files if file.path == calendar.file_path]
    assert f"ref('{spanned[0]}')" in text
    assert spanned[1] not in text
    left = revised(saved, {}, rejected=spanned).plan
    assert left.action("dim_dates") is None
    assert left.action("dim_customers") is not None


def test_description_and_materialisation_are_written(saved: SavedPlan):
    amendment = Amendment(description="Who calls us.", materialized="table")
    revision = revised(saved, {"stg_crm__customers": amendment})
    assert revision.saved is not None, revision.findings
    written = {file.path: file.text for file in revision.saved.changes.files}
    assert "materialized='table'" in written["models/staging/crm/stg_crm__customers.sql"]
    assert "Who calls us." in written["models/staging/crm/_crm__models.yml"]


def test_only_what_can_be_kept_may_change(saved: SavedPlan):
    source = next(action for action in saved.plan.actions if action.type == "create_source")
    assert "name" not in amendable(source)
    with pytest.raises(InputError, match="cannot be changed"):
        revised(saved, {source.name: Amendment(name="other")})
    staging = step(saved, "stg_crm__customers")
    assert "incremental" not in materializations(staging)
    with pytest.raises(InputError, match="cannot be materialised"):
        revised(saved, {staging.name: Amendment(materialized="incremental")})
    with pytest.raises(InputError, match="no step 999"):
        asyncio.run(app.revise(saved, None, {999: Amendment(name="x")}))


def test_nothing_left_is_said(saved: SavedPlan):
    with pytest.raises(InputError, match="No step"):
        revised(saved, {}, rejected=tuple(action.name for action in saved.plan.actions))


def test_a_plan_for_a_project_needs_the_project_and_is_applied_as_changed(tmp_path: Path):
    project = write_project(tmp_path / "shop")
    saved = planned(project)
    change = {"stg_crm__tickets": Amendment(name="stg_crm__calls")}
    with pytest.raises(InputError, match="--project"):
        revised(saved, change)
    before = tree(project)
    revision = revised(saved, change, project=project)
    assert tree(project) == before
    assert revision.saved is not None, revision.findings
    asyncio.run(app.recheck(revision.saved, project))
    asyncio.run(app.apply(revision.saved.changes, project))
    assert (project / "models/staging/crm/stg_crm__calls.sql").is_file()
    assert not list(project.rglob("stg_crm__tickets*"))
