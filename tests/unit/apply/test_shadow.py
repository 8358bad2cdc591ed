"""The shadow copy: the project as it will be, without touching it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cartridge.apply import shadow
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError, ConflictError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    for path, text in {
        "dbt_project.yml": "name: shop\ntarget-path: out/target\npackages-install-path: deps\n",
        "models/a.sql": "select 1",
        "models/sources.yml": "old",
        "models/target/kept.sql": "select 2",
        "target/kept.txt": "not dbt's here",
        "out/target/manifest.json": "{}",
        "logs/dbt.log": "log",
        ".git/HEAD": "ref",
        ".cartridge/history/000001/journal.json": "{}",
        "deps/dbt_utils/dbt_project.yml": "name: dbt_utils",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/m.sql").write_text("select 3")
    (root / "macros").symlink_to("../outside")
    (root / "also_models").symlink_to("models")
    (root / "large.duckdb").write_bytes(b"x" * (5 * 1024 * 1024))
    return root


def test_the_copy_holds_what_dbt_reads_and_the_change_set(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    changes = ChangeSet((
        FileChange("also_models/b/c.sql", "create", "select 4"),
        FileChange("models/sources.yml", "insert", "new", hashlib.sha256(b"old").hexdigest()),
    ))  # fmt: skip
    with shadow(project, changes) as copy:
        found = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
        assert found == {
            "dbt_project.yml", "models/a.sql", "models/sources.yml", "models/target/kept.sql", "models/b/c.sql",
            "target/kept.txt", "large.duckdb",
        }  # fmt: skip
        assert (copy / "models/sources.yml").read_text() == "new"
        assert (copy / "also_models/b/c.sql").read_text() == "select 4"
        assert (copy / "also_models").resolve() == copy / "models"
        assert (copy / "macros/m.sql").read_text() == "select 3"
        assert (copy / "deps").is_symlink()
        assert (copy / "deps/dbt_utils/dbt_project.yml").is_file()
        (copy / "models/a.sql").write_text("changed in the copy")
    assert not copy.exists()
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_project_that_is_not_there_yet(tmp_path: Path) -> None:
    with shadow(tmp_path / "new", ChangeSet((FileChange("dbt_project.yml", "create", "name: new"),))) as copy:
        assert (copy / "dbt_project.yml").read_text() == "name: new"
    assert not (tmp_path / "new").exists()


def test_conflicts_are_found_before_anything_is_copied(project: Path) -> None:
    with (
        pytest.raises(ConflictError, match=r"models/a\.sql"),
        shadow(project, ChangeSet((FileChange("models/a.sql", "create", "other"),))),
    ):
        pytest.fail("a conflict must not get this far")


def test_the_untouched_project_can_be_copied_too(project: Path) -> None:
    with shadow(project) as copy:
        assert (copy / "models/sources.yml").read_text() == "old"


@pytest.mark.parametrize("settings", ["name: [", "- a list", "\x00"])
def test_a_project_that_dbt_will_not_read_is_copied_all_the_same(project: Path, settings: str) -> None:
    """What is wrong with it, dbt says; the folders of its defaults are left out."""
    (project / "dbt_project.yml").write_text(settings)
    (project / "dbt_packages/p").mkdir(parents=True)
    with shadow(project) as copy:
        assert (copy / "dbt_project.yml").read_text() == settings
        assert not (copy / "target").exists()
        assert (copy / "out/target/manifest.json").is_file()
        assert (copy / "dbt_packages").is_symlink()


def test_no_room_for_the_copy(project: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    changes = ChangeSet((FileChange("models/b.sql", "create", "x" * 5000),))
    before = sorted(project.rglob("*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(ApplyError, match="could not be copied for a trial"), shadow(project, changes):
            pytest.fail("half a copy must not get this far")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(project.rglob("*")) == before
