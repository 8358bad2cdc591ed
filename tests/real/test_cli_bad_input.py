"""Bad input, from the command line: one message, exit code 1, nothing written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from cli_child import cartridge_command, tree

NOBODY = 65534


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small database and its saved plan."""
    folder = tmp_path_factory.mktemp("made")
    with duckdb.connect(str(folder / "library.duckdb")) as connection:
        connection.execute("create table authors (id integer primary key, name varchar not null)")
        connection.execute(
            "create table loans (id integer primary key, author_id integer references authors (id), "
            "fee decimal(8, 2), lent_at timestamp)"
        )
        connection.execute("insert into authors values (1, 'Ann'); insert into loans values (1, 1, 2.5, '2024-01-01')")
    done = cartridge_command("plan", "library.duckdb", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A copy of it to work in."""
    for name in ("library.duckdb", "plan.json"):
        shutil.copy(made / name, tmp_path)
    return tmp_path


def refused(desk: Path, *arguments: str | Path, **options) -> str:
    """Run a command that must be refused with one message and no trace; its message."""
    before = tree(desk)
    done = cartridge_command(*arguments, cwd=desk, **options)
    assert done.returncode == 1, (done.stdout, done.stderr)
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "a fault in cartridge" not in done.stderr
    assert done.stdout == ""
    assert tree(desk) == before
    return done.stderr[done.stderr.index("Error: ") :]


def test_file_missing(desk: Path):
    message = refused(desk, "scan", "libary.duckdb", "-o", "scan.json")
    assert "libary.duckdb does not exist" in message
    assert "library.duckdb" in message  # did you mean
    assert "does not exist" in refused(desk, "plan", "libary.duckdb", "-o", "new.json")


def test_not_a_database(desk: Path):
    (desk / "notes.duckdb").write_text("milk, bread")
    assert "notes.duckdb" in refused(desk, "scan", "notes.duckdb")
    assert "folder" in refused(desk, "plan", ".", "-o", "new.json")


def test_empty_database(desk: Path):
    duckdb.connect(str(desk / "empty.duckdb")).close()
    (desk / "nothing.duckdb").touch()
    assert "empty.duckdb" in refused(desk, "plan", "empty.duckdb", "-o", "new.json")
    assert "nothing.duckdb is empty" in refused(desk, "scan", "nothing.duckdb")


def test_locked_file(desk: Path):
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(desk / "library.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        message = refused(desk, "scan", "library.duckdb")
        process.stdin.close()
    assert "locked" in message


def test_unknown_schema(desk: Path):
    message = refused(desk, "plan", "library.duckdb", "--schema", "sales", "-o", "new.json")
    assert "sales" in message
    assert "main" in message


def test_unknown_option_and_command(desk: Path):
    assert "--project" in refused(desk, "plan", "library.duckdb", "--projct", "x")
    assert "Did you mean plan" in refused(desk, "plann", "library.duckdb")


def test_unknown_layer_and_vendor(desk: Path):
    assert "marts" in refused(desk, "plan", "library.duckdb", "--layers", "staging,mrats", "-o", "new.json")
    message = refused(desk, "plan", "library.duckdb", "--ai", "opnai", "-o", "new.json")
    assert "openai" in message
    message = refused(desk, "plan", "library.duckdb", "--ai", "openai", "-o", "new.json", env={"OPENAI_API_KEY": ""})
    assert "OPENAI_API_KEY" in message


def test_truncated_plan(desk: Path):
    text = (desk / "plan.json").read_text()
    (desk / "plan.json").write_text(text[: len(text) // 2])
    for command in (["show", "plan.json"], ["apply", "plan.json", "--project", "shop"]):
        assert "plan.json" in refused(desk, *command)


def edit(path: Path, change: Callable[[dict], object]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_plan_of_a_newer_format(desk: Path):
    edit(desk / "plan.json", lambda plan: plan.update(format=99))
    message = refused(desk, "apply", "plan.json", "--project", "shop")
    assert "99" in message
    assert "pip install --upgrade" in message


def test_plan_that_was_edited(desk: Path):
    edit(desk / "plan.json", lambda plan: plan["files"][0].update(text="drop table x"))
    assert "--from" in refused(desk, "apply", "plan.json", "--project", "shop")


def test_a_draft_given_to_apply(desk: Path):
    edit(desk / "plan.json", lambda plan: (plan.update(plan["plan"]), plan.pop("format"), plan.pop("kind")))
    message = refused(desk, "apply", "plan.json", "--project", "shop")
    assert "draft" in message
    assert "cartridge plan" in message
    assert "--from" in message


def test_a_plan_never_replaces_another_file(desk: Path):
    (desk / "letter.json").write_text('{"dear": "Ann"}')
    assert "letter.json" in refused(desk, "plan", "library.duckdb", "-o", "letter.json")


def test_planned_path_holds_other_bytes(desk: Path):
    project = desk / "shop"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: mine\n")
    assert "dbt_project.yml" in refused(desk, "apply", "plan.json", "--project", "shop")


def test_errors_as_json(desk: Path):
    done = cartridge_command("scan", "libary.duckdb", "--json", cwd=desk)
    document = json.loads(done.stdout)
    assert (document["format"], document["error"]["kind"]) == ("cartridge-error", "SourceError")
    assert "libary.duckdb" in document["error"]["message"]


@pytest.fixture
def open_desk(made: Path) -> Iterator[Path]:
    """As `desk`, where every user may read (pytest's own folders are closed to others)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file in ("library.duckdb", "plan.json"):
            shutil.copy(made / file, folder)
        (folder / "project").mkdir()
        yield folder


AS_NOBODY = f"""
import io, os, tempfile
from cartridge.cli import run
screen, sys.stdout = sys.stdout, io.StringIO()
with tempfile.TemporaryDirectory() as rehearsal:  # loads every module while they can be read
    assert run(["apply", "plan.json", "--project", rehearsal, "--quiet"]) == 0
    assert run(["plan", "library.duckdb", "--quiet", "-o", rehearsal + "/plan.json"]) == 0
sys.stdout = screen
os.setegid({NOBODY})
os.seteuid({NOBODY})
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["apply", "plan.json", "--project", "project"], "project"),
        (["apply", "plan.json", "--project", "new"], "new"),
        (["plan", "library.duckdb", "-o", "new.json"], "new.json"),
        (["scan", "library.duckdb", "-o", "scan.json"], "scan.json"),
    ],
)
def test_target_not_writable(open_desk: Path, command: list[str], named: str):
    message = refused(open_desk, *command, before=AS_NOBODY)
    assert named in message
    assert "ermission" in message or "writable" in message


@pytest.fixture(scope="module")
def python_without_dbt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has cartridge's dependencies, and no program `dbt` beside it."""
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder)
    packages = sysconfig.get_path("purelib")
    own = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(own) / "borrowed.pth").write_text(packages)
    return folder / "bin" / "python"


def test_dbt_not_installed(desk: Path, python_without_dbt: Path):
    bare = {"python": python_without_dbt, "env": {"PATH": str(python_without_dbt.parent)}}
    done = cartridge_command("plan", "library.duckdb", cwd=desk, **bare)
    assert done.returncode == 0, done.stderr
    done = cartridge_command("apply", "plan.json", "--project", "shop", cwd=desk, **bare)
    assert done.returncode == 0, done.stderr
    message = refused(desk, "verify", "shop", "--plan", "plan.json", **bare)
    assert "pip install" in message
    assert "[dbt]" in message
