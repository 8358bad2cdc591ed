"""The profile of a project: looked up where dbt looks, its variables resolved, its secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartridge.errors import ProjectError
from cartridge.project.profiles import connection_of, warehouse_of

PROFILES = """\
shop:
  target: "{{ env_var('SHOP_TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: "{{ env_var('SHOP_HOME') }}/shop.duckdb", threads: 4}
    prod:
      type: postgres
      host: db
      port: "{{ env_var('SHOP_PORT', '5433') | as_number }}"
      password: "{{ env_var('SHOP_PASSWORD') }}"
      extensions: ["{{ env_var('SHOP_PORT', 'none') }}"]
    odd: {type: duckdb, path: "{{ target.name }}"}
lonely:
  outputs: {whatever: {type: duckdb, path: x.duckdb}}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    monkeypatch.delenv("DBT_TARGET", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "profiles.yml").write_text(PROFILES)
    return tmp_path


def test_variables_are_resolved(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_HOME", "/data")
    found = connection_of(root, "shop")
    assert (found.kind, found.target, found.said("path")) == ("duckdb", "dev", "/data/shop.duckdb")
    monkeypatch.setenv("SHOP_TARGET", "prod")
    monkeypatch.setenv("SHOP_PASSWORD", "hush-hush")
    found = connection_of(root, "shop")
    assert (found.kind, found.said("port"), found.said("pass", "password")) == ("postgres", "5433", "hush-hush")
    assert found.fields["extensions"] == ["none"]
    assert "hush" not in repr(found)


def test_a_target_that_stands_alone_needs_no_name(root: Path) -> None:
    assert connection_of(root, "lonely").target == "whatever"
    assert warehouse_of(root, "lonely") == "duckdb"


def test_the_folder_that_is_named_comes_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "other").mkdir()
    (root / "other" / "profiles.yml").write_text("shop: {outputs: {default: {type: snowflake}}}\n")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(root / "other"))
    assert connection_of(root, "shop").kind == "snowflake"
    assert connection_of(root, "lonely").kind == "duckdb"


@pytest.mark.parametrize(
    ("profile", "target", "says"),
    [
        ("shop", None, "needs the environment variable SHOP_HOME, which is not set"),
        ("shop", "odd", r"profiles\.yml: shop\.odd\.path holds Jinja other than env_var"),
        ("shop", "test", "has no target 'test'; it has: dev, prod, odd"),
        ("none", None, r"'none' of dbt_project\.yml is in no profiles\.yml \(looked in"),
        (None, None, "names no `profile:`"),
    ],
)
def test_what_is_missing_is_named(root: Path, profile: str | None, target: str | None, says: str) -> None:
    with pytest.raises(ProjectError, match=says):
        connection_of(root, profile, target)


def test_reading_a_project_needs_no_variable(root: Path) -> None:
    (root / "profiles.yml").write_text("shop: {target: \"{{ env_var('X') }}\", outputs: {dev: {type: duckdb}}}\n")
    assert warehouse_of(root, "shop") is None
