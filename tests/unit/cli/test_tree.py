"""A plan as a person reads it."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from cartridge.cli.lineage import lineage
from cartridge.cli.output import Output
from cartridge.cli.settings import Settings
from cartridge.cli.tree import plan_tree
from cartridge.domain.plan import (
    Evidence,
    ExecutionPlan,
    Finding,
    ModelDetail,
    PlanAction,
    SourceDetail,
    SourceTable,
    StagingDetail,
)
from cartridge.render.summary import summary


def staging(step_id: int, table: str) -> PlanAction:
    return PlanAction(
        step_id=step_id,
        type="create_staging",
        name=f"stg_shop__{table}",
        file_path=f"models/staging/shop/stg_shop__{table}.sql",
        dependencies=["shop"],
        detail=StagingDetail(
            source="shop",
            source_table=table,
            table=("main", table),
            columns=(),
            grain=("id",),
            grain_says=f"one row per {table[:-1]}",
        ),
    )


@pytest.fixture
def plan() -> ExecutionPlan:
    source = SourceDetail(schema_name="main", tables=(SourceTable(name="orders"), SourceTable(name="customers")))
    fact = PlanAction(
        step_id=4,
        type="create_mart",
        name="fct_orders",
        file_path="models/marts/sales/fct_orders.sql",
        dependencies=["stg_shop__orders", "stg_shop__customers"],
        confidence=0.9,
        detail=ModelDetail(role="fact", grain=("order_id",), grain_says="one row per order"),
        evidence=(
            Evidence(about="name", says="The name comes from the table."),
            Evidence(about="role", says="orders has a date and an amount."),
            Evidence(about="grain", says="The primary key is declared."),
        ),
    )
    return ExecutionPlan(
        strategy="greenfield",
        actions=[
            PlanAction(
                step_id=1,
                type="create_source",
                name="shop",
                file_path="models/staging/shop/_sources.yml",
                detail=source,
            ),
            staging(2, "orders"),
            staging(3, "customers"),
            fact,
        ],
        findings=[
            Finding(code="uncovered-table", severity="warning", message="logs has no action.", mend="Add one."),
            Finding(code="fan-out", severity="error", message="fct_orders multiplies rows.", step_id=4),
        ],
    )


def printed(part: object, width: int = 100) -> str:
    stream = io.StringIO()
    console = Output(Settings()).console(stream)
    console.width = width
    console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_the_tree(plan: ExecutionPlan):
    assert printed(plan_tree(plan)).splitlines() == [
        "greenfield: 1 source, 2 staging models, 1 mart; 1 error, 1 warning",
        "├── sources  models/staging/shop/",
        "│   └── shop  2 tables  _sources.yml",
        "├── staging  models/staging/shop/",
        "│   ├── stg_shop__orders     one row per order; key id",
        "│   └── stg_shop__customers  one row per customer; key id",
        "├── marts  models/marts/sales/",
        "│   └── fct_orders  fact: one row per order (order_id)  90% sure",
        "│       ├── reads stg_shop__orders, stg_shop__customers",
        "│       ├── why   orders has a date and an amount.",
        "│       └── why   The primary key is declared.",
        "└── findings",
        "    ├── error fan-out: fct_orders multiplies rows.",
        "    └── warning uncovered-table: logs has no action.",
        "        └── mend  Add one.",
    ]


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_the_tree_keeps_within_the_width(plan: ExecutionPlan, width: int):
    text = printed(plan_tree(plan), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "fct_orders" in text


def test_in_a_narrow_terminal_what_is_said_stands_below_the_name(plan: ExecutionPlan):
    lines = printed(plan_tree(plan), 40).splitlines()
    at = lines.index("│   ├── stg_shop__orders")
    assert lines[at + 1 : at + 3] == ["│   │     one row per order; key id", "│   └── stg_shop__customers"]


def test_wide_letters_take_their_two_cells():
    plan = ExecutionPlan(strategy="greenfield", actions=[staging(1, "注文s"), staging(2, "abcds")])
    one, other = (line for line in printed(plan_tree(plan)).splitlines() if "stg_shop__" in line)
    assert cell_len(one.partition("one row")[0]) == cell_len(other.partition("one row")[0])


def test_a_draft_without_detail_is_shown_too():
    draft = ExecutionPlan(
        strategy="brownfield",
        actions=[
            PlanAction(step_id=1, type="create_mart", name="fct_a", file_path="models/fct_a.sql", description="A fact"),
            PlanAction(step_id=2, type="create_seed", name="s", file_path="seeds/s.csv", description="A seed"),
        ],
    )
    assert summary(draft) == "brownfield: 1 mart, 1 other step"
    assert "fct_a  A fact" in printed(plan_tree(draft))
    assert "A seed" in printed(plan_tree(draft))


def test_an_empty_plan_says_so():
    assert summary(ExecutionPlan(strategy="brownfield")) == "brownfield: nothing to do"


def test_long_layers_are_cut_and_counted():
    plan = ExecutionPlan(strategy="greenfield", actions=[staging(n, f"t{n:03}s") for n in range(1, 101)])
    assert "and 60 more: --all shows them" in printed(plan_tree(plan))
    assert "stg_shop__t100s" in printed(plan_tree(plan, whole=True))


def test_names_cannot_steer_the_terminal():
    plan = ExecutionPlan(
        strategy="greenfield",
        actions=[
            PlanAction(step_id=1, type="create_mart", name="x\x1b[31m", file_path="m/x.sql", description="[bold]a")
        ],
    )
    text = printed(plan_tree(plan))
    assert "\x1b" not in text
    assert "x\\x1b[31m" in text
    assert "[bold]a" in text


def test_lineage_names_what_each_model_reads(plan: ExecutionPlan):
    assert printed(lineage(plan)).splitlines() == [
        "sources  shop                 2 tables of main",
        "staging  stg_shop__orders     ← shop.orders",
        "         stg_shop__customers  ← shop.customers",
        "marts    fct_orders           ← stg_shop__orders, stg_shop__customers",
    ]
