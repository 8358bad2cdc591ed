"""`cartridge plan --ai` against a server on loopback: what is sent, what it costs, and what is asked twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest
from cli_child import cartridge_command, tree

from model_servers import COMPATIBLE, KEY, Reply, Server, serve

ANSWER = json.dumps(
    {"models": [{"name": "fct_orders", "dependencies": ["stg_shop__orders"], "description": "One row per order"}]}
)
SECRET_VALUE = "unlisted-4711"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    base = sqlite3.connect(folder / "shop.sqlite")
    base.execute("create table orders (id integer primary key, state text)")
    base.executemany("insert into orders (state) values (?)", [(SECRET_VALUE,)] * 20 + [("open",)] * 20)
    base.commit()
    base.close()
    (folder / "context.txt").write_text("We sell umbrellas.")
    return folder


def plan(desk: Path, server: Server | None, *words: str) -> subprocess.CompletedProcess[str]:
    model = ["--ai", "openai-compatible/m", "--base-url", f"{server.address}/v1"] if server else []
    env = {"XDG_CACHE_HOME": str(desk.parent / "cache"), "OPENAI_API_KEY": KEY}
    done = cartridge_command("plan", "shop.sqlite", *model, *words, cwd=desk, env=env)
    assert "Traceback" not in done.stderr
    assert KEY not in done.stdout + done.stderr
    return done


def test_what_would_be_sent_is_printed_and_then_sent(desk: Path) -> None:
    with serve([COMPATIBLE.good(ANSWER)]) as server:
        before = tree(desk)
        counted = json.loads(plan(desk, server, "--dry-run", "--json").stdout)
        shown = json.loads(plan(desk, server, "--show-prompt", "--json", "--context", "context.txt").stdout)
        printed = plan(desk, server, "--show-prompt", "--context", "context.txt").stdout
        assert (server.requests, tree(desk)) == ([], before)
        assert counted["calls"] == 1
        assert counted["tokens_in"] > 500
        assert counted["tokens_out"] > 50
        assert plan(desk, server, "--context", "context.txt").returncode == 0
    system, user = (message["content"] for message in server.requests[0]["messages"])
    assert (shown["prompts"][0]["system"], shown["prompts"][0]["user"]) == (system, user)
    assert system in printed
    assert user in printed
    assert "umbrellas" in user
    assert KEY not in json.dumps(server.headers)


def test_the_same_question_is_asked_once(desk: Path) -> None:
    with serve([COMPATIBLE.good(ANSWER)]) as server:
        plan(desk, server, "-o", "one.json")
        plan(desk, server, "-o", "two.json")
        assert len(server.requests) == 1
        assert (desk / "one.json").read_bytes() == (desk / "two.json").read_bytes()
        plan(desk, server, "-o", "two.json", "--no-cache", "--call-log", "calls.jsonl", "--ai-config", "max_tokens=900")
        assert [asked.get("max_tokens") for asked in server.requests] == [None, 900]
    (line,) = (desk / "calls.jsonl").read_text().splitlines()
    assert json.loads(line)["tokens_in"] == 11


def test_sample_values_leave_only_where_asked_for(desk: Path) -> None:
    with serve([COMPATIBLE.good(ANSWER)]) as server:
        plan(desk, server, "--profile", "--sample-values", "--no-cache")
        assert SECRET_VALUE not in json.dumps(server.requests)
        plan(desk, server, "--profile", "--sample-values", "--send-samples", "--no-cache")
    assert SECRET_VALUE in json.dumps(server.requests)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--max-tokens-total", "100"], "limit of 100 tokens"),
        (["--context", "missing.txt"], "missing.txt cannot be read"),
        (["--send-samples"], "--sample-values"),
        (["--ai-config", "timeout=soon", "--dry-run"], "timeout must be a number of seconds above 0, got 'soon'"),
        (["--ai-config", "api_key=x"], "KEY one of temperature, timeout"),
    ],
)
def test_nothing_is_sent_or_written_where_it_may_not_be(desk: Path, words: list[str], said: str) -> None:
    with serve([COMPATIBLE.good(ANSWER)]) as server:
        before = tree(desk)
        done = plan(desk, server, *words)
        assert (done.returncode, server.requests, tree(desk)) == (1, [], before)
    assert said in done.stderr


def test_options_of_a_model_without_one(desk: Path) -> None:
    done = plan(desk, None, "--dry-run")
    assert done.returncode == 1
    assert "--ai VENDOR" in done.stderr


def test_strict_refuses_what_is_dropped_otherwise(desk: Path) -> None:
    wrong = ANSWER.replace("stg_shop__orders", "stg_shop__nothing")
    replies: list[Reply] = [COMPATIBLE.good(wrong)]
    with serve(replies) as server:
        assert plan(desk, server).returncode == 0
        assert len(server.requests) == 3
        done = plan(desk, server, "--strict", "-o", "strict.json")
        assert len(server.requests) == 6
    assert done.returncode == 1
    assert "stg_shop__nothing" in done.stderr
    assert not (desk / "strict.json").exists()
