"""The user's quick start, as examples: the same steps and the same names, with all three vendors.

The first part is written out; the second runs the snippets of the quick start itself, where it lies beside the
checkout.
"""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import fields
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from cartridge.ai import base, prompts
from cartridge.ai.base import (
    AIProvider,
    ColumnMapping,
    ExecutionPlan,
    ModelGenerationRequest,
    ModelType,
    PlanAction,
    ProjectContext,
    TableMapping,
)
from cartridge.ai.factory import create_ai_provider
from shared_data import shared

VENDORS = {
    "openai": {"api_key": "sk-...", "model": "gpt-4", "temperature": 0.1},
    "anthropic": {"api_key": "sk-ant-...", "model": "claude-3-sonnet-20240229", "temperature": 0.1},
    "gemini": {"api_key": "...", "model": "gemini-2.5-flash", "temperature": 0.1},
}
SIX_FIELDS = ["step_id", "type", "name", "file_path", "description", "dependencies"]

ONE_SOURCE = {
    "strategy": "greenfield",
    "actions": [
        {
            "step_id": 1,
            "type": "create_source",
            "name": "ecommerce",
            "file_path": "models/staging/ecommerce/sources.yml",
            "description": "Create source definition",
            "dependencies": [],
        }
    ],
}


def mock_client(provider: Any, text: str) -> None:
    """Replaces the vendor's call, as the quick start does."""
    match provider.vendor_name:
        case "openai":
            message = MagicMock(content=text)
            answer = MagicMock(choices=[MagicMock(message=message)])
            provider.client.chat.completions.create = AsyncMock(return_value=answer)
        case "anthropic":
            provider.client.messages.create = AsyncMock(return_value=MagicMock(content=[MagicMock(text=text)]))
        case "gemini":
            provider.client.aio.models.generate_content = AsyncMock(return_value=MagicMock(text=text))


@pytest.fixture(params=list(VENDORS))
def provider(request: pytest.FixtureRequest) -> Any:
    return create_ai_provider(provider_type=request.param, config=VENDORS[request.param])


@pytest.fixture
def orders() -> TableMapping:
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
    return TableMapping(name="orders", schema="ecommerce", table_type="table", columns=columns, row_count=10000)


@pytest.fixture
def new_project(orders: TableMapping) -> ModelGenerationRequest:
    return ModelGenerationRequest(
        tables=[orders],
        model_types=[ModelType.STAGING, ModelType.MARTS],
        context=ProjectContext(),
        naming_convention="Standard dbt conventions",
        target_warehouse="postgresql",
    )


@pytest.fixture
def existing_project(orders: TableMapping) -> ModelGenerationRequest:
    context = ProjectContext(
        is_incremental=True,
        existing_models=["stg_customers", "stg_products", "fct_sales"],
        existing_sources=["ecommerce", "marketing"],
        naming_conventions={"staging": "stg_", "intermediate": "int_", "mart": "fct_"},
        warehouse_type="postgresql",
        project_name="my_dbt_project",
    )
    return ModelGenerationRequest(tables=[orders], model_types=[ModelType.STAGING, ModelType.MARTS], context=context)


EXAMPLE_OUTPUT = {
    "strategy": "brownfield",
    "actions": [
        {
            "step_id": 1,
            "type": "create_staging",
            "name": "stg_ecommerce_orders",
            "file_path": "models/staging/ecommerce/stg_ecommerce_orders.sql",
            "description": "Staging model for orders table",
            "dependencies": ["ecommerce"],
        },
        {
            "step_id": 2,
            "type": "create_intermediate",
            "name": "int_customer_orders",
            "file_path": "models/intermediate/int_customer_orders.sql",
            "description": "Join customers with orders",
            "dependencies": ["stg_customers", "stg_ecommerce_orders"],
        },
        {
            "step_id": 3,
            "type": "create_mart",
            "name": "fct_orders",
            "file_path": "models/marts/fct_orders.sql",
            "description": "Fact table for orders",
            "dependencies": ["int_customer_orders"],
        },
    ],
}


def six_fields(plan: ExecutionPlan) -> dict[str, Any]:
    """The plan as the quick start prints it."""
    actions = [{name: getattr(step, name) for name in SIX_FIELDS} for step in plan.actions]
    return {"strategy": plan.strategy, "actions": actions}


async def test_greenfield(provider: Any, new_project: ModelGenerationRequest) -> None:
    mock_client(provider, json.dumps(ONE_SOURCE))
    plan = await provider.generate_execution_plan(new_project)
    assert six_fields(plan) == ONE_SOURCE


async def test_the_example_output(provider: Any, existing_project: ModelGenerationRequest) -> None:
    mock_client(provider, json.dumps(EXAMPLE_OUTPUT))
    plan = await provider.generate_execution_plan(existing_project)
    assert six_fields(plan) == EXAMPLE_OUTPUT


