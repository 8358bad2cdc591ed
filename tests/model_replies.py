"""Requests of the quick start, replies to them, and providers whose SDK calls are replaced as the quick start does."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import AsyncMock, MagicMock

from cartridge.ai.base import ColumnMapping, ModelGenerationRequest, ModelType, ProjectContext, TableMapping

MODEL_VENDORS = ("openai", "anthropic", "gemini")


def action(step_id: int = 1, **changes: Any) -> dict[str, Any]:
    """One good action of a reply."""
    good = {
        "step_id": step_id,
        "type": "create_source",
        "name": "ecommerce",
        "file_path": "models/staging/ecommerce/sources.yml",
        "description": "Create source definition",
        "dependencies": [],
    }
    return {**good, **changes}


def plan_reply() -> dict[str, Any]:
    """A reply that passes the gate: a source, a staging model and a fact."""
    return {
        "strategy": "greenfield",
        "actions": [
            action(),
            action(
                2,
                type="create_staging",
                name="stg_ecommerce__orders",
                file_path="models/staging/ecommerce/stg_ecommerce__orders.sql",
                description="One row per order",
                dependencies=["ecommerce"],
            ),
            action(
                3,
                type="create_mart",
                name="fct_orders",
                file_path="models/marts/fct_orders.sql",
                description="One row per order",
                dependencies=["stg_ecommerce__orders"],
            ),
        ],
    }


def make_request(context: ProjectContext | None = None, **changes: Any) -> ModelGenerationRequest:
    """The request of the quick start, changed where a test needs it."""
    columns = [
        ColumnMapping(name="id", data_type="bigint", nullable=False, is_primary_key=True),
        ColumnMapping(
            name="customer_id",
            data_type="bigint",
            nullable=False,
            is_foreign_key=True,
            foreign_key_table="customers",
            foreign_key_column="id",
        ),
    ]
    table = TableMapping(name="orders", schema="ecommerce", table_type="table", columns=columns, row_count=10000)
    values = {"tables": [table], "model_types": [ModelType.STAGING, ModelType.MARTS], "context": context}
    return ModelGenerationRequest(**{**values, **changes})


def mock_reply(provider: Any, text: object, **fields: Any) -> AsyncMock:
    """Lets the provider's client answer `text`, with bare mocks around it. `fields` are set beside the text."""
    name = provider.vendor_name
    if name.startswith("openai"):
        message = {key: value for key, value in fields.items() if key == "refusal"}
        rest = {key: value for key, value in fields.items() if key not in ("refusal", "usage")}
        top = {"usage": fields["usage"]} if "usage" in fields else {}
        choice = MagicMock(message=MagicMock(content=text, **message), **rest)
        provider.client.chat.completions.create = AsyncMock(return_value=MagicMock(choices=[choice], **top))
        return provider.client.chat.completions.create
    if name == "anthropic":
        answer = MagicMock(content=[MagicMock(text=text)], **fields)
        provider.client.messages.create = AsyncMock(return_value=answer)
        return provider.client.messages.create
    provider.client.aio.models.generate_content = AsyncMock(return_value=MagicMock(text=text, **fields))
    return provider.client.aio.models.generate_content


def good_text() -> str:
    """`plan_reply` as JSON."""
    return json.dumps(plan_reply())
