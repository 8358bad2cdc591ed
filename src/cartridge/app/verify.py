"""The proof: dbt builds what a plan brings, in a process of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from cartridge.app.locate import locate
from cartridge.app.plan import project_context, with_known_columns
from cartridge.app.saved_plan import SavedPlan
from cartridge.domain.change import VerifyReport
from cartridge.domain.plan import ExecutionPlan
from cartridge.domain.progress import Progress
from cartridge.errors import VerifyError
from cartridge.render import profile_environment
from cartridge.verify import DbtOptions
from cartridge.verify import verify as verify_project
from cartridge.verify import verify_in_sandbox as prove_in_sandbox


async def verify(
    project: str | Path,
    saved: SavedPlan | None = None,
    *,
    source: str | Path | None = None,
    options: DbtOptions | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Builds and tests the project in the folder `project` with dbt: what the plan brings, or all of it without one.

    `source` is the database file that the sources are in; where it is not given, it is looked for beside the project
    and where it was scanned.

    Raises:
        ProjectError: the folder holds no dbt project.
        MissingExtraError: dbt is not installed.
        VerifyError: the proof could not be run.
    """
    folder = Path(project)
    chosen = options or DbtOptions()
    if saved is not None:
        chosen = replace(chosen, environment={**_source_paths(saved, folder, source), **chosen.environment})

    plan = saved.plan if saved else ExecutionPlan(strategy="brownfield")
    select = None if saved else ["fqn:*"]
    try:
        return await asyncio.to_thread(verify_project, folder, plan, chosen, select=select, progress=progress)
    except asyncio.CancelledError:
        chosen.stopper.stop()  # the thread cannot be cancelled, but what it waits for can be ended
        raise


def _source_paths(saved: SavedPlan, project: Path, source: str | Path | None) -> dict[str, str]:
    """The variables of the generated profile that say where the source file lies."""
    names = [entry.name for entry in profile_environment(saved.plan, saved.request) if entry.role == "source"]
    if not names:
        return {}
    found = Path(source).resolve() if source else locate(saved.snapshot, (project, project.parent))
    if found is None or not found.is_file():
        raise VerifyError(f"The source file {source or saved.snapshot.file} was not found. Name it with --source FILE")
    return dict.fromkeys(names, str(found))


async def verify_in_sandbox(
    saved: SavedPlan,
    project: str | Path | None = None,
    *,
    options: DbtOptions | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Proves a saved plan without its warehouse, over synthetic rows on DuckDB. `project` is the dbt project whose
    models it reads, where there is one.

    Raises:
        MissingExtraError: dbt or DuckDB is not installed.
        VerifyError: the proof could not be run.
    """
    folder = Path(project) if project is not None else None
    context = await project_context(folder, saved.snapshot.tables) if folder else None
    request = replace(saved.request, context=context) if context else saved.request
    if folder and context:
        request = await asyncio.to_thread(with_known_columns, request, folder, saved.plan)
    return await asyncio.to_thread(prove_in_sandbox, saved.plan, request, options, progress=progress)
