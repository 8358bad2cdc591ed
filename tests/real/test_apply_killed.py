"""SIGKILL at system calls of an apply and of an undo: the next command finds the project wholly before or wholly after.

`strace` counts the calls that write, rename, link, remove or sync in one undisturbed run; then the command is run again
and again on a fresh copy, killed at the first, second, ... call of each kind.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cartridge.apply import commit, recover, undo
from cartridge.domain.change import ChangeSet, FileChange
from trust_record import record

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

CALLS = (
    "write,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,syncfs,sync,chmod,fchmod,"
    "fchmodat,chown,sendfile,copy_file_range,flock"
)
CHILD = """
import pickle, sys
from pathlib import Path
from cartridge.apply import commit, undo
project = Path(sys.argv[2])
if sys.argv[1] == "undo":
    undo(project)
else:
    commit(pickle.loads(Path(sys.argv[3]).read_bytes()), project)
"""
OLD = "version: 2\n# kept\n"


class Scene(NamedTuple):
    """A project before a command, the command, and the tree that it leaves."""

    folder: Path
    command: list[str]
    before: dict[str, bytes]
    after: dict[str, bytes]


def changes(count: int, *, brownfield: bool) -> ChangeSet:
    created = [
        FileChange(f"models/area_{number % 7}/m_{number}.sql", "create", f"select {number}\n" * 20)
        for number in range(count)
    ]
    inserts = [
        FileChange(f"models/old_{number}.yml", "insert", OLD + "new\n", hashlib.sha256(OLD.encode()).hexdigest())
        for number in range(count // 4 if brownfield else 0)
    ]
    return ChangeSet((*created, *inserts))


def tree(project: Path) -> dict[str, bytes]:
    """Every file and folder but those of cartridge itself."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(project.rglob("*"))
        if ".cartridge" not in path.parts
    }


def make(folder: Path, kind: str, count: int) -> Scene:
    project = folder / "project"
    (project / "models").mkdir(parents=True)
    (project / "README.md").write_text("mine")
    brownfield = kind != "greenfield"
    planned = changes(count, brownfield=brownfield)
    for file in planned.files:
        if file.operation == "insert":
            (project / file.path).write_text(OLD)
    (folder / "changes.pickle").write_bytes(pickle.dumps(planned))
    clean = tree(project)
    applied = folder / "applied"
    shutil.copytree(project, applied)
    commit(planned, applied)
    done = tree(applied)
    if kind == "undo":
        shutil.rmtree(project)
        applied.rename(project)
    else:
        shutil.rmtree(applied)
    verb = "undo" if kind == "undo" else "apply"
    command = [sys.executable, "-c", CHILD, verb, str(folder / "run"), str(folder / "changes.pickle")]
    return Scene(folder, command, done if kind == "undo" else clean, clean if kind == "undo" else done)


def strace(scene: Scene, *options: str) -> subprocess.CompletedProcess[str]:
    shutil.rmtree(scene.folder / "run", ignore_errors=True)
    shutil.copytree(scene.folder / "project", scene.folder / "run", symlinks=True)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        ["strace", "-f", "-qq", *options, *scene.command],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


def kill_points(scene: Scene) -> list[tuple[str, int]]:
    """(system call, how manyeth) of everything that an undisturbed run does."""
    log = scene.folder / "calls.log"
    done = strace(scene, "-o", str(log), "-e", f"trace={CALLS}")
    assert done.returncode == 0, done.stderr
    assert tree(scene.folder / "run") == scene.after
    counts = Counter(re.findall(r"^\d+\s+(\w+)\(", log.read_text(), re.MULTILINE))
    return [(call, number) for call, count in sorted(counts.items()) for number in range(1, count + 1)]


def kill(scene: Scene, call: str, number: int) -> subprocess.CompletedProcess[str]:
    """Run the command on a fresh copy, killed as it enters that call."""
    return strace(scene, "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}")


def killed(scene: Scene, call: str, number: int) -> str:
    """Kill the command at that call, run the next command, and say how the project ended."""
    done = kill(scene, call, number)
    assert done.returncode in (-9, 137), (call, number, done.returncode, done.stderr)
    run = scene.folder / "run"
    recover(run)
    found = tree(run)
    assert found in (scene.before, scene.after), (call, number, sorted(set(found) ^ set(scene.after)))
    assert not (run / ".cartridge/pending").exists()
    return "before" if found == scene.before else "after"


def run_all(scene: Scene, points: Iterator[tuple[str, int]] | list[tuple[str, int]]) -> Counter[str]:
    return Counter(killed(scene, call, number) for call, number in points)


@pytest.mark.parametrize("kind", ["greenfield", "brownfield", "undo"])
def test_a_sample_of_kill_points(tmp_path: Path, kind: str) -> None:
    scene = make(tmp_path, kind, 6)
    points = kill_points(scene)
    step = max(1, len(points) // 10)
    outcomes = run_all(scene, [*points[::step], points[-1]])
    assert set(outcomes) == {"before", "after"}, outcomes


def test_the_next_command_may_be_any(tmp_path: Path) -> None:
    """Not `recover` alone: a second apply goes on to the end, an undo goes back to the start."""
    scene = make(tmp_path, "brownfield", 4)
    rename = max(number for call, number in kill_points(scene) if call == "rename")
    planned = changes(4, brownfield=True)
    for number in range(1, rename + 1):
        kill(scene, "rename", number)
        commit(planned, scene.folder / "run")
        assert tree(scene.folder / "run") == scene.after
        undo(scene.folder / "run")
        assert tree(scene.folder / "run") == scene.before
        assert not (scene.folder / "run/.cartridge").exists()


@pytest.mark.deep
@pytest.mark.parametrize("kind", ["greenfield", "brownfield", "undo"])
def test_every_kill_point_of_two_hundred_files(tmp_path: Path, kind: str) -> None:
    scene = make(tmp_path, kind, 200 if kind == "greenfield" else 160)
    points = kill_points(scene)
    outcomes = run_all(scene, points)
    assert outcomes.total() >= 500
    assert set(outcomes) == {"before", "after"}
    record(
        f"kill points, {kind}, 200 files",
        f"{outcomes.total()} killed: {outcomes['before']} wholly before, {outcomes['after']} wholly after, 0 between",
    )


@pytest.mark.parametrize(("blocks", "inodes", "files"), [(48, 4000, 30), (400, 30, 4)])
def test_a_full_disk_is_rolled_back(tmp_path: Path, blocks: int, inodes: int, files: int) -> None:
    """On a small file system of its own: out of blocks while preparing, out of inodes once the journal counts."""
    script = f"""
import os, subprocess, sys
from pathlib import Path
disk = Path(sys.argv[1])
options = "size={blocks}k,nr_inodes={inodes}"
subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True)
from cartridge.apply import commit, recover
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.errors import ApplyError
(disk / "mine.txt").write_text("mine")
files = tuple(FileChange(f"models/{{n}}/{{m}}/a.sql", "create", "x" * 4000) for n in range({files}) for m in range(3))
try:
    commit(ChangeSet(files), disk)
except ApplyError as error:
    print(error)
print(sorted(path.relative_to(disk).as_posix() for path in disk.rglob("*")))
print(recover(disk))
"""
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    if "Operation not permitted" in done.stderr or "permission denied" in done.stderr.lower():
        pytest.skip("mounting needs root")
    assert "No space left on device" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-2:] == ["['mine.txt']", "None"]
