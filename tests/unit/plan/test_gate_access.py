"""The gate on private models: read within their group alone."""

from __future__ import annotations

import pytest

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest, PlanAction
from cartridge.domain.project import ModelState, ProjectContext, ProjectState
from cartridge.domain.schema import ColumnMapping, ModelType, TableMapping
from cartridge.errors import PlanError
from cartridge.plan import review

ORDERS = TableMapping("orders", "shop", columns=[ColumnMapping("id", "bigint", is_primary_key=True)])


def project(*models: ModelState) -> ProjectContext:
    state = ProjectState("shop", models={model.name: model for model in models})
    return ProjectContext(is_incremental=True, existing_models=list(state.models), state=state)


def reading(path: str) -> ExecutionPlan:
    """A mart at `path` that reads the project's `int_secret`, and a staging model of its own."""
    return ExecutionPlan(
        strategy="brownfield",
        actions=[
            PlanAction(step_id=1, type="create_source", name="shop", file_path="models/staging/shop.yml"),
            PlanAction(
                step_id=2, type="create_staging", name="stg_orders", file_path="models/staging/stg_orders.sql",
                dependencies=["shop"],
            ),
            PlanAction(
                step_id=3, type="create_mart", name="fct_orders", file_path=path,
                dependencies=["stg_orders", "int_secret"],
            ),
        ],
    )  # fmt: skip


def secret(group: str | None = "finance", *, private: bool = True) -> ModelState:
    return ModelState("int_secret", "models/finance/int_secret.sql", group=group, group_in="project", private=private)


def judged(path: str, *models: ModelState) -> list[tuple[str, str]]:
    request = ModelGenerationRequest([ORDERS], model_types=list(ModelType), context=project(*models))
    try:
        findings = review(reading(path), request).findings
    except PlanError as error:
        findings = list(error.findings)
    return [(found.message, found.mend) for found in findings if found.code == "private-model"]


def test_outside_of_its_group_it_is_refused_by_name() -> None:
    beside = ModelState("dim_customers", "models/marts/dim_customers.sql")
    assert judged("models/marts/fct_orders.sql", secret(), beside) == [
        (
            "fct_orders reads int_secret, which is private to group finance",
            "Place it where that group's models are, or make int_secret protected",
        )
    ]


@pytest.mark.parametrize("path", ["models/finance/fct_orders.sql", "models/finance/marts/eu/fct_orders.sql"])
def test_within_its_group_it_may_be_read(path: str) -> None:
    assert judged(path, secret()) == []


def test_what_is_not_private_may_be_read_anywhere() -> None:
    assert judged("models/marts/fct_orders.sql", secret(private=False)) == []


def test_a_private_model_without_a_group_is_read_by_none() -> None:
    ((message, _),) = judged("models/finance/fct_orders.sql", secret(None))
    assert message == "fct_orders reads int_secret, which is private to no group"


@pytest.mark.parametrize(
    "beside",
    [
        ModelState("fct_own", "models/finance/fct_own.sql", group="finance", group_in="model"),
        ModelState("fct_other", "models/finance/fct_other.sql", group="sales", group_in="project"),
    ],
)
def test_a_folder_of_several_groups_gives_a_new_model_none(beside: ModelState) -> None:
    """What a model says of itself, the next one in its folder does not inherit."""
    assert len(judged("models/finance/fct_orders.sql", secret(), beside)) == 1


def test_the_nearest_folder_decides() -> None:
    near = ModelState("fct_eu", "models/finance/eu/fct_eu.sql", group="eu", group_in="project")
    assert len(judged("models/finance/eu/fct_orders.sql", secret(), near)) == 1
    assert judged("models/finance/us/fct_orders.sql", secret()) == []
    assert judged("models/marts/fct_orders.sql", secret()) == [], "all of the project's models are in the group"
