"""The saved plan: decisions and bytes in one canonical JSON document, with a digest over all of it.

The same inputs give the same bytes on any machine. It holds no secret, no absolute path, and row values only where the
scan was asked for them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from cartridge import __version__
from cartridge.app.basis import ProjectBasis, basis_of
from cartridge.app.plan import PlanOptions, read_json, request_for
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.fingerprint import fingerprint
from cartridge.domain.json_text import Stream, pieces
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import DISTRIBUTION, InputError, PlanFileError

FORMAT = 1
"""The version of the document. Readers refuse newer ones."""

KIND = "cartridge-plan"

APPLIED = "applied.json"
"""The name of the copy that a project keeps."""


@dataclass(frozen=True, repr=False)
class SavedPlan:
    """What a plan file holds: the plan, the files it writes, and what it was decided from.

    `basis` is None where there was no project yet. `cartridge` is the version that made it.
    """

    # a plan in the repr of an exception or a task would be megabytes
    plan: ExecutionPlan = field(repr=False)
    changes: ChangeSet = field(repr=False)
    snapshot: SchemaSnapshot = field(repr=False)
    options: PlanOptions
    digest: str = ""
    basis: ProjectBasis | None = field(default=None, repr=False)
    cartridge: str = __version__

    @property
    def request(self) -> ModelGenerationRequest:
        """The request that the plan answers, as far as the file holds it: without the project's state."""
        return request_for(self.snapshot, self.options)

    def __repr__(self) -> str:
        """Short: asyncio makes the text of what a task returned, and a plan may have thousands of actions."""
        return f"SavedPlan({len(self.plan.actions)} actions, {self.digest or 'no digest'})"


def saved_plan(
    plan: ExecutionPlan,
    changes: ChangeSet,
    snapshot: SchemaSnapshot,
    request: ModelGenerationRequest,
    asked: PlanOptions | None = None,
) -> SavedPlan:
    """The value that is written to a plan file. `asked` holds what was scanned, and who planned."""
    from cartridge.scan.saved import document, from_document  # noqa: PLC0415

    made = SavedPlan(
        plan=plan,
        changes=changes,
        snapshot=from_document(document(snapshot)),
        options=replace(
            asked or PlanOptions(),
            layers=tuple(str(layer) for layer in request.model_types),
            project_name=request.context.project_name if request.context else None,
            target=request.target_warehouse,
            include_views=any(table.is_view for table in request.tables),
            all_tables=request.all_tables,
        ),
        basis=basis_of(plan, request.context.state if request.context else None),
    )
    return replace(made, digest=_digest(_body(made)))


def dump_text(saved: SavedPlan) -> str:
    """The document, canonical: keys in a fixed order, two spaces, ASCII, one final newline."""
    return "".join(_written(saved))


def _written(saved: SavedPlan) -> Iterator[str]:
    """The text of the document in pieces, ending with the digest of what came before."""
    hashed = hashlib.sha256()
    end = ""
    for compact, text in pieces(_body(saved)):
        hashed.update(compact.encode())
        yield end
        end = text
    yield f',\n  "digest": "sha256:{hashed.hexdigest()}"{end}\n'


def _body(saved: SavedPlan) -> dict[str, Any]:
    """What the digest is taken of. The actions and the files, which are most of it, are made one at a time."""
    from cartridge.scan.codec import encode  # noqa: PLC0415
    from cartridge.scan.saved import document  # noqa: PLC0415

    actions, files, findings = saved.plan.actions, saved.changes.files, saved.plan.findings
    told = {"findings": [_plain(finding) for finding in findings]} if findings else {}
    return {
        "kind": KIND,
        "format": FORMAT,
        "cartridge": saved.cartridge,
        "options": encode(saved.options),
        "schema_fingerprint": fingerprint(saved.snapshot),
        "project": None if saved.basis is None else encode(saved.basis),
        "plan": {"strategy": saved.plan.strategy, "actions": Stream(lambda: map(_plain, actions)), **told},
        "files": Stream(lambda: map(encode, files)),
        "scan": document(saved.snapshot),
    }


