"""The style of a project's SQL: for every trait what most models show, by source, by layer, and over all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cartridge.domain.project import ModelState, ProjectState
from cartridge.domain.style import FREE_TRAITS, KNOWN_TRAITS, SqlStyle

_FEW = 3
_AGREED = 0.7
_SPLIT = 0.6
_STAGING_ONLY = frozenset({"shape", "source_cte", "renamed_cte", "headings", "heading_dashes"})
"""Traits that say nothing of other layers."""
_NEEDS_PROOF = frozenset({"semicolon", "quoting"})
"""Traits that are followed only where several models agree: a stray one would stand out, or break a build."""
_ORDER = {trait: place for place, trait in enumerate((*KNOWN_TRAITS, *FREE_TRAITS))}
_PLAIN = {"semicolon": "no", "quoting": "where needed"}


@dataclass(frozen=True)
class Vote:
    """What the models of a scope show of a trait: the models by value, the most frequent value first."""

    trait: str
    scope: str
    models: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def value(self) -> str:
        """What most models show."""
        return self.models[0][0]

    @property
    def support(self) -> int:
        """How many models show it."""
        return len(self.models[0][1])

    @property
    def of(self) -> int:
        """How many models show anything of the trait."""
        return sum(len(names) for _, names in self.models)


def votes(models: Iterable[ModelState], scope: str) -> dict[str, Vote]:
    """The votes of models on every trait that they show, by trait."""
    counted: dict[str, dict[str, list[str]]] = {}
    for model in models:
        for trait, value in model.traits:
            counted.setdefault(trait, {}).setdefault(value, []).append(model.name)
    return {trait: Vote(trait, scope, ranked(values)) for trait, values in sorted(counted.items())}


def ranked(values: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(value, who shows it), the most frequent value first; of equals the first in the alphabet."""
    return tuple(
        (value, tuple(names)) for value, names in sorted(values.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def scopes(state: ProjectState) -> dict[str, list[ModelState]]:
    """The models that tell of style, by scope: `project`, every layer, and `source NAME` for staging models."""
    found: dict[str, list[ModelState]] = {"project": []}
    for model in state.own_models:
        if model.traits and model.enabled:
            found["project"].append(model)
            entry = model.entry and model.layer != "mart"
            found.setdefault("staging" if entry else model.layer, []).append(model)
            if entry:
                found.setdefault(f"source {model.sources[0][0]}", []).append(model)
    return found


def learned_styles(state: ProjectState) -> tuple[tuple[str, SqlStyle], ...]:
    """(scope, style) of the project, of its layers, and of the sources that differ from their layer; sorted.

    What the settings of a linter or of an editor say counts more than any number of models.
    """
    by_scope = {scope: votes(models, scope) for scope, models in scopes(state).items()}
    configured = {trait: value for trait, value, _ in configured_traits(state)}
    found = {}
    for scope in by_scope:
        chain = _chain(scope)
        traits: dict[str, str] = {}
        for trait in {trait for part in chain for trait in by_scope.get(part, {})}:
            value = _decided(trait, [by_scope[part][trait] for part in chain if trait in by_scope.get(part, {})])
            if value is not None and not (trait in _STAGING_ONLY and scope in {"intermediate", "mart"}):
                traits[trait] = value
        found[scope] = SqlStyle(tuple(sorted({**traits, **configured}.items())))
    if configured:
        found.setdefault("project", SqlStyle(tuple(sorted(configured.items()))))
    kept = {
        scope: style
        for scope, style in found.items()
        if style != SqlStyle() and not (scope.startswith("source ") and style == found.get("staging"))
    }
    return tuple(sorted(kept.items()))


def configured_traits(state: ProjectState) -> tuple[tuple[str, str, str], ...]:
    """(trait, value, file) that settings ask for; what a person asks of cartridge counts more than a linter's."""
    found = {trait: (trait, value, file) for trait, value, file in state.configured}
    for key, value, file in state.overrides:
        table, _, trait = key.partition(".")
        if table == "sql":
            found[trait] = (trait, value, file)
    return tuple(found[trait] for trait in sorted(found))


def _chain(scope: str) -> tuple[str, ...]:
    """From the narrowest scope to the project."""
    if scope.startswith("source "):
        return scope, "staging", "project"
    return (scope, "project") if scope != "project" else (scope,)


def _decided(trait: str, chain: Sequence[Vote]) -> str | None:
    """The value to follow: that of the narrowest scope where at least three models speak and 70 % agree; else that of
    most of the widest scope, where its models are not split."""
    for vote in chain:
        if vote.of >= _FEW and vote.support >= _AGREED * vote.of:
            return vote.value
    if trait in _NEEDS_PROOF:
        return _PLAIN.get(trait)
    for vote in chain:
        if vote.support > _SPLIT * vote.of:
            return vote.value
    return None


def notable(state: ProjectState) -> Iterator[Vote]:
    """The votes worth showing: those of the layers, and those of a source that follows another habit than its layer."""
    by_scope = {scope: votes(models, scope) for scope, models in scopes(state).items()}
    for scope, found in sorted(by_scope.items(), key=lambda item: (_rank(item[0]), item[0])):
        if scope == "project":
            continue
        for vote in sorted(found.values(), key=lambda vote: _ORDER.get(vote.trait, len(_ORDER))):
            wider = by_scope.get("staging", {}).get(vote.trait) if scope.startswith("source ") else None
            if wider is None or (wider.value != vote.value and vote.of >= _FEW):
                yield vote


def _rank(scope: str) -> int:
    order = {"staging": 0, "intermediate": 2, "mart": 3}
    return order.get(scope, 1 if scope.startswith("source ") else 4)
