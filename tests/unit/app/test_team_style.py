"""New files in a project whose team writes SQL in its own way: they look alike, and its linter has nothing to say."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.domain.schema import SchemaSnapshot
from cartridge.scan import scan

MODEL = """\
{{{{ config(materialized='table') }}}}

WITH source AS (
  SELECT * FROM {{{{ source('crm', '{table}') }}}}
)

, typed AS (
  SELECT
    id AS {entity}_id
    , label
    , COALESCE(amount, 0) AS amount
  FROM source
)

SELECT * FROM typed
"""
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\nmodels:\n  shop:\n    +materialized: view\n",
    "models/crm/sources.yml": "sources:\n  - name: crm\n    schema: tables\n    tables:\n"
    + "".join(f"      - name: {name}\n" for name in ("deals", "leads", "calls")),
    **{f"models/crm/crm_{name}s.sql": MODEL.format(table=f"{name}s", entity=name) for name in ("deal", "lead", "call")},
}
SQLFLUFF = """\
[sqlfluff]
dialect = duckdb
templater = jinja
max_line_length = 120
[sqlfluff:indentation]
tab_space_size = 2
[sqlfluff:layout:type:comma]
line_position = leading
[sqlfluff:rules:capitalisation.keywords]
capitalisation_policy = upper
[sqlfluff:rules:capitalisation.functions]
extended_capitalisation_policy = upper
[sqlfluff:templater:jinja]
apply_dbt_builtins = true
"""
TABLES = """
create table visits (id integer primary key, deal_id integer, "Visit Kind" varchar, visited timestamp);
"""
EXPECTED = """\
{{ config(materialized='table') }}

WITH source AS (
  SELECT * FROM {{ source('crm', 'visits') }}
)

, typed AS (
  SELECT
    id AS visit_id
    , deal_id
    , "Visit Kind" AS visit_kind
    , visited AS visited_at
  FROM source
)

SELECT * FROM typed
"""


def project_in(root: Path, **more: str) -> Path:
    for path, text in {**FILES, **more}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


async def new_files(snapshot: SchemaSnapshot, project: Path, *layers: str) -> dict[str, str]:
    context = await app.project_context(project, snapshot.tables)
    request = app.request_for(snapshot, PlanOptions(layers=layers, target="duckdb"), context)
    plan = await app.plan(request)
    changes = await app.render(plan, request, project)
    await app.apply(changes, project)
    return {change.path: change.text for change in changes.files if change.path.endswith(".sql")}


@pytest.fixture
def snapshot(tmp_path: Path) -> SchemaSnapshot:
    (tmp_path / "tables.sql").write_text(TABLES)
    return scan(f"ddl+duckdb:///{tmp_path}/tables.sql")


def test_a_new_model_looks_like_those_beside_it(tmp_path: Path, snapshot: SchemaSnapshot) -> None:
    files = asyncio.run(new_files(snapshot, project_in(tmp_path / "p")))
    assert files == {"models/crm/crm_visits.sql": EXPECTED}


@pytest.mark.skipif(importlib.util.find_spec("sqlfluff") is None, reason="sqlfluff is not installed")
def test_the_teams_linter_has_nothing_to_say(tmp_path: Path, snapshot: SchemaSnapshot) -> None:
    project = project_in(tmp_path / "p")
    (project / ".sqlfluff").write_text(SQLFLUFF)
    files = asyncio.run(new_files(snapshot, project, "all"))
    assert len(files) > 1
    names = [name for name in files if "dates" not in name]
    command = [sys.executable, "-m", "sqlfluff", "lint", "--disable-progress-bar", *names]
    lint = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert lint.returncode == 0, lint.stdout


def test_what_was_learned_is_shown_with_counts(tmp_path: Path) -> None:
    project = project_in(tmp_path / "p")
    (project / ".sqlfluff").write_text("[sqlfluff:rules:capitalisation.types]\nextended_capitalisation_policy=upper\n")
    rules = {(rule.about, rule.scope): rule for rule in asyncio.run(app.conventions(project))}
    keywords = rules["keywords", "staging"]
    assert (keywords.template, keywords.support, keywords.of, keywords.evidence) == ("upper", 3, 3, "firm")
    types = rules["types", "project"]
    assert (types.template, types.configured_in, types.evidence) == ("upper", ".sqlfluff", "configured")
    assert rules["renamed_cte", "staging"].template == "typed"
