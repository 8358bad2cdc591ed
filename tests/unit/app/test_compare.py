"""What two plans decide and write differently."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cartridge.app.compare import Comparison, Difference, compare
from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import SavedPlan
from saved_plans import planned, scanned


@pytest.fixture(scope="module")
def saved() -> SavedPlan:
    return planned(None)


def with_step(saved: SavedPlan, name: str, **changes: object) -> SavedPlan:
    actions = [
        action.model_copy(update=changes) if action.name == name and action.type != "create_source" else action
        for action in saved.plan.actions
    ]
    return replace(saved, plan=saved.plan.model_copy(update={"actions": actions}))


def test_a_plan_is_the_same_as_itself_however_it_is_numbered(saved: SavedPlan):
    renumbered = with_step(saved, "dim_customers", step_id=99)
    assert compare(saved, renumbered) == Comparison((), ())
    assert compare(saved, renumbered).same


def test_layers_left_out_are_steps_and_files_removed(saved: SavedPlan):
    found = compare(saved, planned(None, options=PlanOptions(layers=("staging",))))
    assert Difference("step", "removed", "dim_customers") in found.steps
    assert Difference("file", "removed", "models/marts/dim_customers.sql") in found.files
    assert {difference.what for difference in found.steps} == {"removed"}
    back = compare(planned(None, options=PlanOptions(layers=("staging",))), saved)
    assert Difference("step", "added", "dim_customers") in back.steps


def test_a_column_that_is_new_in_the_source_is_named_wherever_it_goes(saved: SavedPlan):
    text = "crm.customers(id pk, name, email, phone)\n"
    text += "crm.tickets(id pk, customer_id -> crm.customers, subject, opened_at ts, minutes int)\n"
    text += "crm.replies(id pk, ticket_id -> crm.tickets, body, sent_at ts)"
    found = compare(saved, planned(None, scanned(text)))
    fields = {difference.name: difference.fields for difference in found.steps}
    assert fields["stg_crm__customers"] == ("detail.columns.phone",)
    assert "detail.columns.phone" in fields["dim_customers"]
    assert fields["crm"] == ("detail.tables.customers.columns.phone",)
    changed = {difference.name for difference in found.files if difference.what == "changed"}
    assert "models/staging/crm/stg_crm__customers.sql" in changed


def test_one_field_is_one_field(saved: SavedPlan):
    assert compare(saved, with_step(saved, "fct_tickets", description="Other.")).steps == (
        Difference("step", "changed", "fct_tickets", ("description",)),
    )


def test_the_order_of_things_counts(saved: SavedPlan):
    detail = saved.plan.action("fct_tickets").detail
    turned = detail.model_copy(update={"columns": detail.columns[::-1]})
    (found,) = compare(saved, with_step(saved, "fct_tickets", detail=turned)).steps
    assert found.fields == ("detail.columns (order)",)


def test_another_strategy_is_said(saved: SavedPlan):
    other = replace(saved, plan=saved.plan.model_copy(update={"strategy": "brownfield"}))
    assert compare(saved, other).strategy == ("greenfield", "brownfield")
    assert not compare(saved, other).same
