"""diff, check, and what apply checks, from the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from cartridge.cli import run
from saved_plans import tree


def _without_trial(line: str) -> list[str]:
    """The words of a command line; what dbt makes of the files is tested elsewhere, and takes seconds each time."""
    words = line.split()
    return [*words, "--no-parse"] if words[0] == "apply" else words


class Desk:
    """A folder with a database, where commands run as a person types them."""

    def __init__(self, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.screen = screen

    def __call__(self, line: str, *, code: int = 0) -> str:
        """Run a command line that ends with that code; what it prints, both streams."""
        found = run(_without_trial(line))
        shown = self.screen.readouterr()
        assert found == code, shown.err + shown.out
        assert "Traceback" not in shown.err
        assert "fault in cartridge" not in shown.err
        return shown.out + shown.err

    def json(self, line: str, *, code: int = 0) -> dict:
        found = run([*_without_trial(line), "--json", "--quiet"])
        shown = self.screen.readouterr()
        assert found == code, shown.err
        return json.loads(shown.out)

    def sql(self, statement: str) -> None:
        with sqlite3.connect(self.folder / "shop.sqlite") as connection:
            connection.executescript(statement)
        connection.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    made = Desk(tmp_path, capsys)
    made.sql(
        "create table customers (id integer primary key, name text not null);"
        "create table orders (id integer primary key, customer_id integer not null references customers (id),"
        " total numeric, ordered_at timestamp not null);"
    )
    made("plan shop.sqlite --project lib")
    return made


def test_diff(desk: Desk):
    assert "No difference" in desk("diff plan.json plan.json")
    desk("plan shop.sqlite --layers staging -o small.json")
    shown = desk("diff plan.json small.json")
    assert "- step fct_orders" in shown
    assert "- file models/marts/fct_orders.sql" in shown
    document = desk.json("diff small.json plan.json")
    assert (document["format"], document["version"], document["same"]) == ("cartridge-plan-diff", 1, False)
    assert {"kind": "step", "what": "added", "name": "fct_orders", "fields": []} in document["steps"]
    desk("diff plan.json nothing.json", code=1)


def test_check_a_plan(desk: Desk):
    assert "1 note." in desk("check plan.json --project lib")
    desk("apply plan.json --project lib")
    document = desk.json("check plan.json --project lib")
    assert {key: document[key] for key in ("format", "version", "errors")} == {
        "format": "cartridge-check", "version": 1, "errors": 0,
    }  # fmt: skip
    assert [finding["code"] for finding in document["findings"]] == ["no-freshness"]
    (desk.folder / "lib/models/marts/fct_orders.sql").write_text("select 1 as mine\n")
    assert "path-taken" in desk("check plan.json --project lib", code=1)
    document = desk.json("check plan.json --project lib", code=1)
    assert [finding["code"] for finding in document["findings"]] == ["no-freshness", "path-taken"]
    assert "No findings" in desk("check plan.json --project lib --ignore path-taken --ignore no-freshness")
    assert "No findings" in desk("check plan.json --project lib --select fan-out,cycle")
    desk("check plan.json --project lib --select fan-out --select path-taken", code=1)


def test_a_code_that_there_is_not_is_refused_with_those_like_it(desk: Desk):
    for option in ("--select", "--ignore"):
        shown = desk(f"check plan.json --project lib {option} fan_out,cycle", code=1)
        assert "There is no finding with the code 'fan_out'. Did you mean fan-out" in shown
    assert "The codes are: already-staged," in desk("check plan.json --project lib --ignore zzz", code=1)


def test_check_a_draft_and_a_project(desk: Desk):
    action = {"step_id": 1, "type": "create_mart", "name": "fct_x", "file_path": "models/fct_x.sql",
              "description": "", "dependencies": ["shop"]}  # fmt: skip
    (desk.folder / "draft.json").write_text(json.dumps({"strategy": "greenfield", "actions": [action]}))
    assert "--source" in desk("check draft.json", code=1)
    assert "unknown-dependency" in desk("check draft.json --source shop.sqlite", code=1)
    assert "dbt_project.yml" in desk("check", code=1)
    desk("apply plan.json --project lib")
    assert "No findings" in desk("check --project lib")
    (desk.folder / "lib/models/broken.sql").write_text("select {{ ref('x' }}")
    assert "models/broken.sql" in desk("check --project lib", code=1)


def test_a_plan_for_a_project_needs_the_project(desk: Desk):
    desk("apply plan.json --project lib")
    desk.sql("create table visits (id integer primary key, seen_at timestamp not null);")
    desk("plan shop.sqlite --project lib -o more.json")
    assert "--project" in desk("check more.json", code=1)
    desk("check more.json --project lib")


def test_apply_rechecks_the_source(desk: Desk):
    desk.sql("create table visits (id integer primary key);")
    assert "not re-checked" in desk("apply plan.json --project first")
    assert "not re-checked" not in desk("apply plan.json --project second --source shop.sqlite")
    assert desk.json("apply plan.json --project third --source shop.sqlite")["source_checked"] is True
    desk.sql("alter table orders add column note text; alter table orders drop column total;")
    shown = desk("apply plan.json --project fourth --source shop.sqlite", code=1)
    assert "orders: column total is gone" in shown
    assert "orders: column note is new" in shown
    assert "--replan" in shown
    assert not (desk.folder / "fourth").exists()


def test_apply_plans_again_where_it_is_asked_to(desk: Desk):
    desk.sql("alter table orders add column note text;")
    before = (desk.folder / "plan.json").read_text()
    shown = desk("apply plan.json --project lib --source shop.sqlite --replan", code=1)
    assert "detail.columns.note" in shown
    assert not (desk.folder / "lib").exists()
    assert (desk.folder / "plan.json").read_text() != before
    desk("apply plan.json --project lib --source shop.sqlite")
    assert "note" in (desk.folder / "lib/models/staging/shop/stg_shop__orders.sql").read_text()


def test_apply_again_with_the_same_plan_goes_on(desk: Desk):
    desk("apply plan.json --project lib --replan")
    assert (desk.folder / "lib/dbt_project.yml").exists()


def test_planning_again_may_be_said_yes_to(desk: Desk):
    desk.sql("alter table orders add column note text;")
    desk("apply plan.json --project lib --source shop.sqlite --replan --yes")
    assert "note" in (desk.folder / "lib/models/staging/shop/stg_shop__orders.sql").read_text()


def test_apply_a_part_and_then_the_rest(desk: Desk):
    desk("apply plan.json --project lib --only dim_customers")
    first = tree(desk.folder / "lib")
    assert "models/marts/dim_customers.sql" in first
    assert "models/marts/fct_orders.sql" not in first
    assert "Did you mean" in desk("apply plan.json --project lib2 --skip dim_customer", code=1)
    desk("apply plan.json --project lib --replan --yes")
    assert "models/marts/fct_orders.sql" in tree(desk.folder / "lib")
    desk("plan shop.sqlite --project lib --detailed-exitcode")


def test_a_dry_run_of_a_part(desk: Desk):
    shown = desk("apply plan.json --project lib --skip fct_orders --dry-run")
    assert "models/marts/dim_customers.sql" in shown
    assert "fct_orders.sql" not in shown
    assert not (desk.folder / "lib").exists()


def test_a_stale_plan_is_refused_with_what_moved(desk: Desk):
    desk("apply plan.json --project lib")
    desk.sql("create table visits (id integer primary key, customer_id integer references customers (id));")
    desk("plan shop.sqlite --project lib -o more.json --layers all")
    before = tree(desk.folder / "lib")
    path = "models/staging/shop/_shop__sources.yml"
    (desk.folder / "lib" / path).write_bytes(before[path] + b"# seen\n")
    shown = desk("apply more.json --project lib", code=1)
    assert f"{path} was changed" in shown
    assert "--replan" in shown
    assert desk.json("apply more.json --project lib", code=1)["error"]["kind"] == "StalePlanError"
    assert tree(desk.folder / "lib") == before | {path: before[path] + b"# seen\n"}
    desk("apply more.json --project lib --replan --yes")
    assert (desk.folder / "lib" / path).read_bytes().endswith(b"# seen\n")
