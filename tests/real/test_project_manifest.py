"""What is read of a project is what dbt finds in it, and dbt's manifest helps where it still fits the files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cartridge.project import read_project

FILES = {
    "dbt_project.yml": (
        "name: shop\nprofile: shop\nvars: {which: stg_orders}\nmodels: {shop: {marts: {+materialized: table}}}\n"
    ),
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}\n",
    "models/staging/src.yml": "sources: [{name: shop, schema: main, tables: [{name: orders}, {name: items}]}]\n",
    "models/staging/stg_orders.sql": "\n\nselect 1 as order_id from {{ source('shop', 'orders') }}  \n",
    "models/staging/stg_items.sql": "{% set t = 'items' %}select 1 as item_id from {{ source('shop', t) }}\n",
    "models/marts/fct_orders.sql": "select * from {{ ref(var('which')) }} join {{ ref('stg_items') }} on true\n",
    "models/marts/dim_a_v1.sql": "select 1 as a\n",
    "models/marts/dim_a_v2.sql": "select 2 as a from {{ ref('countries') }}\n",
    "models/marts/v.yml": "models: [{name: dim_a, latest_version: 2, versions: [{v: 1}, {v: 2}]}]\n",
    "models/marts/off.sql": "{{ config(enabled=false) }} select 1 as a\n",
    "seeds/countries.csv": "code\nDE\n",
    "snapshots/s.sql": (
        "{% snapshot snap %}{{ config(unique_key='order_id', strategy='check', check_cols='all') }}"
        "select * from {{ ref('stg_orders') }}{% endsnapshot %}\n"
    ),
}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that dbt has parsed."""
    pytest.importorskip("dbt")
    root = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    command = [str(Path(sys.executable).with_name("dbt")), "parse", "--profiles-dir", str(root)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
    return root


def test_what_is_read_is_what_dbt_finds(parsed: Path) -> None:
    manifest = json.loads((parsed / "target" / "manifest.json").read_text())
    nodes = manifest["nodes"]
    found = read_project(parsed)
    assert {m.name for m in found.models.values() if m.enabled} == {
        node["name"] for node in nodes.values() if node["resource_type"] in {"model", "seed", "snapshot"}
    }
    assert [m.name for m in found.models.values() if not m.enabled] == ["off"]
    for node in nodes.values():
        model = found.models[node["name"]]
        if node["original_file_path"] == model.path and model.kind != "seed":
            depends = node["depends_on"]["nodes"]
            assert set(model.refs) == {nodes[key]["name"] for key in depends if key in nodes}
            assert {f"source.shop.{s}.{t}" for s, t in model.sources} == {k for k in depends if k.startswith("source")}
            assert model.kind == "snapshot" or (model.materialized or "view") == node["config"]["materialized"]
    assert not [finding for finding in found.findings if finding.code == "dynamic-reference"]


def test_a_file_that_changed_since_is_not_looked_up(parsed: Path) -> None:
    changed = parsed / "models" / "marts" / "fct_orders.sql"
    before = changed.read_text()
    changed.write_text(before + "-- more\n")
    try:
        found = read_project(parsed)
    finally:
        changed.write_text(before)
    assert found.models["fct_orders"].unknown
    assert found.models["fct_orders"].refs == ("stg_items",)
    assert [(f.code, f.path, f.line) for f in found.findings] == [
        ("dynamic-reference", "models/marts/fct_orders.sql", 1)
    ]


@pytest.mark.parametrize(
    "content", ['{"metadata": {"dbt_schema_version": "https://x/manifest/v11.json"}, "nodes": {}}', "no"]
)
def test_another_manifest_is_ignored_with_a_note(tmp_path: Path, content: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    (tmp_path / "models" / "a.sql").write_text("select * from {{ ref(x) }}")
    (tmp_path / "target" / "manifest.json").write_text(content)
    assert [f.code for f in read_project(tmp_path).findings] == ["manifest-not-used", "dynamic-reference"]
