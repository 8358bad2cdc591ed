"""A table in one line: what a model decides by, and no more."""

from __future__ import annotations

from typing import Any

from cartridge.ai.base import ColumnMapping, ModelGenerationRequest, TableMapping
from cartridge.ai.settings import Settings
from cartridge.ai.short_form import Ground
from cartridge.ai.table_lines import FULL, LEAN, Detail, TableLines
from cartridge.domain.schema import Relationship
from cartridge.plan import scope_of

CUSTOMERS = TableMapping("customers", "shop", columns=[ColumnMapping("id", "int", is_primary_key=True)])


def line(*columns: ColumnMapping, detail: Detail = FULL, samples: bool = False, **table: Any) -> str:
    """The line of a table `orders` beside `customers`, with a declared reference from the first to the second where a
    column `customer_id` is there."""
    orders = TableMapping(
        "orders", "shop", columns=[ColumnMapping("id", "int", is_primary_key=True), *columns], **table
    )
    request = ModelGenerationRequest(tables=[CUSTOMERS, orders])
    if any(column.name == "customer_id" for column in columns):
        request.relationships = [Relationship(orders.key, ("customer_id",), CUSTOMERS.key, ("id",))]
    return TableLines(Ground(scope_of(request)), Settings(send_samples=samples), detail).line(orders)


def test_a_table_is_its_staging_model_with_key_references_and_columns_by_kind() -> None:
    columns = [
        ColumnMapping("customer_id", "int"),
        ColumnMapping("state", "text", description="open,\n or  paid"),
        ColumnMapping("paid_at", "timestamp"),
        ColumnMapping("tax", "numeric(12, 2)"),
    ]
    assert line(*columns, row_count=9_400_000, table_type="view", description="All of them") == (
        "stg_shop__orders view 9M rows; key id; customer_id -> customers; numbers tax; times paid_at; "
        'others state "open, or paid" "All of them"'
    )


def test_a_guessed_reference_is_marked() -> None:
    guessed = ModelGenerationRequest(
        tables=[
            TableMapping("customers", "shop", columns=[ColumnMapping("id", "int")]),
            TableMapping("orders", "shop", columns=[ColumnMapping("id", "int"), ColumnMapping("customer_id", "int")]),
        ]
    )
    lines = TableLines(Ground(scope_of(guessed)), Settings(), FULL)
    assert lines.line(guessed.tables[1]) == "stg_shop__orders; key id; customer_id -> customers?"


def test_a_reference_to_what_is_not_new_is_told() -> None:
    column = ColumnMapping("shop_id", "int", is_foreign_key=True, foreign_key_table="stores", foreign_key_column="id")
    assert line(column) == "stg_shop__orders; key id; shop_id -> stores"


def test_a_lean_line_has_the_columns_that_tell_most() -> None:
    texts = [ColumnMapping(f"note_{at}", "text", description="long") for at in range(5)]
    measures = [ColumnMapping("updated_at", "timestamp"), ColumnMapping("amount", "numeric")]
    assert line(*texts, *measures, detail=LEAN) == (
        "stg_shop__orders; key id; numbers amount; others note_0, note_1, note_2; +3"
    )


def test_samples_go_out_only_where_asked_for_and_never_where_they_look_personal() -> None:
    columns = [
        ColumnMapping("state", "text", sample_values=["open", "paid"]),
        ColumnMapping("email", "text", sample_values=["ada"]),
    ]
    for detail in (FULL, LEAN):
        assert line(*columns, detail=detail) == "stg_shop__orders; key id; others state, email"
        assert line(*columns, detail=detail, samples=True) == (
            'stg_shop__orders; key id; others state for example "open", "paid", email'
        )
