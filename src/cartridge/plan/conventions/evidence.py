"""What a project shows of its habits: which model stages which source table, and which file documents which model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cartridge.domain.project import ModelState, ProjectState


@dataclass(frozen=True)
class Question:
    """A source table that needs a home. `file` is the file that declares it, None where its source is new."""

    source: str
    table: str
    schema: str | None = None
    database: str | None = None
    identifier: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class TablePlace:
    """What is known of a table besides its name and its source's: the schema and database it lies in, its name there
    (`identifier`), and the file that declares it."""

    schema: str | None = None
    database: str | None = None
    identifier: str | None = None
    declared_in: str | None = None


@dataclass(frozen=True)
class Example:
    """A source table and the model that a person wrote for it: `folder` and `properties` relative to the project."""

    question: Question
    model: str
    folder: str
    properties: str | None


@dataclass(frozen=True)
class Documented:
    """A model and the file that documents it."""

    model: str
    folder: str
    properties: str
    source: str | None


def examples_of(state: ProjectState) -> tuple[Example, ...]:
    """Every model of the entry layer that reads exactly one declared source table and no model; sorted by path.

    The entry layer is staging, and what belongs to no layer. Intermediate models count where most such models are
    called so, as in projects whose first layer is named silver. Marts never count.
    """
    questions = questions_of(state)
    entries = [m for m in state.own_models if m.entry and m.enabled and m.sources[0] in questions and m.layer != "mart"]
    inner = [model for model in entries if model.layer == "intermediate"]
    if 2 * len(inner) <= len(entries):
        entries = [model for model in entries if model.layer != "intermediate"]
    return tuple(
        Example(questions[model.sources[0]], model.name, folder_of(model), model.properties_path)
        for model in sorted(entries, key=lambda model: model.path)
    )


def questions_of(state: ProjectState) -> dict[tuple[str, str], Question]:
    """Every declared source table of the project, by (source, table)."""
    found = {}
    for source in state.sources.values():
        if source.package is None:
            for table in source.tables:
                found[source.name, table.name] = Question(
                    source.name,
                    table.name,
                    source.schema,
                    source.database,
                    table.identifier,
                    table.path or source.path,
                )
    return found


def documented_of(models: Iterable[ModelState]) -> tuple[Documented, ...]:
    """Every model that a file documents."""
    return tuple(
        Documented(model.name, folder_of(model), model.properties_path, model.sources[0][0] if model.entry else None)
        for model in models
        if model.properties_path
    )


def folder_of(model: ModelState) -> str:
    """The folder of a model's file."""
    return model.path.rpartition("/")[0]
