"""apply lets dbt parse a copy of the project with the files in it, before one of them is written."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cartridge.app import save_plan as save
from cartridge.app.trial import Trial, try_out
from cartridge.cli import run
from cartridge.errors import ApplyError
from cartridge.verify import DbtOptions
from saved_plans import PROJECT, planned, tree, write_project

PROFILE = "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb}}}\n"
NEW = "stg_crm__tickets"
REFUSES_TICKETS = """
{% macro source(schema, table) %}
  {%- if table == 'tickets' %}{{ exceptions.raise_compiler_error("no tickets here") }}{% endif -%}
  {{ return(builtins.source(schema, table)) }}
{% endmacro %}
"""
STAND_IN = """
import json, pathlib, sys, time
def say(name, level="info", **data):
    print(json.dumps({"info": {"name": name, "level": level, "msg": data.pop("msg", "")}, "data": data}))
def fail(text):
    say("MainEncounteredError", "error", exc=text, msg=text)
    sys.exit(2)
say("MainReportVersion", version="=1.99.0")
"""
"""A program that speaks as dbt does in its log, and judges the project that it is started in."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "shop", {**PROJECT, "profiles.yml": PROFILE})


def stand_in(tmp_path: Path, lines: str) -> DbtOptions:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN + lines)
    return DbtOptions(command=(sys.executable, str(script)))


def tried(project: Path, options: DbtOptions | None = None) -> Trial:
    saved = planned(project)
    before = tree(project)
    try:
        return asyncio.run(try_out(saved, project, options))
    finally:
        assert tree(project) == before


def test_dbt_refuses_what_the_plan_adds_and_nothing_is_written(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The gate cannot know of a macro that refuses a table; dbt does. --no-parse writes it all the same."""
    (project / "macros").mkdir()
    (project / "macros/source.sql").write_text(REFUSES_TICKETS)
    save(planned(project), tmp_path / "plan.json")
    before = tree(project)
    line = ["apply", str(tmp_path / "plan.json"), "--project", str(project)]
    assert run(line) == 1
    shown = capsys.readouterr().err
    assert re.search(
        r"Nothing was written: with the planned files in it, dbt cannot parse the project \(step \d\)", shown
    )
    assert "no tickets here" in shown
    assert "--no-parse" in shown
    assert "cartridge-shadow" not in shown
    assert tree(project) == before
    assert run([*line, "--no-parse", "--json", "--quiet"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["parse"] == {"outcome": "not run", "reason": "--no-parse was given", "dbt_version": ""}
    assert f"models/staging/crm/{NEW}.sql" in tree(project)


def test_a_project_that_parses_is_said_to(project: Path):
    trial = tried(project)
    assert trial.outcome == "passed", trial
    assert trial.dbt_version


def test_a_fault_that_was_there_before_does_not_count(project: Path, tmp_path: Path):
    broken = stand_in(tmp_path, "fail('Compilation Error in ' + str(pathlib.Path.cwd()) + ': by_hand is broken')")
    trial = tried(project, broken)
    assert trial.outcome == "broken before"
    assert "by_hand is broken" in trial.reason
    assert str(project) in trial.reason


def test_another_fault_of_a_broken_project_is_not_the_plans(project: Path, tmp_path: Path):
    script = f"fail('one' if pathlib.Path('models/staging/crm/{NEW}.sql').exists() else 'another')"
    assert tried(project, stand_in(tmp_path, script)).outcome == "broken before"


def test_a_new_fault_of_a_broken_project_is(project: Path, tmp_path: Path):
    script = f"fail('in {NEW}' if pathlib.Path('models/staging/crm/{NEW}.sql').exists() else 'another')"
    with pytest.raises(ApplyError, match=rf"\(step \d\):\n  in {NEW}"):
        tried(project, stand_in(tmp_path, script))


@pytest.mark.parametrize(
    "said", ["Env var required but not provided: 'X'", "Could not find profile named 'shop'", "Run \"dbt deps\" first",
             "Could not find adapter type snowflake!"],
)  # fmt: skip
def test_what_the_machine_lacks_is_no_fault_of_the_files(project: Path, tmp_path: Path, said: str):
    assert tried(project, stand_in(tmp_path, f"fail({said!r})")) == Trial("not run", said, "1.99.0")


def test_a_command_that_is_no_dbt_is_refused(project: Path):
    with pytest.raises(ApplyError, match="runs no dbt"):
        tried(project, DbtOptions(command=(sys.executable, "-c", "print('hello')")))
    with pytest.raises(ApplyError, match="no_such_dbt"):
        tried(project, DbtOptions(command=("no_such_dbt",)))


def test_it_waits_no_longer_than_it_is_told_to(project: Path, tmp_path: Path):
    options = DbtOptions(command=stand_in(tmp_path, "time.sleep(60)").command, timeout=0.2)
    started = time.monotonic()
    with pytest.raises(ApplyError, match=r"Nothing was written\. dbt parse was stopped after 0\.2 seconds"):
        tried(project, options)
    assert time.monotonic() - started < 30


def test_without_dbt_it_says_so_and_goes_on(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    save(planned(project), tmp_path / "plan.json")
    assert run(["apply", str(tmp_path / "plan.json"), "--project", str(project)]) == 0
    shown = capsys.readouterr().err
    assert "Trying the files with dbt ... not parsed" in shown
    assert "pip install 'cartridge-dbt[dbt]'" in shown
    assert f"models/staging/crm/{NEW}.sql" in tree(project)


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(project: Path) -> Path:
    """A repository whose folder `shop` is the project, all of it committed."""
    (project.parent / "elsewhere.txt").write_text("a")
    git(project.parent, "init")
    git(project.parent, "add", ".")
    git(project.parent, "commit", "-m", "start")
    return project


def test_work_that_is_not_committed_is_warned_about(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    sources = "models/staging/crm/_crm__sources.yml"
    for path in (sources, "models/other/notes.sql"):
        (repository / path).write_bytes((repository / path).read_bytes() + b"# mine\n"[: 7 if path == sources else 0])
    (repository / "models/other/notes.sql").write_text("select 2 as note_id\n")
    (repository.parent / "elsewhere.txt").write_text("b")
    save(planned(repository), tmp_path / "plan.json")
    assert run(["apply", str(tmp_path / "plan.json"), "--project", str(repository), "--no-parse", "--json"]) == 0
    shown = capsys.readouterr()
    assert f"Not committed in 2 files: {sources} (written again), models/other/notes.sql." in shown.err
    assert json.loads(shown.out)["uncommitted"] == ["models/other/notes.sql", sources]


def test_a_clean_tree_is_not_and_the_repository_runs_nothing(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The repository's own settings name programs, and files that git does not know lie about."""
    spy, seen = tmp_path / "spy.sh", tmp_path / "seen"
    spy.write_text(f"#!/bin/sh\ntouch {seen}\n")
    spy.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(spy))
    (repository / "untracked.sql").write_text("x")
    save(planned(repository), tmp_path / "plan.json")
    line = ["apply", str(tmp_path / "plan.json"), "--project", str(repository), "--no-parse"]
    assert run(line) == 0
    assert "ommitted" not in capsys.readouterr().err
    assert not seen.exists()
    git(repository, "status")
    assert seen.exists() or os.name != "posix", "the spy would have been started"
