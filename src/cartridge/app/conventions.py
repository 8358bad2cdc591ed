"""What a dbt project shows of its conventions."""

from __future__ import annotations

import asyncio
from itertools import chain, islice, zip_longest
from pathlib import Path

from cartridge.domain.plan import Finding
from cartridge.domain.project import ProjectState
from cartridge.plan.conventions import LearnedRule, learned_rules
from cartridge.plan.conventions.columns import stagers
from cartridge.plan.conventions.evidence import folder_of

_LOOKED_AT = 200
"""So many staging models are looked at for what they call their columns, those of different folders first."""


async def conventions(project: str | Path) -> tuple[LearnedRule, ...]:
    """The conventions of the dbt project in a folder, each with how many models follow it and which do not.

    Raises:
        ProjectError: there is no dbt_project.yml, or it cannot be read.
    """
    return (await conventions_and_findings(project))[0]


async def conventions_and_findings(project: str | Path) -> tuple[tuple[LearnedRule, ...], tuple[Finding, ...]]:
    """The same, with what could not be read.

    Raises:
        ProjectError: there is no dbt_project.yml, or it cannot be read.
    """
    state = await asyncio.to_thread(_read, Path(project))
    return await asyncio.to_thread(learned_rules, state), tuple(state.findings)


def _read(project: Path) -> ProjectState:
    """The project, with the columns of some staging models of every folder: parsing SQL is slow."""
    from cartridge.project import read_project, with_columns  # noqa: PLC0415

    state = read_project(project)
    folders: dict[str, list[str]] = {}
    for model in stagers(state):
        folders.setdefault(folder_of(model), []).append(model.name)
    ranks = chain.from_iterable(zip_longest(*folders.values()))
    return with_columns(project, state, islice(filter(None, ranks), _LOOKED_AT))
