"""Which models a new one may read: a private model is for its own group alone."""

from __future__ import annotations

from cartridge.domain.project import ProjectState


def group_at(path: str, state: ProjectState) -> str | None:
    """The group that dbt_project.yml gives a new model at `path`, as it gives it to the models nearest there."""
    folder = path.rpartition("/")[0]
    while folder:
        near = [model for model in state.own_models if model.path.startswith(f"{folder}/")]
        groups = {model.group if model.group_in == "project" else None for model in near}
        if groups:
            return groups.pop() if len(groups) == 1 else None
        folder = folder.rpartition("/")[0]
    return None


def forbidden(path: str, state: ProjectState | None) -> frozenset[str]:
    """The project's models that a new one at `path` may not read."""
    private = [model for model in state.models.values() if model.private] if state else []
    if not private or state is None:
        return frozenset()
    group = group_at(path, state)
    return frozenset(model.name for model in private if model.group != group or group is None)
