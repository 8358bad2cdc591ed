"""Reads the case folders of rendering: `plan.json`, `request.json`, `before/` and `expected/`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.project import ProjectContext
from cartridge.render import render

CASES = Path(__file__).resolve().parent / "cases" / "render"


@dataclass(frozen=True)
class Case:
    """One folder. `before` and `expected` map paths to texts."""

    folder: Path
    plan: ExecutionPlan
    request: ModelGenerationRequest
    before: Mapping[str, str]
    expected: Mapping[str, str]

    def render(self, texts: Mapping[str, str] | None = None) -> ChangeSet:
        return render(self.plan, self.request, self.before if texts is None else texts)


def read_case(name: str, *, warehouse: str | None = None) -> Case:
    """The case of that name, for its own warehouse or another."""
    folder = CASES / name
    given = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    context = ProjectContext(**given.pop("context", {}))
    if warehouse:
        given["target_warehouse"] = warehouse
    return Case(
        folder=folder,
        plan=ExecutionPlan.model_validate_json((folder / "plan.json").read_text(encoding="utf-8")),
        request=ModelGenerationRequest(tables=[], context=context, **given),
        before=_texts(folder / "before"),
        expected=_texts(folder / "expected"),
    )


def _texts(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8") for path in files}
