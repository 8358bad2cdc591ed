"""What a dbt profile says of itself, read as text: the variables it names and the target it falls back on.

Nothing here renders Jinja: a profile is read to decide what a child process may see, not to run it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(
    r"""env_var\s*\(\s*\\?(['"])(?P<name>[^'"\\]+)\\?\1\s*(?:,\s*\\?(['"])(?P<default>[^'"\\]*)\\?\3\s*)?\)"""
)
"""A call of `env_var`; inside a quoted YAML string its own quotes may bear backslashes."""
_PRODUCTION = re.compile(r"(^|[^a-z])(prod|prd|production|live)([^a-z]|$)", re.IGNORECASE)


def profiles_file(project: Path, environment: Mapping[str, str]) -> Path | None:
    """The profiles.yml that dbt takes when run in `project`: $DBT_PROFILES_DIR, the project itself, ~/.dbt."""
    folders = [Path(environment["DBT_PROFILES_DIR"])] if environment.get("DBT_PROFILES_DIR") else []
    if not folders:
        home = environment.get("HOME") or environment.get("USERPROFILE") or "~"
        folders = [project, Path(home).expanduser() / ".dbt"]
    found = (project / folder / "profiles.yml" for folder in folders)
    return next((path for path in found if path.is_file()), None)


def named_variables(texts: list[str]) -> frozenset[str]:
    """The environment variables that `env_var()` names in the texts."""
    return frozenset(match["name"] for text in texts for match in _VARIABLE.finditer(text))


def texts_of(project: Path, environment: Mapping[str, str]) -> list[str]:
    """The texts whose variables a dbt child needs: the profile's and dbt_project.yml's."""
    files = [project / "dbt_project.yml", profiles_file(project, environment)]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files if file is not None and file.is_file()]


def default_target(project: Path, environment: Mapping[str, str]) -> str | None:
    """The target that the project's profile falls back on; None where its files do not say."""
    if environment.get("DBT_TARGET"):
        return environment["DBT_TARGET"]
    path = profiles_file(project, environment)
    profile = _mapping(project / "dbt_project.yml").get("profile")
    outputs = _mapping(path).get(str(profile)) if path is not None else None
    target = outputs.get("target") if isinstance(outputs, dict) else None
    if not isinstance(target, str):
        return None
    return _VARIABLE.sub(lambda match: environment.get(match["name"], match["default"] or ""), target).strip("{} ")


def looks_like_production(target: str) -> bool:
    """Whether a target's name says that it is the production one."""
    return _PRODUCTION.search(target) is not None


def _mapping(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):  # dbt itself says what is wrong with the file, and says it better
        return {}
    return data if isinstance(data, dict) else {}
