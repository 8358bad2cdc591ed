"""`cartridge drift`, from the command line: what moved in the source, who reads it, and how the command ends."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from cartridge.cli.entry import run_guarded
from saved_plans import write_project

SOURCES = """\
sources:
  - name: crm
    schema: main
    tables:
      - name: deals
        columns:
          - {name: id, data_type: integer}
          - {name: label, data_type: varchar}
          - {name: value, data_type: "decimal(10, 2)"}
          - {name: closed, data_type: date}
      - name: people
        columns:
          - {name: id, data_type: integer}
          - {name: full_name, data_type: varchar}
"""
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\n",
    "profiles.yml": "shop: {outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    "models/staging/crm.yml": SOURCES,
    "models/staging/stg_crm__deals.sql": (
        "select id as deal_id, label, value, closed from {{ source('crm', 'deals') }}\n"
    ),
    "models/staging/stg_crm__people.sql": "select id as person_id, full_name from {{ source('crm', 'people') }}\n",
    "models/marts/dim_deals.sql": "select deal_id, label from {{ ref('stg_crm__deals') }}\n",
}
TABLES = """
create table deals (id integer, label varchar, value decimal(10, 2), closed date);
create table people (id integer, full_name varchar);
"""
DEALS = "; read by stg_crm__deals, dim_deals"
PEOPLE = "; read by stg_crm__people"
MOVES = {
    "a dropped column": (
        "alter table deals drop value",
        {"dropped-column": f"crm.deals: column value is gone{DEALS}"},
    ),
    "a renamed column": (
        "alter table deals rename label to title",
        {"renamed-column": f"crm.deals: column label is called title now{DEALS}"},
    ),
    "a retyped column": (
        "alter table deals alter closed type varchar",
        {"retyped-column": f"crm.deals: column closed was date and is VARCHAR now{DEALS}"},
    ),
    "a column of another type at its place": (
        "alter table deals drop closed; alter table deals add column closed_at timestamp",
        {
            "dropped-column": f"crm.deals: column closed is gone{DEALS}",
            "new-column": "crm.deals: column closed_at (TIMESTAMP) is new; its table is"
            " read by stg_crm__deals, dim_deals",
        },
    ),
    "a new column": (
        "alter table people add column email varchar",
        {"new-column": "crm.people: column email (VARCHAR) is new; its table is read by stg_crm__people"},
    ),
    "a dropped table": ("drop table people", {"dropped-table": f"crm.people: the table is gone{PEOPLE}"}),
    "a renamed table": (
        "alter table people rename to persons",
        {"renamed-table": f"crm.people: the table is called persons now, and is not planned as a new one{PEOPLE}"},
    ),
    "a table of other columns in place of one": (
        "drop table people; create table persons (id integer, name varchar)",
        {
            "dropped-table": f"crm.people: the table is gone{PEOPLE}",
            "new-table": "crm.persons: no model reads the table",
        },
    ),
    "two tables that one may have become": (
        "create table persons as from people; alter table people rename to humans",
        {
            "dropped-table": f"crm.people: the table is gone{PEOPLE}",
            "new-table": "crm.persons: no model reads the table",
        },
    ),
    "a wider number": ("alter table deals alter value type decimal(18, 4)", {}),
    "other rows": ("insert into people values (1, 'Ann')", {}),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(tmp_path, FILES)
    database(tmp_path, TABLES)
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def database(project: Path, statements: str) -> None:
    with duckdb.connect(str(project / "shop.duckdb")) as connection:
        connection.execute(statements)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_guarded(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("move", MOVES)
def test_what_moved_is_said_with_who_reads_it(move: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statements, expected = MOVES[move]
    database(project, statements)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.suffix in {".sql", ".yml"}}
    code, out, _ = run(capsys, "drift", "--json")
    assert {found["code"]: found["message"] for found in json.loads(out)["findings"]} == expected
    assert code == (2 if expected else 0)
    code, out, _ = run(capsys, "drift", "shop.duckdb")
    assert code == (2 if expected else 0)
    assert all(word in out for word in expected) or not expected
    assert {path: path.read_bytes() for path in before} == before


def test_a_plan_says_what_moved_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database(project, "alter table deals rename label to title")
    code, out, _ = run(capsys, "plan", "--detailed-exitcode")
    assert code == 0, "nothing is planned of it"
    assert "renamed-column" in out


def test_a_renamed_table_is_not_planned_as_a_new_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database(project, "alter table people rename to persons")
    code, out, _ = run(capsys, "plan", "--detailed-exitcode")
    assert code == 0, out
    assert "renamed-table" in out


def test_some_tables_alone_say_nothing_of_the_others(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database(project, "drop table people; alter table deals drop value")
    code, out, _ = run(capsys, "drift", "--tables", "deals", "--json")
    assert code == 2
    assert [found["code"] for found in json.loads(out)["findings"]] == ["dropped-column"]


def test_a_source_that_cannot_be_read_is_an_error_and_no_drift(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "shop.duckdb").unlink()
    code, out, err = run(capsys, "drift")
    assert (code, out) == (1, "")
    assert "Error: " in err
