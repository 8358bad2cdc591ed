"""The saved plan: decisions and bytes in one canonical JSON document, with a digest over all of it.

The same inputs give the same bytes on any machine. It holds no secret, no absolute path, and row values only where the
scan was asked for them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cartridge import __version__
from cartridge.app.plan import PlanOptions, read_json, request_for
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.fingerprint import fingerprint
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import DISTRIBUTION, InputError, PlanFileError

FORMAT = 1
"""The version of the document. Readers refuse newer ones."""

KIND = "cartridge-plan"

APPLIED = "applied.json"
"""The name of the copy that a project keeps."""


@dataclass(frozen=True)
class SavedPlan:
    """What a plan file holds: the plan, the files it writes, and the scan and settings that it was decided from."""

    plan: ExecutionPlan
    changes: ChangeSet
    snapshot: SchemaSnapshot
    options: PlanOptions
    digest: str = ""

    @property
    def request(self) -> ModelGenerationRequest:
        """The request that the plan answers, as far as the file holds it: without the project's state."""
        return request_for(self.snapshot, self.options)


def saved_plan(
    plan: ExecutionPlan, changes: ChangeSet, snapshot: SchemaSnapshot, request: ModelGenerationRequest
) -> SavedPlan:
    """The value that is written to a plan file."""
    made = SavedPlan(
        plan=plan,
        changes=changes,
        snapshot=snapshot,
        options=PlanOptions(
            layers=tuple(str(layer) for layer in request.model_types),
            project_name=request.context.project_name if request.context else None,
            target=request.target_warehouse,
            include_views=any(table.is_view for table in request.tables),
            all_tables=request.all_tables,
        ),
    )
    return load_text(dump_text(made), Path("plan.json"))


def dump_text(saved: SavedPlan) -> str:
    """The document, canonical: keys in a fixed order, two spaces, one final newline."""
    body = _body(saved)
    return _canonical({**body, "digest": _digest(body)})


def _body(saved: SavedPlan) -> dict[str, Any]:
    from cartridge.scan.saved import dump  # noqa: PLC0415

    return {
        "kind": KIND,
        "format": FORMAT,
        "cartridge": __version__,
        "options": asdict(saved.options),
        "schema_fingerprint": fingerprint(saved.snapshot),
        "plan": saved.plan.model_dump(mode="json", exclude_defaults=True),
        "files": [
            {key: value for key, value in asdict(file).items() if value not in (None, (), "")}
            for file in saved.changes.files
        ],
        "scan": json.loads(dump(saved.snapshot)),
    }


def _canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=True) + "\n"


def _digest(body: dict[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(_canonical(body).encode()).hexdigest()


def save_plan(saved: SavedPlan, path: Path) -> None:
    """Writes a plan file.

    Raises:
        InputError: the folder is missing or not writable.
    """
    try:
        path.write_text(dump_text(saved), encoding="utf-8", newline="\n")
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror}. Choose another place with -o") from None


def load_plan(path: Path) -> SavedPlan:
    """Reads a plan file.

    Raises:
        PlanFileError: missing, truncated, a draft, of a newer format, or changed since it was saved.
    """
    return _from_body(read_json(path), path)


def remember_applied(path: Path, project: Path) -> None:
    """Keeps a copy of the plan file beside the journal of the project it was applied to, for `verify`. A project that
    cannot keep one loses nothing but the convenience."""
    home = project / ".cartridge"
    try:
        if home.is_dir():
            (home / APPLIED).write_bytes(path.read_bytes())
    except OSError:
        return


def applied_plan(project: Path) -> SavedPlan | None:
    """The plan that was applied last, where the project remembers it."""
    path = project / ".cartridge" / APPLIED
    return load_plan(path) if path.is_file() else None


def load_text(text: str, path: Path) -> SavedPlan:
    """As `load_plan`, from text; `path` is named in messages."""
    return _from_body(json.loads(text), path)


def _from_body(content: dict[str, Any], path: Path) -> SavedPlan:
    if "format" not in content and "actions" in content:
        raise PlanFileError(
            f"{path} is a draft: it holds decisions, but no rendered files. "
            f"Make a plan of it with: cartridge plan SOURCE --from {path.name} -o plan.json"
        )
    if content.get("kind") != KIND:
        raise PlanFileError(f"{path} is no saved plan. Make one with: cartridge plan SOURCE -o plan.json")
    version = content["format"]
    if not isinstance(version, int) or version > FORMAT:
        raise PlanFileError(
            f"{path} has plan format {version!r}; this cartridge {__version__} reads up to {FORMAT}. "
            f"Upgrade with: pip install --upgrade {DISTRIBUTION}"
        )
    digest = content.pop("digest", None)
    if digest != _digest(content):
        raise PlanFileError(
            f"{path} was changed since it was saved: its digest does not match. To use an edited plan, gate it first: "
            f"cartridge plan SOURCE --from {path.name} -o plan.json"
        )
    try:
        return _decoded(content, digest)
    except (KeyError, TypeError, ValueError, ValidationError) as fault:
        raise PlanFileError(f"{path} cannot be read as a saved plan ({type(fault).__name__}: {fault})") from None


def _decoded(content: dict[str, Any], digest: str) -> SavedPlan:
    from cartridge.scan.saved import load  # noqa: PLC0415

    return SavedPlan(
        plan=ExecutionPlan.model_validate(content["plan"]),
        changes=ChangeSet(
            tuple(FileChange(**{**file, "step_ids": tuple(file.get("step_ids", ()))}) for file in content["files"])
        ),
        snapshot=load(json.dumps(content["scan"])),
        options=PlanOptions(**{**content["options"], "layers": tuple(content["options"]["layers"])}),
        digest=digest,
    )
