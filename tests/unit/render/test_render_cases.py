"""Case folders: a resolved plan, a request, the files that are there (`before`), and the files that must come out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from render_cases import CASES, Case, read_case

REWRITE = "CARTRIDGE_REWRITE_CASES"


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_plan_renders_to_the_expected_files(name: str) -> None:
    case = read_case(name)
    changes = case.render()
    rendered = {file.path: file.text for file in changes.files}
    if os.environ.get(REWRITE):
        _rewrite(case, rendered)
        pytest.fail(f"rewritten because {REWRITE} is set: review the diff, then run again without it")
    assert rendered == case.expected


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_rendering_over_its_own_output_finds_nothing_to_do(name: str) -> None:
    case = read_case(name)
    texts = {file.path: file.text for file in case.render().files}
    again = case.render(texts)
    assert not again.pending
    assert {file.path: file.text for file in again.files} == texts


def _rewrite(case: Case, rendered: dict[str, str]) -> None:
    for path in case.expected.keys() - rendered.keys():
        (case.folder / "expected" / path).unlink()
    for path, text in rendered.items():
        file = case.folder / "expected" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_bytes(text.encode("utf-8"))
