"""The user's path from the command line: scan, plan, show, apply, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from cli_child import cartridge_command, tree


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("library") / "library.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create table authors (id integer primary key, name varchar not null);
            comment on table authors is 'Who wrote [bold]books[/bold].';
            create table books (id integer primary key, author_id integer not null references authors (id),
                                title varchar not null, price decimal(8, 2));
            create table loans (id integer primary key, book_id integer not null references books (id),
                                fee decimal(8, 2), lent_at timestamp not null);
            create view cheap_books as select * from books where price < 5;
            create table alembic_version (version_num varchar primary key);
            insert into authors values (1, 'Ann');
            insert into books values (1, 1, 'Tea', 4.5);
            insert into loans values (1, 1, 2.5, '2024-01-01');
            """
        )
    return path


@pytest.fixture
def desk(library: Path, tmp_path: Path) -> Path:
    shutil.copy(library, tmp_path)
    return tmp_path


def good(desk: Path, *arguments: str | Path, **options) -> str:
    """Run a command that must succeed; what it prints. What dbt makes of the files to apply is tested elsewhere."""
    quick = ["--no-parse"] if arguments[0] == "apply" else []
    done = cartridge_command(*arguments, *quick, cwd=desk, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_scan_shows_tables_keys_and_what_was_left_out(desk: Path):
    shown = good(desk, "scan", "library.duckdb")
    lines = {line.split()[0]: line.split() for line in shown.splitlines() if line}
    assert lines["books"] == ["books", "4", "1", "id", "authors"]
    assert "cheap_books (view)" in shown
    assert "Left out: alembic_version" in shown
    assert tree(desk).keys() == {"library.duckdb"}


def test_scan_can_be_saved_and_used_as_a_source(desk: Path):
    printed = good(desk, "scan", "library.duckdb", "-o", "scan.json", "--json")
    assert printed == (desk / "scan.json").read_text()
    assert json.loads(printed)["format"] == "cartridge-scan"
    good(desk, "plan", "scan.json", "-o", "from_scan.json")
    good(desk, "plan", "library.duckdb", "-o", "from_file.json")
    assert (desk / "from_scan.json").read_bytes() == (desk / "from_file.json").read_bytes()


def test_scan_draws_what_it_found(desk: Path):
    drawn = good(desk, "scan", "library.duckdb", "--erd")
    assert drawn.startswith("erDiagram\n")
    assert '    "books" }o--|| "authors" : "author_id"\n' in drawn
    assert "cheap_books" not in drawn
    assert json.loads(good(desk, "scan", "library.duckdb", "--erd", "--json"))["mermaid"] == drawn


def test_patterns_choose_tables(desk: Path):
    document = json.loads(good(desk, "scan", "library.duckdb", "--tables", "*o*s", "--exclude", "loans", "--json"))
    assert [table["name"] for table in document["tables"]] == ["authors", "books", "cheap_books"]


def test_plans_do_not_depend_on_the_process(desk: Path):
    plans = []
    for seed in ("0", "1", "4711"):
        good(desk, "plan", "library.duckdb", "-o", f"{seed}.json", env={"PYTHONHASHSEED": seed})
        plans.append((desk / f"{seed}.json").read_bytes())
    assert plans[0] == plans[1] == plans[2]
    assert str(desk).encode() not in plans[0]


def test_plan_prints_a_tree_and_what_to_type_next(desk: Path):
    done = cartridge_command("plan", "library.duckdb", "--project", "lib", cwd=desk)
    assert "greenfield" in done.stdout
    assert "stg_library__books" in done.stdout
    assert "cheap_books" not in done.stdout
    assert "cartridge apply plan.json --project lib" in done.stdout
    assert "Reading library.duckdb ... 3 tables, 1 view, 2 foreign keys; 1 left out" in done.stderr
    assert not (desk / "lib").exists()
    assert "cheap_books" in good(desk, "plan", "library.duckdb", "--include-views")


def test_quiet_and_json(desk: Path):
    done = cartridge_command("plan", "library.duckdb", "--quiet", "--json", cwd=desk)
    assert done.stderr == ""
    assert done.stdout == (desk / "plan.json").read_text()
    assert good(desk, "show", "plan.json", "--json") == done.stdout


def test_layers_name_and_target(desk: Path):
    arguments = ["--layers", "staging", "--name", "lending", "--target", "postgres", "--json"]
    document = json.loads(good(desk, "plan", "library.duckdb", *arguments))
    kinds = {action["type"] for action in document["plan"]["actions"]}
    assert kinds == {"create_source", "create_staging"}
    texts = {file["path"]: file["text"] for file in document["files"]}
    assert "lending" in texts["dbt_project.yml"]
    assert "postgres" in texts["profiles.yml"]


def test_a_key_in_the_environment_switches_no_model_on(desk: Path):
    good(desk, "plan", "library.duckdb", "-o", "without.json")
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"), "canary-4711")
    done = cartridge_command("plan", "library.duckdb", "-o", "with.json", cwd=desk, env=keys)
    assert (desk / "with.json").read_bytes() == (desk / "without.json").read_bytes()
    assert "canary" not in done.stdout + done.stderr


def test_show_is_the_tree_of_the_plan(desk: Path):
    planned = good(desk, "plan", "library.duckdb")
    shown = good(desk, "show", "plan.json")
    assert planned.startswith(shown.rstrip())
    assert "\x1b" not in shown


def test_show_diff_is_what_apply_writes(desk: Path):
    good(desk, "plan", "library.duckdb")
    (desk / "patched").mkdir()
    patch = good(desk, "show", "plan.json", "--diff")
    subprocess.run(["git", "apply", "-"], cwd=desk / "patched", input=patch, text=True, check=True)
    good(desk, "apply", "plan.json", "--project", "lib")
    written = {path: text for path, text in tree(desk / "lib").items() if not path.startswith(".cartridge/")}
    assert tree(desk / "patched") == written


def test_detailed_exit_code_says_that_changes_are_pending(desk: Path):
    done = cartridge_command("plan", "library.duckdb", "--detailed-exitcode", cwd=desk)
    assert done.returncode == 2, done.stderr


def test_dry_run_writes_nothing(desk: Path):
    good(desk, "plan", "library.duckdb")
    before = tree(desk)
    shown = good(desk, "apply", "plan.json", "--project", "lib", "--dry-run")
    assert "would create  dbt_project.yml" in shown
    assert tree(desk) == before
    document = json.loads(good(desk, "apply", "plan.json", "--project", "lib", "--dry-run", "--json"))
    assert {"path": "dbt_project.yml", "operation": "create"} in document["files"]
    assert tree(desk) == before


def test_who_says_no_has_nothing_written(desk: Path):
    good(desk, "plan", "library.duckdb", "--project", "shop")
    said, code = answered(desk, "n", "apply", "plan.json", "--project", "shop", "--no-parse")
    assert (code, "Write that into shop?" in said, "Nothing was written." in said) == (1, True, True)
    assert "Interrupted" not in said
    assert not (desk / "shop").exists()


def answered(desk: Path, answer: str, *arguments: str) -> tuple[str, int]:
    """What a command says in a terminal where somebody answers its question, and its exit code."""
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "cartridge", *arguments]
    child = subprocess.Popen(command, cwd=desk, stdin=end, stdout=end, stderr=end)
    os.close(end)
    said = ""
    with contextlib.suppress(OSError):  # the terminal's end
        while chunk := os.read(terminal, 4096):
            said += chunk.decode()
            if said.rstrip().endswith("[Y/n]:"):
                os.write(terminal, f"{answer}\n".encode())
    os.close(terminal)
    return said, child.wait()


