"""Undo and recovery: the tree from before, bit for bit, or a refusal that names what moved."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cartridge.apply import commit, history, recover, undo
from cartridge.apply.journal import Home
from cartridge.apply.lock import locked
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError, ConflictError, LockedError, UndoError

OLD = b"version: 2\r\n# mine\r\n"


def changes(*names: str) -> ChangeSet:
    created = tuple(FileChange(f"models/new/{name}.sql", "create", f"select '{name}'\n") for name in names)
    insert = FileChange("models/sources.yml", "insert", OLD.decode() + "new\n", hashlib.sha256(OLD).hexdigest())
    return ChangeSet((*created, insert))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "models").mkdir(parents=True)
    (root / "models/sources.yml").write_bytes(OLD)
    (root / "models/sources.yml").chmod(0o640)
    return root


def tree(project: Path) -> dict[str, object]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes() if path.is_file() else "folder"
        for path in sorted(project.rglob("*"))
    }


def test_undo_restores_every_byte_mode_and_folder(project: Path) -> None:
    before = tree(project)
    commit(changes("a", "b"), project)
    assert [(done.number, done.created, done.changed) for done in history(project)] == [
        (1, ("models/new/a.sql", "models/new/b.sql"), ("models/sources.yml",))
    ]
    assert (project / ".cartridge/.gitignore").read_text() == "*\n"
    report = undo(project)
    assert report.removed == ("models/new/a.sql", "models/new/b.sql")
    assert report.restored == ("models/sources.yml",)
    assert tree(project) == before
    assert stat.S_IMODE((project / "models/sources.yml").stat().st_mode) == 0o640
    with pytest.raises(UndoError, match="nothing to undo"):
        undo(project)


def test_applies_are_undone_one_by_one_newest_first(project: Path) -> None:
    trees = [tree(project)]
    for number in range(3):
        commit(ChangeSet((FileChange(f"models/{number}.sql", "create", str(number)),)), project)
    assert [done.number for done in history(project)] == [3, 2, 1]
    undo(project)
    assert sorted(path.name for path in (project / "models").iterdir()) == ["0.sql", "1.sql", "sources.yml"]
    commit(ChangeSet((FileChange("models/again.sql", "create", ""),)), project)
    for _ in range(3):
        undo(project)
    assert tree(project) == trees[0]


@pytest.mark.parametrize("moved", ["changed", "removed", "folder", "backup"])
def test_undo_names_what_moved_and_touches_nothing(project: Path, moved: str) -> None:
    commit(changes("a", "b"), project)
    file = project / "models/new/a.sql"
    if moved == "changed":
        file.write_text("mine now")
    elif moved == "backup":
        next((project / ".cartridge/history/000001/old").iterdir()).write_text("tampered")
    else:
        file.unlink()
        if moved == "folder":
            file.mkdir()
    before = tree(project)
    named = "models/sources.yml: the copy" if moved == "backup" else "models/new/a.sql: "
    with pytest.raises(UndoError, match="Nothing was undone") as caught:
        undo(project)
    assert named in str(caught.value)
    assert "b.sql" not in str(caught.value)
    assert tree(project) == before


def test_a_folder_that_others_use_by_now_stays(project: Path) -> None:
    commit(changes("a"), project)
    (project / "models/new/mine.sql").write_text("mine")
    undo(project)
    assert [path.name for path in (project / "models/new").iterdir()] == ["mine.sql"]


def test_two_applies_at_once(project: Path) -> None:
    home = Home(project.resolve())
    with locked(home), pytest.raises(LockedError, match="Another cartridge command"):
        commit(changes("a"), project)
    assert commit(changes("a"), project).created


def test_many_threads_leave_one_whole_apply(project: Path) -> None:
    outcomes: list[str] = []

    def run() -> None:
        try:
            outcomes.append("nothing" if commit(changes("a", "b", "c"), project).nothing_to_do else "done")
        except (LockedError, ConflictError) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("done") == 1
    assert commit(changes("a", "b", "c"), project).nothing_to_do
    assert len(history(project)) == 1


def test_an_error_on_the_way_takes_everything_back(project: Path) -> None:
    before = tree(project)

    def stumble(what: str, done: int, total: int | None) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(changes("a", "b"), project, progress=stumble)
    assert tree(project) == before


def test_a_file_that_changes_meanwhile_takes_everything_back(project: Path) -> None:
    def meddle(what: str, done: int, total: int | None) -> None:
        if done == 1:
            (project / "models/sources.yml").write_text("changed by another")

    with pytest.raises(ConflictError, match=r"models/sources\.yml was changed while"):
        commit(changes("a", "b"), project, progress=meddle)
    assert tree(project) == {
        "models": "folder", "models/sources.yml": b"changed by another",
    }  # fmt: skip


def test_a_file_that_comes_up_meanwhile_is_never_overwritten(project: Path) -> None:
    def meddle(what: str, done: int, total: int | None) -> None:
        if done == 1:
            (project / "models/new/b.sql").write_text("mine")

    with pytest.raises(ConflictError):
        commit(changes("a", "b"), project, progress=meddle)
    assert (project / "models/new/b.sql").read_text() == "mine"
    assert not (project / "models/new/a.sql").exists()
    assert (project / "models/sources.yml").read_bytes() == OLD


def test_recovery_has_nothing_to_do_in_peace(project: Path) -> None:
    assert recover(project) is None
    commit(changes("a"), project)
    assert recover(project) is None


@pytest.mark.parametrize(
    "forged",
    [
        {"entries": [{"path": "../../outside.sql", "before": None, "after": "0" * 64, "mode": None}]},
        {"make": ["../outside"]},
        {"remove": ["/"]},
        {"kind": "delete"},
        {"number": "1"},
        {"format": 99},
        {"entries": [{"path": "a.sql", "before": None, "after": "short", "mode": None}]},
        {"entries": [{"path": 7, "before": None, "after": None, "mode": None}]},
    ],
)
def test_a_forged_journal_is_refused(project: Path, forged: dict[str, object]) -> None:
    pending = project / ".cartridge/pending"
    pending.mkdir(parents=True)
    real: dict[str, object] = {
        "format": 1,
        "kind": "apply",
        "number": 1,
        "at": "",
        "entries": [],
        "make": [],
        "remove": [],
    }
    (pending / "journal.json").write_text(json.dumps({**real, **forged}))
    before = tree(project.parent)
    with pytest.raises(ApplyError, match="cannot be read"):
        recover(project)
    kept = tree(project.parent)
    assert {path: kept[path] for path in before} == before
    assert {path for path in kept if path not in before} <= {"project/.cartridge/lock", "project/.cartridge/.gitignore"}


def test_a_journal_of_rubbish_and_a_home_that_is_a_link(project: Path, tmp_path: Path) -> None:
    pending = project / ".cartridge/pending"
    pending.mkdir(parents=True)
    (pending / "journal.json").write_bytes(b"\xff{")
    with pytest.raises(ApplyError, match="cannot be read"):
        commit(changes("a"), project)
    other = tmp_path / "other"
    other.mkdir()
    (other / ".cartridge").symlink_to(tmp_path)
    with pytest.raises(ApplyError, match="is a symlink"):
        commit(ChangeSet((FileChange("a.sql", "create", ""),)), other)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to become another user")
def test_a_folder_that_may_not_be_written(project: Path) -> None:
    opened = [folder for folder in (project.parent, *project.parent.parents) if not folder.stat().st_mode & 0o005]
    for folder in opened:
        folder.chmod(folder.stat().st_mode | 0o005)
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from cartridge.apply import commit\n"
        "from cartridge.domain.change import ChangeSet, FileChange\n"
        "from cartridge.errors import ApplyError\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    files = (FileChange('models/a.sql', 'create', ''), FileChange('b.sql', 'create', ''))\n"
        "    commit(ChangeSet(files), Path(sys.argv[1]))\n"
        "except ApplyError as error:\n"
        "    print(error)\n"
    )
    before = tree(project)
    done = subprocess.run([sys.executable, "-c", script, str(project)], capture_output=True, text=True, check=False)
    assert "no permission to write into the folder" in done.stdout, done.stderr
    assert "b.sql" in done.stdout
    project.chmod(0o700)
    done = subprocess.run([sys.executable, "-c", script, str(project)], capture_output=True, text=True, check=False)
    assert "Permission denied" in done.stdout, done.stderr
    assert tree(project) == before
    for folder in opened:
        folder.chmod(folder.stat().st_mode & ~0o005)
