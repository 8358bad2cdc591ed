"""What a broken-off command leaves is finished or taken back, whatever happened in between."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cartridge.apply import commit, history, recover, undo
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError, ConflictError

OLD = "version: 2\n"
AFTER = {"models/a.sql": "a", "models/new/b.sql": "b", "models/old.yml": OLD + "new\n"}
BREAK_OFF = """
import os, sys
from pathlib import Path
from cartridge.apply import commit, undo
from cartridge.domain.change import ChangeSet, FileChange
sys.path.insert(0, sys.argv[3])
from test_recover import changes
step = int(sys.argv[4])
def leave(what, done, total):
    if done == step:
        os._exit(0)
project = Path(sys.argv[2])
undo(project, progress=leave) if sys.argv[1] == "undo" else commit(changes(), project, progress=leave)
"""


def changes() -> ChangeSet:
    return ChangeSet((
        FileChange("models/a.sql", "create", "a"),
        FileChange("models/new/b.sql", "create", "b"),
        FileChange("models/old.yml", "insert", OLD + "new\n", hashlib.sha256(OLD.encode()).hexdigest()),
    ))  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project/models").mkdir(parents=True)
    (tmp_path / "project/models/old.yml").write_text(OLD)
    return tmp_path / "project"


def tree(project: Path) -> dict[str, str]:
    files = (path for path in project.rglob("*") if path.is_file() and ".cartridge" not in path.parts)
    return {path.relative_to(project).as_posix(): path.read_text() for path in files}


def broken_off(project: Path, verb: str, step: int) -> None:
    """Run a command in a child that is gone, without a word, after that many files."""
    line = [sys.executable, "-c", BREAK_OFF, verb, str(project), str(Path(__file__).parent), str(step)]
    done = subprocess.run(line, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (project / ".cartridge/pending").exists()


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_broken_off_apply_is_finished(project: Path, step: int) -> None:
    broken_off(project, "apply", step)
    found = recover(project)
    assert found is not None
    assert str(found) == "An apply of 3 files had been broken off; it was finished."
    assert tree(project) == AFTER
    assert len(history(project)) == 1
    undo(project)
    assert tree(project) == {"models/old.yml": OLD}


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_broken_off_undo_is_finished_once(project: Path, step: int) -> None:
    commit(changes(), project)
    broken_off(project, "undo", step)
    report = undo(project)
    assert (report.removed, report.restored) == (("models/a.sql", "models/new/b.sql"), ("models/old.yml",))
    assert tree(project) == {"models/old.yml": OLD}
    assert not (project / ".cartridge").exists()


def test_a_file_that_changed_since_takes_the_rest_back(project: Path) -> None:
    broken_off(project, "apply", 1)
    (project / "models/old.yml").write_text("mine")
    found = recover(project)
    assert found is not None
    assert str(found) == (
        "An apply of 3 files had been broken off; it was rolled back. Changed meanwhile and left alone: models/old.yml."
    )
    assert tree(project) == {"models/old.yml": "mine"}
    assert not (project / "models/new").exists()


def test_a_rollback_is_gone_on_with(project: Path) -> None:
    broken_off(project, "apply", 3)
    pending = project / ".cartridge/pending"
    (pending / "journal.json").rename(pending / "rollback.json")
    found = recover(project)
    assert found is not None
    assert found.outcome == "rolled back"
    assert tree(project) == {"models/old.yml": OLD}


def test_a_rollback_without_its_copies_leaves_what_it_cannot_restore(project: Path) -> None:
    broken_off(project, "apply", 3)
    pending = project / ".cartridge/pending"
    (pending / "journal.json").rename(pending / "rollback.json")
    shutil.rmtree(pending / "old")
    found = recover(project)
    assert found is not None
    assert found.left == ("models/old.yml",)
    assert tree(project) == {"models/old.yml": AFTER["models/old.yml"]}


def test_contents_that_are_gone_cannot_be_gone_on_with(project: Path) -> None:
    broken_off(project, "apply", 1)
    shutil.rmtree(project / ".cartridge/pending/new")
    found = recover(project)
    assert found is not None
    assert found.outcome == "rolled back"
    assert tree(project) == {"models/old.yml": OLD}


def test_leftovers_before_anything_counted_are_thrown_away(project: Path) -> None:
    (project / ".cartridge/pending/new").mkdir(parents=True)
    (project / ".cartridge/pending/new/0").write_text("half")
    assert recover(project) is None
    assert not (project / ".cartridge").exists()


def test_what_passed_the_point_of_no_return_is_only_tidied(project: Path) -> None:
    commit(changes(), project)
    broken_off(project, "undo", 3)
    (project / ".cartridge/history/000001").rename(project / ".cartridge/pending/undone")
    (project / "models/old.yml").write_text("mine, written since")
    found = recover(project)
    assert found is not None
    assert found.outcome == "finished"
    assert tree(project) == {"models/old.yml": "mine, written since"}


def test_a_folder_that_becomes_a_link_out_is_never_written_through(project: Path, tmp_path: Path) -> None:
    broken_off(project, "apply", 1)
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(project / "models/new")
    (project / "models/new").symlink_to(outside)
    with pytest.raises(ApplyError, match="a symlink leads models/new out of the project"):
        recover(project)
    assert list(outside.iterdir()) == []
    (project / "models/new").unlink()
    assert recover(project) is not None
    assert list(outside.iterdir()) == []


def test_a_folder_that_turns_into_a_file_meanwhile(project: Path) -> None:
    def meddle(what: str, done: int, total: int | None) -> None:
        if done == 1:
            (project / "models/new").rmdir()
            (project / "models/new").write_text("mine")

    with pytest.raises(ApplyError, match=r"Nothing was written: Not a directory[\s\S]*as it was before"):
        commit(changes(), project, progress=meddle)
    assert tree(project) == {"models/old.yml": OLD, "models/new": "mine"}


def test_a_progress_that_fails_at_the_last_file(project: Path) -> None:
    def stumble(what: str, done: int, total: int | None) -> None:
        if done == total:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commit(changes(), project, progress=stumble)
    assert tree(project) == {"models/old.yml": OLD}
    assert not (project / ".cartridge").exists()


def test_a_disk_without_links_gets_its_files_all_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    commit(changes(), project)
    assert tree(project) == AFTER
    undo(project)
    assert tree(project) == {"models/old.yml": OLD}


def test_an_interrupt_before_anything_counts_leaves_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the copies are made; a disk that cannot be synced is an error that is said."""
    before = sorted(project.rglob("*"))

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        commit(changes(), project)
    assert sorted(project.rglob("*")) == before
    assert recover(project) is None


def test_a_disk_that_cannot_be_synced_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    before = sorted(project.rglob("*"))
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ApplyError, match=r"Input/output error"):
        commit(changes(), project)
    assert sorted(project.rglob("*")) == before


def test_a_system_that_cannot_open_folders(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win")
    monkeypatch.delattr(os, "O_DIRECTORY")
    commit(changes(), project)
    assert tree(project) == AFTER


def test_a_system_without_one_sync_for_all(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    commit(changes(), project)
    assert tree(project) == AFTER
    with pytest.raises(ConflictError):
        commit(ChangeSet((FileChange("models/a.sql", "create", "other"),)), project)
