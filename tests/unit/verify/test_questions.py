"""Which facts of built data follow from a plan, and how answers are judged."""

from __future__ import annotations

import pytest

from cartridge.domain.plan import Join, JoinKey, ModelDetail, ModelInput, OutputColumn
from cartridge.verify.checks import Answer, judge
from cartridge.verify.questions import questions_of
from verify_project import action, fact


def about(detail: ModelDetail) -> list[tuple[str, str, bool]]:
    asked = questions_of(action(7, "create_mart", "m", ["a"], detail))
    return [(question.kind, question.about, question.at_most) for question in asked]


def test_a_fact_keeps_rows_grain_and_sums() -> None:
    assert about(fact("customer_id")) == [
        ("rows", "as many rows as stg_orders", False),
        ("grain", "one row per order_id", False),
        ("grain", "no empty order_id", False),
        ("sums", "amount adds up to amount of stg_orders", False),
        ("orphans", "every customer_id of stg_orders finds its row in stg_customers", False),
    ]


def test_an_inner_join_may_lose_rows_but_not_add_any() -> None:
    detail = fact("customer_id")
    inner = detail.model_copy(update={"joins": (detail.joins[0].model_copy(update={"kind": "inner"}),)})
    assert ("rows", "as many rows as stg_orders", True) in about(inner)
    assert not any(kind == "sums" for kind, _, _ in about(inner))


def test_an_aggregate_has_a_row_for_each_group() -> None:
    detail = ModelDetail(
        role="rollup",
        inputs=(ModelInput(alias="lines", model="stg_lines"),),
        columns=(
            OutputColumn(name="order_id", alias="lines", column="order"),
            OutputColumn(
                name="total", alias="lines", column="price", factor="n", function="sum_product", role="measure"
            ),
            OutputColumn(name="most", alias="lines", column="price", function="max", role="measure"),
        ),
        group_by=("order_id",),
        grain=("order_id",),
    )
    asked = about(detail)
    assert ("rows", "one row for each order of stg_lines", False) in asked
    assert [text for kind, text, _ in asked if kind == "sums"] == ["total adds up to price * n of stg_lines"]


def test_a_group_that_comes_from_a_join_is_not_counted() -> None:
    detail = ModelDetail(
        role="rollup",
        inputs=(ModelInput(alias="a", model="a"), ModelInput(alias="b", model="b")),
        joins=(Join(alias="b", keys=(JoinKey(left_alias="a", left_column="k", right_column="k"),)),),
        columns=(OutputColumn(name="country", alias="b", column="country"),),
        group_by=("country",),
    )
    assert [kind for kind, _, _ in about(detail)] == ["orphans"]


def test_a_union_adds_its_inputs_up_and_a_date_dimension_has_its_grain() -> None:
    union = ModelDetail(role="union", inputs=(ModelInput(alias="a", model="a"), ModelInput(alias="b", model="b")))
    assert about(union) == [("rows", "as many rows as a and b together", False)]
    assert [kind for kind, _, _ in about(ModelDetail(role="date", grain=("date_day",)))] == ["grain", "grain"]


@pytest.mark.parametrize(
    ("kind", "expected", "found", "strict", "status"),
    [
        ("rows", "4", "4", False, "pass"), ("rows", "4", "5", False, "fail"), ("rows", "4", "3", False, "fail"),
        ("sums", "0.30000000000000004", "0.3", False, "pass"), ("sums", "1e20", "1e20", False, "pass"),
        ("sums", None, "0", False, "pass"), ("sums", "10.00", "10", False, "pass"),
        ("sums", "10", "10.01", False, "fail"),
        ("orphans", "0", "2", False, "warn"), ("orphans", "0", "2", True, "fail"), ("grain", "0", "1", False, "fail"),
    ],
)  # fmt: skip
def test_answers_are_judged(kind: str, expected: str | None, found: str, strict: bool, status: str) -> None:
    asked = questions_of(action(7, "create_mart", "m", ["a"], fact("customer_id")))
    question = next(question for question in asked if question.kind == kind)
    check = judge(question, Answer(expected, found), strict=strict)
    assert (check.status, check.step_id, bool(check.mend)) == (status, 7, status != "pass")