def _plain(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json", exclude_defaults=True)


def _digest(body: dict[str, Any]) -> str:
    """Of the compact form of what a document holds besides its digest."""
    hashed = hashlib.sha256()
    for compact, _ in pieces(body):
        hashed.update(compact.encode())
    return f"sha256:{hashed.hexdigest()}"


def refuse_other_file(path: Path, sign: str = f'"kind": "{KIND}"', what: str = "saved plan", within: int = 200) -> None:
    """A plan may replace a plan, a scan a scan, and nothing else that is there. `sign` stands in the first `within`
    bytes of what may be replaced, which is called `what`.

    Raises:
        InputError: the file holds something else.
    """
    if not path.exists():
        return
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(within)
    if sign.encode() not in head:
        raise InputError(f"{path} exists and is no {what}. Nothing was written. Name another file with -o.")


def save_plan(saved: SavedPlan, path: Path) -> None:
    """Writes a plan file.

    Raises:
        InputError: the folder is missing or not writable.
    """
    try:
        with path.open("w", encoding="ascii", newline="\n") as file:
            file.writelines(_written(saved))
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror}. Choose another place with -o") from None


def load_plan(path: Path) -> SavedPlan:
    """Reads a plan file.

    Raises:
        PlanFileError: missing, truncated, a draft, of a newer format, or changed since it was saved.
    """
    return _from_body(read_json(path), path)


def remember_applied(saved: SavedPlan, project: Path) -> None:
    """Keeps the plan beside the journal of the project that it was applied to, for `verify`. A project that cannot keep
    one loses nothing but the convenience."""
    home = project / ".cartridge"
    if home.is_dir():
        with contextlib.suppress(InputError):
            save_plan(saved, home / APPLIED)


def forget_applied(project: Path) -> None:
    """Forgets the plan that was applied last: it was undone."""
    with contextlib.suppress(OSError):
        (project / ".cartridge" / APPLIED).unlink(missing_ok=True)


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
    version = content.get("format")
    if not isinstance(version, int) or isinstance(version, bool) or version > FORMAT:
        raise PlanFileError(
            f"{path} has plan format {version!r}; this cartridge {__version__} reads up to {FORMAT}. "
            f"Upgrade with: pip install --upgrade {DISTRIBUTION}"
        )
    digest = content.pop("digest", None)
    try:
        if digest != _digest(content):
            raise _edited(path, "its digest does not match")
        saved = _decoded(content, digest)
        fault = _inconsistent(saved, content)
        if fault:
            raise _edited(path, fault)
    except PlanFileError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, ValidationError) as error:
        raise PlanFileError(
            f"{path} cannot be read as a saved plan ({type(error).__name__}: {_short(error)}). "
            "Make the plan again: cartridge plan SOURCE -o plan.json"
        ) from None
    return saved


def _inconsistent(saved: SavedPlan, content: dict[str, Any]) -> str | None:
    """What in a document contradicts itself, which none that was saved does."""
    if _digest(_body(saved)) != _digest(content):
        return "it is not written as cartridge writes plans"
    for file in saved.changes.files:
        if file.before_text is not None and file.before != _sha256(file.before_text):
            return f"the text that it takes {file.path} to hold has another hash"
    written = {file.path for file in saved.changes.files}
    for action in saved.plan.actions:
        if not written & {action.file_path, action.properties_path}:
            return f"it has no file for step {action.step_id}, {action.name}"
    return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _short(fault: Exception) -> str:
    said = " ".join(str(fault).split())
    return said if len(said) <= 300 else said[:297] + "..."


def _edited(path: Path, how: str) -> PlanFileError:
    return PlanFileError(
        f"{path} was changed since it was saved: {how}. To use an edited plan, gate it first: "
        f"cartridge plan SOURCE --from {path.name} -o plan.json"
    )


def _decoded(content: dict[str, Any], digest: str) -> SavedPlan:
    from cartridge.scan.codec import decode  # noqa: PLC0415
    from cartridge.scan.saved import from_document  # noqa: PLC0415

    basis = content["project"]
    return SavedPlan(
        plan=ExecutionPlan.model_validate(content["plan"]),
        changes=ChangeSet(decode(tuple[FileChange, ...], content["files"], "files")),
        snapshot=from_document(content["scan"]),
        options=decode(PlanOptions, content["options"], "options"),
        digest=digest,
        basis=None if basis is None else decode(ProjectBasis, basis, "project"),
        cartridge=str(content["cartridge"]),
    )
