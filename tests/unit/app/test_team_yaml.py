"""New property files in a project whose team lays out YAML in its own way: they look alike, and yamllint with the
project's own settings has nothing to say."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.domain.schema import SchemaSnapshot
from cartridge.project import read_project
from cartridge.project.yaml_linters import configured_yaml
from cartridge.scan import scan

SQL = "select id as {0}_id from {{{{ source('crm', '{0}s') }}}}\n"
PROPERTIES = """\
---
models:
    - name: crm_{0}s
      description: 'One {0}.'
      columns:
          - name: {0}_id
            description: 'Which {0} it is.'

          - name: label
            description: 'What it''s called.'
"""
SOURCES = """\
---
sources:
    - name: crm
      schema: public
      tables:
          - name: deals
          - name: leads
          - name: calls
"""
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\nmodels:\n  shop:\n    +materialized: view\n",
    "models/crm/_sources.yml": SOURCES,
    **{f"models/crm/crm_{name}s.sql": SQL.format(name) for name in ("deal", "lead", "call")},
    **{f"models/crm/crm_{name}s.yml": PROPERTIES.format(name) for name in ("deal", "lead", "call")},
}
LONG = "How the visit went, in the words of whoever was there and had the time to write any of it down afterwards: " * 2
TABLES = f"""
create table visits (id integer primary key, deal_id integer, "Visit Kind" varchar, visited timestamp);
comment on column visits."Visit Kind" is '{LONG.strip()}';
comment on column visits.deal_id is 'see  "deals"  and it''s on, 24/7: {"never  mind what " * 9}';
"""
EXPECTED = """\
---
models:
    - name: crm_visits
      description: 'Staged visits: one row per visit.'
      columns:
          - name: visit_id
            description: '{0}'
            data_tests:
                - unique
                - not_null

          - name: deal_id
"""


def project_in(root: Path, **more: str) -> Path:
    for path, text in {**FILES, **more}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return root


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> SchemaSnapshot:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "tables.sql").write_text(TABLES)
    return scan(f"ddl+postgres:///{folder}/tables.sql")


async def new_properties(snapshot: SchemaSnapshot, project: Path) -> dict[str, str]:
    """The text of the YAML files that were written or grew."""
    context = await app.project_context(project, snapshot.tables)
    request = app.request_for(snapshot, PlanOptions(layers=("all",), target="duckdb"), context)
    changes = await app.render(await app.plan(request), request, project)
    await app.apply(changes, project)
    return {change.path: change.text for change in changes.files if change.path.endswith(".yml")}


def test_a_new_file_is_laid_out_like_those_beside_it(tmp_path: Path, snapshot: SchemaSnapshot) -> None:
    files = asyncio.run(new_properties(snapshot, project_in(tmp_path)))
    assert files["models/crm/_sources.yml"].startswith(SOURCES)
    text = files["models/crm/crm_visits.yml"]
    described = yaml.safe_load(text)["models"][0]["columns"][0]["description"]
    assert text.startswith(EXPECTED.format(described))
    assert "version:" not in text


def test_line_ends_are_learned(tmp_path: Path, snapshot: SchemaSnapshot) -> None:
    windows = {path: text.replace("\n", "\r\n") for path, text in FILES.items() if path.endswith(".yml")}
    files = asyncio.run(new_properties(snapshot, project_in(tmp_path, **windows)))
    assert files["models/crm/crm_visits.yml"].count("\n") == files["models/crm/crm_visits.yml"].count("\r\n") > 9


LINTERS = {
    "default": {".yamllint": "extends: default\nrules: {indentation: {spaces: 4}}\n"},
    "two columns, flush lists, sixty characters": {
        ".yamllint.yaml": "extends: relaxed\nrules:\n  indentation: {spaces: 2, indent-sequences: false}\n"
        "  line-length: {max: 60}\n  document-start: {present: false}\n",
    },
    "double quotes everywhere": {
        ".yamllint": "rules:\n  quoted-strings: {quote-type: double, required: true}\n  line-length: enable\n",
    },
    "single quotes where needed, keys in order": {
        ".yamllint": "extends: default\nrules:\n  quoted-strings: {quote-type: single, required: only-when-needed}\n"
        "  key-ordering: enable\n  empty-lines: {max: 0}\n",
    },
    "windows": {".yamllint": "rules: {new-lines: {type: dos}, indentation: {spaces: 4}}\n"},
    "a file that is extended": {
        ".yamllint": "extends: lint/base.yml\nrules: {document-start: enable}\n",
        "lint/base.yml": "extends: default\nrules:\n  indentation: {spaces: 3}\n  line-length: {max: 100}\n",
    },
}


@pytest.mark.skipif(importlib.util.find_spec("yamllint") is None, reason="yamllint is not installed")
@pytest.mark.parametrize("settings", LINTERS.values(), ids=LINTERS)
def test_the_teams_linter_has_nothing_to_say(
    tmp_path: Path, snapshot: SchemaSnapshot, settings: dict[str, str]
) -> None:
    project = project_in(tmp_path, **settings)
    asyncio.run(new_properties(snapshot, project))
    new = [str(path) for path in project.rglob("*visit*.yml")]
    assert new
    done = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", *new], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_settings_count_more_than_files_and_a_person_more_than_settings(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".editorconfig").write_text(
        "root = true\n[*]\nindent_size = 3\nend_of_line = lf\n"
        "[*.{yml,yaml}]\nindent_size = 2\nmax_line_length = 90\ninsert_final_newline = false\n[*.py]\nindent_size = 8\n"
    )
    project = project_in(tmp_path / "dbt", **{".yamllint": "rules: {indentation: {spaces: 4}}\n"})
    assert configured_yaml(project) == (
        ("dashes", "indented", ".yamllint"),
        ("final_newline", "no", "../.editorconfig"),
        ("indent", "4", ".yamllint"),
        ("line_ends", "lf", "../.editorconfig"),
        ("line_length", "90", "../.editorconfig"),
    )
    (project / "cartridge.toml").write_text('[yaml]\nindent = "2"\ndashes = "flush"\n')
    conventions = read_project(project).conventions
    assert conventions is not None
    style = conventions.yaml
    assert (style["indent"], style["dashes"], style.line_length, style["document_start"]) == ("2", "flush", 90, "yes")


@pytest.mark.parametrize(
    "text", ["rules: [a", "- a", "extends: /etc/passwd\n", "extends: .yamllint\n", "rules: {x: 1}"]
)
def test_settings_that_say_nothing_ask_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / ".yamllint").write_text(text)
    (tmp_path / ".editorconfig").write_bytes(b"[*\xff")
    assert configured_yaml(tmp_path) == ()


def test_what_was_learned_is_shown_with_counts(tmp_path: Path) -> None:
    project = project_in(tmp_path, **{".yamllint": "rules: {line-length: {max: 90}}\n"})
    (project / "models" / "crm" / "crm_calls.yml").write_text("models:\n  - name: crm_calls\n    columns: []\n")
    rules = {rule.about: rule for rule in asyncio.run(app.conventions(project))}
    start = rules["yaml_document_start"]
    assert (start.template, start.support, start.of) == ("yes", 3, 4)
    assert start.exceptions == ("models/crm/crm_calls.yml",)
    assert rules["yaml_line_length"].configured_in == ".yamllint"
    assert rules["yaml_indent"].template == "4"
