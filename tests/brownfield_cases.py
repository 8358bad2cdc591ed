"""Reads the case folders of existing projects, and plans new tables into copies of them.

A case holds `project/` (a dbt project as some team wrote it), `tables.sql` (the database that it is built in: the
tables that it models and the new ones), `expected.diff` (what is said, then what is written), and maybe `asked.json`
(layers).
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cartridge import app
from cartridge.app import SavedPlan
from cartridge.app.plan import PlanOptions
from cartridge.render.diff import diff

CASES = Path(__file__).resolve().parent / "cases" / "brownfield"
NAMES = sorted(folder.name for folder in CASES.iterdir()) if CASES.is_dir() else []
PROFILES = """\
warehouse:
  target: "{{ env_var('CARTRIDGE_CASE_TARGET', 'dev') }}"
  outputs:
    dev:
      type: duckdb
      path: warehouse.duckdb
      schema: analytics
      threads: 1
"""


@dataclass(frozen=True)
class Case:
    """A copy of a case's project, with its database beside the models."""

    name: str
    project: Path

    @property
    def expected(self) -> str:
        return (CASES / self.name / "expected.diff").read_bytes().decode()

    @property
    def layers(self) -> tuple[str, ...]:
        asked = CASES / self.name / "asked.json"
        return tuple(json.loads(asked.read_text())["layers"]) if asked.is_file() else ()

    def plan(self, layers: tuple[str, ...] | None = None) -> SavedPlan:
        """What `cartridge plan` without a source decides in the project's folder: of the case's layers, or others."""
        return asyncio.run(self._plan(self.layers if layers is None else layers))

    async def _plan(self, layers: tuple[str, ...]) -> SavedPlan:
        snapshot = await app.scan_own(self.project)
        return await app.make_plan(snapshot, PlanOptions(layers=layers, all_tables=True), self.project)

    def write(self, saved: SavedPlan) -> None:
        """Writes the plan's files, as `cartridge apply` does."""
        asyncio.run(app.apply(saved.changes, self.project))


def copied(name: str, folder: Path) -> Case:
    """The case of that name, with its project and database in `folder`."""
    project = folder / name
    shutil.copytree(CASES / name / "project", project)
    (project / "profiles.yml").write_text(PROFILES)
    with duckdb.connect(str(project / "warehouse.duckdb")) as connection:
        connection.execute((CASES / name / "tables.sql").read_text())
    return Case(name, project)


def told(saved: SavedPlan) -> str:
    """What a person sees of a plan: its findings, and the diff."""
    said = [f"# {found.severity} {found.code}: {found.message}" for found in saved.plan.findings]
    return "\n".join([*said, ""] if said else []) + diff(saved.changes)
