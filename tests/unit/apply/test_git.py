"""What git says of work that was not committed; where it says nothing, apply goes on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cartridge.apply import uncommitted


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a repository, all of it committed."""
    (tmp_path / "repository/shop/models").mkdir(parents=True)
    (tmp_path / "repository/shop/models/a b.sql").write_text("select 1")
    (tmp_path / "repository/elsewhere.txt").write_text("a")
    git(tmp_path / "repository", "init")
    git(tmp_path / "repository", "add", ".")
    git(tmp_path / "repository", "commit", "-m", "start")
    return tmp_path / "repository/shop"


def test_what_differs_below_the_project_is_named_from_there(project: Path) -> None:
    assert uncommitted(project) == ()
    (project / "models/a b.sql").write_text("select 2")
    (project.parent / "elsewhere.txt").write_text("b")
    (project / "models/new.sql").write_text("not known to git")
    assert uncommitted(project) == ("models/a b.sql",)
    assert uncommitted(project.parent) == ("elsewhere.txt", "shop/models/a b.sql")


def test_where_git_knows_nothing(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "models/a b.sql").write_text("select 2")
    assert uncommitted(tmp_path / "not_there_yet") == ()
    (tmp_path / "plain").mkdir()
    assert uncommitted(tmp_path / "plain") == ()
    (project.parent / ".git/HEAD").write_text("rubbish")
    assert uncommitted(project) == ()
    monkeypatch.setenv("PATH", str(tmp_path / "plain"))
    assert uncommitted(project) == ()
