"""Writing a change set: every file or none, nothing twice, nothing outside."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from cartridge.apply import commit
from cartridge.apply.paths import Neighbours, clashes
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError, ConflictError


def create(path: str, text: str = "select 1\n") -> FileChange:
    return FileChange(path, "create", text)


def insert(path: str, before: str, text: str) -> FileChange:
    return FileChange(path, "insert", text, before=hashlib.sha256(before.encode()).hexdigest())


def changes(*files: FileChange) -> ChangeSet:
    return ChangeSet(files)


def tree(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".cartridge" not in path.parts
    }


def test_a_new_project_is_written_exactly(tmp_path: Path) -> None:
    project = tmp_path / "not" / "there" / "yet"
    report = commit(changes(create("dbt_project.yml", "name: shop\r\n"), create("models/a/b.sql", "é\n\n")), project)
    assert report.created == ("dbt_project.yml", "models/a/b.sql")
    assert tree(project) == {"dbt_project.yml": b"name: shop\r\n", "models/a/b.sql": "é\n\n".encode()}


def test_a_folder_with_git_and_readme_is_fine(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("mine")
    commit(changes(create("models/a.sql")), tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_second_commit_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("old\n")
    planned = changes(create("models/a.sql"), insert("sources.yml", "old\n", "old\nnew\n"))
    assert not commit(planned, tmp_path).nothing_to_do
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    second = commit(planned, tmp_path)
    assert second.nothing_to_do
    assert second.unchanged == ("models/a.sql", "sources.yml")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_stands_in_the_way_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/a.sql").write_text("mine")
    (tmp_path / "models/b.yml").write_text("moved")
    (tmp_path / "models/folder.sql").mkdir()
    (tmp_path / "notes").write_text("a file")
    before = tree(tmp_path)
    planned = changes(
        create("models/a.sql"), insert("models/b.yml", "old", "new"), insert("models/gone.yml", "old", "new"),
        create("models/fine.sql"), create("models/folder.sql"), create("notes/c.sql"),
    )  # fmt: skip
    with pytest.raises(ConflictError) as caught:
        commit(planned, tmp_path)
    message = str(caught.value)
    assert "models/a.sql: exists and holds other text" in message
    assert "models/b.yml: was changed since the plan was made" in message
    assert "models/gone.yml: was there when the plan was made, and is gone" in message
    assert "models/folder.sql: a folder of that name exists" in message
    assert "notes/c.sql: notes is a file, not a folder" in message
    assert "models/fine.sql" not in message
    assert tree(tmp_path) == before
    assert not (tmp_path / ".cartridge").exists()


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../outside.sql", "models/../../outside.sql", "C:/a.sql", "models\\a.sql", "models//a.sql", "",
     "./a.sql", "models/a\x00.sql", "models/a\n.sql", ".git/config", ".GIT/hooks/post-commit", "sub/.git/config",
     ".cartridge/lock", "models/" + "x" * 300 + ".sql", "models/\ud800.sql"],
)  # fmt: skip
def test_paths_that_are_never_written(tmp_path: Path, path: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with pytest.raises(ConflictError) as caught:
        commit(changes(create("models/fine.sql"), create(path)), project)
    assert str(caught.value).isprintable() or "\n" in str(caught.value)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("kind", ["folder", "file", "loop"])
def test_symlinks_out_of_the_project_are_refused(tmp_path: Path, kind: str) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    if kind == "folder":
        (project / "models").symlink_to(outside)
    else:
        (project / "models").mkdir()
        (project / "models/a.sql").symlink_to(outside / "a.sql" if kind == "file" else project / "models/a.sql")
    with pytest.raises(ConflictError, match=r"models/a\.sql: a symlink leads out"):
        commit(changes(create("models/a.sql")), project)
    assert list(outside.iterdir()) == []


def test_symlinks_inside_the_project_are_followed_and_kept(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "models").symlink_to("shared")
    (tmp_path / "shared/real.yml").write_text("old")
    (tmp_path / "shared/link.yml").symlink_to("real.yml")
    commit(changes(create("models/a.sql"), insert("models/link.yml", "old", "new")), tmp_path)
    assert (tmp_path / "shared/a.sql").read_text() == "select 1\n"
    assert (tmp_path / "shared/link.yml").is_symlink()
    assert (tmp_path / "shared/real.yml").read_text() == "new"


def test_one_file_under_two_planned_paths_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "models").symlink_to("shared")
    with pytest.raises(ConflictError, match=r"shared/a\.sql: is the same file as models/a\.sql"):
        commit(changes(create("models/a.sql"), create("shared/a.sql")), tmp_path)
    with pytest.raises(ConflictError, match="planned twice"):
        commit(changes(create("x.sql"), create("x.sql")), tmp_path)


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    (tmp_path / "models/staging").mkdir(parents=True)
    (tmp_path / "models/staging/STG_A.sql").write_text("mine")
    for path, other in (
        ("models/staging/stg_a.sql", "models/staging/STG_A.sql"),
        ("models/Staging/b.sql", "models/staging"),
    ):
        with pytest.raises(ConflictError, match=f"{path}: differs only in case from {other}"):
            commit(changes(create(path)), tmp_path)
    with pytest.raises(ConflictError, match=r"b/X\.sql: differs only in case from the planned b/x\.sql"):
        commit(changes(create("b/x.sql"), create("b/X.sql")), tmp_path)
    with pytest.raises(ConflictError, match="differs only in case from the planned m"):
        commit(changes(create("m/x.sql"), create("M/y.sql")), tmp_path)


def test_paths_may_be_deep(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    deep = "a/" * 1500 + "b.sql"
    assert clashes([deep, deep.replace("b", "B")]) == {deep.replace("b", "B"): deep}
    assert Neighbours(tmp_path).like(deep) == "A"


def test_a_file_as_project_and_text_that_is_no_unicode(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ApplyError, match="is a file, not a folder"):
        commit(changes(create("a.sql")), tmp_path / "file")
    with pytest.raises(ApplyError, match="file is a file, not a folder"):
        commit(changes(create("a.sql")), tmp_path / "file" / "below")
    with pytest.raises(ConflictError, match="cannot be written as UTF-8"):
        commit(changes(create("a.sql", "\ud800")), tmp_path)


def test_an_unchanged_file_must_still_be_there(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("as planned")
    planned = changes(FileChange("a.yml", "nothing", "as planned", hashlib.sha256(b"as planned").hexdigest()))
    assert commit(planned, tmp_path).nothing_to_do
    (tmp_path / "a.yml").write_text("moved")
    with pytest.raises(ConflictError, match=r"a\.yml: was changed since"):
        commit(planned, tmp_path)


def test_modes_are_kept_and_no_file_shares_its_bytes_with_the_journal(tmp_path: Path) -> None:
    script = tmp_path / "run.sql"
    script.write_text("old")
    script.chmod(0o750)
    commit(changes(insert("run.sql", "old", "new"), create("new.sql")), tmp_path)
    assert stat.S_IMODE(script.stat().st_mode) == 0o750
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new.sql").stat().st_mode) == 0o666 & ~mask
    assert (tmp_path / "new.sql").stat().st_nlink == 1


def test_progress_counts_every_file(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    commit(changes(create("a.sql"), create("b.sql")), tmp_path, progress=lambda *step: seen.append(step))
    assert seen == [("Writing a.sql", 1, 2), ("Writing b.sql", 2, 2)]


def test_many_conflicts_are_all_named(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.sql").write_text("mine")
    with pytest.raises(ConflictError) as caught:
        commit(changes(*(create(f"{number}.sql") for number in range(30))), tmp_path)
    assert all(f"{number}.sql" in str(caught.value) for number in range(30))
