"""Whether a saved plan still holds: what was reviewed is what would be decided and rendered now.

A plan is never trusted for its bytes. Before anything is written its decisions pass the gate again, against the project
as it is, and are rendered again; the files that come out must be the plan's own, byte for byte.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cartridge import __version__
from cartridge.app.basis import PROJECT_FILE, project_digest
from cartridge.app.decide import decide
from cartridge.app.plan import project_context, request_for
from cartridge.app.saved_plan import SavedPlan
from cartridge.apply import check, shadow
from cartridge.apply.check import digest, file_digest
from cartridge.apply.paths import path_fault, resolve_inside
from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import SchemaSnapshot
from cartridge.domain.schema_moves import schema_moves
from cartridge.errors import PlanError, PlanFileError, StalePlanError

_SHOWN = 12
"""Moves that a message lists before it counts the rest."""

PLAN_AGAIN = "Plan again with the same options: add --replan"


def recheck_source(saved: SavedPlan, now: SchemaSnapshot) -> None:
    """Holds the scan that the plan was made from against a new one.

    Raises:
        StalePlanError: names the tables, columns and keys that moved.
    """
    moves = schema_moves(saved.snapshot, now)
    if moves:
        raise _stale("the source moved since the plan was made", moves)


async def recheck(saved: SavedPlan, project: Path) -> None:
    """Holds a plan against the project in the folder `project`. A file with the planned bytes has not moved, nor has
    the plan where others changed what makes no difference to it.

    Raises:
        ConflictError: a planned path holds other bytes, or may not be written.
        StalePlanError: what would be planned now is something else; names what moved.
        PlanError: the plan does not pass the gate.
        PlanFileError: the plan's files are not what its decisions come to.
    """
    moved = await asyncio.to_thread(_moved_files, saved, project)
    if moved:
        raise _stale("the project moved since the plan was made", moved)
    work = await asyncio.to_thread(check, saved.changes, project)
    if not work.writes:
        return
    with as_before(saved.changes, project) as folder:
        await _recheck_in(saved, folder)


def _moved_files(saved: SavedPlan, project: Path) -> list[str]:
    """The files to insert into that hold neither what they held nor what is planned; another project in the way of a
    new one."""
    moved = []
    for file in saved.changes.files:
        if path_fault(file.path):
            continue
        with contextlib.suppress(OSError, UnicodeEncodeError):  # the check that follows says what is wrong with it
            now = file_digest(project / file.path)
            if now in {file.before, digest(file.text.encode())}:
                continue
            if file.before is not None:
                moved.append(f"{file.path} {'is gone' if now is None else 'was changed'}")
            elif file.path == PROJECT_FILE:
                moved.append(f"{file.path} is there, and the plan is for a new project")
    return moved


@contextlib.contextmanager
def as_before(changes: ChangeSet, project: Path) -> Iterator[Path]:
    """The project without those changes that it holds already: itself where there are none, else a throw-away copy.

    Raises:
        ApplyError: the copy cannot be written.
    """
    root = project.resolve()
    done = [
        file
        for file in changes.pending
        if not path_fault(file.path)
        and (target := resolve_inside(file.path, root)) is not None
        and target.is_file()
        and file_digest(target) == digest(file.text.encode(errors="replace"))
    ]
    if not done:
        yield project
        return
    with shadow(project) as copy:
        for file in done:
            target = copy / file.path
            target.unlink(missing_ok=True)
            if file.before_text is not None:
                target.write_bytes(file.before_text.encode())
        yield copy


async def current_request(saved: SavedPlan, folder: Path) -> ModelGenerationRequest:
    """The plan's request against a project as it is now, by the conventions that the plan followed.

    Raises:
        ProjectError: the project cannot be read.
    """
    context = await project_context(folder, saved.snapshot.tables)
    if context is not None and context.state is not None and saved.basis is not None:
        state = replace(context.state, conventions=saved.basis.conventions)
        context = replace(context, state=state)
    return request_for(saved.snapshot, saved.options, context)


async def _recheck_in(saved: SavedPlan, folder: Path) -> None:
    request = await current_request(saved, folder)
    moved = _moved_basis(saved, request.context)
    try:
        decided, changes = await decide(request, folder, draft=saved.plan)
    except PlanError as fault:
        if not moved:
            raise
        raise _stale(f"the project moved since the plan was made ({', '.join(moved)})", [str(fault)]) from None
    changes = _planned_for(changes, saved.changes)
    if changes == saved.changes:
        return
    if moved:
        raise _stale("the project moved since the plan was made", [*moved, *_differences(saved, decided, changes)])
    if saved.cartridge != __version__:
        says = f"cartridge {saved.cartridge} made it, and this is {__version__}, which would write other bytes"
        raise _stale(says, _differences(saved, decided, changes))
    differing = "; ".join(_differences(saved, decided, changes)[:_SHOWN])
    raise PlanFileError(
        f"Nothing was written: the files of the plan are not what its decisions come to ({differing}). "
        "It was edited, or made by something else than cartridge. To use its decisions, gate them first: "
        "cartridge plan SOURCE --from PLAN"
    )


def _planned_for(changes: ChangeSet, planned: ChangeSet) -> ChangeSet:
    """Without the scaffolding that was left out of the plan, since the folder had a file of that name: not every folder
    that the plan may be applied to has it."""
    known = {file.path for file in planned.files}
    return ChangeSet(tuple(file for file in changes.files if file.step_ids or file.path in known))


def _moved_basis(saved: SavedPlan, context: ProjectContext | None) -> list[str]:
    """What moved of the files that the plan used; one sentence for all others. Empty: the project is as it was."""
    state = context.state if context else None
    if saved.basis is None:
        return [] if state is None else [f"{PROJECT_FILE} is there, and the plan is for a new project"]
    if state is None:
        return [f"{PROJECT_FILE} is gone"]
    moved = []
    for path, before in saved.basis.files.items():
        now = state.files.get(path)
        if now != before:
            moved.append(f"{path} {'is gone' if now is None else 'was changed'}")
    if not moved and project_digest(state) != saved.basis.digest:
        moved.append("files were changed or added that the plan does not use")
    return moved


def _differences(saved: SavedPlan, decided: ExecutionPlan, changes: ChangeSet) -> list[str]:
    """The files that would be written otherwise, and what the gate says now that it did not say then."""
    then = {file.path: file for file in saved.changes.files}
    now = {file.path: file for file in changes.files}
    paths = [path for path in sorted(then.keys() | now.keys()) if then.get(path) != now.get(path)]
    said = [finding.message for finding in decided.findings if finding not in saved.plan.findings]
    return [*(f"{path} would be another" for path in paths), *said]


def _stale(why: str, moves: list[str] | tuple[str, ...]) -> StalePlanError:
    listed = [f"  {move}" for move in moves[:_SHOWN]]
    if len(moves) > _SHOWN:
        listed.append(f"  and {len(moves) - _SHOWN} more")
    return StalePlanError("\n".join([f"Nothing was written: {why}.", *listed, f"{PLAN_AGAIN}."]))
