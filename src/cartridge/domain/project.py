"""What was found in a dbt project: its models and sources, and the conventions that they follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

from cartridge.domain.check import flag, strings, text
from cartridge.domain.style import SqlStyle, YamlStyle
from cartridge.errors import InputError

_Key = TypeVar("_Key")

Layer = Literal["source", "staging", "intermediate", "mart", "snapshot", "other"]


@dataclass(frozen=True)
class LayerRule:
    """How one layer names and places its models: templates over `{source}`, `{table}` (snake_case name of the source
    table), `{entity}` / `{entities}` (its singular / plural), `{model}` (the model's own name) and `{area}`.

    `folder` and `properties` are relative to the project; `properties` is the YAML file that documents the model.
    """

    name: str
    folder: str
    properties: str
    materialized: str | None = None
    """What dbt_project.yml makes of a model that says nothing itself."""
    habit: str | None = None
    """What most models of the layer are, wherever it is set; None where that is not known."""
    stated: bool = False
    """Whether the models say themselves what they are materialised as, even where the default says so."""
    in_properties: bool = False
    """Whether that is said in their property file rather than in their own."""


@dataclass(frozen=True)
class Documentation:
    """How much is written down of a model: by default everything."""

    descriptions: bool = True
    """Whether models are described."""
    columns: Literal["all", "tested"] = "all"
    """Whether all columns are listed, or those with tests alone."""
    column_descriptions: bool = True
    data_types: bool = True
    references: bool = True
    """Whether foreign keys are tested."""


def tests_reference(test: str) -> bool:
    """Whether a kind of data test is one of foreign keys, whatever package it is from."""
    return any(word in test for word in ("relationship", "foreign_key", "referential"))


@dataclass(frozen=True)
class Conventions:
    """The house style that a plan follows: a preset, or what was learned from a project."""

    preset: str
    staging: LayerRule
    base: LayerRule
    intermediate: LayerRule
    fact: LayerRule
    dimension: LayerRule
    bridge: LayerRule
    sources_file: str
    """Template of the file that declares a source."""
    tests_key: Literal["data_tests", "tests"] = "data_tests"
    database: str | None = None
    """The `database:` that most sources write in Jinja, word for word."""
    documentation: Documentation = field(default_factory=Documentation)
    styles: tuple[tuple[str, SqlStyle], ...] = ()
    """(scope, style) of the project's SQL; a scope is `project`, a layer, or `source NAME`."""
    yaml: YamlStyle = field(default_factory=YamlStyle)
    """The style of new property files. What goes into a file that is there follows that file."""

    def style(self, layer: Layer, source: str | None = None) -> SqlStyle:
        """The style of a layer's SQL, for staging that of its source; without any habit where nothing was learned."""
        known = dict(self.styles)
        wanted = (f"source {source}", layer, "project") if source else (layer, "project")
        return next((known[scope] for scope in wanted if scope in known), SqlStyle())


@dataclass(frozen=True)
class ModelState:
    """A model, seed or snapshot that exists. `columns` is None where they are not known; `grain` likewise."""

    name: str
    path: str
    kind: Literal["model", "seed", "snapshot"] = "model"
    layer: Layer = "other"
    refs: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    """(source name, table name) of every `source()` call."""
    columns: tuple[str, ...] | None = None
    grain: tuple[str, ...] | None = None
    properties_path: str | None = None
    materialized: str | None = None
    enabled: bool = True
    package: str | None = None
    """The package that brings it; None: the project itself."""
    materialized_in: Literal["model", "properties", "project"] | None = None
    """Where `materialized` is set: in the model's own file, in its properties, or in dbt_project.yml."""
    versions: tuple[str, ...] = ()
    """The versions of a versioned model; `path` is then the latest one's file."""
    alias: str | None = None
    """The name of its relation, where that is another than its own."""
    group: str | None = None
    group_in: Literal["model", "properties", "project"] | None = None
    """Where `group` is set."""
    private: bool = False
    """Whether only models of its group may read it."""
    reads: tuple[str, ...] | None = None
    """The columns of its one source table that its SQL names, where that was looked at; None: not known."""
    passed: tuple[tuple[str, str], ...] | None = None
    """(column, name) of those that it passes on, as they are or cast; None: not known."""
    tests: tuple[str, ...] | None = None
    """The kinds of data tests that its properties give it and its columns; None where it is not documented."""
    unknown: bool = False
    """Whether it also reads something that is known only at run time, or its file cannot be read."""
    traits: tuple[tuple[str, str], ...] = ()
    """(trait, value) of the style of its SQL, in the words of `domain.style`; few models of a folder are looked at."""

    @property
    def entry(self) -> bool:
        """Whether it reads exactly one source table and no model: the shape of a staging model."""
        return self.kind == "model" and len(self.sources) == 1 and not self.refs and not self.unknown


@dataclass(frozen=True)
class SourceTableState:
    """A table that a source declares."""

    name: str
    identifier: str | None = None
    columns: tuple[str, ...] = ()
    path: str | None = None
    """The file that declares it, where that is another one than the source's."""
    types: tuple[str, ...] = ()
    """The `data_type` of each of `columns`; "" where it says none."""
    described: bool = False
    described_columns: int = 0
    freshness: bool = False
    """Whether it says for itself how fresh it must be; its source may say so for all."""


@dataclass(frozen=True)
class SourceState:
    """A source that exists. `schema` and `database` are as written, Jinja included."""

    name: str
    schema: str
    database: str | None = None
    path: str | None = None
    """The file that declares it; of several, the one with the most tables."""
    tables: tuple[SourceTableState, ...] = ()
    package: str | None = None
    """The package that brings it; None: the project itself."""
    described: bool = False
    given: tuple[str | None, str | None] | None = None
    """(schema, database) with the Jinja in them rendered; None in it: known only at run time. None where no source of
    the project holds Jinja."""

    @property
    def place(self) -> tuple[str | None, str | None]:
        """(schema, database) in the warehouse; None where its Jinja tells that only at run time."""
        if self.given is not None:
            return self.given
        schema, database = (None if text and "{" in text else text for text in (self.schema, self.database))
        return schema, database


@dataclass(frozen=True)
class PropertiesState:
    """One YAML file of properties: the models, seeds and snapshots it documents, and the sources it declares."""

    path: str
    models: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tests_key: Literal["data_tests", "tests"] | None = None
    """The key it uses for data tests; None: it has none. Where both stand, `data_tests`."""
    traits: tuple[tuple[str, str], ...] = ()
    """(trait, value) of how it is laid out, in the words of `domain.style`; few files of a project are looked at."""


@dataclass(frozen=True)
class ProjectState:
    """A dbt project as read from its files; nothing of it was executed."""

    name: str
    model_paths: tuple[str, ...] = ("models",)
    models: Mapping[str, ModelState] = field(default_factory=dict)
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    """Names of the packages that are installed below dbt_packages."""
    declared_packages: tuple[str, ...] = ()
    """What packages.yml or dependencies.yml asks for, as written there."""
    vars: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the text of every file that was read, by path relative to the project."""
    findings: tuple[Any, ...] = ()
    """`domain.plan.Finding` values: what could not be read, and where."""
    conventions: Conventions | None = None
    properties: Mapping[str, PropertiesState] = field(default_factory=dict)
    macros: tuple[str, ...] = ()
    profile: str | None = None
    warehouse: str | None = None
    """The adapter type of the profile's default target, where a profiles.yml says it."""
    seed_paths: tuple[str, ...] = ("seeds",)
    snapshot_paths: tuple[str, ...] = ("snapshots",)
    configured: tuple[tuple[str, str, str], ...] = ()
    """(trait, value, file) of the SQL style that the settings of a linter or an editor ask for."""
    configured_yaml: tuple[tuple[str, str, str], ...] = ()
    """The same of the style of property files."""
    overrides: tuple[tuple[str, str, str], ...] = ()
    """(key, value, file) of what a person asks for in cartridge.toml, whatever the project shows."""
    documentation: Documentation = field(default_factory=Documentation)
    untouched: frozenset[str] = frozenset()
    """Staging models whose file is just what rendering their own columns gives: nobody edited them."""

    @property
    def own_models(self) -> tuple[ModelState, ...]:
        """The project's own models, by name; no packages, seeds or snapshots."""
        found = (model for model in self.models.values() if model.kind == "model" and model.package is None)
        return tuple(sorted(found, key=lambda model: (model.name, model.path)))

    @cached_property
    def source_readers(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The models that read each (source, table)."""
        return _grouped((pair, model.name) for model in self.models.values() for pair in model.sources)

    @cached_property
    def model_readers(self) -> Mapping[str, frozenset[str]]:
        """The models that refer to each model."""
        return _grouped((name, model.name) for model in self.models.values() for name in model.refs)

    def context(self) -> ProjectContext:
        """The project as a request takes it. Incremental as soon as it has a model or a source of its own."""
        sources = sorted(source.name for source in self.sources.values() if source.package is None)
        models = sorted({model.name for model in self.models.values()})
        own = [model for model in self.models.values() if model.package is None]
        return ProjectContext(
            is_incremental=bool(own or sources),
            existing_models=models,
            existing_sources=sources,
            warehouse_type=self.warehouse or "postgresql",
            project_name=self.name,
            state=self,
        )


@dataclass
class ProjectContext:
    """The project that new tables go into; all defaults mean a new one.

    `naming_conventions` maps a layer (`staging`, `intermediate`, `mart` or `marts`) to its prefix. `state` carries what
    was read from the project's files.

    Raises:
        ValueError: a field has a wrong type; the message names the field.
    """

    is_incremental: bool = False
    existing_models: list[str] = field(default_factory=list)
    existing_sources: list[str] = field(default_factory=list)
    naming_conventions: dict[str, str] = field(default_factory=dict)
    warehouse_type: str = "postgresql"
    project_name: str = "my_dbt_project"
    state: ProjectState | None = None

    def __post_init__(self) -> None:
        flag(self, "is_incremental")
        strings(self, "existing_models")
        strings(self, "existing_sources")
        text(self, "warehouse_type")
        text(self, "project_name")
        if not isinstance(self.naming_conventions, dict) or not all(
            isinstance(word, str) for pair in self.naming_conventions.items() for word in pair
        ):
            raise InputError("ProjectContext.naming_conventions: must map layer names to prefixes, both text")


def _grouped(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, frozenset[str]]:
    found: dict[_Key, set[str]] = {}
    for key, name in pairs:
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}
