"""Existing projects in many styles: new tables are planned into each as its team would have done it, and dbt agrees."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from brownfield_cases import CASES, NAMES, Case, copied, told
from cartridge import app
from dbt_child import Outcome, parsed

REWRITE = "CARTRIDGE_REWRITE_CASES"
SAMPLE = (
    "clashing_seeds_and_snapshots", "groups", "packages", "schema_in_jinja", "versions", "windows_files",
    "yaml_that_cannot_be_extended",
)  # fmt: skip
"""The cases whose files dbt is most likely to refuse: it parses these in every run, all of them, and as they
were before, in a deep one."""

COMPLAINED_OF = SAMPLE[-1]
"""The one that gives dbt a reason to complain before anything is planned: a key that stands twice."""


def bytes_of(project: Path) -> dict[str, bytes]:
    """Every file of a project but cartridge's own."""
    files = (path for path in project.rglob("*") if path.is_file() and ".cartridge" not in path.parts)
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("name", NAMES)
def test_the_diff_is_the_one_reviewed_and_planning_again_is_empty(name: str, tmp_path: Path) -> None:
    case = copied(name, tmp_path)
    before = bytes_of(case.project)
    saved = case.plan()
    if os.environ.get(REWRITE):
        (CASES / name / "expected.diff").write_bytes(told(saved).encode())
        pytest.fail(f"rewritten because {REWRITE} is set: review the diff, then run again without it")
    assert told(saved) == case.expected
    case.write(saved)
    again = case.plan()
    assert again.plan.actions == []
    assert not again.changes.pending
    if saved.changes.pending:
        asyncio.run(app.undo(case.project))
    assert bytes_of(case.project) == before


@pytest.mark.parametrize("name", ["camel_case_tables", "column_added", "packages", "schema_in_jinja", "versions"])
def test_marts_are_the_same_whether_staging_was_there_before_or_not(name: str, tmp_path: Path) -> None:
    once, twice = (copied(name, tmp_path / folder) for folder in ("once", "twice"))
    twice.write(twice.plan(("staging",)))
    for case in (once, twice):
        case.write(case.plan(("all",)))
    assert written(once.project) == written(twice.project)


def written(project: Path) -> dict[str, bytes]:
    return {path: content for path, content in bytes_of(project).items() if path.endswith((".sql", ".yml"))}


def parses(cases: list[Case]) -> Mapping[str, Outcome]:
    """What dbt says of each project, by case; one process for all."""
    return dict(zip((case.name for case in cases), parsed([case.project for case in cases]), strict=True))


def planned(names: Iterable[str], folder: Path) -> list[Case]:
    """The cases with what is planned written into them."""
    cases = [copied(name, folder) for name in names]
    for case in cases:
        case.write(case.plan())
    return cases


def test_dbt_parses_projects_that_were_planned_into(tmp_path: Path) -> None:
    for name, outcome in parses(planned(SAMPLE, tmp_path)).items():
        assert outcome.success, (name, outcome.complaints)
        assert not outcome.complaints or name == COMPLAINED_OF, name


@pytest.mark.deep
def test_dbt_parses_every_project_before_and_after(tmp_path: Path) -> None:
    before = parses([copied(name, tmp_path / "before") for name in NAMES])
    after = parses(planned(NAMES, tmp_path / "after"))
    for name in NAMES:
        assert before[name].success, (name, before[name].complaints)
        assert after[name].success, (name, after[name].complaints)
        assert set(after[name].complaints) <= set(before[name].complaints), name
