"""The layout of new property files: what most of the project's show, and what settings or a person ask for."""

from __future__ import annotations

from collections.abc import Iterator

from cartridge.domain.project import ProjectState
from cartridge.domain.style import LINE_LENGTH, YAML_TRAITS, YamlStyle
from cartridge.plan.conventions.sql import Vote, ranked

_SPLIT = 0.6
_ORDER = {trait: place for place, trait in enumerate((*YAML_TRAITS, LINE_LENGTH))}


def yaml_votes(state: ProjectState) -> tuple[Vote, ...]:
    """What the project's property files show of every trait: the files by value."""
    counted: dict[str, dict[str, list[str]]] = {}
    for path, file in sorted(state.properties.items()):
        for trait, value in file.traits:
            counted.setdefault(trait, {}).setdefault(value, []).append(path)
    return tuple(
        Vote(trait, "project", ranked(counted[trait])) for trait in sorted(counted, key=lambda trait: _ORDER[trait])
    )


def configured_layout(state: ProjectState) -> tuple[tuple[str, str, str], ...]:
    """(trait, value, file) that settings ask for; what a person asks of cartridge counts more than a linter's."""
    found = {trait: (trait, value, file) for trait, value, file in state.configured_yaml}
    for key, value, file in state.overrides:
        table, _, trait = key.partition(".")
        if table == "yaml":
            found[trait] = (trait, value, file)
    return tuple(found[trait] for trait in sorted(found, key=lambda trait: _ORDER[trait]))


def learned_yaml(state: ProjectState) -> YamlStyle:
    """What more than 60 % of the files show, settings first."""
    return YamlStyle(tuple(sorted(dict(_decided(state)).items())))


def _decided(state: ProjectState) -> Iterator[tuple[str, str]]:
    for vote in yaml_votes(state):
        if vote.support > _SPLIT * vote.of:
            yield vote.trait, vote.value
    yield from ((trait, value) for trait, value, _ in configured_layout(state))
