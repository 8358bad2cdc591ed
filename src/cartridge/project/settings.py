"""dbt_project.yml: paths, vars and the configuration trees of models, seeds and snapshots. Jinja in values is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cartridge.errors import ProjectError
from cartridge.project.tree import Tree
from cartridge.project.yaml_nodes import YamlFault, documents, mapping, plain, text, texts

PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Settings:
    """What dbt_project.yml says, dbt's defaults filled in."""

    name: str
    profile: str | None = None
    model_paths: tuple[str, ...] = ("models",)
    seed_paths: tuple[str, ...] = ("seeds",)
    snapshot_paths: tuple[str, ...] = ("snapshots",)
    macro_paths: tuple[str, ...] = ("macros",)
    packages_path: str = "dbt_packages"
    target_path: str = "target"
    vars: Mapping[str, Any] = field(default_factory=dict)
    trees: Mapping[str, Any] = field(default_factory=dict)
    """The configuration trees by resource: `models`, `seeds`, `snapshots`."""

    def config(self, resource: str, parts: tuple[str, ...], key: str) -> Any:
        """What the tree of a resource sets for a node at these folders (its own name last); None: nothing."""
        level, value = self.trees.get(resource), None
        for part in (None, self.name, *parts):
            if part is not None:
                level = level.get(part) if isinstance(level, dict) else None
            if not isinstance(level, dict):
                return value
            for written in (f"+{key}", key):
                if written in level and not isinstance(level[written], dict):
                    value = level[written]
        return value


def read_settings(tree: Tree) -> Settings:
    """The settings of the project in the tree's folder.

    Raises:
        ProjectError: there is no dbt_project.yml, or it cannot be read.
    """
    if not (tree.root / PROJECT_FILE).is_file():
        raise ProjectError(_no_project(tree.root))
    content = tree.read(PROJECT_FILE)
    if content is None:
        raise ProjectError(f"{PROJECT_FILE} cannot be read: {tree.findings[-1].message}.")
    try:
        roots = documents(content)
    except YamlFault as fault:
        raise ProjectError(
            f"{PROJECT_FILE}, line {fault.line}: invalid YAML: {fault.message}. Mend it first."
        ) from None
    entries = mapping(roots[0]) if roots else {}
    name = text(entries.get("name"))
    if not name:
        raise ProjectError(f"{PROJECT_FILE} has no `name:`. Add the project's name, as dbt needs it too.")
    return _settings(name, entries)


def _settings(name: str, entries: dict[str, yaml.Node]) -> Settings:
    def paths(default: str, *keys: str) -> tuple[str, ...]:
        return next((texts(entries[key]) for key in keys if texts(entries.get(key))), (default,))

    variables = plain(entries.get("vars"))
    return Settings(
        name=name,
        profile=text(entries.get("profile")),
        model_paths=paths("models", "model-paths", "source-paths"),
        seed_paths=paths("seeds", "seed-paths", "data-paths"),
        snapshot_paths=paths("snapshots", "snapshot-paths"),
        macro_paths=paths("macros", "macro-paths"),
        packages_path=text(entries.get("packages-install-path")) or "dbt_packages",
        target_path=text(entries.get("target-path")) or "target",
        vars=variables if isinstance(variables, dict) else {},
        trees={key: plain(entries.get(key)) for key in ("models", "seeds", "snapshots")},
    )


def _no_project(root: Path) -> str:
    if not root.exists():
        return f"{root} does not exist. Give the folder of a dbt project, the one that holds {PROJECT_FILE}."
    if not root.is_dir():
        return f"{root} is no folder. Give the folder of a dbt project, the one that holds {PROJECT_FILE}."
    try:
        below = sorted(path.parent.name for path in root.glob(f"*/{PROJECT_FILE}"))
    except OSError:
        below = []
    hint = f" Did you mean {', '.join(below[:3])} below it?" if below else " Give the folder of a dbt project."
    return f"No {PROJECT_FILE} in {root}.{hint}"