def test_a_second_apply_changes_nothing(desk: Path):
    good(desk, "plan", "library.duckdb")
    first = json.loads(good(desk, "apply", "plan.json", "--project", "lib", "--json"))
    assert "dbt_project.yml" in first["created"]
    before = tree(desk)
    assert "Nothing to do" in good(desk, "apply", "plan.json", "--project", "lib")
    assert tree(desk) == before


def test_planning_again_after_apply_finds_nothing_to_do(desk: Path):
    good(desk, "plan", "library.duckdb", "--project", "lib")
    good(desk, "apply", "plan.json", "--project", "lib")
    again = ["plan", "library.duckdb", "--project", "lib", "--layers", "all", "--detailed-exitcode"]
    assert "nothing to do" in good(desk, *again).lower()


def test_a_folder_with_git_and_a_licence_is_fine(desk: Path):
    project = desk / "lib"
    (project / ".git").mkdir(parents=True)
    (project / "LICENSE").write_text("mine")
    good(desk, "plan", "library.duckdb", "--project", "lib")
    good(desk, "apply", "plan.json", "--project", "lib")
    assert (project / "LICENSE").read_text() == "mine"
    assert (project / "dbt_project.yml").exists()


def test_a_draft_becomes_a_plan(desk: Path):
    actions = json.loads(good(desk, "plan", "library.duckdb", "--json"))["plan"]["actions"]
    six = ("step_id", "type", "name", "file_path", "description", "dependencies")
    drafted = [{key: action.get(key, []) for key in six} for action in actions]
    wanted = [action for action in drafted if action["type"] in ("create_source", "create_staging")]
    (desk / "draft.json").write_text(json.dumps({"strategy": "greenfield", "actions": wanted}))
    good(desk, "plan", "library.duckdb", "--from", "draft.json", "-o", "made.json")
    made = json.loads((desk / "made.json").read_text())["plan"]["actions"]
    assert [action["name"] for action in made] == [action["name"] for action in wanted]
    good(desk, "apply", "made.json", "--project", "lib")


