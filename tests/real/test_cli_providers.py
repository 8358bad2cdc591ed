"""`cartridge providers`, a provider that another package brings, and Ctrl-C while a model thinks."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cli_child import SOURCE_FOLDER, cartridge_command, tree

from model_replies import good_text
from model_servers import COMPATIBLE, KEY, closed_port, serve

PLANNER = """
from cartridge.ai.base import AIProvider
from cartridge.plan import draft_offline

class Tiny(AIProvider):
    def __init__(self, config):
        self.model = config.get("model")
        if self.model == "broken":
            raise KeyError("weights")

    async def generate_execution_plan(self, request):
        if self.model == "silent":
            return None
        plan = draft_offline(request)
        if self.model == "hostile":
            last = plan.actions[-1].model_copy(update={"file_path": "../../outside.sql"})
            plan = plan.model_copy(update={"actions": [*plan.actions[:-1], last]})
        return plan
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    base = sqlite3.connect(folder / "shop.sqlite")
    base.execute("create table orders (id integer primary key, state text)")
    base.close()
    return folder


def listed(desk: Path, *words: str, **env: str) -> dict[str, dict[str, Any]]:
    done = cartridge_command("providers", "--json", *words, cwd=desk, env=env)
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    return {info["name"]: info for info in json.loads(done.stdout)["providers"]}


def test_what_is_installed_keyed_and_reachable(desk: Path) -> None:
    nobody = f"http://127.0.0.1:{closed_port()}"
    with serve([COMPATIBLE.good(good_text())]) as server:
        env = {
            "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{server.address}/v1",
            "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": nobody,
        }  # fmt: skip
        found = listed(desk, "--base-url", f"{server.address}/v1", **env)
        assert {name: info["reachable"] for name, info in found.items()} == {
            "offline": None, "openai": True, "anthropic": False, "gemini": None, "openai-compatible": True,
        }  # fmt: skip
        assert [name for name, info in found.items() if not info["keyed"]] == ["gemini"]
        assert {info["reachable"] for info in listed(desk, "--no-connect", **env).values()} == {None}
        assert server.requests == []


def test_a_provider_that_another_package_brings(desk: Path, tmp_path: Path) -> None:
    """A wheel, installed by pip: found, listed, asked; and its plan passes the same gate."""
    wheel = tmp_path / "tiny_planner-1.0-py3-none-any.whl"
    about = "tiny_planner-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("tiny_planner.py", PLANNER)
        packed.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-planner\nVersion: 1.0\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/entry_points.txt", "[cartridge.providers]\ntiny = tiny_planner:Tiny\n")
        packed.writestr(f"{about}/RECORD", "")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", site, wheel]
    subprocess.run(pip, check=True, capture_output=True, timeout=120)
    env = {"PYTHONPATH": os.pathsep.join([str(SOURCE_FOLDER), str(site)])}
    assert list(listed(desk, **env))[-1] == "tiny"

    done = cartridge_command("plan", "shop.sqlite", "--ai", "tiny/small", "-o", "tiny.json", cwd=desk, env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads((desk / "tiny.json").read_text())["plan"]["actions"]
    for model, said in (("hostile", "leaves its folder"), ("broken", "weights"), ("silent", "no ExecutionPlan")):
        before = tree(desk)
        done = cartridge_command("plan", "shop.sqlite", "--ai", f"tiny/{model}", cwd=desk, env=env)
        assert (done.returncode, tree(desk)) == (1, before)
        assert said in done.stderr
        assert "fault in cartridge" not in done.stderr


def test_ctrl_c_while_a_model_thinks(desk: Path) -> None:
    """A real signal to a real process: it ends at once, says so in one line, and leaves nothing behind."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from cartridge.cli import main; main()"
    )
    with serve([COMPATIBLE.good(good_text(), delay=300.0)]) as server:
        words = [
            "plan",
            "shop.sqlite",
            "--ai",
            "openai-compatible/m",
            "--base-url",
            f"{server.address}/v1",
            "--no-cache",
        ]
        child = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            cwd=desk,
            env={**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not server.requests and child.poll() is None:
            time.sleep(0.05)
        before = tree(desk)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=120)
        assert len(server.requests) == 1
    assert (child.returncode, out) == (130, "")
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert tree(desk) == before
    assert "plan.json" not in before
