"""One step of a plan, found by what a person or an agent calls it."""

from __future__ import annotations

import difflib

from cartridge.domain.plan import ExecutionPlan, PlanAction
from cartridge.errors import InputError


def find_step(plan: ExecutionPlan, name: str) -> PlanAction:
    """The step of that name or number.

    Raises:
        InputError: there is none; names the nearest.
    """
    found = plan.action(name) or next((action for action in plan.actions if str(action.step_id) == name), None)
    if found is None:
        near = difflib.get_close_matches(name, [action.name for action in plan.actions], n=3)
        mend = f"Did you mean {' or '.join(near)}?" if near else "`cartridge show` lists its steps."
        raise InputError(f"The plan has no step {name!r}. {mend}")
    return found