def test_an_edited_plan_is_gated_again(desk: Path):
    document = json.loads(good(desk, "plan", "library.duckdb", "--json"))
    mart = next(action for action in document["plan"]["actions"] if action["type"] == "create_mart")
    mart["dependencies"] = ["stg_library__bocks"]
    (desk / "plan.json").write_text(json.dumps(document))
    done = cartridge_command("plan", "library.duckdb", "--from", "plan.json", "-o", "new.json", cwd=desk)
    assert done.returncode == 1
    assert "stg_library__books" in done.stderr
    assert not (desk / "new.json").exists()


def test_undo_takes_an_apply_back(desk: Path):
    good(desk, "plan", "library.duckdb")
    before = tree(desk)
    good(desk, "apply", "plan.json", "--project", "lib")
    listed = json.loads(good(desk, "undo", "--project", "lib", "--list", "--json"))
    assert "dbt_project.yml" in listed["applies"][0]["created"]
    report = json.loads(good(desk, "undo", "--project", "lib", "--json"))
    assert "dbt_project.yml" in report["removed"]
    assert tree(desk) == before
    assert list((desk / "lib").iterdir()) == [], "nor does anything of cartridge's own stay"
    assert "Nothing to undo" in good(desk, "undo", "--project", "lib", "--list")
    assert cartridge_command("undo", "--project", "lib", cwd=desk).returncode == 1


def test_providers_are_listed_without_being_asked(desk: Path):
    shown = good(desk, "providers", env={"OPENAI_API_KEY": "canary-4711", "ANTHROPIC_API_KEY": ""})
    keys = {line.split()[0]: line.split()[2] for line in shown.splitlines()[1:]}
    assert (keys["offline"], keys["openai"], keys["anthropic"]) == ("yes", "yes", "no")
    document = json.loads(good(desk, "providers", "--json", env={"OPENAI_API_KEY": "canary-4711"}))
    assert "canary" not in shown + json.dumps(document)


def test_sources_are_listed_with_what_is_installed(desk: Path):
    shown = good(desk, "sources")
    assert "mysql://USER@HOST/DATABASE" in shown
    listed = {info["kind"]: info for info in json.loads(good(desk, "sources", "--json"))["sources"]}
    assert (listed["postgres"]["installed"], listed["postgres"]["install"]) == (True, None)
    said = cartridge_command("sources", "--json", cwd=desk, before="sys.modules['pymysql'] = None").stdout
    listed = {info["kind"]: info for info in json.loads(said)["sources"]}
    assert listed["mysql"]["install"] == "pip install 'cartridge-dbt[mysql]'"


def test_load_copies_a_database(desk: Path):
    with sqlite3.connect(desk / "old.sqlite") as old:
        old.execute("create table authors (id integer primary key, name text)")
        old.execute(
            "create table books (id integer primary key, author_id integer references authors (id), on_sale text)"
        )
        old.executemany("insert into authors values (?, ?)", [(1, "Ann"), (2, "Bo")])
        old.execute("insert into books values (1, 2, '2024-02-29')")
    old.close()
    shown = good(desk, "load", "old.sqlite", "new.duckdb")
    assert "authors  2 rows" in shown
    with duckdb.connect(str(desk / "new.duckdb")) as copy:
        assert copy.execute(
            "select typeof(on_sale), name from books join authors a on a.id = author_id"
        ).fetchall() == [("DATE", "Bo")]
    assert cartridge_command("load", "old.sqlite", "new.duckdb", cwd=desk).returncode == 1
    document = json.loads(good(desk, "load", "old.sqlite", "new.duckdb", "--overwrite", "--limit", "1", "--json"))
    assert (document["rows"], document["target"]) == (2, "new.duckdb")
    good(desk, "plan", "new.duckdb")


def test_explain_says_why(desk: Path):
    good(desk, "plan", "library.duckdb")
    shown = good(desk, "explain", "stg_library__books")
    assert "create_staging" in shown
    assert "declared" in shown
    assert "relationships on author_id" in shown
    assert good(desk, "explain", "1").startswith("library: step 1, create_source")
    document = json.loads(good(desk, "explain", "stg_library__books", "--json"))
    assert document["name"] == "stg_library__books"
    done = cartridge_command("explain", "stg_library__bocks", cwd=desk)
    assert done.returncode == 1
    assert "Did you mean stg_library__books" in done.stderr
