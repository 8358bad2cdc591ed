"""The gate as a check: plans, drafts and projects as they stand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.check import check_draft, check_plan, check_project, chosen
from cartridge.app.saved_plan import SavedPlan
from cartridge.domain.plan import ExecutionPlan, Finding, PlanAction
from cartridge.errors import ProjectError
from saved_plans import planned, scanned, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "shop")


def errors(found: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in found if finding.severity == "error"}


def checked(saved: SavedPlan, project: Path | None) -> set[str]:
    return errors(asyncio.run(check_plan(saved, project)))


def test_a_plan_that_holds_has_no_errors(project: Path):
    saved = planned(project)
    assert checked(saved, project) == set()
    asyncio.run(app.apply(saved.changes, project))
    assert checked(saved, project) == set()
    assert checked(planned(None), None) == set()


def test_a_name_that_was_taken_meanwhile(project: Path):
    saved = planned(project)
    (project / "models/other/fct_tickets.sql").write_text("select 1 as ticket_id\n")
    found = asyncio.run(check_plan(saved, project))
    assert errors(found) == {"name-taken", "stale-plan"}
    assert all(finding.mend for finding in found if finding.severity == "error")


def test_a_file_that_was_edited_meanwhile(project: Path):
    saved = planned(project)
    with (project / "models/staging/crm/_crm__models.yml").open("a") as file:
        file.write("  - name: notes\n")
    assert checked(saved, project) == {"stale-plan"}


def test_a_path_that_was_taken_meanwhile(project: Path):
    saved = planned(project)
    (project / "models/marts/_marts__models.yml").write_text("version: 2\n")
    assert checked(saved, project) == {"path-taken"}


def draft(*actions: tuple[str, str, str, list[str]]) -> ExecutionPlan:
    steps = [
        PlanAction(step_id=place, type=kind, name=name, file_path=path, dependencies=reads)
        for place, (kind, name, path, reads) in enumerate(actions, 1)
    ]
    return ExecutionPlan(strategy="brownfield", actions=steps)


def test_a_draft_is_judged_over_its_tables(project: Path):
    good = draft(("create_staging", "stg_crm__tickets", "models/staging/crm/stg_crm__tickets.sql", ["crm"]))
    assert errors(asyncio.run(check_draft(good, scanned(), project))) == set()
    bad = draft(
        ("create_staging", "stg_crm__customers", "models/staging/crm/stg_crm__customers.sql", ["crm"]),
        ("create_mart", "fct_tickets", "macros/fct_tickets.sql", ["stg_crm__tikets"]),
    )
    assert errors(asyncio.run(check_draft(bad, scanned(), project))) == {
        "name-taken", "unknown-dependency", "unsafe-path"
    }  # fmt: skip


def test_a_project_by_itself(project: Path):
    assert asyncio.run(check_project(project)) == ()
    (project / "models/other/broken.yml").write_text("models: [\n")
    found = asyncio.run(check_project(project))
    assert [finding.path for finding in found] == ["models/other/broken.yml"]
    with pytest.raises(ProjectError):
        asyncio.run(check_project(project / "models"))


def test_codes_are_selected_and_ignored():
    found = tuple(Finding(code=code, severity="error", message=code) for code in ("a", "b", "c"))
    assert [finding.code for finding in chosen(found, ["a", "b"], ["b"])] == ["a"]
    assert [finding.code for finding in chosen(found, [], ["b"])] == ["a", "c"]
