"""Existing projects in many styles: new tables are planned into each as its team would have done it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from brownfield_cases import CASES, NAMES, copied, told

REWRITE = "CARTRIDGE_REWRITE_CASES"


@pytest.mark.parametrize("name", NAMES)
def test_the_diff_is_the_one_reviewed_and_planning_again_is_empty(name: str, tmp_path: Path) -> None:
    case = copied(name, tmp_path)
    saved = case.plan()
    if os.environ.get(REWRITE):
        (CASES / name / "expected.diff").write_bytes(told(saved).encode())
        pytest.fail(f"rewritten because {REWRITE} is set: review the diff, then run again without it")
    assert told(saved) == case.expected
    case.write(saved)
    again = case.plan()
    assert again.plan.actions == []
    assert not again.changes.pending
