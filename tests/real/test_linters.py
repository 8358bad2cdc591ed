"""Generated projects under the field's own linters, with the configuration that they ship: no complaint."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cartridge import app
from cartridge.render import profile_environment
from databases import chinook_duckdb, northwind_duckdb, shop_duckdb

DATABASES: dict[str, Callable[[Path], Path]] = {
    "shop": shop_duckdb,
    "chinook": chinook_duckdb,
    "northwind": northwind_duckdb,
}
BROKEN = "SELECT a,b from {{ ref('stg_x') }}"
"""Three faults of style in one line."""

SAMPLE = ["shop", *(pytest.param(name, marks=pytest.mark.deep) for name in ("chinook", "northwind"))]


@pytest.fixture(scope="module")
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A project made of the named database, and the variables that its profile reads."""
    folder = tmp_path_factory.mktemp(request.param)
    return asyncio.run(_made(DATABASES[request.param](folder / f"{request.param}.duckdb"), folder / "project"))


async def _made(source: Path, project: Path) -> tuple[Path, dict[str, str]]:
    request = app.request_for(await app.scan(str(source)))
    plan, changes = await app.decide(request, project)
    await app.apply(changes, project)
    return project, {v.name: str(source) for v in profile_environment(plan, request) if v.role == "source"}


def linted(project: Path, *arguments: str, environment: dict[str, str] | None = None) -> dict[str, list[str]]:
    """The rules that sqlfluff says are broken, by every file that it read."""
    variables = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"} | (environment or {})
    done = subprocess.run(
        [sys.executable, "-m", "sqlfluff", "lint", "models", "--format", "json", *arguments],
        cwd=project, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    read = json.loads(done.stdout[done.stdout.index("[{") :])
    return {Path(file["filepath"]).stem: [fault["code"] for fault in file["violations"]] for file in read}


def yamllint(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yamllint", "--strict", "."]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def models(project: Path) -> set[str]:
    return {path.stem for path in project.glob("models/**/*.sql")}


@pytest.mark.parametrize("project", SAMPLE, indirect=True)
def test_sqlfluff_and_yamllint_find_nothing(project: tuple[Path, dict[str, str]]) -> None:
    folder, _ = project
    assert linted(folder) == {name: [] for name in models(folder)}
    done = yamllint(folder)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.deep
@pytest.mark.parametrize("project", DATABASES, indirect=True)
def test_sqlfluff_finds_nothing_through_dbt(project: tuple[Path, dict[str, str]]) -> None:
    folder, environment = project
    found = linted(folder, "--templater", "dbt", environment=environment)
    assert found == {name: [] for name in models(folder)}


@pytest.mark.parametrize("project", ["shop"], indirect=True)
def test_the_shipped_configuration_still_finds_faults(project: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """No complaint says something only where a fault would be one."""
    (tmp_path / "models").mkdir()
    for name in (".sqlfluff", ".yamllint"):
        shutil.copy(project[0] / name, tmp_path)
    (tmp_path / "models" / "broken.sql").write_text(BROKEN, encoding="utf-8")
    (tmp_path / "models" / "broken.yml").write_text("a:   1\na: 2", encoding="utf-8")
    assert {"CP01", "LT01", "LT12"} <= set(linted(tmp_path)["broken"])
    done = yamllint(tmp_path)
    assert done.returncode == 1
    assert "key-duplicates" in done.stdout
