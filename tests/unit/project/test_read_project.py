"""Reading a project from its files: every layout, and what is broken is a finding while the rest is read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from cartridge.domain.project import ProjectState
from cartridge.errors import ProjectError
from cartridge.project import read_project, with_columns

Files = dict[str, str | bytes]
SETTINGS = "name: shop\nprofile: shop\nvars: {start: '2020-01-01', flag: true}\n"


def project(root: Path, files: Files) -> Path:
    """A project in `root`, with a dbt_project.yml unless one is given."""
    for path, content in {"dbt_project.yml": SETTINGS, **files}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def codes(state: ProjectState) -> list[tuple[str, str | None, int | None]]:
    return [(finding.code, finding.path, finding.line) for finding in state.findings]


def test_models_and_what_they_read(tmp_path: Path) -> None:
    state = read_project(
        project(
            tmp_path,
            {
                "models/staging/stg_orders.sql": "select * from {{ source('shop', 'orders') }}",
                "models/marts/fct_orders.sql": (
                    "{{ config(materialized='incremental', tags=['a']) }}\n"
                    "{% set parts = ['x', 'y'] %}\n{# ref('not_this') #}\n-- {{ ref('in_comment') }}\n"
                    "select {% for p in parts %}{{ p }},{% endfor %} 1 from {{ ref('stg_orders') }}\n"
                    "{% if is_incremental() %} join {{ builtins.ref('pkg', 'dim_dates', v=2) }} {% endif %}"
                    "{% raw %}{{ ref('raw') }}{% endraw %}{% do log(ref('done')) %}"
                ),
                "models/marts/by_python.py": (
                    "def model(dbt, session):\n    dbt.config(materialized='table')\n"
                    "    return dbt.ref('stg_orders').union(dbt.source('shop', 'items'))\n"
                ),
            },
        )
    )
    assert state.models["stg_orders"].sources == (("shop", "orders"),)
    assert state.models["stg_orders"].entry
    assert state.models["stg_orders"].layer == "staging"
    fact = state.models["fct_orders"]
    assert fact.refs == ("in_comment", "stg_orders", "dim_dates", "done")
    assert (fact.materialized, fact.materialized_in, fact.layer) == ("incremental", "model", "mart")
    python = state.models["by_python"]
    assert (python.refs, python.sources, python.materialized) == (("stg_orders",), (("shop", "items"),), "table")
    assert state.findings == ()
    assert set(state.files) == {
        "dbt_project.yml", "models/marts/by_python.py", "models/marts/fct_orders.sql", "models/staging/stg_orders.sql",
    }  # fmt: skip


def test_dynamic_references_are_unknown_and_never_guessed(tmp_path: Path) -> None:
    state = read_project(
        project(
            tmp_path,
            {
                "models/a.sql": "select 1\nfrom {{ ref('stg_' ~ var('x')) }}",
                "models/b.sql": "from {{ source('s', t) }} {{ ref('a' ~ '_' ~ 'b') }}",
                "models/c.sql": "from {{ ref(*names) }}",
            },
        )
    )
    assert [state.models[name].unknown for name in "abc"] == [True, True, True]
    assert (state.models["a"].refs, state.models["b"].refs) == ((), ("a_b",))
    assert codes(state) == [
        ("dynamic-reference", "models/a.sql", 2),
        ("dynamic-reference", "models/b.sql", 1),
        ("dynamic-reference", "models/c.sql", 1),
    ]


def test_settings_hold_folder_by_folder(tmp_path: Path) -> None:
    settings = (
        "name: shop\nmodel-paths: [transform]\nmodels:\n  +materialized: view\n  shop:\n    marts:\n"
        "      +materialized: table\n      old: {enabled: false}\n      dyn:\n"
        "        +materialized: \"{{ var('m') }}\"\n"
    )
    state = read_project(
        project(
            tmp_path,
            {
                "dbt_project.yml": settings,
                "transform/stg_a.sql": "select 1",
                "transform/marts/dim_a.sql": "select 1",
                "transform/marts/old/dim_b.sql": "select 1",
                "transform/marts/dyn/dim_c.sql": "select 1",
                "transform/marts/own.sql": "{{ config(materialized='ephemeral') }} select 1",
                "transform/marts/p.sql": "select 1",
                "transform/p.yml": "models: [{name: p, config: {materialized: incremental, enabled: false}}]",
            },
        )
    )
    found = {m.name: (m.materialized, m.materialized_in, m.enabled) for m in state.own_models}
    assert found == {
        "stg_a": ("view", "project", True),
        "dim_a": ("table", "project", True),
        "dim_b": ("table", "project", False),
        "dim_c": (None, "project", True),
        "own": ("ephemeral", "model", True),
        "p": ("incremental", "properties", False),
    }


def test_property_files_in_any_layout(tmp_path: Path) -> None:
    state = read_project(
        project(
            tmp_path,
            {
                "models/a/stg_a.sql": "select 1",
                "models/a/stg_b.sql": "select 1",
                "models/anything.yaml": (
                    "\ufeffversion: 2\r\nmodels:\r\n- name: stg_a\r\n  columns:\r\n"
                    "  - {name: a_id, data_tests: [unique, "
                    "not_null]}\r\n  - name: b\r\n"
                ),
                "models/a/stg_b.yml": (
                    "x: &columns\n  columns: [{name: k1}, {name: k2}]\nmodels:\n  - name: stg_b\n    <<: *columns\n"
                    "    tests:\n      - dbt_utils.unique_combination_of_columns:\n"
                    "          combination_of_columns: [k1, k2]\n"
                ),
                "models/src.yml": (
                    "sources:\n  - name: shop\n    schema: \"{{ var('s') }}\"\n    database: raw\n    tables:\n"
                    "      - name: orders\n        identifier: ORDERS\n        columns: [{name: id}]\n"
                    "      - name: items\n"
                ),
                "models/more.yml": "sources: [{name: shop, schema: other, tables: [{name: late}]}]\n---\nmodels: []\n",
            },
        )
    )
    first, second = state.models["stg_a"], state.models["stg_b"]
    assert (first.columns, first.grain, first.properties_path) == (("a_id", "b"), ("a_id",), "models/anything.yaml")
    assert (second.columns, second.grain) == (("k1", "k2"), ("k1", "k2"))
    source = state.sources["shop"]
    assert (source.schema, source.database, source.path) == ("{{ var('s') }}", "raw", "models/src.yml")
    assert [(t.name, t.identifier, t.columns, t.path) for t in source.tables] == [
        ("late", None, (), "models/more.yml"),
        ("orders", "ORDERS", ("id",), None),
        ("items", None, (), None),
    ]
    assert codes(state) == [("split-source", "models/more.yml", 1)]
    assert state.properties["models/anything.yaml"].tests_key == "data_tests"
    assert state.properties["models/a/stg_b.yml"].tests_key == "tests"
    assert state.properties["models/more.yml"].tests_key is None


def test_seeds_snapshots_versions_macros_and_packages(tmp_path: Path) -> None:
    state = read_project(
        project(
            tmp_path,
            {
                "seeds/countries.csv": "code,name\nDE,Germany\n",
                "snapshots/s.sql": (
                    "{% snapshot orders_snapshot %}\n{{ config(strategy='check') }}\n"
                    "select * from {{ source('shop', 'orders') }}\n{% endsnapshot %}"
                ),
                "snapshots/y.yml": "snapshots: [{name: items_snapshot, relation: \"source('shop', 'items')\"}]",
                "models/dim_a_v1.sql": "select 1",
                "models/dim_a_v2.sql": "select 2",
                "models/v.yml": "models: [{name: dim_a, latest_version: 2, versions: [{v: 1}, {v: 2}]}]",
                "macros/m.sql": (
                    "{% macro cents(x) %}{{ x }}{% endmacro %}\n{% test positive(model) %}select 1{% endtest %}"
                    "{% materialization mine, adapter='duckdb' %}{% endmaterialization %}"
                ),
                "packages.yml": "packages: [{package: dbt-labs/dbt_utils, version: 1.1.1}, {git: 'https://x/y.git'}]",
                "dbt_packages/dbt_utils/dbt_project.yml": "name: dbt_utils",
                "dbt_packages/dbt_utils/models/helper.sql": "select 1",
                "dbt_packages/dbt_utils/models/dim_a.sql": "select 1",
                "dbt_packages/no_package/readme.md": "",
            },
        )
    )
    kinds = {name: model.kind for name, model in state.models.items()}
    assert kinds == {
        "countries": "seed", "orders_snapshot": "snapshot", "items_snapshot": "snapshot", "dim_a": "model",
        "helper": "model", "dbt_utils.dim_a": "model",
    }  # fmt: skip
    assert state.models["orders_snapshot"].sources == (("shop", "orders"),)
    assert state.models["items_snapshot"].sources == (("shop", "items"),)
    assert state.models["dim_a"].versions == ("1", "2")
    assert state.models["dim_a"].path == "models/dim_a_v2.sql"
    assert state.macros == ("cents", "positive")
    assert state.packages == ("dbt_utils",)
    assert state.declared_packages == ("dbt-labs/dbt_utils", "https://x/y.git")
    assert state.models["helper"].package == "dbt_utils"
    assert codes(state) == [("package-clash", "models/dim_a_v2.sql", None)]


def test_broken_files_are_findings_and_the_rest_is_read(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        {
            "models/good.sql": "select 1",
            "models/broken.sql": "select 1\n{% if x %}",
            "models/binary.sql": b"\xff\xfe\x00s",
            "models/nul.sql": "select \0",
            "models/wrong.py": "def model(:\n",
            "models/broken.yml": "models:\n  - name: good\n   bad: [",
            "models/twice.yml": "models:\n  - {name: good}\n  - {name: good}\nmodels: [{name: good}]\n",
            "models/odd.yml": "- just\n- a list\n",
            "models/recursive.yml": "models: &m\n  - name: x\n    config: *m\n",
            "models/sub/good.sql": "select 2",
            "seeds/good.csv": "a\n",
        },
    )
    (root / "models" / "loop").symlink_to(root / "models", target_is_directory=True)
    (root / "models" / "itself").symlink_to("itself")
    state = read_project(root)
    assert set(state.models) == {"good", "broken", "binary", "nul", "wrong"}
    assert state.models["broken"].unknown
    assert {(code, path) for code, path, _ in codes(state)} == {
        ("invalid-jinja", "models/broken.sql"),
        ("invalid-python", "models/wrong.py"),
        ("invalid-yaml", "models/broken.yml"),
        ("link-loop", "models/itself"),
        ("link-loop", "models/loop/"),
        ("name-taken-twice", "models/sub/good.sql"),
        ("name-taken-twice", "seeds/good.csv"),
        ("not-text", "models/binary.sql"),
        ("not-text", "models/nul.sql"),
        ("repeated-key", "models/twice.yml"),
    }
    assert ("invalid-jinja", "models/broken.sql", 2) in codes(state)
    assert ("invalid-yaml", "models/broken.yml", 3) in codes(state)
    assert all(finding.mend or finding.severity != "error" for finding in state.findings)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_an_unreadable_folder_is_a_finding() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder) / "p", {"models/good.sql": "select 1", "models/closed/hidden.sql": "select 1"})
        for path in [Path(folder), *Path(folder).rglob("*")]:
            path.chmod(0o755)
        (root / "models" / "closed").chmod(0)
        os.seteuid(65534)
        try:
            state = read_project(root)
        finally:
            os.seteuid(0)
    assert codes(state) == [("unreadable", "models/closed/", None)]
    assert list(state.models) == ["good"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"dbt_project.yml": "name: [\n"}, "line 2: invalid YAML"),
        ({"dbt_project.yml": "version: 1\n"}, "no `name:`"),
        ({"dbt_project.yml": b"\xff\xfe"}, "no UTF-8 text"),
        ({"dbt_project.yml": ""}, "no `name:`"),
    ],
)
def test_a_project_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, files: Files, says: str) -> None:
    with pytest.raises(ProjectError, match=says):
        read_project(project(tmp_path, files))


def test_what_is_no_project_is_said_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"No dbt_project\.yml in .*Give the folder"):
        read_project(tmp_path)
    with pytest.raises(ProjectError, match="does not exist"):
        read_project(tmp_path / "absent")
    project(tmp_path / "transform", {})
    with pytest.raises(ProjectError, match="Did you mean transform"):
        read_project(tmp_path)
    assert read_project(tmp_path / "transform" / "dbt_project.yml").name == "shop"


def test_the_context_of_a_project(tmp_path: Path) -> None:
    empty = read_project(project(tmp_path / "empty", {})).context()
    assert not empty.is_incremental
    state = read_project(
        project(
            tmp_path / "full",
            {
                "models/stg_a.sql": "select 1",
                "models/s.yml": "sources: [{name: shop}]",
                "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, password: secret}}}",
            },
        )
    )
    context = state.context()
    assert context.is_incremental
    assert (context.existing_models, context.existing_sources) == (["stg_a"], ["shop"])
    assert (context.project_name, context.warehouse_type) == ("shop", "duckdb")
    assert context.state is state
    assert "secret" not in repr(state)


def test_columns_come_from_the_sql_when_asked(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        {
            "models/stg_a.sql": (
                "{{ config(materialized='view') }}\nwith source as (select * from {{ source('shop', 'orders') }}),\n"
                'renamed as (select id as order_id, "Total" as total from source)\nselect * from renamed'
            ),
            "models/b.sql": "select a.*, 1 as one from {{ ref('stg_a') }} a join {{ ref('stg_a') }} b on true",
            "models/c.sql": "select * from {{ source('shop', 'orders') }} union all select 1, 2",
            "models/d.sql": "select * from {{ source('shop', 'items') }}",
            "models/e.sql": "select {% for x in [1] %} {{ x }} {% endfor %} as y",
            "models/f.sql": "select * exclude (order_id) from {{ ref('stg_a') }}",
            "models/g.sql": "selec nonsense ((",
            "models/h.sql": "select * from {{ ref('h') }}",
            "models/s.yml": (
                "sources: [{name: shop, tables: [{name: orders, columns: [{name: id}, {name: n}]}, {name: items}]}]"
            ),
        },
    )
    state = read_project(root)
    assert state.models["stg_a"].columns is None
    full = with_columns(root, state, [*state.models, "absent"])
    assert {name: model.columns for name, model in full.models.items()} == {
        "stg_a": ("order_id", "total"),
        "b": ("order_id", "total", "one"),
        "c": ("id", "n"),
        **dict.fromkeys("defgh"),
    }


def test_the_same_files_give_the_same_state(tmp_path: Path) -> None:
    files: Files = {f"models/m{n}.sql": f"select * from {{{{ ref('m{n + 1}') }}}}" for n in range(20)}
    first = read_project(project(tmp_path / "a", files))
    second = read_project(project(tmp_path / "b", dict(reversed(files.items()))))
    assert first == second
    assert list(first.models) == list(second.models)


def test_nothing_is_written_or_executed(tmp_path: Path) -> None:
    root = project(
        tmp_path, {"models/a.sql": "{{ run_query('drop') }}{{ modules.os.system('touch x') }}{{ 'a' * 10 ** 9 }}"}
    )
    before = sorted(path.relative_to(root) for path in root.rglob("*"))
    read_project(root)
    assert sorted(path.relative_to(root) for path in root.rglob("*")) == before
