"""The project's profile: which warehouse it is for, and, only where a user asks for it, how to reach it.

profiles.yml is looked up where dbt looks. Jinja in its values is rendered in a sandbox that knows `env_var` and nothing
else of this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cartridge.errors import ProjectError
from cartridge.project.jinja_values import NotRendered, UnsetVariable, rendered
from cartridge.project.yaml_nodes import YamlFault, documents, mapping, plain, text

_FILE = "profiles.yml"


@dataclass(frozen=True)
class Connection:
    """One target of a profile, its Jinja rendered. `fields` hold secrets: they are never shown."""

    kind: str
    target: str
    fields: Mapping[str, Any] = field(repr=False)

    def said(self, *names: str) -> str:
        """The first of the named fields that is set, as text; "" where none is."""
        return next((str(self.fields[name]) for name in names if self.fields.get(name) not in (None, "")), "")


def warehouse_of(root: Path, profile: str | None) -> str | None:
    """The `type` of the profile's default target; None where no profiles.yml tells it. Nothing else of it is read."""
    for _, entries in _profiles(root, profile):
        try:
            kind = text(mapping(_chosen(entries, None)[1]).get("type"))
        except ProjectError:  # the target's name needs a variable that is not set
            continue
        if kind and "{" not in kind:
            return kind
    return None


_TARGET = {"type": "type", "schema": "schema", "dataset": "schema", "database": "database", "dbname": "database",
           "project": "database", "catalog": "database"}  # fmt: skip
"""Fields of a profile's target that say where dbt builds, by what dbt calls them in Jinja."""


def target_of(root: Path, profile: str | None) -> dict[str, str]:
    """dbt's `target` as Jinja of the project may use it: `name`, `type`, `schema`, `database`, where they are known."""
    for _, entries in _profiles(root, profile):
        try:
            name, node = _chosen(entries, None)
        except ProjectError:
            continue
        found = {"name": name}
        for field_name, value in mapping(node).items():
            if field_name in _TARGET:
                with suppress(ProjectError):
                    found[_TARGET[field_name]] = str(_rendered(text(value) or "", field_name))
        return found
    return {}


def connection_of(root: Path, profile: str | None, target: str | None = None) -> Connection:
    """The target that dbt would use for the project in `root`: `target`, else the profile's default.

    Raises:
        ProjectError: there is no such profile or target, or a variable that it needs is not set.
    """
    if not profile:
        raise ProjectError("dbt_project.yml names no `profile:`. Add it, or name the source: cartridge plan SOURCE")
    for path, entries in _profiles(root, profile):
        name, node = _chosen(entries, target)
        if node is None:
            known = ", ".join(mapping(entries.get("outputs"))) or "none"
            raise ProjectError(f"{path}: profile {profile} has no target {name!r}; it has: {known}")
        values = plain(node)
        if not isinstance(values, dict):
            raise ProjectError(f"{path}: target {name!r} of profile {profile} is no mapping")
        fields = {key: _rendered(value, f"{path}: {profile}.{name}.{key}") for key, value in values.items()}
        if not fields.get("type"):
            raise ProjectError(f"{path}: target {name!r} of profile {profile} has no `type:`")
        return Connection(str(fields["type"]), name, fields)
    looked = ", ".join(str(place) for place in _places(root))
    raise ProjectError(
        f"Profile {profile!r} of dbt_project.yml is in no {_FILE} (looked in {looked}). Set DBT_PROFILES_DIR, "
        "or name the source: cartridge plan SOURCE"
    )


def _places(root: Path) -> list[Path]:
    """Where dbt looks, in its order."""
    named = os.environ.get("DBT_PROFILES_DIR")
    return [*([root / named] if named else []), root, Path.home() / ".dbt"]


def _profiles(root: Path, profile: str | None) -> Iterator[tuple[Path, dict[str, yaml.Node]]]:
    """The entries of the profile, with the file that has them, from every file that does."""
    for place in _places(root):
        try:
            roots = documents((place / _FILE).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, YamlFault):
            continue
        entries = mapping(mapping(roots[0]).get(profile or "")) if roots else {}
        if entries:
            yield place / _FILE, entries


def _chosen(entries: dict[str, yaml.Node], target: str | None) -> tuple[str, yaml.Node | None]:
    """The name of the target, and what it says. One that stands alone is it, whatever its name."""
    outputs = mapping(entries.get("outputs"))
    default = text(entries.get("target")) or "default"
    asked = target or os.environ.get("DBT_TARGET")
    name = asked or (str(_rendered(default, "target")) if "{" in default else default)
    if name not in outputs and not asked and len(outputs) == 1:
        return next(iter(outputs.items()))
    return name, outputs.get(name)


def _rendered(value: Any, where: str) -> Any:
    """The value with its Jinja rendered, as dbt does it: only `env_var` is known, and dbt's filters for types."""
    if isinstance(value, dict):
        return {key: _rendered(item, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(item, where) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return rendered(value)
    except UnsetVariable as fault:
        raise ProjectError(f"{where} needs the environment variable {fault}, which is not set") from None
    except NotRendered:
        raise ProjectError(
            f"{where} holds Jinja other than env_var(). Name the source: cartridge plan SOURCE"
        ) from None