async def test_offline(new_project: ModelGenerationRequest) -> None:
    plan = await create_ai_provider("offline", {}).generate_execution_plan(new_project)
    assert plan.strategy == "greenfield"
    assert [step.type for step in plan.actions][:2] == ["create_source", "create_staging"]
    assert "create_mart" in [step.type for step in plan.actions]
    assert [step.step_id for step in plan.actions] == list(range(1, len(plan.actions) + 1))
    earlier: set[str] = set()
    for step in plan.actions:
        assert set(step.dependencies) <= earlier
        earlier.add(step.name)
    absent = [finding for finding in plan.findings if "customers" in finding.message]
    assert absent
    assert all(finding.severity != "error" for finding in absent)


async def test_offline_in_an_existing_project(existing_project: ModelGenerationRequest) -> None:
    plan = await create_ai_provider("offline", {}).generate_execution_plan(existing_project)
    assert plan.strategy == "brownfield"
    assert "create_source" not in [step.type for step in plan.actions]
    assert not {"stg_customers", "stg_products", "fct_sales"} & {step.name for step in plan.actions}


async def test_json_in_a_fence(provider: Any, new_project: ModelGenerationRequest) -> None:
    mock_client(provider, f"```json\n{json.dumps(ONE_SOURCE)}\n```")
    assert (await provider.generate_execution_plan(new_project)).strategy == "greenfield"


async def test_an_answer_without_json(provider: Any, new_project: ModelGenerationRequest) -> None:
    mock_client(provider, "This is not JSON")
    with pytest.raises(ValueError, match="Invalid JSON response"):
        await provider.generate_execution_plan(new_project)


async def test_an_empty_answer(provider: Any, new_project: ModelGenerationRequest) -> None:
    mock_client(provider, "")
    with pytest.raises(ValueError, match="Empty response"):
        await provider.generate_execution_plan(new_project)


@pytest.mark.parametrize("name", list(VENDORS))
def test_a_missing_key(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ValueError, match="API key"):
        create_ai_provider(name, {})


def test_an_unknown_provider() -> None:
    with pytest.raises(ValueError, match="openai, anthropic, gemini"):
        create_ai_provider("unknown", {"api_key": "k"})


def test_a_plan_round_trips_with_six_keys_an_action() -> None:
    plan = ExecutionPlan.model_validate(EXAMPLE_OUTPUT)
    assert plan.model_dump() == EXAMPLE_OUTPUT
    assert ExecutionPlan.model_validate_json(plan.model_dump_json()) == plan


class TestPublicNames:
    """Names and signatures that users have in their code; they never break."""

    def test_the_names_of_base(self) -> None:
        assert sorted(base.__all__) == [
            "AIProvider",
            "ColumnMapping",
            "ExecutionPlan",
            "ModelGenerationRequest",
            "ModelType",
            "PlanAction",
            "ProjectContext",
            "TableMapping",
        ]

    @pytest.mark.parametrize(
        ("kind", "names"),
        [
            (
                ColumnMapping,
                """name data_type nullable is_primary_key is_foreign_key foreign_key_table foreign_key_column
                description sample_values""",
            ),
            (
                TableMapping,
                "name schema table_type columns row_count description primary_key_columns foreign_key_relationships",
            ),
            (
                ProjectContext,
                "is_incremental existing_models existing_sources naming_conventions warehouse_type project_name",
            ),
            (
                ModelGenerationRequest,
                """tables model_types business_context naming_convention include_tests include_documentation
                target_warehouse context""",
            ),
        ],
    )
    def test_the_fields_of_the_dataclasses_in_their_order(self, kind: Any, names: str) -> None:
        assert [item.name for item in fields(kind)][: len(names.split())] == names.split()

    def test_the_fields_of_a_plan(self) -> None:
        assert list(PlanAction.model_fields)[:6] == SIX_FIELDS
        assert list(ExecutionPlan.model_fields)[:2] == ["strategy", "actions"]

    def test_defaults(self) -> None:
        context = ProjectContext()
        assert (context.is_incremental, context.existing_models, context.existing_sources) == (False, [], [])
        assert (context.naming_conventions, context.warehouse_type) == ({}, "postgresql")
        assert context.project_name == "my_dbt_project"
        assert ModelGenerationRequest(tables=[]).target_warehouse == "postgresql"

    def test_the_layers(self) -> None:
        assert [kind.name for kind in ModelType] == ["STAGING", "INTERMEDIATE", "MARTS", "SNAPSHOT"]

    def test_how_a_provider_is_made_and_asked(self) -> None:
        assert list(inspect.signature(create_ai_provider).parameters) == ["provider_type", "config"]
        assert list(inspect.signature(AIProvider.generate_execution_plan).parameters) == ["self", "request"]
        assert inspect.iscoroutinefunction(AIProvider.generate_execution_plan)
        assert AIProvider.__abstractmethods__ == {"generate_execution_plan"}

    @pytest.mark.parametrize(
        ("module", "name"),
        [
            ("openai_provider", "OpenAIProvider"),
            ("anthropic_provider", "AnthropicProvider"),
            ("gemini_provider", "GeminiProvider"),
            ("offline_provider", "OfflineProvider"),
        ],
    )
    def test_where_the_providers_live(self, module: str, name: str) -> None:
        assert issubclass(getattr(__import__(f"cartridge.ai.{module}", fromlist=[name]), name), AIProvider)

    @pytest.mark.parametrize("name", ["PLANNER_SYSTEM_PROMPT", "PLANNER_USER_PROMPT"])
    def test_the_prompts(self, name: str) -> None:
        assert isinstance(getattr(prompts, name), str)


