"""What a project's staging models call their columns is learned by counting, and followed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cartridge.cli.entry import run_guarded
from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.columns import ColumnHabits, column_habits, staged_names
from cartridge.plan.conventions import LearnedRule, learned_rules
from cartridge.plan.conventions.columns import PROJECT, Kinds, NamedColumn, named_columns
from cartridge.project import read_project, with_columns

TYPES = {"id": "integer", "active": "boolean", "made": "timestamp", "title": "varchar"}
KINDS = {"id": "integer", "active": "boolean", "made": "timestamp", "title": "string"}


def table(name: str, **more: str) -> TableMapping:
    columns = [ColumnMapping(name=column, data_type=kind) for column, kind in {**TYPES, **more}.items()]
    return TableMapping(name=name, schema="crm", columns=columns, primary_key_columns=["id"])


def habits(*named: tuple[str, str, str], source: str = "crm") -> ColumnHabits:
    """Of (table, column, name) in a source of the project."""
    items = [NamedColumn(f"stg_{where}", source, where, column, name) for where, column, name in named]
    kinds: Kinds = {(source, item.table): KINDS for item in items}
    known = column_habits(items, kinds)
    return known.get("crm") or known.get(PROJECT) or ColumnHabits()


def names(known: ColumnHabits) -> dict[str, str]:
    return staged_names(table("visits"), ("id",), known)


USUAL = {"id": "visit_id", "active": "is_active", "made": "made_at", "title": "title"}


def test_without_evidence_names_are_those_of_the_guide() -> None:
    assert names(habits()) == USUAL


def test_three_models_are_a_habit_and_two_are_none() -> None:
    two = [("deals", "id", "id"), ("people", "id", "id")]
    assert names(habits(*two)) == USUAL
    assert names(habits(*two, ("teams", "id", "id"))) == {**USUAL, "id": "id"}


def test_a_habit_needs_seventy_percent() -> None:
    kept = [(where, "title", "label") for where in "abcdefg"]
    others = [(where, "title", "title") for where in "hij"]
    assert names(habits(*kept, *others))["title"] == "label"
    assert names(habits(*kept[:6], *others))["title"] == "title"


def test_what_a_row_is_stands_for_itself_in_a_name() -> None:
    called = habits(
        ("deals", "title", "deal_label"), ("people", "title", "person_label"), ("teams", "title", "team_label")
    )
    assert names(called)["title"] == "visit_label"


def test_booleans_and_timestamps_keep_their_names_where_others_do() -> None:
    kept = habits(*((where, column, column) for where in ("a", "b", "c") for column in ("active", "made")))
    assert staged_names(table("visits", paid="boolean", sent="timestamp"), ("id",), kept) == {
        "id": "visit_id", "active": "active", "made": "made", "title": "title", "paid": "paid", "sent": "sent",
    }  # fmt: skip


def test_another_type_is_another_column() -> None:
    called = habits(*((where, "made", "maker") for where in ("a", "b", "c")))
    text = TableMapping(name="visits", schema="crm", columns=[ColumnMapping(name="made", data_type="varchar")])
    assert staged_names(text, (), called) == {"made": "made"}


def test_a_source_follows_its_own_models_before_those_of_others() -> None:
    own = [NamedColumn(f"stg_{where}", "crm", where, "title", "label") for where in "abc"]
    others = [NamedColumn(f"stg_{where}", "web", where, "title", "heading") for where in "defghijkl"]
    kinds: Kinds = {(item.source, item.table): KINDS for item in (*own, *others)}
    known = column_habits([*own, *others], kinds)
    assert [names(known[source])["title"] for source in ("crm", "web", PROJECT)] == ["label", "heading", "heading"]


def test_a_name_that_is_taken_gives_way_to_the_plainer_one() -> None:
    called = habits(*((where, "title", "label") for where in ("a", "b", "c")))
    both = staged_names(table("visits", label="varchar"), ("id",), called)
    assert (both["title"], both["label"]) == ("title", "label")


def test_what_a_person_asks_for_comes_first() -> None:
    items = [NamedColumn(f"stg_{where}", "crm", where, "title", "label") for where in "abc"]
    known = column_habits(
        items, {("crm", where): KINDS for where in "abc"}, {"title": "{entity}_title", "made": "made_on"}
    )
    assert names(known["crm"]) == {**USUAL, "title": "visit_title", "made": "made_on"}
    assert names(column_habits([], {}, {"id": "key"})[PROJECT])["id"] == "key"


FORMS = {
    "a cast": ("cast(id as text) as key", [("id", "key")]),
    "a cast of PostgreSQL": ("id::text as key", [("id", "key")]),
    "no alias": ("id", [("id", "id")]),
    "quotes": ('"Id" as id', [("Id", "id")]),
    "an expression": ("id + 1 as key", []),
    "a constant": ("1 as key", []),
}


@pytest.mark.parametrize("form", FORMS)
def test_columns_that_are_passed_on_are_read_from_sql(form: str, tmp_path: Path) -> None:
    written, expected = FORMS[form]
    project(tmp_path, ("deals",), written)
    state = with_columns(tmp_path, read_project(tmp_path), ["stg_deals"])
    assert [(item.column, item.name) for item in named_columns(state)] == expected


def project(folder: Path, tables: tuple[str, ...], columns: str, tests: str = "[unique]") -> None:
    (folder / "models" / "staging").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    listed = "".join(
        f"      - {{name: {name}, columns: [{{name: id}}, {{name: _fivetran_synced}}]}}\n" for name in tables
    )
    models = "".join(
        f"  - name: stg_{name}\n    columns:\n      - name: id\n        data_tests: {tests}\n" for name in tables
    )
    (folder / "models" / "staging" / "crm.yml").write_text(
        f"sources:\n  - name: crm\n    tables:\n{listed}models:\n{models}"
    )
    for name in tables:
        body = f"with source as (select * from {{{{ source('crm', '{name}') }}}})\nselect {columns} from source\n"
        (folder / "models" / "staging" / f"stg_{name}.sql").write_text(body)


def rules(folder: Path, tables: tuple[str, ...]) -> dict[str, LearnedRule]:
    state = with_columns(folder, read_project(folder), [f"stg_{name}" for name in tables])
    return {rule.about: rule for rule in learned_rules(state)}


def test_rules_tell_names_loaders_and_tests_with_counts(tmp_path: Path) -> None:
    tables = ("calls", "deals", "notes", "people")
    project(tmp_path, tables, "id as key, title")
    (tmp_path / "models" / "staging" / "stg_people.sql").write_text(
        "select id, title, _fivetran_synced from {{ source('crm', 'people') }}\n"
    )
    found = rules(tmp_path, tables)
    shown = {about: (rule.template, rule.support, rule.of) for about, rule in found.items()}
    assert shown["column names"] == ("kept", 5, 8)
    assert shown["column id"] == ("key", 3, 4)
    assert shown["columns of loaders"] == ("left out", 3, 4)
    assert shown["tests of keys"] == ("unique", 4, 4)
    assert shown["tests of references"] == ("none", 4, 4)
    assert found["column id"].examples == ("stg_calls", "stg_deals", "stg_notes")
    assert found["column id"].exceptions == ("stg_people",)
    assert found["columns of loaders"].exceptions == ("stg_people",)
    assert "column title" not in found, "it keeps its name everywhere"


@pytest.mark.parametrize(
    ("count", "tests", "expected"),
    [
        (5, "[unique]", False),
        (4, "[unique]", True),
        (5, "[unique, dbt_constraints.foreign_key: {field: id}]", True),
        (5, "[]", True),
    ],
)
def test_references_are_tested_unless_several_models_have_tests_and_none_such(
    count: int, tests: str, expected: bool, tmp_path: Path
) -> None:
    project(tmp_path, ("a", "b", "c", "d", "e")[:count], "id", tests)
    assert read_project(tmp_path).documentation.references is expected


def test_the_command_shows_them_with_support_examples_and_exceptions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, ("calls", "deals", "notes", "people"), "id as key, title")
    (tmp_path / "models" / "staging" / "stg_people.sql").write_text("select id from {{ source('crm', 'people') }}\n")
    assert run_guarded(("conventions", "--project", str(tmp_path), "--json")) == 0
    shown = {rule["about"]: rule for rule in json.loads(capsys.readouterr().out)["rules"]}
    rule = shown["column id"]
    assert (rule["template"], rule["support"], rule["of"], rule["evidence"]) == ("key", 3, 4, "firm")
    assert rule["examples"] == ["stg_calls", "stg_deals", "stg_notes"]
    assert rule["exceptions"] == ["stg_people"]
    assert {"column names", "columns of loaders", "tests of keys", "tests of references"} <= shown.keys()
    assert run_guarded(("conventions", "--project", str(tmp_path))) == 0
    assert "column id" in capsys.readouterr().out
