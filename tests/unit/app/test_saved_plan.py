"""The plan file: the same bytes anywhere, refused where it was touched, its schema published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import cartridge
from cartridge.app.plan import PlanOptions
from cartridge.app.plan_schema import schema_text
from cartridge.app.saved_plan import dump_text, load_plan, load_text, save_plan
from cartridge.errors import InputError, PlanFileError
from cartridge.scan.saved import dump
from saved_plans import planned, scanned, write_project
from shared_data import REPOSITORY


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A plan file for the small project."""
    return dump_text(planned(write_project(tmp_path_factory.mktemp("project"))))


def test_a_file_is_read_back_as_it_was_written(text: str, tmp_path: Path):
    path = tmp_path / "plan.json"
    save_plan(load_text(text, path), path)
    assert path.read_bytes() == text.encode("ascii")
    assert load_plan(path) == load_text(text, path)


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from saved_plans import planned
from cartridge.app.saved_plan import dump_text
from cartridge.scan.saved import load
sys.stdout.write(dump_text(planned(Path(sys.argv[2]), load(Path(sys.argv[3]).read_text()))))
"""


def test_the_same_bytes_on_any_machine(text: str, tmp_path: Path):
    """Another process, hash seed, working folder, home, locale, time zone, and place of project and scan."""
    for number, seed in enumerate(("0", "4711")):
        place = tmp_path / f"machine {number}" / "déjà"
        write_project(place / "project")
        (place / "scan.json").write_text(dump(scanned()))
        here = "project" if number else str(place / "project")
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(REPOSITORY / "tests"), here, str(place / "scan.json")],
            cwd=place,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(Path(cartridge.__file__).parent.parent),
                "PYTHONHASHSEED": seed,
                "HOME": str(place),
                "TZ": ("UTC", "Asia/Tokyo")[number],
                "LC_ALL": ("C", "C.UTF-8")[number],
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == text
        assert str(tmp_path) not in done.stdout


def test_nothing_of_the_machine_is_in_the_file(text: str):
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
    assert "/tmp" not in text


def edited(text: str, **changes: object) -> str:
    return json.dumps({**json.loads(text), **changes}, indent=2) + "\n"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"digest": "sha256:0"}, "its digest does not match"),
        ({"digest": None}, "its digest does not match"),
        ({"kind": "letter"}, "no saved plan"),
        ({"kind": None}, "no saved plan"),
        ({"format": 99}, "pip install --upgrade"),
        ({"format": "1"}, "pip install --upgrade"),
        ({"format": True}, "pip install --upgrade"),
        ({"plan": {}}, "its digest does not match"),
        ({"extra": 1}, "its digest does not match"),
        ({"files": []}, "its digest does not match"),
    ],
)
def test_what_was_touched_is_refused_with_the_next_step(text: str, changes: dict[str, object], says: str):
    with pytest.raises(PlanFileError, match=says) as caught:
        load_text(edited(text, **changes), Path("plan.json"))
    assert "cartridge plan SOURCE" in str(caught.value) or "pip install" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 5000 + "]" * 5000, '{"a": ' * 900 + "1" + "}" * 900])
def test_what_is_no_plan_is_refused(text: str, tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(PlanFileError):
        load_plan(path)


def test_deep_nesting_within_a_plan_is_refused(text: str, tmp_path: Path):
    deep: list = []
    for _ in range(900):
        deep = [deep]
    path = tmp_path / "plan.json"
    path.write_text(edited(text, plan=deep))
    with pytest.raises(PlanFileError):
        load_plan(path)


def test_a_folder_that_is_not_there_is_said(text: str, tmp_path: Path):
    with pytest.raises(InputError, match="-o"):
        save_plan(load_text(text, Path("plan.json")), tmp_path / "no" / "plan.json")


def test_options_are_kept(tmp_path: Path):
    options = PlanOptions(layers=("staging",), tables=("t*",), exclude=("*x",), schemas=("crm",), planner="draft")
    saved = planned(None, options=options)
    assert saved.options.layers == ("staging",)
    assert (saved.options.tables, saved.options.exclude, saved.options.schemas) == (("t*",), ("*x",), ("crm",))
    assert saved.options.planner == "draft"
    assert saved.basis is None


def test_the_published_schema_is_that_of_the_code():
    published = REPOSITORY / "docs" / "plan.schema.json"
    assert published.read_text() == schema_text(), (
        "docs/plan.schema.json is stale: python -m cartridge.app.plan_schema > docs/plan.schema.json"
    )


def test_plans_are_as_the_schema_says(text: str):
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    judge.validate(json.loads(text))
    judge.validate(json.loads(dump_text(planned(None))))
    for wrong in (
        edited(text, format=2),
        edited(text, more=1),
        edited(text, plan={"strategy": "bluefield"}),
        edited(text, files=[{"path": "a.sql"}]),
    ):
        assert not judge.is_valid(json.loads(wrong))


def test_the_project_files_that_were_used_are_in_the_plan(tmp_path: Path):
    saved = planned(write_project(tmp_path))
    assert saved.basis is not None
    assert set(saved.basis.files) == {
        "dbt_project.yml",
        "models/staging/crm/_crm__sources.yml",
        "models/staging/crm/_crm__models.yml",
        "models/staging/crm/stg_crm__customers.sql",
        "models/marts/dim_customers.sql",
    }
