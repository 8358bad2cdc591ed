"""The adapter type of the project's profile. Nothing else of a profile is read: no host, no password."""

from __future__ import annotations

import os
from pathlib import Path

from cartridge.project.yaml_nodes import YamlFault, documents, mapping, text


def warehouse_of(root: Path, profile: str | None) -> str | None:
    """The `type` of the profile's default target, looked up where dbt does; None where no profiles.yml tells it.

    The places are $DBT_PROFILES_DIR, the project's folder and ~/.dbt.
    """
    places = [Path(folder) for folder in [os.environ.get("DBT_PROFILES_DIR")] if folder]
    for place in (*places, root, Path.home() / ".dbt"):
        try:
            content = (place / "profiles.yml").read_text(encoding="utf-8-sig")
            roots = documents(content)
        except (OSError, UnicodeDecodeError, YamlFault):
            continue
        entries = mapping(mapping(roots[0]).get(profile or "")) if roots else {}
        outputs = mapping(entries.get("outputs"))
        target = text(entries.get("target")) or "default"
        chosen = outputs.get(target) or (next(iter(outputs.values())) if len(outputs) == 1 else None)
        kind = text(mapping(chosen).get("type"))
        if kind and "{" not in kind:
            return kind
    return None
