"""The offline planner behind the same door as the models: rules instead of a model, no key, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from cartridge.ai.base import AIProvider
from cartridge.ai.settings import read_settings
from cartridge.ai.vendors import VENDORS
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest
from cartridge.errors import InputError
from cartridge.plan import draft_offline, review


class OfflineProvider(AIProvider):
    """Plans by rules alone. It takes the configuration keys of every provider and needs none."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        read_settings(VENDORS["offline"], config)

    def __repr__(self) -> str:
        return "OfflineProvider()"

    async def generate_execution_plan(self, request: ModelGenerationRequest) -> ExecutionPlan:
        """The offline plan of a request; pure, so that the same request always gives the same plan.

        Raises:
            PlanError: the plan could not be written or built as it stands.
        """
        if not isinstance(request, ModelGenerationRequest):
            raise InputError(f"request: must be a ModelGenerationRequest, got {type(request).__name__}")
        return await asyncio.to_thread(_plan, request)


def _plan(request: ModelGenerationRequest) -> ExecutionPlan:
    return review(draft_offline(request), request)
