"""What others do to the project while it is written: nothing of theirs is lost, and nothing goes outside."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cartridge.apply import commit, undo
from cartridge.apply.journal import Home
from cartridge.apply.lock import locked
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ConflictError

PLANNED = ChangeSet(tuple(FileChange(f"models/{name}.sql", "create", name) for name in "abc"))


def before_the_lock(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let others act once the project was checked, and before it is locked."""
    module = sys.modules["cartridge.apply.commit"]

    @contextmanager
    def after_others(home: Home) -> Iterator[None]:
        monkeypatch.setattr(module, "locked", locked)
        act()
        with locked(home):
            yield

    monkeypatch.setattr(module, "locked", after_others)


def before_the_link(monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]) -> None:
    """Let others act where `b.sql` is about to appear."""
    link = os.link

    def after_others(new: Path, target: Path) -> None:
        if target.name == "b.sql":
            act(target)
        link(new, target)

    monkeypatch.setattr(os, "link", after_others)


def test_an_undo_and_an_apply_leave_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(ChangeSet((FileChange("first.sql", "create", "1"),)), tmp_path)
    theirs = ChangeSet((FileChange("models/a.sql", "create", "a"), FileChange("models/c.sql", "create", "theirs")))

    def others() -> None:
        time.sleep(0.02)
        undo(tmp_path)
        commit(theirs, tmp_path)

    before_the_lock(monkeypatch, others)
    with pytest.raises(ConflictError, match=r"models/c\.sql: exists and holds other text"):
        commit(PLANNED, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.rglob("*.sql")} == {"a.sql": "a", "c.sql": "theirs"}


def test_the_same_bytes_by_others_are_not_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def others() -> None:
        (tmp_path / "models").mkdir()
        (tmp_path / "models/a.sql").write_text("a")
        (tmp_path / "models/c.sql").write_text("theirs")

    before_the_lock(monkeypatch, others)
    with pytest.raises(ConflictError, match=r"left alone: models/a\.sql, models/c\.sql"):
        commit(PLANNED, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.rglob("*.sql")} == {"a.sql": "a", "c.sql": "theirs"}


def test_a_link_to_nowhere_that_comes_up_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_the_link(monkeypatch, lambda target: target.symlink_to("nowhere"))
    with pytest.raises(ConflictError, match=r"models/b\.sql was changed"):
        commit(PLANNED, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.sql")] == ["b.sql"]
    assert (tmp_path / "models/b.sql").is_symlink()


def test_a_folder_that_turns_into_a_link_out(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    outside.mkdir()
    (project / "models").mkdir(parents=True)

    def swap(_what: str, done: int, _total: int) -> None:
        if done == 1:
            (project / "models").rename(project / "was")
            (project / "models").symlink_to(outside)

    with pytest.raises(ConflictError, match=r"a symlink leads models/b\.sql out of the project"):
        commit(PLANNED, project, progress=swap)
    assert list(outside.iterdir()) == []
