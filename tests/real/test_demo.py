"""The demo, as a person runs it: a database becomes a built dbt project, and says so."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from cli_child import SOURCE_FOLDER, cartridge_command, tree


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A folder in which the demo ran, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = cartridge_command("demo", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done


def test_it_ends_with_a_proof(ran: tuple[Path, subprocess.CompletedProcess[str]]):
    _, done = ran
    verdict = re.search(r"^Proven on .*: (\d+) models built, (\d+) tests\s+passed", done.stdout, re.MULTILINE)
    assert verdict
    assert int(verdict[1]) > 20
    assert int(verdict[2]) > 50
    assert "0 deprecations" in done.stdout
    assert not re.search(r"^(error|fail|warn|skipped|missing): ", done.stdout, re.MULTILINE)


def test_it_shows_progress_lineage_rows_and_what_to_type_next(ran: tuple[Path, subprocess.CompletedProcess[str]]):
    _, done = ran
    steps = [line.split()[0] for line in done.stderr.splitlines()]
    assert steps == ["Making", "Reading", "Planning,", "Writing", "Building"]
    for layer in ("sources", "staging", "intermediate", "marts"):
        assert re.search(rf"^{layer} ", done.stdout, re.MULTILINE)
    assert "← stg_shop__orders" in done.stdout
    assert re.search(r"^order_id  ", done.stdout, re.MULTILINE)
    assert "What to type next" in done.stdout


def test_what_was_built_holds_the_shop(ran: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, _ = ran
    plan = json.loads((folder / "demo" / "plan.json").read_text())["plan"]
    staged = {action["detail"]["source_table"]: action["name"] for action in plan["actions"]
              if action["type"] == "create_staging"}  # fmt: skip
    assert len(staged) >= 15
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder}/demo/shop.duckdb' as shop (read_only)")
        connection.execute(f"attach '{folder}/demo/shop/warehouse.duckdb' as built (read_only)")
        facts = {"fct_orders": "orders", "fct_order_items": "order_items", "fct_payments": "payments"}
        for model, table in facts.items():
            wanted = connection.execute(f'select count(*) from shop."{table}"').fetchall()
            assert connection.execute(f"select count(*) from built.{model}").fetchall() == wanted, model


def test_a_second_run_changes_nothing(ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path):
    folder, _ = ran
    shutil.copytree(folder / "demo", tmp_path / "demo")
    before = tree(tmp_path / "demo" / "shop" / "models")
    done = cartridge_command("demo", "--quiet", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["verify"]["proven"] is True
    assert tree(tmp_path / "demo" / "shop" / "models") == before


def test_verify_finds_the_source_and_every_planned_model(ran: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, _ = ran
    done = cartridge_command("verify", "shop", "--plan", "plan.json", "--json", cwd=folder / "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    built = {node["name"] for node in report["nodes"] if node["kind"] == "model" and node["status"] == "success"}
    planned = json.loads((folder / "demo" / "plan.json").read_text())["plan"]["actions"]
    assert built == {action["name"] for action in planned if action["type"] != "create_source"}


def test_a_broken_model_is_not_proven(ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path):
    folder, _ = ran
    shutil.copytree(folder / "demo", tmp_path / "demo")
    model = tmp_path / "demo" / "shop" / "models" / "marts" / "fct_orders.sql"
    model.write_text(model.read_text().replace("order_id", "ordre_id", 1))
    done = cartridge_command("verify", "shop", "--plan", "plan.json", cwd=tmp_path / "demo")
    assert done.returncode == 1
    assert "error: model fct_orders" in done.stdout
    assert "Not proven" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_verify_takes_a_command_a_target_and_a_time_limit(ran: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, _ = ran
    for arguments, says in (
        (["--dbt", "dbt-that-is-not-there"], "dbt-that-is-not-there"),
        (["--target", "nowhere"], "nowhere"),
        (["--timeout", "0.1"], "0.1 seconds"),
    ):
        done = cartridge_command("verify", "shop", "--plan", "plan.json", *arguments, cwd=folder / "demo")
        assert done.returncode == 1
        assert done.stderr.count("Error: ") == 1
        assert says in done.stderr
        assert done.stdout == ""


INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from cartridge.cli import main
main()
"""
"""Runs the command line with Ctrl-C as on a terminal: a shell lets what it starts in the background ignore it."""


def test_ctrl_c_ends_dbt_too(ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path):
    folder, _ = ran
    shutil.copytree(folder / "demo", tmp_path / "demo")
    started = tmp_path / "started"
    fake = f"import os, pathlib, time; pathlib.Path({str(started)!r}).write_text(str(os.getpid())); time.sleep(100)"
    arguments = ["verify", "shop", "--plan", "plan.json", "--dbt", shlex.join([sys.executable, "-c", fake])]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *arguments],
        cwd=tmp_path / "demo",
        env=environment,
        stderr=subprocess.PIPE,
    ) as run:
        while not (started.exists() and started.read_text()):
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
        assert b"Interrupted" in run.stderr.read()
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "letter.txt").write_text("Dear Ann")
    done = cartridge_command("demo", cwd=tmp_path)
    assert done.returncode == 1
    assert "holds other things" in done.stderr
    assert list(tree(tmp_path)) == ["demo/letter.txt"]


def test_on_a_terminal_it_is_coloured_and_keeps_to_the_width(ran: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, _ = ran
    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER), "COLUMNS": "80", "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "cartridge", "show", "plan.json"]
    with subprocess.Popen(command, cwd=folder / "demo", env=environment, stdout=follower, stdin=follower) as shown:
        os.close(follower)
        text = b""
        while chunk := _read(leader):
            text += chunk
        assert shown.wait(60) == 0
    os.close(leader)
    assert b"\x1b[1;36mfct_orders" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text.decode())
    assert max(len(line) for line in plain.splitlines()) <= 80


def _read(terminal: int) -> bytes:
    """What the other side wrote; nothing once it is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
