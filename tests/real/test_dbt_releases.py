"""Generated projects under older releases of dbt-core, each in an environment of its own: all is built, nothing is
called deprecated. The release that cartridge itself is developed with is that of every other test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.domain.plan import ExecutionPlan
from cartridge.render import profile_environment
from cartridge.verify import WITH_SCHEMA_WARNINGS, DbtOptions, parse, verify, verify_in_sandbox
from databases import chinook_duckdb, northwind_duckdb, shop_duckdb
from pagila_scan import pagila
from shared_data import REPOSITORY
from verify_project import FILES, write_project

RELEASES = ("1.10", "1.11")
SCHEMAS_ON = {"DBT_ENV_PRIVATE_RUN_JSONSCHEMA_VALIDATIONS": "1"}
"""dbt 1.10 judges YAML files by its JSON schemas only where this is set."""
DATABASES: dict[str, Callable[[Path], Path]] = {
    "shop": shop_duckdb,
    "chinook": chinook_duckdb,
    "northwind": northwind_duckdb,
}


@dataclass(frozen=True)
class Made:
    """A generated project, its plan, and the variables that its profile reads."""

    project: Path
    plan: ExecutionPlan
    variables: dict[str, str]


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    if not _python(request.param).exists():
        pytest.skip(f"dbt {request.param} is not set up: `make .venv-dbt{request.param}/.locked`, as `make deep` does")
    return request.param


def _python(release: str) -> Path:
    return REPOSITORY / f".venv-dbt{release}" / "bin" / "python"


def options(release: str, variables: dict[str, str]) -> DbtOptions:
    """That release's dbt, judging YAML files by its JSON schemas on DuckDB too."""
    command = (str(_python(release)), *WITH_SCHEMA_WARNINGS[1:])
    return DbtOptions(command=command, environment={**variables, **SCHEMAS_ON})


@pytest.fixture(
    scope="module",
    params=["shop", *(pytest.param(name, marks=pytest.mark.deep) for name in ("chinook", "northwind"))],
)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp(request.param)
    source = DATABASES[request.param](folder / f"{request.param}.duckdb")

    async def make() -> Made:
        asked = app.request_for(await app.scan(str(source)))
        plan, changes = await app.decide(asked, folder / "project")
        await app.apply(changes, folder / "project")
        names = [entry.name for entry in profile_environment(plan, asked) if entry.role == "source"]
        return Made(folder / "project", plan, dict.fromkeys(names, str(source)))

    return asyncio.run(make())


def test_a_generated_project_is_built_without_a_deprecation(made: Made, release: str) -> None:
    report = verify(made.project, made.plan, options(release, made.variables))
    assert report.dbt_version.startswith(f"{release}.")
    assert [node for node in report.nodes if node.status not in ("success", "pass")] == []
    assert [check for check in report.checks if check.status != "pass"] == []
    assert report.proven
    assert report.deprecations == 0, report.notes


def test_a_deprecation_would_be_seen(release: str, tmp_path: Path) -> None:
    old_form = FILES["models/models.yml"].replace("  - name: fct_orders\n", "  - name: fct_orders\n    colour: red\n")
    environment = write_project(tmp_path, {"models/models.yml": old_form})
    found = parse(tmp_path / "project", options(release, environment))
    assert found.parsed, found.errors
    assert found.deprecations == 1
    assert any("colour" in text for text in found.warned)


@pytest.mark.deep
def test_the_sandbox_runs_on_it(release: str) -> None:
    request = app.request_for(pagila(), PlanOptions(target="postgres"))
    report = verify_in_sandbox(asyncio.run(app.plan(request)), request, options(release, {}))
    assert report.proven
    assert report.dbt_version.startswith(f"{release}.")
    assert report.deprecations == 0, report.notes
