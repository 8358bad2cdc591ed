"""What a dbt project shows of its conventions."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cartridge.plan.conventions import LearnedRule, learned_rules


async def conventions(project: str | Path) -> tuple[LearnedRule, ...]:
    """The conventions of the dbt project in a folder, each with how many models follow it and which do not.

    Raises:
        ProjectError: there is no dbt_project.yml, or it cannot be read.
    """
    from cartridge.project import read_project  # noqa: PLC0415

    return await asyncio.to_thread(lambda: learned_rules(read_project(project)))
