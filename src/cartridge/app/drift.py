"""What moved in a source since the project was written."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cartridge.app.plan import with_untouched
from cartridge.domain.plan import Finding, ModelGenerationRequest
from cartridge.plan import scope_of
from cartridge.plan.drift import drift as moved
from cartridge.plan.drift import unmodelled


async def drift(request: ModelGenerationRequest, project: Path) -> tuple[Finding, ...]:
    """Tables and columns that are new, gone, renamed or retyped; empty where the project is as the source is."""
    known = await with_untouched(request, project)
    return await asyncio.to_thread(_drift, known)


def _drift(request: ModelGenerationRequest) -> tuple[Finding, ...]:
    scope = scope_of(request)
    return (*unmodelled(scope), *moved(scope))
