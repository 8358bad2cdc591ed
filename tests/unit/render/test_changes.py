"""Change sets: operations, hashes, who is served, and their diff."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.project import ProjectContext, ProjectState
from cartridge.plan.presets import PRESETS
from cartridge.render import diff, profile_environment, render, touched_paths
from render_cases import read_case


def changes(texts: dict[str, str] | None = None) -> ChangeSet:
    return read_case("shop").render(texts or {})


def test_a_shared_file_serves_all_its_actions_and_scaffolding_none() -> None:
    files = {file.path: file for file in changes().files}
    assert files["models/marts/_marts__models.yml"].step_ids == (11, 12, 13, 14, 15)
    assert files["models/marts/dim_dates.sql"].step_ids == (12,)
    assert files["dbt_project.yml"].step_ids == ()
    assert all(file.why for file in files.values())
    assert list(files) == sorted(files)


def test_every_file_that_is_written_was_announced() -> None:
    assert {file.path for file in changes().files} == touched_paths(read_case("shop").plan)


def test_another_file_in_the_way_is_named_by_its_hash() -> None:
    path = "models/marts/dim_dates.sql"
    files = {file.path: file for file in changes({path: "select 1\n"}).files}
    assert files[path].operation == "create"
    assert files[path].before == hashlib.sha256(b"select 1\n").hexdigest()


@pytest.mark.parametrize("path", ["README.md", ".gitignore"])
def test_what_a_folder_held_before_it_became_a_project_stays(path: str) -> None:
    assert {file.path for file in changes({path: "mine\n"}).files} == touched_paths(read_case("shop").plan) - {path}


def test_an_empty_plan_writes_nothing() -> None:
    assert render(ExecutionPlan(strategy="greenfield"), ModelGenerationRequest(tables=[])) == ChangeSet(())


def test_git_applies_the_diff(tmp_path: Path) -> None:
    before = {
        "models/marts/dim_dates.sql": "select 1\nno newline",
        "README.md": "kept\n",
        "models/marts/fct_orders.sql": "with\r\n\x0cform feed\u2028line\n",
    }
    for path, text in before.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    planned = changes(before)
    patch = diff(planned)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, input=patch.encode(), check=True)
    assert {file.path: (tmp_path / file.path).read_bytes().decode() for file in planned.files} == {
        file.path: file.text for file in planned.files
    }
    assert diff(changes(before | {file.path: file.text for file in planned.files})) == ""


def learned(tests_key: Literal["data_tests", "tests"]) -> ModelGenerationRequest:
    """A request for a project whose staging models are tables, and whose marts say nothing."""
    conventions = replace(PRESETS["dbt-labs"], tests_key=tests_key)
    conventions = replace(
        conventions,
        staging=replace(conventions.staging, materialized="table"),
        intermediate=replace(conventions.intermediate, materialized="ephemeral"),
        dimension=replace(conventions.dimension, materialized=None),
    )
    state = ProjectState(name="shop", conventions=conventions)
    return ModelGenerationRequest(tables=[], context=ProjectContext(is_incremental=True, state=state))


def test_a_model_says_only_where_it_differs_from_its_project() -> None:
    plan = read_case("shop").plan.model_copy(update={"strategy": "brownfield"})
    files = {file.path: file.text for file in render(plan, learned("data_tests")).files}
    assert not any(path.startswith(".") or path == "dbt_project.yml" for path in files)
    starts = {path: text.split("\n", 1)[0] for path, text in files.items() if path.endswith(".sql")}
    assert starts["models/staging/shop/stg_shop__orders.sql"] == "{{ config(materialized='view') }}"
    assert starts["models/intermediate/int_orders_unioned.sql"] == "{{ config(materialized='view') }}"
    assert starts["models/marts/dim_customers.sql"] == "{{ config(materialized='table') }}"
    assert starts["models/marts/dim_dates.sql"] == "{{ config(materialized='table') }}"
    assert starts["models/marts/fct_order_lines.sql"] == "with"
    assert starts["models/marts/bridge_product_tags.sql"] == "with"


def test_new_files_use_the_word_for_tests_that_the_project_uses() -> None:
    plan = read_case("shop").plan.model_copy(update={"strategy": "brownfield"})
    texts = [file.text for file in render(plan, learned("tests")).files if file.path.endswith(".yml")]
    assert not any("data_tests:" in text for text in texts)
    assert any("\n    tests:\n" in text for text in texts)
    assert any("\n        tests:\n" in text for text in texts)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("shop", "shop"),
        ("My Shop!", "my_shop"),
        ("2024 sales", "project_2024_sales"),
        ("!!", "project"),
        ("é", "project"),
    ],
)
def test_the_project_has_a_name_that_dbt_takes(name: str, identifier: str) -> None:
    request = ModelGenerationRequest(tables=[], context=ProjectContext(project_name=name), target_warehouse="duckdb")
    files = {file.path: file.text for file in render(read_case("shop").plan, request).files}
    assert files["dbt_project.yml"].startswith(f"name: {identifier}\n")
    assert files["profiles.yml"].startswith(f"{identifier}:\n")


def test_the_profile_names_every_variable_that_it_reads() -> None:
    for warehouse in ("postgresql", "redshift", "snowflake", "bigquery", "databricks", "spark", "duckdb"):
        case = read_case("shop", warehouse=warehouse)
        profile = next(file.text for file in case.render({}).files if file.path == "profiles.yml")
        variables = profile_environment(case.plan, case.request)
        assert [variable.name for variable in variables if f"env_var('{variable.name}'" in profile] == [
            variable.name for variable in variables
        ]
        assert profile.count("env_var(") == len(variables)
