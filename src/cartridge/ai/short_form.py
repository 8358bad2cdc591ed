"""The short form of an answer: only decisions. It expands to every action it implies: sources, staging, and the models.

{"models": [{"name": ..., "dependencies": [...], "description": ...}]}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from posixpath import dirname
from typing import Any

from cartridge.ai.reply import check_text, decode_reply, invalid
from cartridge.domain.plan import CREATE_INTERMEDIATE, CREATE_MART, ExecutionPlan, PlanAction, StagingDetail
from cartridge.domain.schema import ModelType, TableKey
from cartridge.plan import draft_offline
from cartridge.plan.naming import MartKind, model_home
from cartridge.plan.scope import Scope

MODELS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "models": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "dependencies": {"type": "array", "items": {"type": "string"}},
                    "description": {"type": "string"},
                },
                "required": ["name", "dependencies", "description"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["models"],
    "additionalProperties": False,
}
"""The JSON schema of the short form."""


@dataclass(frozen=True)
class Ground:
    """What the short form stands on: the offline plan's sources and staging models."""

    scope: Scope

    @cached_property
    def plan(self) -> ExecutionPlan:
        """Sources and staging models of every table, as the offline planner names them."""
        return draft_offline(replace(self.scope.request, model_types=[ModelType.STAGING]))

    @cached_property
    def staging(self) -> dict[TableKey, str]:
        """The staging model of every table that gets one here."""
        pairs = ((action.detail, action.name) for action in self.plan.actions)
        return {detail.table: name for detail, name in pairs if isinstance(detail, StagingDetail)}

    def expand(self, models: Sequence[PlanAction]) -> ExecutionPlan:
        """The whole plan: sources and staging models, then the models in the order given.

        One of them that is a staging model of the plan by its name, and reads nothing, describes that one.
        """
        staging = set(self.staging.values())
        told = {model.name: model.description for model in models if model.name in staging and not model.dependencies}
        ground = [
            action.model_copy(update={"description": told[action.name]}) if told.get(action.name) else action
            for action in self.plan.actions
        ]
        together = [*ground, *(model for model in models if model.name not in told)]
        numbered = [action.model_copy(update={"step_id": place}) for place, action in enumerate(together, 1)]
        return self.plan.model_copy(update={"actions": numbered})


def read_models(text: str | None, scope: Scope) -> list[PlanAction]:
    """The models of an answer in the short form. An answer in the long form gives its intermediate models and marts.

    Raises:
        ReplyError: the answer is neither.
    """
    found = decode_reply(text)
    if isinstance(found.get("models"), list):
        return [_model(item, f"models[{at}]", scope) for at, item in enumerate(found["models"])]
    steps = [item for item in found["actions"] if isinstance(item, dict)]
    kept = [item for item in steps if item.get("type") in (CREATE_INTERMEDIATE, CREATE_MART)]
    return [_model(item, f"actions[{at}]", scope) for at, item in enumerate(kept)]


def _model(item: Any, where: str, scope: Scope) -> PlanAction:
    if not isinstance(item, dict):
        invalid(f"{where}: must be an object")
    name = check_text(item.get("name"), f"{where}.name")
    dependencies = item.get("dependencies")
    if not isinstance(dependencies, list):
        invalid(f"{where}.dependencies: must be a list of names")
    description = item.get("description")
    kind = _kind(name)
    return PlanAction(
        step_id=0,
        type=CREATE_INTERMEDIATE if kind == "intermediate" else CREATE_MART,
        name=name,
        file_path=f"{dirname(model_home(scope.conventions, kind, 'model').path)}/{name}.sql",
        description=check_text(description, f"{where}.description") if description else "",
        dependencies=[check_text(entry, f"{where}.dependencies[{at}]") for at, entry in enumerate(dependencies)],
    )


def _kind(name: str) -> MartKind:
    """What a model is, by the beginning of its name."""
    beginnings: dict[str, MartKind] = {
        "int": "intermediate", "dim": "dimension", "bridge": "bridge", "brg": "bridge",
    }  # fmt: skip
    return beginnings.get(name.partition("_")[0].lower(), "fact")
