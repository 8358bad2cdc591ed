"""What a dbt project shows of its conventions."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cartridge.domain.plan import Finding
from cartridge.plan.conventions import LearnedRule, learned_rules


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
    from cartridge.project import read_project  # noqa: PLC0415

    state = await asyncio.to_thread(read_project, project)
    return await asyncio.to_thread(learned_rules, state), tuple(state.findings)
