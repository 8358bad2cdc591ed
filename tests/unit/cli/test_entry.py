"""Whatever goes wrong: one message, one exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from cartridge.cli import commands, run
from cartridge.cli.settings import common_options
from cartridge.errors import SourceError

HEAVY = (
    "pydantic",
    "sqlalchemy",
    "dbt",
    "openai",
    "anthropic",
    "google.genai",
    "rich",
    "duckdb",
    "sqlglot",
    "jinja2",
    "yaml",
)


def child(*arguments: str, **options) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path)), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
        **options,
    )


@click.command()
@click.option("--how", default="ok")
@common_options
def probe(how: str) -> None:
    """Go wrong in a chosen way."""
    match how:
        case "error":
            raise SourceError("shop.duckdb: no such file. Check the path.")
        case "bug":
            raise KeyError("postgresql://ann:hunter2@db/shop")
        case "disk":
            raise OSError(28, "No space left on device", "plan.json")
        case "interrupt":
            raise KeyboardInterrupt
        case "exit":
            raise click.exceptions.Exit(2)
        case "flood":
            for _ in range(100_000):
                click.echo("a line that nobody reads")
        case "sleep":
            click.echo("asleep")
            time.sleep(20)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(commands.COMMANDS, "probe", (f"{__name__}:probe", "Go wrong."))


@pytest.mark.parametrize(
    ("how", "code", "says"),
    [
        ("ok", 0, ""),
        ("error", 1, "Error: shop.duckdb: no such file. Check the path.\n"),
        ("bug", 1, "a fault in cartridge"),
        ("disk", 1, "No space left on device: plan.json"),
        ("interrupt", 130, "Interrupted"),
        ("exit", 2, ""),
    ],
)
@pytest.mark.usefixtures("faulty")
def test_exit_codes_and_messages(how: str, code: int, says: str, capsys: pytest.CaptureFixture[str]):
    assert run(["probe", "--how", how]) == code
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["complation"], "Did you mean completion?"),
        (["nothinglikeit"], "The commands are: "),
        (["--colour"], "No such option"),
        (["completion"], "Missing argument"),
        (["completion", "--jsno", "bash"], "--json"),
        (["completion", "tcsh"], "'bash', 'zsh', 'fish'"),
    ],
)
def test_usage_errors_end_with_1(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]):
    assert run(arguments) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("Error: ")
    assert says in printed.err
    assert "--help" in printed.err
    assert printed.out == ""


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize(("how", "kind"), [("error", "SourceError"), ("bug", "bug"), ("disk", "system")])
def test_errors_as_json(how: str, kind: str, capsys: pytest.CaptureFixture[str]):
    assert run(["probe", "--how", how, "--json"]) == 1
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (document["format"], document["version"]) == ("cartridge-error", 1)
    assert document["error"]["kind"] == kind
    assert document["error"]["message"] in printed.err


def test_usage_error_as_json(capsys: pytest.CaptureFixture[str]):
    assert run(["shwo", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "usage"


@pytest.mark.usefixtures("faulty")
def test_verbose_shows_the_traceback_without_the_secret(capsys: pytest.CaptureFixture[str]):
    assert run(["probe", "--how", "bug", "-v"]) == 1
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "postgresql://ann:***@db/shop" in printed
    assert "hunter2" not in printed


@pytest.mark.usefixtures("faulty")
def test_a_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(probe, "callback", lambda how: (_ for _ in ()).throw(SourceError("table \x1b[2J\x07gone")))
    assert run(["probe"]) == 1
    assert "table \\x1b[2J\\x07gone" in capsys.readouterr().err


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from cartridge.cli import run; code = run(['--help']); "
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]; print(code, heavy, file=sys.stderr)"
    )
    done = child("-c", program)
    assert done.stderr.strip() == "0 []"
    for name, (_, short_help) in commands.COMMANDS.items():
        assert f"  {name}" in done.stdout
        assert short_help in done.stdout


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_every_command_has_help_and_the_common_options(name: str, capsys: pytest.CaptureFixture[str]):
    assert run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: cartridge {name}")
    for option in ("--json", "--quiet", "--verbose", "--no-color"):
        assert option in shown


def test_python_m_and_version():
    done = child("-m", "cartridge", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cartridge 0.")


def test_no_command_prints_help(capsys: pytest.CaptureFixture[str]):
    assert run([]) == 0
    assert capsys.readouterr().out.startswith("Usage: cartridge")


PROBE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell runs in the background
sys.path.insert(0, sys.argv[1])
from cartridge.cli import commands, run
commands.COMMANDS["probe"] = ("test_entry:probe", "")
sys.exit(run(["probe", "--how", sys.argv[2]]))
"""
"""A program that registers this module's command and runs it."""


def start_probe(how: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", PROBE, str(Path(__file__).parent), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_a_reader_that_leaves_is_no_error():
    with start_probe("flood") as writer:
        writer.stdout.readline()
        writer.stdout.close()
        assert writer.stderr.read() == b""
        assert writer.wait(30) == 0


def test_ctrl_c_ends_with_130():
    with start_probe("sleep") as sleeper:
        assert sleeper.stdout.readline() == b"asleep\n"
        sleeper.send_signal(signal.SIGINT)
        assert sleeper.wait(30) == 130
        assert b"Interrupted" in sleeper.stderr.read()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, capsys: pytest.CaptureFixture[str]):
    assert run(["completion", shell]) == 0
    assert "_CARTRIDGE_COMPLETE" in capsys.readouterr().out


def test_the_completion_script_gets_its_words():
    done = child(
        "-m",
        "cartridge",
        env={"_CARTRIDGE_COMPLETE": "bash_complete", "COMP_WORDS": "cartridge comp", "COMP_CWORD": "1"},
    )
    assert done.stdout == "plain,completion\n"
