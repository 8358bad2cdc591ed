"""The public door to planning: the nouns of a request and of a plan, and what every provider can do.

The nouns are defined in `cartridge.domain`; they are re-exported here under the names that users import.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest, PlanAction
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, ModelType, TableMapping

__all__ = [
    "AIProvider",
    "ColumnMapping",
    "ExecutionPlan",
    "ModelGenerationRequest",
    "ModelType",
    "PlanAction",
    "ProjectContext",
    "TableMapping",
]


class AIProvider(ABC):
    """Whoever turns a request into a plan: the offline planner, or a language model of a vendor.

    A package may bring its own: a subclass, named under the entry-point group `cartridge.providers`, that is made with
    one argument, the configuration mapping.
    """

    @abstractmethod
    async def generate_execution_plan(self, request: ModelGenerationRequest) -> ExecutionPlan:
        """The plan for a request, checked by the gate; what the gate had to say is in `plan.findings`.

        Raises:
            ReplyError: a model answered something that is no plan (a `ValueError`).
            PlanError: the plan could not be written or built as it stands (a `ValueError`).
            ProviderError: a model could not be asked.
        """
