"""What the file system, or somebody's hand in `.cartridge/`, stands in the way of: said, and nothing half done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cartridge.apply import commit, recover, undo
from cartridge.apply.journal import Home
from cartridge.apply.lock import locked
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError, ConflictError, UndoError

OLD = b"version: 2\n"
ROOT = os.name == "posix" and os.geteuid() == 0


def changes(text: str = "select 1\n") -> ChangeSet:
    created = FileChange("models/new/a.sql", "create", text)
    inserted = FileChange("models/old.yml", "insert", OLD.decode() + "more\n", hashlib.sha256(OLD).hexdigest())
    return ChangeSet((created, inserted))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/old.yml").write_bytes(OLD)
    return tmp_path


def tree(project: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system refuses to let a file of this process grow beyond `size` bytes, as a quota would."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_the_system_will_not_write(project: Path) -> None:
    before = tree(project)
    with largest_file(2000), pytest.raises(ApplyError, match="Everything is as it was before"):
        commit(changes("x" * 5000), project)
    assert tree(project) == before
    assert commit(changes("x" * 5000), project).created == ("models/new/a.sql",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_something_that_is_no_file_is_in_the_way(project: Path) -> None:
    (project / "models/new").mkdir()
    os.mkfifo(project / "models/new/a.sql")
    with pytest.raises(ConflictError, match="no plain file has that name"):
        commit(changes(), project)


def test_a_link_that_leads_to_itself_is_in_the_way(project: Path) -> None:
    (project / "models/new").mkdir()
    (project / "models/new/a.sql").symlink_to("a.sql")
    before = sorted(path.name for path in project.rglob("*"))
    with pytest.raises(ApplyError):
        commit(changes(), project)
    assert sorted(path.name for path in project.rglob("*")) == before


def test_the_place_of_the_journal_is_a_file(project: Path) -> None:
    (project / ".cartridge").write_text("mine")
    before = tree(project)
    with pytest.raises(ApplyError, match="Nothing was written"):
        commit(changes(), project)
    assert tree(project) == before


def test_the_project_is_gone_before_it_is_locked(tmp_path: Path) -> None:
    with pytest.raises(ApplyError, match="is gone"), locked(Home(tmp_path / "gone")):
        pass


@pytest.mark.skipif(not ROOT, reason="only root gives files away")
def test_the_owner_of_a_file_is_kept(project: Path) -> None:
    os.chown(project / "models/old.yml", 65534, 65534)
    commit(changes(), project)
    assert (project / "models/old.yml").stat().st_uid == 65534
    undo(project)
    assert (project / "models/old.yml").stat().st_uid == 65534
    assert (project / "models/old.yml").read_bytes() == OLD


def test_nothing_to_undo_where_no_apply_is_on_record(project: Path) -> None:
    (project / ".cartridge").mkdir()
    (project / ".cartridge/notes").write_text("mine")
    with pytest.raises(UndoError, match="nothing to undo"):
        undo(project)


def test_undo_needs_the_copies_from_before(project: Path) -> None:
    commit(changes(), project)
    applied = tree(project / "models")
    for copy in (project / ".cartridge/history/000001/old").iterdir():
        copy.unlink()
    with pytest.raises(UndoError, match="the copy from before"):
        undo(project)
    assert tree(project / "models") == applied


def test_undo_refuses_the_journal_of_another_apply(project: Path) -> None:
    commit(changes(), project)
    journal = project / ".cartridge/history/000001/journal.json"
    journal.write_text(json.dumps(json.loads(journal.read_text()) | {"number": 7}))
    applied = tree(project / "models")
    with pytest.raises(UndoError, match="is not the journal of apply 1"):
        undo(project)
    assert tree(project / "models") == applied


@pytest.mark.parametrize("mode", [-1, 0o10000])
def test_a_journal_with_a_mode_out_of_range_is_refused(project: Path, mode: int) -> None:
    commit(changes(), project)
    history = project / ".cartridge/history/000001"
    journal = json.loads((history / "journal.json").read_text())
    journal["entries"][0]["mode"] = mode
    (history / "journal.json").write_text(json.dumps(journal))
    history.rename(project / ".cartridge/pending")
    with pytest.raises(ApplyError, match="a mode is out of range"):
        recover(project)
