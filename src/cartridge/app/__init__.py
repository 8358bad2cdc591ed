"""The use cases: one function each, and the only place where the rooms are wired together.

All of them are coroutines; rooms that block run in threads. `asyncio.run` belongs to the caller.
"""

from __future__ import annotations

from cartridge.app.again import part_of, replan
from cartridge.app.apply import apply
from cartridge.app.conventions import conventions
from cartridge.app.decide import decide
from cartridge.app.drift import drift
from cartridge.app.erd import erd
from cartridge.app.explain import find_step
from cartridge.app.make import estimate_plan, make_plan
from cartridge.app.own_source import own_source, scan_own
from cartridge.app.plan import draft_from, plan, project_context, read_draft, request_for
from cartridge.app.profile import profile
from cartridge.app.recheck import recheck, recheck_source
from cartridge.app.render import render
from cartridge.app.revise import Revision, revise
from cartridge.app.saved_plan import (
    SavedPlan,
    applied_plan,
    load_plan,
    refuse_other_file,
    remember_applied,
    save_plan,
)
from cartridge.app.scan import scan
from cartridge.app.trial import Trial, try_out
from cartridge.app.undo import history, undo
from cartridge.app.verify import verify, verify_in_sandbox

__all__ = [
    "Revision",
    "SavedPlan",
    "Trial",
    "applied_plan",
    "apply",
    "conventions",
    "decide",
    "draft_from",
    "drift",
    "erd",
    "estimate_plan",
    "find_step",
    "history",
    "load_plan",
    "make_plan",
    "own_source",
    "part_of",
    "plan",
    "profile",
    "project_context",
    "read_draft",
    "recheck",
    "recheck_source",
    "refuse_other_file",
    "remember_applied",
    "render",
    "replan",
    "request_for",
    "revise",
    "save_plan",
    "scan",
    "scan_own",
    "try_out",
    "undo",
    "verify",
    "verify_in_sandbox",
]
