"""The reader: settings, property files, SQL and Python files, packages and, where it helps, dbt's own manifest."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from cartridge.domain.plan import Finding
from cartridge.domain.project import ModelState, ProjectState, PropertiesState
from cartridge.errors import ProjectError
from cartridge.plan.naming import learned_conventions
from cartridge.project.documentation import documentation_of
from cartridge.project.jinja import JinjaFacts, JinjaFault, read_jinja
from cartridge.project.layers import layer_of
from cartridge.project.linters import configured_style
from cartridge.project.manifest import complete
from cartridge.project.overrides import read_overrides
from cartridge.project.packages import declared_packages, installed_packages
from cartridge.project.places import placed
from cartridge.project.profiles import warehouse_of
from cartridge.project.properties import NodeProperties, PropertyFile, read_properties
from cartridge.project.python_models import read_python
from cartridge.project.settings import Settings, read_settings
from cartridge.project.sources import merge_sources
from cartridge.project.sql_traits import sql_traits
from cartridge.project.tree import Tree
from cartridge.project.yaml_linters import configured_yaml

_YAML = (".yml", ".yaml")
_SEEDS = (".csv", ".parquet")
_MACRO = re.compile(r"\{%-?\s*(?:macro|test|data_test)\s+(\w+)")
_SNAPSHOT_SOURCE = re.compile(r"source\(\s*['\"]([^'\"]+)['\"]\s*,\s*['\"]([^'\"]+)['\"]\s*\)")
_SNAPSHOT_REF = re.compile(r"ref\(\s*['\"]([^'\"]+)['\"]\s*\)")

_FILES = 40
"""How many property files are looked at for their layout."""

_ENOUGH, _MANY, _FEW = 30, 600, 3
"""How many models of one folder are looked at for their style (more would say the same, and cost time), and how many of
each further folder once many were."""

Resource = Literal["models", "seeds", "snapshots"]


def read_project(path: str | Path) -> ProjectState:
    """The dbt project in a folder (or of a dbt_project.yml), read from its files alone.

    What cannot be read is a finding with its file and line; the rest is still there.

    Raises:
        ProjectError: there is no dbt_project.yml, it cannot be read, or cartridge.toml asks for what is not known.
    """
    root = Path(path)
    with _no_collection():
        state = _read(root.parent if root.name == "dbt_project.yml" and root.is_file() else root)
        learned = learned_conventions(state)
    return replace(state, conventions=learned.plain() if learned else None)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the search for cyclic garbage: a large YAML file is a million objects that all stay, and looking through
    them again and again takes as long as reading them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _read(root: Path, package: bool = False) -> ProjectState:
    tree = Tree(root)
    settings = read_settings(tree)
    reading = _Reading(tree, settings)
    reading.read_properties()
    reading.read_models()
    reading.read_seeds()
    reading.read_snapshots()
    sources, notes = merge_sources(reading.property_files)
    tree.findings.extend(notes)
    state = ProjectState(
        name=settings.name,
        model_paths=settings.model_paths,
        models=dict(sorted(reading.models.items())),
        sources=placed(sources, settings, root),
        vars=settings.vars,
        files=dict(sorted(tree.hashes.items())),
        properties={file.path: _properties_state(file) for file in reading.property_files},
        macros=reading.macros(),
        profile=settings.profile,
        seed_paths=settings.seed_paths,
        snapshot_paths=settings.snapshot_paths,
        findings=_sorted(tree.findings),
        configured=() if package else configured_style(root),
        configured_yaml=() if package else configured_yaml(root),
        overrides=() if package else read_overrides(root),
        documentation=documentation_of(
            reading.documented.values(),
            frozenset(model.name for model in reading.models.values() if model.layer == "staging"),
        ),
    )
    if package:
        return state
    tree.findings.clear()  # those of the packages come next
    state = replace(state, declared_packages=declared_packages(tree), warehouse=warehouse_of(root, settings.profile))
    state = complete(state, root / settings.target_path / "manifest.json", root)
    return _with_packages(state, root, settings, tree)


def _with_packages(state: ProjectState, root: Path, settings: Settings, tree: Tree) -> ProjectState:
    """Adds the nodes of the installed packages. A name that the project has too is kept under `package.name`."""
    models, sources = dict(state.models), dict(state.sources)
    names: list[str] = []
    for folder in installed_packages(root, settings.packages_path):
        try:
            package = _read(folder, package=True)
        except ProjectError as fault:
            tree.note("unreadable-package", "warning", f"{settings.packages_path}/{folder.name}: {fault}")
            continue
        names.append(package.name)
        for name, model in package.models.items():
            if name in models:
                tree.note(
                    "package-clash", "warning",
                    f"{model.kind} {name} of package {package.name} has the name of {models[name].path}",
                    models[name].path, mend="Rename one of them, or disable the package's.",
                )  # fmt: skip
            models[f"{package.name}.{name}" if name in models else name] = replace(model, package=package.name)
        for name, source in package.sources.items():
            sources[f"{package.name}.{name}" if name in sources else name] = replace(source, package=package.name)
    return replace(
        state, models=models, sources=sources, packages=tuple(sorted(names)),
        files=dict(sorted(tree.hashes.items())), findings=_sorted(state.findings + tuple(tree.findings)),
    )  # fmt: skip


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    unique = {(f.path or "", f.line or 0, f.code, f.message): f for f in findings}
    return tuple(unique[key] for key in sorted(unique))


def _stem(path: str) -> str:
    """The name of a file without its suffix."""
    return path.rpartition("/")[2].rpartition(".")[0]


def _properties_state(file: PropertyFile) -> PropertiesState:
    names = tuple(node.name for node in file.nodes)
    return PropertiesState(file.path, names, tuple(source.name for source in file.sources), file.tests_key, file.traits)


@dataclass
class _Reading:
    """One reading of one project: what was found so far."""

    tree: Tree
    settings: Settings
    property_files: list[PropertyFile] = field(default_factory=list)
    documented: dict[tuple[str, str], NodeProperties] = field(default_factory=dict)
    looked_at: Counter[str] = field(default_factory=Counter)
    """How many models of a folder were looked at for their style."""
    models: dict[str, ModelState] = field(default_factory=dict)

    def read_properties(self) -> None:
        """Every YAML file below the model, seed, snapshot and macro folders."""
        settings = self.settings
        folders = (*settings.model_paths, *settings.seed_paths, *settings.snapshot_paths)
        for path in self.tree.files(folders, _YAML):
            file = read_properties(self.tree, path, with_traits=len(self.property_files) < _FILES)
            if file is None:
                continue
            self.property_files.append(file)
            for node in file.nodes:
                before = self.documented.setdefault((node.resource, node.name), node)
                if before is not node:
                    self.tree.note(
                        "documented-twice", "error",
                        f"{path}, line {node.line}: {node.name} is documented in {before.path} too", path,
                        line=node.line, mend="Keep one of the two entries; dbt refuses both.",
                    )  # fmt: skip

    def read_models(self) -> None:
        """Every SQL and Python model."""
        versions = {
            file: node
            for (resource, _), node in self.documented.items()
            if resource == "models"
            for version in node.versions
            for file in [node.defined_in.get(version, f"{node.name}_v{version}")]
        }
        for path in self.tree.files(self.settings.model_paths, (".sql", ".py")):
            facts = self._facts(path)
            stem = _stem(path)
            node = versions.get(stem) or self.documented.get(("models", stem))
            name = node.name if node else stem
            model = self._node(path, name, facts, "models")
            if node and node.versions:
                model = replace(model, versions=node.versions)
                if name in self.models and self.models[name].versions:
                    self._keep_latest(model, stem, node)
                    continue
            self._add(model)

    def _keep_latest(self, model: ModelState, stem: str, node: NodeProperties) -> None:
        latest = node.latest or max(node.versions, key=lambda version: (len(version), version))
        if stem == node.defined_in.get(latest, f"{node.name}_v{latest}"):
            self.models[model.name] = model

    def read_seeds(self) -> None:
        """Every seed."""
        for path in self.tree.files(self.settings.seed_paths, _SEEDS):
            self._add(self._node(path, _stem(path), JinjaFacts(), "seeds"))

    def read_snapshots(self) -> None:
        """Every snapshot, written as a SQL block or in YAML."""
        for path in self.tree.files(self.settings.snapshot_paths, (".sql",)):
            facts = self._facts(path)
            for block in facts.blocks if facts else ():
                if block.kind == "snapshot":
                    self._add(self._node(path, block.name, facts, "snapshots"))
        for (resource, name), node in sorted(self.documented.items()):
            if resource == "snapshots" and node.relation and name not in self.models:
                refs = tuple(_SNAPSHOT_REF.findall(node.relation))
                sources = tuple((source, table) for source, table in _SNAPSHOT_SOURCE.findall(node.relation))
                facts = JinjaFacts(refs, sources, unknown=() if refs or sources else ((node.line, "relation"),))
                self._add(self._node(node.path, name, facts, "snapshots"))

    def macros(self) -> tuple[str, ...]:
        """Names of the project's macros and generic tests."""
        names: set[str] = set()
        for path in self.tree.files(self.settings.macro_paths, (".sql",)):
            names.update(_MACRO.findall(self.tree.read(path) or ""))
        return tuple(sorted(names))

    def _facts(self, path: str) -> JinjaFacts | None:
        """What a file says; None, and a finding, where it cannot be read."""
        text = self.tree.read(path)
        if text is None:
            return None
        try:
            facts = read_python(text) if path.endswith(".py") else read_jinja(text)
        except JinjaFault as fault:
            self.tree.note(
                "invalid-python" if path.endswith(".py") else "invalid-jinja", "error",
                f"{path}, line {fault.line}: {fault}", path, line=fault.line, mend="Mend the file; dbt cannot read it.",
            )  # fmt: skip
            return None
        if path.endswith(".sql"):
            facts = replace(facts, traits=self._traits(path, text, facts))
        for line, what in facts.unknown:
            self.tree.note(
                "dynamic-reference", "note", f"{path}, line {line}: what {what} reads is known only at run time", path,
                line=line,
            )  # fmt: skip
        return facts

    def _traits(self, path: str, text: str, facts: JinjaFacts) -> tuple[tuple[str, str], ...]:
        """The style of a model's SQL; of a folder with many models only the first ones are looked at."""
        folder = path.rpartition("/")[0]
        self.looked_at[folder] += 1
        if self.looked_at[folder] > (_FEW if self.looked_at.total() > _MANY else _ENOUGH):
            return ()
        return sql_traits(text, facts.sources[0][1] if len(facts.sources) == 1 and not facts.refs else None)

    def _node(self, path: str, name: str, facts: JinjaFacts | None, resource: Resource) -> ModelState:
        node = self.documented.get((resource, name))
        read = facts or JinjaFacts()
        materialized, where = self._setting("materialized", path, resource, read, node)
        enabled, _ = self._setting("enabled", path, resource, read, node)
        alias, _ = self._setting("alias", path, resource, read, node)
        group, group_in = self._setting("group", path, resource, read, node)
        access, _ = self._setting("access", path, resource, read, node)
        kind: dict[Resource, Literal["model", "seed", "snapshot"]] = {
            "models": "model", "seeds": "seed", "snapshots": "snapshot",
        }  # fmt: skip
        return ModelState(
            name=name,
            path=path,
            kind=kind[resource],
            layer="snapshot" if resource == "snapshots" else layer_of(name, path.rpartition("/")[0]),
            refs=read.refs,
            sources=read.sources,
            columns=(node.columns.names or None) if node else None,
            grain=node.grain if node else None,
            properties_path=node.path if node else None,
            materialized=materialized if isinstance(materialized, str) and "{" not in materialized else None,
            materialized_in=where,
            enabled=str(enabled).lower() != "false",
            alias=alias if isinstance(alias, str) and "{" not in alias else None,
            group=group if isinstance(group, str) else None,
            group_in=group_in,
            private=access == "private",
            unknown=facts is None or bool(read.unknown),
            traits=read.traits if resource == "models" else (),
            tests=tuple(sorted(node.tests)) if node else None,
        )

    def _setting(
        self, key: str, path: str, resource: Resource, facts: JinjaFacts, node: NodeProperties | None
    ) -> tuple[Any, Literal["model", "properties", "project"] | None]:
        """What holds for a node, and where it is set. The file wins over its properties, those over the project."""
        if key in facts.config:
            return facts.config[key], "model"
        if node and key in node.config:
            return node.config[key], "properties"
        roots = {"models": self.settings.model_paths, "seeds": self.settings.seed_paths}
        for root in roots.get(resource, self.settings.snapshot_paths):
            if path.startswith(f"{root}/"):
                *folders, file = path[len(root) + 1 :].split("/")
                value = self.settings.config(resource, (*folders, _stem(file)), key)
                return value, "project" if value is not None else None
        return None, None

    def _add(self, model: ModelState) -> None:
        before = self.models.get(model.name)
        if before is None or (model.enabled and not before.enabled):
            self.models[model.name] = model
        if before and model.enabled and before.enabled:
            self.tree.note(
                "name-taken-twice", "error", f"{model.name} is both {before.path} and {model.path}", model.path,
                mend="dbt's names are global over models, seeds and snapshots: rename one.",
            )  # fmt: skip
