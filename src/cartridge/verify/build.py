"""The proof: dbt builds the planned nodes, and every one of them is accounted for."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cartridge.domain.change import NodeResult, VerifyReport
from cartridge.domain.plan import CREATE_SOURCE, ExecutionPlan, SourceDetail, SourceTable
from cartridge.domain.progress import Progress
from cartridge.errors import ProjectError, VerifyError
from cartridge.verify.account import FAILED, account
from cartridge.verify.artefacts import Artefacts, read_artefacts
from cartridge.verify.checks import check_data
from cartridge.verify.dbt import DbtCall, DbtOptions, DbtRun, run_dbt, secrets
from cartridge.verify.profile import default_target, looks_like_production

_BROKEN_PROJECT = re.compile(r"Compilation Error|Parsing Error|Schema Error|Dependency Error", re.IGNORECASE)
"""dbt's words for a project that cannot be built as it stands; all else kept the proof from being run."""
_ENVIRONMENT = re.compile(r"env var required", re.IGNORECASE)


def verify(
    project: Path,
    plan: ExecutionPlan,
    options: DbtOptions | None = None,
    *,
    select: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Build and test what a plan brings, by the project's own dbt, then check the data that were built.

    `select` replaces the selection (dbt's syntax); by default it is every planned model and source table. Artefacts go
    to a folder of their own, read and thrown away: the project's `target/` and `logs/` stay as they are.

    Raises:
        ProjectError: the folder holds no dbt project.
        MissingExtraError: dbt is not installed; names the install line.
        VerifyError: the proof could not be run: no connection, no profile, a target that must be named, time over.
    """
    chosen = options or DbtOptions()
    if not (project / "dbt_project.yml").is_file():
        raise ProjectError(f"{project} holds no dbt_project.yml. Name the folder of a dbt project.")
    _refuse_production(project, chosen)
    with tempfile.TemporaryDirectory(prefix="cartridge-verify-") as scratch:
        call = DbtCall(project.resolve(), Path(scratch), chosen)
        return prove(plan, call, select=select, progress=progress)


def prove(
    plan: ExecutionPlan,
    call: DbtCall,
    *,
    select: Sequence[str] | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> VerifyReport:
    """The same within a call that the caller set up; its scratch folder keeps the artefacts. `strict`: every key that
    a join follows must find its row, as in data that were made so."""
    selected = list(select) if select is not None else selection(plan)
    run = run_dbt(["build", "--no-partial-parse", "--select", *selected], call, progress=progress)
    artefacts = read_artefacts(call.target_path, secrets(call))
    if not artefacts.results and run.exit_code != 0 and not _is_broken(run.said):
        raise VerifyError(_could_not_run(run, call))
    nodes = account(plan, artefacts, run.said if run.exit_code else "")
    checks = check_data(plan, artefacts, call, strict=strict) if _built_any(nodes) else ()
    proven = (
        bool(artefacts.results)
        and run.exit_code == 0
        and not any(node.status in FAILED for node in nodes)
        and not any(check.status in ("fail", "error") for check in checks)
    )
    return VerifyReport(
        target=_target(run, artefacts),
        nodes=nodes,
        proven=proven,
        dbt_version=run.version,
        warnings=run.warnings + sum(node.status == "warn" for node in nodes),
        deprecations=run.deprecations,
        notes=_notes(run, artefacts, nodes, selected),
        checks=checks,
    )


def selection(plan: ExecutionPlan) -> list[str]:
    """dbt's selectors for everything that a plan brings: its models by name, its source tables for their tests."""
    selectors = [action.name for action in plan.actions if action.type != CREATE_SOURCE]
    for action in plan.actions:
        if isinstance(action.detail, SourceDetail):
            selectors += [f"source:{action.name}.{table.name}" for table in action.detail.tables if _has_tests(table)]
    return selectors


def _refuse_production(project: Path, options: DbtOptions) -> None:
    target = options.target or default_target(project, {**os.environ, **options.environment})
    if options.target is None and target is not None and looks_like_production(target):
        raise VerifyError(
            f"The profile's default target is {target!r}, which looks like production. Nothing was run. Name a target "
            f"on purpose: --target dev, or --target {target} if you mean it."
        )


def _target(run: DbtRun, artefacts: Artefacts) -> str:
    adapter = run.adapter or artefacts.adapter
    return f"{run.target} ({adapter})" if run.target and adapter else run.target or adapter


def _built_any(nodes: Sequence[NodeResult]) -> bool:
    return any(node.kind == "model" and node.status == "success" for node in nodes)


def _has_tests(table: SourceTable) -> bool:
    return bool(table.tests) or any(column.tests for column in table.columns)


def _is_broken(said: str) -> bool:
    """Whether dbt's message is about the project itself, and so the outcome of the proof."""
    return bool(_BROKEN_PROJECT.search(said)) and not _ENVIRONMENT.search(said)


def _could_not_run(run: DbtRun, call: DbtCall) -> str:
    said = run.said or f"dbt ended with exit code {run.exit_code} and said nothing"
    hint = "Mend that and run verify again; nothing of the project was changed."
    if re.search(r"could not find adapter|no module named 'dbt\.adapters", said, re.IGNORECASE):
        hint = "Install dbt's adapter for this warehouse, for example `pip install dbt-postgres`."
    elif re.search(r"could not find profile|profiles\.yml|profiles-dir", said, re.IGNORECASE):
        hint = "dbt looks for profiles.yml in $DBT_PROFILES_DIR, in the project and in ~/.dbt."
    elif _ENVIRONMENT.search(said):
        hint = "dbt gets only the variables that its profile names: set this one and run verify again."
    return f"dbt could not build anything in {call.project}:\n{said}\n{hint}"


def _notes(run: DbtRun, artefacts: Artefacts, nodes: Sequence[NodeResult], selected: Sequence[str]) -> tuple[str, ...]:
    hooks = [name for name, result in artefacts.results.items() if name.startswith("operation.") and result.message]
    notes = [
        f"{name}: {artefacts.results[name].message}" for name in hooks if artefacts.results[name].status == "error"
    ]
    if not artefacts.results and run.exit_code == 0:
        notes.append(f"dbt selected no node at all, out of: {', '.join(selected) or 'an empty selection'}.")
    elif run.exit_code != 0 and not notes and not any(node.status in ("error", "fail") for node in nodes):
        notes.append(f"dbt ended with exit code {run.exit_code}: {run.said or 'it gave no reason'}")
    return tuple(dict.fromkeys([*notes, *run.warned]))