# ---------------------------------------------------------------- the quick start itself


def snippets() -> dict[str, list[str]]:
    """The Python snippets of the quick start, by the heading above them."""
    found: dict[str, list[str]] = {}
    heading, lines = "", shared("user/quickstart.md").read_text(encoding="utf-8").splitlines()
    block: list[str] | None = None
    for line in lines:
        if block is not None and line.startswith("```"):
            found.setdefault(heading, []).append("\n".join(block))
            block = None
        elif block is not None:
            block.append(line)
        elif line.startswith("```python"):
            block = []
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    return found


async def run(code: str, names: dict[str, Any]) -> None:
    """Runs one snippet, top-level `await` included, in the given names."""
    flags = __import__("ast").PyCF_ALLOW_TOP_LEVEL_AWAIT
    outcome = eval(compile(code, "quickstart.md", "exec", flags=flags), names)
    if inspect.isawaitable(outcome):
        await outcome


MOCKS = {
    "Anthropic (Claude)": (
        "provider.client.messages.create = AsyncMock(return_value=MagicMock("
        "content=[MagicMock(text=json.dumps(mock_response))]))"
    ),
    "Google (Gemini)": (
        "provider.client.aio.models.generate_content = AsyncMock("
        "return_value=MagicMock(text=json.dumps(mock_response)))"
    ),
}


async def prepared() -> tuple[dict[str, list[str]], dict[str, Any]]:
    """The snippets, and the names after the snippets that build the request have run."""
    found, names = snippets(), {}
    steps = [
        "1. Import Required Classes",
        "2. Prepare Your Data",
        "3. Create Project Context (Optional - for Brownfield)",
    ]
    for heading in [*steps, "4. Create Request"]:
        for code in found[heading]:
            await run(code, names)
    return found, names


@pytest.mark.parametrize("vendor", ["OpenAI (GPT-4)", *MOCKS])
async def test_the_snippets_run_with_every_vendor(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    found, names = await prepared()
    await run(found[vendor][0], names)
    testing = found["Testing"][0]
    if vendor in MOCKS:
        before, _, rest = testing.partition("# Mock OpenAI")
        testing = f"{before}{MOCKS[vendor]}\n{rest[rest.index('plan = await') :]}"
    await run(testing, names)
    assert names["plan"].strategy == "greenfield"
    await run(found["Error Handling"][0], names)
    assert capsys.readouterr().out == ""
    creating, _, printing = found["5. Generate Execution Plan"][0].partition("# Generate plan")
    assert "create_ai_provider(" in creating
    await run(printing, names)
    printed = capsys.readouterr().out
    assert "Strategy: greenfield" in printed
    assert "Step 1: create_source" in printed
    for heading in ("Greenfield (New Project)", "Brownfield (Existing Project)"):
        await run(found[heading][0], names)
        names["request"].context = names["context"]
        await run("plan = await provider.generate_execution_plan(request)", names)


async def test_the_first_provider_of_the_quick_start() -> None:
    found, names = await prepared()
    creating, _, _ = found["5. Generate Execution Plan"][0].partition("# Generate plan")
    await run(creating, names)
    await run(found["Testing"][0], names)
    assert [step.name for step in names["plan"].actions] == ["ecommerce"]


async def test_a_customised_system_prompt_is_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    found, names = await prepared()
    custom: dict[str, Any] = {}
    await run(found["Advanced: Custom Prompts"][0], custom)
    monkeypatch.setattr(prompts, "PLANNER_SYSTEM_PROMPT", custom["PLANNER_SYSTEM_PROMPT"])
    await run(found["OpenAI (GPT-4)"][0], names)
    await run(found["Testing"][0], names)
    sent = names["provider"].client.chat.completions.create.call_args.kwargs["messages"]
    assert sent[0]["content"] == custom["PLANNER_SYSTEM_PROMPT"]
    assert re.search(r"int_v2_", sent[0]["content"])


async def test_the_error_handling_of_the_quick_start(capsys: pytest.CaptureFixture[str]) -> None:
    found, names = await prepared()
    await run(found["OpenAI (GPT-4)"][0], names)
    mock_client(names["provider"], "no JSON at all")
    await run(found["Error Handling"][0], names)
    assert capsys.readouterr().out.startswith("JSON parsing error: Invalid JSON response")


def test_the_example_output_of_the_quick_start_is_a_plan() -> None:
    text = shared("user/quickstart.md").read_text(encoding="utf-8")
    example = json.loads(text.partition("```json")[2].partition("```")[0])
    assert ExecutionPlan.model_validate(example).model_dump() == example
