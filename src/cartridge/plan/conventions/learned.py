"""The conventions of a project, as a plan follows them: what was learned, and the preset for the rest."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from cartridge.domain.project import Conventions, LayerRule, ModelState, ProjectState
from cartridge.plan.conventions.asked import asked_for, with_asked
from cartridge.plan.conventions.evidence import (
    Question,
    TablePlace,
    documented_of,
    examples_of,
    folder_of,
    questions_of,
)
from cartridge.plan.conventions.layers import learned_rule, with_materialization
from cartridge.plan.conventions.slots import cleaned, common_beginning, fill, marked, path_slots, source_slots
from cartridge.plan.conventions.sources import own_sources, shared_database
from cartridge.plan.conventions.sql import learned_styles
from cartridge.plan.conventions.staging import StagingChoice, StagingHabits
from cartridge.plan.conventions.yaml_style import learned_yaml

_BETWEEN = re.compile(r"[^0-9A-Za-z_-]+")


@dataclass(frozen=True)
class LearnedConventions(Conventions):
    """Conventions learned from a project. `staging` is what holds where the project's own models tell nothing."""

    habits: Habits | None = field(default=None, compare=False, repr=False)
    staging_prefix: str | None = None
    """The prefix that a person asked for, whatever the project's staging models have."""
    asked: tuple[str, ...] = field(default=(), compare=False)
    """The conventions that a person asked for, by their key in cartridge.toml: these are not learned."""

    def plain(self) -> Conventions:
        """The conventions as a value that can be saved and compared, without what they were learned from."""
        return Conventions(**{item.name: getattr(self, item.name) for item in fields(Conventions)})


class Habits:
    """What the project's staging models and source files show; worked out when first asked for."""

    def __init__(self, state: ProjectState) -> None:
        self.state = state
        self.examples = examples_of(state)

    @cached_property
    def staging(self) -> StagingHabits:
        """The habits of the staging layer."""
        models = self.state.own_models
        return StagingHabits(self.examples, documented_of(models), [(m.name, folder_of(m)) for m in models])

    @cached_property
    def longest_name(self) -> int:
        """The bytes of the longest name among the project's own models."""
        return max((len(model.name.encode()) for model in self.state.own_models), default=0)

    def question(self, source: str, table: str, place: TablePlace) -> Question:
        """A table as the learner asks for it; what the project declares of its source is filled in."""
        known = self.state.sources.get(source)
        return Question(
            source,
            table,
            place.schema or (known.schema if known else None),
            place.database or (known.database if known else None),
            place.identifier,
            place.declared_in or self.declaring_file(source, table),
        )

    def home(self, question: Question) -> StagingChoice | None:
        """The home of a table's staging model; None where the project shows none, or none below its model folders."""
        choice = self.staging.home(question) if self.examples else None
        if choice is None:
            return None
        folder = "/".join(_BETWEEN.sub("_", part) for part in choice.folder.value.split("/") if part.strip("."))
        inside = any(f"{folder}/".startswith(f"{root}/") for root in self.state.model_paths)
        name = re.sub(r"\W", "_", choice.name.value, flags=re.ASCII)
        if not inside or not name:
            return None
        return replace(choice, folder=replace(choice.folder, value=folder), name=replace(choice.name, value=name))

    def with_prefix(self, name: str, prefix: str | None) -> str:
        """The name with the prefix asked for in place of the one that all staging models share."""
        if prefix is None or name.startswith(prefix):
            return name
        names = sorted(example.model for example in self.examples)
        shared = re.match(r"[A-Za-z]+_+", common_beginning(names))
        return prefix + (name.removeprefix(shared[0]) if shared else name)

    def declaring_file(self, source: str, table: str) -> str | None:
        """The file of an existing source that a table belongs in: the one that declares the tables most like it."""
        known = self.state.sources.get(source)
        if known is None or known.package is not None:
            return None
        words = cleaned(table).split("_")
        alike: Counter[str] = Counter()
        for other in known.tables:
            path = other.path or known.path
            if path:
                alike[path] = max(alike[path], _shared(words, cleaned(other.name).split("_")))
        best = max(alike.values(), default=0)
        if known.path and alike[known.path] == best:
            return known.path
        return min((path for path, shared in alike.items() if shared == best), default=known.path)

    @cached_property
    def source_files(self) -> dict[str, Counter[str]]:
        """For every source that a file declares, by name, the templates of that file's path."""
        folders: dict[str, Counter[str]] = {}
        for example in self.examples:
            folders.setdefault(example.question.source, Counter())[example.folder] += 1
        found = {}
        for source in sorted(self.state.sources.values(), key=lambda source: source.name):
            if source.path and source.package is None:
                folder = folders[source.name].most_common(1)[0][0] if source.name in folders else ""
                slots = _file_slots(source.name, source.schema, source.database, folder)
                found[source.name] = Counter(marked(source.path, slots))
        return found

    @cached_property
    def source_file_templates(self) -> tuple[str, ...]:
        """The templates of `source_files`, those that give most files first."""
        votes: Counter[str] = Counter()
        for templates in self.source_files.values():
            votes.update(templates)
        return tuple(
            sorted(votes, key=lambda template: (-votes[template], "{source}" not in template, len(template), template))
        )

    def sources_file(self, source: str, folder: str | None) -> str | None:
        """The file that declares a new source: as most sources' files are placed and called."""
        slots = _file_slots(source, None, None, folder or "")
        for template in self.source_file_templates:
            path = fill(template, slots)
            if path and (len(self.source_files) > 1 or "{" in template or folder is None):
                return path
        return None


