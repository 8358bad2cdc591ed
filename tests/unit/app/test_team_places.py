"""New sources and models in a project whose team has its own way with databases, schemas and materialisations."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.scan import scan

DATABASE = "{{ var('raw_database', env_var('RAW', 'raw')) }}"
TABLES = "create table raw_erp.visits (id integer primary key, deal_id integer, visited timestamp);"


def written(root: Path, where: str, database: str = DATABASE) -> dict[str, str]:
    """What is written into a project of two sources and two marts, whose materialisation is set in `where`."""
    head = "{{ config(materialized='view') }}\n" if where == "model" else ""
    said = "\n    config: {materialized: view}" if where == "properties" else ""
    setting = "\nmodels: {p: {marts: {+materialized: view}}}" if where == "project" else ""
    files = {
        "dbt_project.yml": f"name: p\nprofile: p{setting}\n",
        **{
            f"models/{name}/_{name}.yml": f'sources:\n  - name: {name}\n    database: "{database}"\n'
            f"    schema: raw_{name}\n    tables:\n      - name: deals\n"
            for name in ("crm", "web")
        },
        **{
            f"models/{name}/stg_{name}__deals.sql": f"select id as deal_id from {{{{ source('{name}', 'deals') }}}}\n"
            for name in ("crm", "web")
        },
        **{
            f"models/marts/fct_{name}_deals.sql": f"{head}select * from {{{{ ref('stg_{name}__deals') }}}}\n"
            for name in ("crm", "web")
        },
        "models/marts/_marts.yml": "models:\n"
        + "".join(f"  - name: fct_{name}_deals{said}\n    description: Deals.\n" for name in ("crm", "web")),
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "tables.sql").write_text(TABLES)
    return asyncio.run(_written(root))


async def _written(root: Path) -> dict[str, str]:
    snapshot = scan(f"ddl+postgres:///{root}/tables.sql")
    context = await app.project_context(root, snapshot.tables)
    request = app.request_for(snapshot, PlanOptions(layers=("all",), target="postgres"), context)
    changes = await app.render(await app.plan(request), request, root)
    await app.apply(changes, root)
    return {change.path: change.text for change in changes.files}


def test_a_new_source_is_called_and_placed_as_its_siblings_are(tmp_path: Path) -> None:
    files = written(tmp_path, "project")
    source = yaml.safe_load(files["models/erp/_erp.yml"])["sources"][0]
    assert (source["name"], source["schema"], source["database"]) == ("erp", "raw_erp", DATABASE)
    assert "source('erp', 'visits')" in files["models/erp/stg_erp__visits.sql"]


def test_a_database_in_plain_words_is_no_habit(tmp_path: Path) -> None:
    files = written(tmp_path, "project", "raw")
    assert "database" not in yaml.safe_load(files["models/erp/_erp.yml"])["sources"][0]


@pytest.mark.parametrize("where", ["model", "properties", "project"])
def test_a_mart_is_materialised_as_its_siblings_are_and_says_it_where_they_do(tmp_path: Path, where: str) -> None:
    files = written(tmp_path, where)
    mart = next(path for path in files if path.startswith("models/marts/") and path.endswith("visits.sql"))
    entry = yaml.safe_load(files["models/marts/_marts.yml"])["models"][-1]
    assert ("materialized='view'" in files[mart]) == (where == "model")
    assert (entry.get("config") == {"materialized": "view"}) == (where == "properties")


def test_a_schema_whose_default_is_known_is_that_source(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir(parents=True)
    (tmp_path / "models" / "erp.yml").write_text(
        "sources:\n  - name: erp\n    schema: \"{{ var('erp_schema', 'raw_erp') }}\"\n    tables:\n"
        "      - name: deals\n"
    )
    files = written(tmp_path, "project")
    assert "    tables:\n      - name: deals\n      - name: visits\n\nmodels:\n" in files["models/erp.yml"]
