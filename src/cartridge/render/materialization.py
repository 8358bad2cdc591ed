"""Which materialisation a layer has by default, so that a model states its own only where it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_STAGING,
    UPDATE_STAGING,
    ExecutionPlan,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    StagingDetail,
)
from cartridge.domain.project import Conventions, LayerRule
from cartridge.render import jinja_text
from cartridge.render.incremental import incremental_config
from cartridge.render.sql import Target, config_block

DBT_DEFAULT = "view"
"""What dbt materialises where nothing is said."""


@dataclass(frozen=True)
class Defaults:
    """The defaults of a project: by folder below its model path (a new project), or by its conventions."""

    folders: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    conventions: Conventions | None = None

    def stated(self, action: PlanAction) -> bool:
        """Whether the project's models of the action's layer all say what they are."""
        return self.conventions is not None and _rule(action, self.conventions).stated

    def documented(self, action: PlanAction) -> bool:
        """Whether the property file says what the action's model is materialised as, rather than the model."""
        return self.conventions is not None and _rule(action, self.conventions).in_properties

    def of(self, action: PlanAction) -> str:
        """What the action's model would be if it said nothing."""
        if self.conventions is not None:
            return _rule(action, self.conventions).materialized or DBT_DEFAULT
        return self.folders.get(layer_folder(action.file_path), DBT_DEFAULT)


def layer_folder(path: str) -> tuple[str, ...]:
    """The folder below the model path that stands for a layer: `models/marts/finance/x.sql` -> ("marts",)."""
    return PurePosixPath(path).parts[1:-1][:1]


def defaults_of(plan: ExecutionPlan, request: ModelGenerationRequest) -> Defaults:
    """The learned defaults of an existing project, else for every folder what most of its models are."""
    state = request.context.state if request.context else None
    if plan.strategy == "brownfield":
        return Defaults(conventions=state.conventions if state else None)
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for action in plan.actions:
        if isinstance(action.detail, StagingDetail | ModelDetail):
            counts.setdefault(layer_folder(action.file_path), Counter())[action.detail.materialized] += 1
    return Defaults(folders={folder: _most(found) for folder, found in counts.items()})


def _most(counts: Counter[str]) -> str:
    """The most frequent one, the first in the alphabet among equals. What is incremental says so itself."""
    kinds = sorted(counts.keys() - {"incremental"}, key=lambda kind: (-counts[kind], kind))
    return kinds[0] if kinds else "table"


def _rule(action: PlanAction, conventions: Conventions) -> LayerRule:
    if action.type in {CREATE_STAGING, UPDATE_STAGING}:
        rule = conventions.staging
    elif action.type == CREATE_INTERMEDIATE:
        rule = conventions.intermediate
    else:
        role = action.detail.role if isinstance(action.detail, ModelDetail) else "fact"
        rule = {"dimension": conventions.dimension, "date": conventions.dimension, "bridge": conventions.bridge}.get(
            role, conventions.fact
        )
    return rule


def config_of(action: PlanAction, detail: StagingDetail | ModelDetail, defaults: Defaults, target: Target) -> str:
    """The config block of a model; nothing where its layer's default says it all."""
    settings = []
    if _says(action, detail, defaults) and not _documents(action, detail, defaults):
        settings.append(("materialized", jinja_text.string(detail.materialized)))
    if isinstance(detail, ModelDetail) and detail.materialized == "incremental":
        settings += incremental_config(detail, target)
    return config_block(settings)


def property_config(action: PlanAction, detail: StagingDetail | ModelDetail, defaults: Defaults) -> dict[str, str]:
    """What the property file says of it, where the project's models say it there. What is incremental says all of it in
    one place, the model."""
    says = _says(action, detail, defaults) and _documents(action, detail, defaults)
    return {"materialized": detail.materialized} if says else {}


def _says(action: PlanAction, detail: StagingDetail | ModelDetail, defaults: Defaults) -> bool:
    return detail.materialized != defaults.of(action) or defaults.stated(action)


def _documents(action: PlanAction, detail: StagingDetail | ModelDetail, defaults: Defaults) -> bool:
    return defaults.documented(action) and detail.materialized != "incremental"
