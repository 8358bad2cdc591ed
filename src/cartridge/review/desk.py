"""The plan on the desk: as it was opened, as the reviewer changed it, and what was done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cartridge import app
from cartridge.app import SavedPlan
from cartridge.app.revise import unrevised
from cartridge.domain.change import VerifyReport
from cartridge.errors import ApplyError, CartridgeError, InputError
from cartridge.plan.amend import Amendment
from cartridge.review.proof import proof_view
from cartridge.review.views import Changes, Steps, overview
from cartridge.review.work import Kind, Work
from cartridge.verify import DbtOptions

FIELDS = ("name", "file_path", "materialized", "description")
LONGEST = 10_000
"""Characters of one field that a reviewer may write."""


@dataclass(frozen=True)
class Place:
    """Where the plan lies and where it goes. `project` None: it can be looked at and changed, not applied. `source` is
    the database file, where dbt would not find it by itself."""

    plan_file: Path
    project: Path | None = None
    source: Path | None = None
    options: DbtOptions = field(default_factory=DbtOptions)
    mask: Callable[[str], str] = str
    """Takes secrets out of a message."""


class Desk:
    """All that the page can ask and do. Every method is called from one event loop, so that one change is judged after
    the other; `work_view` alone is called from anywhere."""

    def __init__(self, opened: SavedPlan, place: Place) -> None:
        self.place = place
        self.opened = opened
        self._saved_text_of = opened.digest
        self._changes = Changes()
        self._revision = unrevised(opened)
        self._number = 1
        self._work: Work | None = None
        self._task: asyncio.Task[None] | None = None
        self._judging = asyncio.Lock()
        self._applied: SavedPlan | None = None
        self._proof: VerifyReport | None = None

    def plan(self) -> dict[str, Any]:
        """The whole plan as it is now. `revision` numbers what is shown: only that can be applied."""
        view = overview(self.opened, self._revision, self._changes)
        return {
            **view,
            "revision": self._number,
            "refused": self._revision.changes is None,
            "file": self.place.plan_file.name,
            "project": self.place.project.name if self.place.project else None,
            "applied": self._applied is not None,
            "can_change": self._applied is None,
            "proof": proof_view(self._proof, self._revision) if self._proof else None,
        }

    def step(self, step_id: int) -> dict[str, Any]:
        """One step whole.

        Raises:
            InputError: there is no such step.
        """
        if all(action.step_id != step_id for action in self.opened.plan.actions):
            raise InputError(f"The plan has no step {step_id}.")
        return Steps(self.opened, self._revision).view(step_id)

    async def change(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The plan with all of a reviewer's changes, judged by the gate.

        Raises:
            InputError: the changes have another shape, name no step or leave none, or the plan was applied.
            ApplyError: something is being done with the plan.
        """
        changes = _read_changes(body)
        async with self._judging:
            self._require_idle()
            if self._applied is not None:
                raise InputError("The plan was applied. Undo that to change it.")
            self._revision = await app.revise(
                self.opened, self.place.project, dict(changes.amendments), changes.rejected
            )
            self._changes = changes
            self._number += 1
            self._proof = None
        return self.plan()

    async def save(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The plan file written anew, with the changes.

        Raises:
            ApplyError: the plan is another than the one that is shown, or the gate refused it.
            InputError: the file cannot be written.
        """
        saved = await self._shown(body)
        await asyncio.to_thread(self._write, saved)
        return {"file": self.place.plan_file.name, "digest": saved.digest}

    def start(self, kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
        """Begin to apply, to verify (in the sandbox or the project) or to undo.

        Raises:
            ApplyError: something is under way, or the plan is another than the one that is shown.
            InputError: no project is known to do it in, or nothing was applied.
        """
        self._require_idle()
        if body.get("revision") != self._number:
            raise ApplyError(
                "Nothing was done: the plan is another by now than the one that this page shows. Reload it."
            )
        if kind != "sandbox":
            self._require_project(kind)
        act: dict[Kind, Callable[[Work], Awaitable[dict[str, Any]]]] = {
            "apply": self._apply, "verify": self._verify, "sandbox": self._prove, "undo": self._undo,
        }  # fmt: skip
        number = self._work.number + 1 if self._work else 1
        self._work = Work(kind, number, "Starting")
        self._task = asyncio.get_running_loop().create_task(self._carry_out(self._work, act[kind]))
        return self._work.view()

    def work_view(self) -> dict[str, Any] | None:
        """What is under way, or ended last."""
        return self._work.view() if self._work else None

    async def leave(self) -> None:
        """End what is under way: dbt is stopped, files are written to the end or not at all."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    def _require_idle(self) -> None:
        if self._work and self._work.ended is None:
            raise ApplyError("Something is under way already; wait until it has ended.")

    def _require_project(self, kind: Kind) -> None:
        if self.place.project is None:
            raise InputError("No project is named. Start `cartridge review` with --project DIR to apply the plan.")
        if (kind == "apply") == (self._applied is not None):
            raise InputError("The plan was applied already." if kind == "apply" else "The plan was not applied yet.")

    async def _carry_out(self, work: Work, act: Callable[[Work], Awaitable[dict[str, Any]]]) -> None:
        try:
            async with self._judging:
                work.end(await act(work))
        except CartridgeError as fault:
            work.fail(self.place.mask(str(fault)))
        except asyncio.CancelledError:
            work.fail("It was stopped.")
            raise
        except Exception as fault:  # noqa: BLE001 - the border of this surface: the page gets a message
            work.fail(self.place.mask(f"This is a fault in cartridge: {type(fault).__name__}: {fault}"))

    async def _shown(self, body: Mapping[str, Any]) -> SavedPlan:
        if body.get("revision") != self._number:
            raise ApplyError(
                "Nothing was done: the plan is another by now than the one that this page shows. Reload it."
            )
        return await self._current()

    async def _current(self) -> SavedPlan:
        saved = await asyncio.to_thread(lambda: self._revision.saved)
        if saved is None:
            raise ApplyError("The gate refused the plan as it is now. Mend what it says first.")
        return saved

    def _write(self, saved: SavedPlan) -> None:
        app.refuse_other_file(self.place.plan_file)
        app.save_plan(saved, self.place.plan_file)
        self._saved_text_of = saved.digest

    async def _apply(self, work: Work) -> dict[str, Any]:
        project = self._project
        work.begin("Making the plan ready")
        saved = await self._current()
        work.begin("Checking the plan")
        await app.recheck(saved, project)
        work.begin("Writing the files")
        report = await app.apply(saved.changes, project, progress=work)
        app.remember_applied(saved, project)
        self._applied, self._proof = saved, None
        if saved.digest != self._saved_text_of:
            await asyncio.to_thread(self._write, saved)
        return asdict(report)

    async def _verify(self, work: Work) -> dict[str, Any]:
        work.begin("Building with dbt")
        report = await app.verify(
            self._project, self._applied, source=self.place.source, options=self.place.options, progress=work
        )
        return self._proven(report)

    async def _prove(self, work: Work) -> dict[str, Any]:
        work.begin("Proving in a sandbox")
        saved = await self._current()
        project = self.place.project
        there = project if project and (project / "dbt_project.yml").is_file() else None
        return self._proven(await app.verify_in_sandbox(saved, there, progress=work))

    def _proven(self, report: VerifyReport) -> dict[str, Any]:
        self._proof = report
        return proof_view(report, self._revision)

    async def _undo(self, work: Work) -> dict[str, Any]:
        """Takes back the apply that this page made, and no other."""
        work.begin("Undoing")
        applied = await asyncio.to_thread(app.applied_plan, self._project)
        if applied is None or self._applied is None or applied.digest != self._applied.digest:
            raise ApplyError(
                "Nothing was undone: another plan was applied to the project since. See: cartridge undo --list"
            )
        report = await app.undo(self._project)
        self._applied = self._proof = None
        return asdict(report)

    @property
    def _project(self) -> Path:
        assert self.place.project is not None  # `start` asked
        return self.place.project


def _read_changes(body: Mapping[str, Any]) -> Changes:
    """The changes that a page sent: {"amendments": {step: {field: text}}, "rejected": [step]}."""
    amendments, rejected = body.get("amendments", {}), body.get("rejected", [])
    if not isinstance(amendments, dict) or not isinstance(rejected, list):
        raise InputError("Changes are {amendments: {step: {field: text}}, rejected: [step]}.")
    return Changes(
        amendments={_step(step): _amendment(fields) for step, fields in amendments.items()},
        rejected=tuple(sorted({_step(step) for step in rejected})),
    )


def _step(given: object) -> int:
    if isinstance(given, bool) or not str(given).isdecimal() or len(str(given)) > 9:
        raise InputError("A step is named by its number.")
    return int(str(given))


def _amendment(fields: object) -> Amendment:
    if not isinstance(fields, dict) or not set(fields) <= set(FIELDS):
        raise InputError(f"The fields of a step that may change are {', '.join(FIELDS)}.")
    for name, text in fields.items():
        if not isinstance(text, str) or len(text) > LONGEST:
            raise InputError(f"{name}: a text of at most {LONGEST} characters is wanted.")
    return Amendment(**fields)
