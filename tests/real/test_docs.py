"""The documentation is true: its Python runs, and its transcripts are what the commands print."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from cli_child import SOURCE_FOLDER, cartridge_command

from cartridge.app.demo import create_shop
from cartridge.cli import run
from cartridge.cli.commands import COMMANDS, cartridge

REPOSITORY = Path(__file__).parent.parent.parent
PAGES = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LIKE_DOCTEST = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
"""`...` in a transcript stands for anything; runs of white space are alike."""


def blocks(page: Path, language: str) -> list[str]:
    if page.parent.name == "reference":
        return []  # signatures, not examples
    return [found["body"] for found in BLOCK.finditer(page.read_text()) if found["language"] == language]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    create_shop(tmp_path / "shop.duckdb")
    return tmp_path


def code_of(page: Path) -> list[tuple[Path, str]]:
    return [(page, body) for body in blocks(page, "python")]


@pytest.mark.parametrize(("page", "code"), [pair for page in PAGES for pair in code_of(page)])
def test_python_in_the_docs_runs(page: Path, code: str, desk: Path):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=desk,
        env={**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{page.name}:\n{code}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_transcripts_are_what_the_commands_print(page: Path, desk: Path):
    for transcript in blocks(page, "console"):
        for command, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", transcript, re.MULTILINE):
            program, *arguments = shlex.split(command)
            assert program == "cartridge"
            done = cartridge_command(*arguments, cwd=desk)
            assert done.returncode == 0, (command, done.stderr)
            both = done.stderr + done.stdout
            same = doctest.OutputChecker().check_output(untimed(printed), untimed(both), LIKE_DOCTEST)
            assert same, f"{page.name}: $ {command}\n--- the page says\n{printed}\n--- it prints\n{both}"


def untimed(text: str) -> str:
    """The text without the times that steps took, which are shown from a tenth of a second."""
    return re.sub(r" \(\d+\.\d s\)$", "", text, flags=re.MULTILINE)


def test_json_and_yaml_in_the_docs_parse():
    for page in PAGES:
        for body in blocks(page, "json"):
            assert json.loads(body), page.name
        for body in blocks(page, "yaml"):
            assert yaml.safe_load(body), page.name


COMMAND = re.compile(r"^ *cartridge [a-z].*$", re.MULTILINE)


def test_commands_in_the_docs_take_the_options_they_are_given():
    """Commands that need a server or a warehouse are not run, but click reads their words."""
    for page in PAGES:
        for body in [*blocks(page, ""), *blocks(page, "yaml")]:
            for line in COMMAND.findall(body):
                words = [word for word in shlex.split(line, comments=True) if not word.startswith(">")]
                name, arguments = words[1], words[2:]
                if name not in COMMANDS or any(word.isupper() for word in words):
                    continue
                command = cartridge.get_command(click.Context(cartridge), name)
                assert command is not None
                if ">" in line:
                    arguments = arguments[:-1]
                command.make_context(name, arguments, resilient_parsing=False)


RUN = re.compile(r"^cartridge (show|explain|diff|check|conventions|drift|plan|review .*--static)\b")
"""What is run as it stands: neither serves until it is stopped, nor starts dbt; the transcripts run those."""
DATABASE = re.compile(r"\b(SOURCE|postgresql://\S+)")
"""A database of the reader's. Here it is the shop."""
ON_THE_SHOP = ("review.md", "conventions.md", "brownfield.md", "ci.md", "models.md")


def test_commands_of_the_how_to_pages_run_on_the_shop(desk: Path, monkeypatch: pytest.MonkeyPatch):
    """In the folder of a project that has some of the shop's tables, with a plan of the others beside it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(desk / "state"))
    monkeypatch.chdir(desk)
    ran("plan", "shop.duckdb", "--tables", "customers", "--project", ".")
    ran("apply", "plan.json", "--project", ".", "--yes", "--no-parse")
    ran("plan", "shop.duckdb", "--project", ".", "--layers", "all", "-o", "approved.json")
    done = []
    for page in PAGES:
        if page.name not in ON_THE_SHOP:
            continue
        shutil.copy("approved.json", "plan.json")
        for line in (line for body in blocks(page, "") for line in COMMAND.findall(body)):
            command = DATABASE.sub("shop.duckdb", line.strip())
            if RUN.match(command) and ("--ai" not in command or "--dry-run" in command):
                ran(*shlex.split(command, comments=True)[1:])
                done.append(command)
    assert len(done) >= 12, done


def ran(*arguments: str) -> None:
    """Run a command in this process; it may find changes (2), but no error."""
    assert run(arguments) in (0, 2), arguments


@pytest.mark.deep
def test_the_recipe_for_pipelines_opens_a_pull_request(desk: Path):
    """Every `run` of the recipe, in its order, as the runner's shell runs it; a `gh` that only takes notes."""
    (page,) = (page for page in PAGES if page.name == "ci.md")
    (recipe,) = (yaml.safe_load(body) for body in blocks(page, "yaml"))
    for arguments in (
        ("plan", "shop.duckdb", "--tables", "orders", "--project", "project"),
        ("apply", "plan.json", "--project", "project", "--no-parse", "--yes"),
    ):
        assert cartridge_command(*arguments, cwd=desk).returncode == 0
    project, programs, said, outputs = (desk / name for name in ("project", "programs", "said", "outputs"))
    programs.mkdir()
    for name, text in (("gh", f'printf "%s\\n" "$@" > {said}'), ("pip", "true")):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "GITHUB_OUTPUT": str(outputs), "HOME": str(desk)}

    def shell(script: str) -> None:
        command = ["bash", "-eo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (script, done.stdout, done.stderr)

    shell("git init -q --bare ../origin; git init -q; git remote add origin ../origin; git add -A")
    shell("git -c user.name=a -c user.email=a@example.org commit -qm start")
    for step in recipe["jobs"]["plan"]["steps"]:
        if "run" in step:
            shell(DATABASE.sub("../shop.duckdb", step["run"]).replace("/tmp/", f"{desk}/"))
        if step.get("id") == "plan":
            assert outputs.read_text() == "code=2\n"
    words = said.read_text().splitlines()
    assert words[:2] == ["pr", "create"]
    assert Path(words[words.index("--body-file") + 1]).read_text().startswith("## Plan of cartridge")
    shell("git --git-dir ../origin branch | grep cartridge/")


def test_the_reference_is_what_the_code_says():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_page_is_in_the_site(tmp_path: Path):
    """The site builds with every link and anchor leading somewhere, and every page within reach."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(SOURCE_FOLDER), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not included in the" not in done.stderr
    assert (tmp_path / "site" / "tutorial" / "index.html").exists()


def test_every_command_is_in_the_readme():
    text = (REPOSITORY / "README.md").read_text()
    assert [name for name in COMMANDS if f"`cartridge {name}" not in text] == []


@pytest.mark.parametrize("page", [*PAGES, REPOSITORY / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
