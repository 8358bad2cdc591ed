"""Conventions that a person asks for, laid over what was learned."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from cartridge.domain.project import Conventions, LayerRule, ProjectState

C = TypeVar("C", bound=Conventions)

_PART = {"": "name", "_folder": "folder", "_properties": "properties"}


def asked_for(state: ProjectState) -> dict[str, str]:
    """The asked conventions by key, as cartridge.toml has them."""
    return {
        key.removeprefix("conventions."): value for key, value, _ in state.overrides if key.startswith("conventions.")
    }


def asked_columns(state: ProjectState) -> dict[str, str]:
    """The names that were asked for, by source column in small letters."""
    found = ((key.partition("."), value) for key, value, _ in state.overrides)
    return {column.lower(): value for (table, _, column), value in found if table == "columns"}


def with_asked(conventions: C, asked: dict[str, str]) -> C:
    """The conventions with the templates that were asked for in place of others."""
    changes: dict[str, object] = {key: asked[key] for key in ("sources_file", "tests_key") if key in asked}
    for layer in ("staging", "intermediate", "fact", "dimension", "bridge"):
        rule: LayerRule = getattr(conventions, layer)
        parts = {part: asked[f"{layer}{suffix}"] for suffix, part in _PART.items() if f"{layer}{suffix}" in asked}
        if parts:
            changes[layer] = replace(rule, **parts)  # type: ignore[arg-type]
    return replace(conventions, **changes) if changes else conventions  # type: ignore[arg-type]
