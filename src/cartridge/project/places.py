"""Where sources lie: the schema and database that their Jinja gives, as far as the project's files tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cartridge.domain.project import SourceState
from cartridge.project.jinja_values import NotRendered, UnsetVariable, rendered
from cartridge.project.profiles import target_of
from cartridge.project.settings import Settings


def placed(sources: Mapping[str, SourceState], settings: Settings, root: Path) -> dict[str, SourceState]:
    """The sources with what the Jinja in their schemas and databases gives: variables of dbt_project.yml and of the
    environment, and the profile's target. What needs more stays unknown."""
    if not any("{" in f"{source.schema}{source.database}" for source in sources.values()):
        return dict(sources)
    names = {"var": _Variables(settings), "target": target_of(root, settings.profile)}
    return {
        name: replace(source, given=(_given(source.schema, names), _given(source.database, names)))
        for name, source in sources.items()
    }


def _given(text: str | None, names: Mapping[str, Any]) -> str | None:
    if text is None or "{" not in text:
        return text
    try:
        return rendered(text, names).strip() or None
    except (NotRendered, UnsetVariable):
        return None


class _Variables:
    """dbt's `var`: the project's own value, else the one for all packages, else the default of the call."""

    def __init__(self, settings: Settings) -> None:
        own = settings.vars.get(settings.name)
        self._values = {**settings.vars, **(own if isinstance(own, Mapping) else {})}

    def __call__(self, name: str, default: Any = None) -> Any:
        value = self._values.get(name, default)
        if value is None:
            raise UnsetVariable(name)
        return _given(value, {"var": self}) if isinstance(value, str) else value