def _file_slots(source: str, schema: str | None, database: str | None, folder: str) -> dict[str, str]:
    placed = {"folder": folder, **path_slots(folder)} if folder else {}
    parent = folder.rpartition("/")[0]
    return {**({"parent": parent} if parent else {}), **placed, **source_slots(source, schema, database)}


def _shared(words: list[str], others: list[str]) -> int:
    """How many words two names have in common at their beginning."""
    return next(
        (n for n, (a, b) in enumerate(zip(words, others, strict=False)) if a != b), min(len(words), len(others))
    )


def learn(state: ProjectState, preset: Conventions) -> LearnedConventions | None:
    """The conventions of a project: what a person asks for, what its files show, the preset's for the rest. None where
    nothing is asked for and it holds no model or source."""
    models = [model for model in state.own_models if model.enabled]
    if not (models or state.overrides or any(source.package is None for source in state.sources.values())):
        return None
    keys = Counter(file.tests_key for file in state.properties.values() if file.tests_key)
    habits = Habits(state)
    documented = {model.name: model for model in models if model.properties_path}

    def rule(layer: str, known: LayerRule) -> LayerRule:
        return learned_rule(layer, models, known, documented)

    learned = LearnedConventions(
        preset="learned",
        staging=_staging_rule(state, preset.staging),
        base=preset.base,
        intermediate=rule("intermediate", preset.intermediate),
        fact=rule("fact", preset.fact),
        dimension=rule("dimension", preset.dimension),
        bridge=rule("bridge", preset.bridge),
        sources_file=preset.sources_file,
        tests_key=keys.most_common(1)[0][0] if len(keys) == 1 else preset.tests_key,
        styles=learned_styles(state),
        database=shared_database(own_sources(state)),
        documentation=state.documentation,
        yaml=learned_yaml(state),
        habits=habits,
        asked=tuple(sorted(asked_for(state))),
    )
    return with_asked(learned, asked_for(state))


def _staging_rule(state: ProjectState, preset: LayerRule) -> LayerRule:
    """The preset's rule with what the project's staging models are materialised as."""
    models = [m for m in state.own_models if m.enabled and (m.layer == "staging" or (m.entry and m.layer == "other"))]
    return with_materialization(replace(preset, materialized=_default_of(models)), models)


def _default_of(models: list[ModelState]) -> str | None:
    """What dbt_project.yml makes of most models that say nothing themselves."""
    kinds = Counter(model.materialized for model in models if model.materialized_in == "project" and model.materialized)
    return kinds.most_common(1)[0][0] if kinds else None


def known_tables(state: ProjectState) -> dict[tuple[str, str], str]:
    """The source tables that are staged already, with the model that does it.

    A model of the entry layer that reads this table alone; else one of the staging layer that reads it among others.
    """
    found = {(e.question.source, e.question.table): e.model for e in reversed(examples_of(state))}
    declared = questions_of(state)
    for model in sorted(state.own_models, key=lambda model: model.path):
        if model.layer == "staging" and model.enabled:
            for pair in model.sources:
                if pair in declared:
                    found.setdefault(pair, model.name)
    return dict(sorted(found.items()))
