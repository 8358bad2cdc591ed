"""Names and folders as the layer has them: dbt-project-evaluator's rules of structure, under the project's own habits.

A preset says how the models of a layer begin and where they lie; in a project that is there, so do its own models.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SOURCE,
    CREATE_STAGING,
    ExecutionPlan,
    Finding,
    PlanAction,
    StagingDetail,
)
from cartridge.domain.project import LayerRule
from cartridge.plan.finding import warning
from cartridge.plan.naming import sources_file, staging_home
from cartridge.plan.scope import Scope

CODES = frozenset({"name-convention", "folder-convention"})
_LAYERS = {CREATE_STAGING: "staging", CREATE_INTERMEDIATE: "intermediate", CREATE_MART: "mart"}


def conventions_followed(plan: ExecutionPlan, scope: Scope) -> list[Finding]:
    """Models and sources that are called, or lie, as none of their layer do."""
    findings: list[Finding] = []
    for action in plan.actions:
        if action.type in _LAYERS:
            rules = _rules(action, scope)
            findings += _name(action, rules, scope)
            findings += _folder(action, [_fixed(rule.folder) for rule in rules], scope)
            findings += _properties(action, rules, scope)
        elif action.type == CREATE_SOURCE and action.name not in scope.existing_sources:
            findings += _folder(action, [_fixed(dirname(scope.conventions.sources_file))], scope)
    return findings


def _rules(action: PlanAction, scope: Scope) -> tuple[LayerRule, ...]:
    found = scope.conventions
    return {
        CREATE_STAGING: (found.staging, found.base),
        CREATE_INTERMEDIATE: (found.intermediate,),
        CREATE_MART: (found.fact, found.dimension, found.bridge),
    }[action.type]


def _fixed(template: str) -> str:
    """What stands before the first placeholder."""
    return template.partition("{")[0]


def _siblings(action: PlanAction, scope: Scope) -> list[tuple[str, str]]:
    """(name, folder) of the project's own models of the layer; for staging, of whatever reads one source table alone,
    and what the project's habits give the very table."""
    layer = _LAYERS.get(action.type)
    models = scope.state.own_models if scope.state else ()
    found = [
        (model.name, dirname(model.path))
        for model in models
        if model.layer == layer or (layer == "staging" and model.entry and model.layer == "other")
    ]
    if isinstance(action.detail, StagingDetail):
        home = staging_home(scope.conventions, action.detail.source, action.detail.table[1])
        found.append((home.name, dirname(home.path)))
    return found


def _name(action: PlanAction, rules: tuple[LayerRule, ...], scope: Scope) -> Iterator[Finding]:
    prefixes = list(dict.fromkeys(_fixed(rule.name) for rule in rules))
    habits = {name.partition("_")[0] for name, _ in _siblings(action, scope)}
    if not action.name.startswith(tuple(prefixes)) and action.name.partition("_")[0] not in habits:
        yield warning(
            "name-convention",
            f"{action.name}: {_LAYERS[action.type]} models begin with {' or '.join(prefixes)}",
            f"Call it {prefixes[0]}..., or set the prefix in cartridge.toml",
            action,
        )


def _folder(action: PlanAction, folders: list[str], scope: Scope) -> Iterator[Finding]:
    known = list(dict.fromkeys(folder.rstrip("/") for folder in folders))
    habits = [folder for _, folder in _siblings(action, scope)]
    if action.type == CREATE_SOURCE and scope.state:
        habits += [dirname(source.path) for source in scope.state.sources.values() if source.path]
        habits.append(dirname(sources_file(scope.conventions, action.name)))
    if not any(_below(action.file_path, folder) for folder in (*known, *habits)):
        layer = _LAYERS.get(action.type, "source")
        yield warning(
            "folder-convention",
            f"{action.name}: {action.file_path} is not below {' or '.join(known)}, where {layer} files lie",
            f"Put it below {known[0]}",
            action,
        )


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _properties(action: PlanAction, rules: tuple[LayerRule, ...], scope: Scope) -> Iterator[Finding]:
    """A model's tests and its description lie beside it, unless the conventions put them elsewhere."""
    if scope.conventions.preset == "learned" or action.properties_path is None:
        return
    beside = all(dirname(rule.properties) == rule.folder for rule in rules)
    if beside and dirname(action.properties_path) != dirname(action.file_path):
        yield warning(
            "folder-convention",
            f"{action.name}: its tests lie in {action.properties_path}, not beside {action.file_path}",
            "Put both into one folder",
            action,
        )
