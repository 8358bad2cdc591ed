"""What the gate says and mends, word for word: each draft below beside `tests/cases/gate/findings.txt`.

A wording, a mend, a severity or the step that a finding names changes by a reviewed change of that file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from test_gate import CUSTOMERS, ORDERS, PATHS, REFUSED, SOURCE, TABLES, ask, draft, step, table

from cartridge.domain.plan import (
    DataTest,
    ExecutionPlan,
    Join,
    JoinKey,
    ModelDetail,
    ModelGenerationRequest,
    ModelInput,
    OutputColumn,
    PlanAction,
    SourceDetail,
    SourceTable,
    StagingDetail,
)
from cartridge.domain.project import (
    ModelState,
    ProjectContext,
    ProjectState,
    PropertiesState,
    SourceState,
    SourceTableState,
)
from cartridge.domain.schema import ModelType
from cartridge.plan import resolve
from cartridge.plan.gate import judge
from cartridge.plan.scope import scope_of
from shared_data import REPOSITORY

EXPECTED = REPOSITORY / "tests" / "cases" / "gate" / "findings.txt"
LONG = "stg_" + "o" * 60
NAMED = ProjectContext(is_incremental=True, existing_models=["stg_orders", "shop"], existing_sources=["shop", "crm"])
ITEMS = step(4, "staging", "stg_items", "shop")


def model(name: str, layer: str, path: str) -> ModelState:
    return ModelState(name=name, path=path, layer=layer)


STATE = ProjectState(
    name="lib",
    model_paths=("dbt/models", "extra"),
    models={
        "stg_orders": model("stg_orders", "staging", "dbt/models/stg_orders.sql"),
        "fct_orders": model("fct_orders", "mart", "dbt/models/fct_orders.sql"),
    },
    properties={"models/kept.yml": PropertiesState(path="models/kept.yml")},
)


def resolved(*actions: PlanAction) -> list[PlanAction]:
    return list(resolve(draft(*actions), ask()).actions)


def with_detail(action: PlanAction, **changes: object) -> PlanAction:
    assert action.detail is not None
    return action.model_copy(update={"detail": action.detail.model_copy(update=changes)})


def reference(to: object, field: object, name: Any = "relationships") -> DataTest:
    return DataTest(name=name, arguments={"to": to, "field": field})


def staged_wrong() -> list[PlanAction]:
    """Columns and a table that are not there, a table staged twice, and tests of all kinds."""
    source, orders, customers, items = resolved(SOURCE, ORDERS, CUSTOMERS, ITEMS)
    assert isinstance(orders.detail, StagingDetail)
    columns = orders.detail.columns
    tests = (
        reference("stg_clients", "id"), reference("stg_customers", "client_id"), reference("stg_customers", 7),
        reference("ref('x')", "id"), reference(7, "id"), reference("stg_clients", "id", "accepted_values"),
        reference("stg_customers", "customer_id"), reference("source('shop', 'nothing')", "id"),
    )  # fmt: skip
    wrong = (columns[0].model_copy(update={"source": "nowhere", "tests": tests}), *columns[1:])
    twice = customers.model_copy(update={"name": "stg_customers_again", "step_id": 5, "file_path": "models/twice.sql"})
    return [source, with_detail(orders, columns=wrong), customers,
            with_detail(items, table=("shop", "gone"), tests=(reference("fct_none", "id"),)), twice]  # fmt: skip


def joined_wrong() -> list[PlanAction]:
    """Joins that multiply rows, aliases that are no input, columns that the inputs do not have."""
    key = JoinKey(left_alias="orders", left_column="customer_id", right_column="customer_id")
    detail = ModelDetail(
        role="fact",
        inputs=(ModelInput(alias="orders", model="stg_orders"), ModelInput(alias="customers", model="stg_customers"),
                ModelInput(alias="items", model="stg_items"), ModelInput(alias="far", model="fct_far")),
        joins=(
            Join(alias="customers", keys=(key,)),
            Join(alias="customers", keys=(JoinKey(left_alias="nobody", left_column="a", right_column="sku"),)),
            Join(alias="items", keys=(JoinKey(left_alias="orders", left_column="nope", right_column="order_id"),),
                 cardinality="one_to_many"),
            Join(alias="far", keys=(JoinKey(left_alias="orders", left_column="order_id", right_column="x"),)),
        ),
        columns=(
            OutputColumn(name="a", alias="orders", column="order_id"),
            OutputColumn(name="b", alias="orders", column="absent"),
            OutputColumn(name="c", alias="orders", column="order_id", function="product", factor="no_factor"),
            OutputColumn(name="d", alias="gone", column="x"),
            OutputColumn(name="e", alias="far", column="anything"),
            OutputColumn(name="f", function="count_rows"),
        ),
    )  # fmt: skip
    union = ModelDetail(
        role="union",
        inputs=(ModelInput(alias="orders", model="stg_orders"), ModelInput(alias="customers", model="stg_customers")),
        columns=(OutputColumn(name="customer_id", column="customer_id"), OutputColumn(name="note", column="note")),
    )
    fact = step(5, "mart", "fct_orders", "stg_orders", "stg_customers", "stg_items", "fct_far")
    stacked = step(6, "mart", "fct_all", "stg_orders", "stg_customers")
    return [*resolved(SOURCE, ORDERS, CUSTOMERS, ITEMS), fact.model_copy(update={"detail": detail}),
            stacked.model_copy(update={"detail": union})]  # fmt: skip


def properties(path: str, action: PlanAction = ORDERS) -> PlanAction:
    return action.model_copy(update={"properties_path": path})


def viewed(layer: str, reads: Sequence[str]) -> ModelDetail:
    return ModelDetail(
        role="join", materialized=layer, inputs=tuple(ModelInput(alias=name, model=name) for name in reads)
    )  # type: ignore[arg-type]


def chained() -> list[PlanAction]:
    """Views over views, read again beside what they read, and read by many."""
    source, orders, customers, _ = resolved(SOURCE, ORDERS, CUSTOMERS, ITEMS)
    read = {
        "int_a": ("stg_orders", "stg_customers"), "int_b": ("int_a",), "int_c": ("int_b",), "int_d": ("int_c",),
        "int_e": ("int_d", "int_c"), "fct_x": ("int_d", "int_a"), "fct_y": ("int_e", "stg_customers"),
        "fct_z": ("int_e", "stg_customers"), "fct_v": ("int_e", "stg_customers"), "fct_u": ("fct_x", "int_a"),
    }  # fmt: skip
    made = []
    for number, (name, reads) in enumerate(read.items(), 4):
        layer = "intermediate" if name.startswith("int") else "mart"
        detail = viewed("view" if layer == "intermediate" else "table", reads)
        action = step(number, layer, name, *reads)
        made.append(action.model_copy(update={"detail": detail, "description": "said"}))
    return [source, orders, customers, *made]


VIEWS = ProjectState(
    name="lib",
    models={
        "int_old": ModelState("int_old", "models/intermediate/int_old.sql", layer="intermediate", materialized="view",
                              refs=("stg_old",)),
        "stg_old": ModelState("stg_old", "models/staging/stg_old.sql", layer="staging", materialized="ephemeral"),
        "fct_a": ModelState("fct_a", "models/marts/fct_a.sql", layer="mart", refs=("int_old",)),
        "fct_b": ModelState("fct_b", "models/marts/fct_b.sql", layer="mart", refs=("int_old", "stg_old")),
        "stg_items": ModelState("stg_items", "models/staging/stg_items.sql", layer="staging",
                                sources=(("shop", "items"),)),
    },
    sources={
        "old": SourceState("old", "SHOP", tables=(SourceTableState("bought", "orders"), SourceTableState("people"))),
        "shop": SourceState("shop", "shop", tables=(SourceTableState("items"),)),
    },
)  # fmt: skip


def careless() -> list[PlanAction]:
    """Nothing tested, nothing said, tables of the source that nobody asked for."""
    source, orders, customers, items = resolved(SOURCE, ORDERS, CUSTOMERS, ITEMS)
    assert isinstance(source.detail, SourceDetail)
    assert isinstance(items.detail, StagingDetail)
    tables = [entry.model_copy(update={"description": " "}) for entry in source.detail.tables[:2]]
    extra = SourceTable(name="extra", description="What nobody asked for.")
    again = SourceTable(name="again", identifier="Orders", description="Orders, once more.", freshness_hours=(1, 2))
    untested = tuple(column.model_copy(update={"tests": ()}) for column in items.detail.columns)
    half = tuple(
        column.model_copy(update={"tests": column.tests[:1]}) for column in getattr(customers.detail, "columns", ())
    )
    together = DataTest(name="unique_combination")
    return [
        with_detail(source, tables=(*tables, extra, again), description=None),
        with_detail(orders, columns=untested[:1], grain=(), grain_says=None),
        with_detail(customers, columns=half),
        with_detail(items, columns=untested, tests=(together,)),
    ]


WIDE = [step(number, "staging", f"stg_t{number}", "shop") for number in range(2, 12)]
WIDE_TABLES = [table(f"t{number}", "a") for number in range(2, 22)]

Case = tuple[Sequence[PlanAction], ModelGenerationRequest]
CASES: dict[str, Case] = {
    **{f"refused: {code}": (actions, ask()) for code, actions in REFUSED.items()},
    **{
        f"path: {path[:60]!a}": ([SOURCE, step(2, "staging", "stg_orders", "shop", path=path)], ask())
        for path in [
            *PATHS,
            "",
            "~x.sql",
            "a:.sql",
            "x",
            "models/stg_orders./stg_orders.sql",
            "models/" + "ü" * 130 + "/stg_orders.sql",
            "./models/stg_orders.sql",
            " models/stg_orders.sql ",
            "models\\x\\stg_orders.sql",
            "models/a\\stg_orders.sql",
            "/other.sql",
            "other.sql",
            "models/" + "b" * 90 + ".sql",
            "models/NUL.x/stg_orders.sql",
            "models/CON/a/stg_orders.sql",
            "models/" + "c" * 255 + "/stg_orders.sql",
            "models/" + "d" * 256 + "/stg_orders.sql",
        ]
    },
    "two suffixes for a snapshot": (
        [
            SOURCE,
            ORDERS,
            step(3, "create_snapshot", "snap_a", "shop", path="snapshots/snap_a.yml"),
            step(4, "create_snapshot", "snap_b", "shop", path="models/snap_b.sql"),
            step(5, "create_snapshot", "snap_c", "shop", path="seeds/snap_c.py"),
        ],
        ask(),
    ),
    "a source that is no YAML": ([step(1, "source", "shop", path="models/shop.sql")], ask()),
    "a source in .yaml": ([step(1, "source", "shop", path="models/shop.yaml"), ORDERS], ask()),
    "properties": (
        [
            SOURCE,
            properties("models/ok.yaml"),
            properties("macros/no.yml", CUSTOMERS),
            properties("models/staging/stg_items.sql", ITEMS),
        ],
        ask(),
    ),
    "paths of a project": (
        [
            step(1, "source", "shop", path="models/shop.yml"),
            step(2, "staging", "stg_items", "shop", path="extra/stg_items.sql"),
            properties(
                "models/kept.yml", step(3, "staging", "stg_payments", "shop", path="dbt/models/stg_payments.sql")
            ),
            step(4, "create_snapshot", "snap_a", "shop", path="seeds/snap_a.sql"),
        ],
        ask(ProjectContext(is_incremental=True, state=STATE)),
    ),
    "one file for two": (
        [
            SOURCE,
            ORDERS,
            step(3, "staging", "stg_customers", "shop", path="models/STAGING/stg_orders.sql"),
            step(4, "source", "crm", path=SOURCE.file_path),
        ],
        ask(),
    ),
    "names": (
        [
            SOURCE,
            step(2, "staging", "stg orders", "shop"),
            step(3, "staging", LONG, "shop"),
            step(4, "staging", "1x", "shop"),
            step(5, "staging", "x" * 63, "shop"),
            step(6, "staging", "y" * 64, "shop"),
            step(7, "staging", "z\n", "shop"),
        ],
        ask(),
    ),
    "long names elsewhere": ([SOURCE, step(2, "staging", LONG, "shop")], ask(target_warehouse="bigquery")),
    "long names on Redshift": ([SOURCE, step(2, "staging", LONG, "shop")], ask(target_warehouse="redshift")),
    "names that differ in case": (
        [SOURCE, ORDERS, step(3, "staging", "STG_ORDERS", "shop", path="models/b/STG_ORDERS.sql")],
        ask(target_warehouse="bigquery"),
    ),
    "names twice": (
        [SOURCE, step(2, "source", "shop", path="models/b.yml"), ORDERS, step(4, "mart", "shop", "stg_orders")],
        ask(),
    ),
    "names taken": (
        [
            step(1, "staging", "STG_ORDERS", "shop"),
            step(2, "update_staging", "stg_orders", "shop"),
            step(3, "mart", "shop", "stg_orders"),
        ],
        ask(NAMED),
    ),
    "names taken, case counts": ([step(1, "staging", "STG_ORDERS", "shop")], ask(NAMED, target_warehouse="bigquery")),
    "types": ([SOURCE, step(2, "create_stagin", "stg_orders", "shop"), step(3, "zzz_zzz", "x", "shop")], ask()),
    "dependencies": (
        [
            SOURCE,
            step(2, "staging", "stg_orders", "shop.orders"),
            step(3, "staging", "stg_customers"),
            step(4, "staging", "stg_items", "source:shop.items"),
            step(5, "staging", "stg_payments", "source:nope"),
            step(6, "mart", "fct_a", "stg_order"),
            step(7, "mart", "fct_b", "qqqqqqqq"),
            step(8, "staging", "stg_x", "nope.orders"),
            step(9, "mart", "fct_c", "source:shop"),
        ],
        ask(),
    ),
    "a source and a model of one name": (
        [step(1, "staging", "stg_items", "shop"), step(2, "mart", "fct_a", "shop")],
        ask(NAMED),
    ),
    "order": (
        [
            step(9, "mart", "fct_orders", "stg_orders", "stg_customers"),
            step(3, "staging", "stg_customers", "shop"),
            step(2, "staging", "stg_orders", "shop"),
            step(1, "source", "shop"),
            step(7, "source", "unused", path="models/u.yml"),
        ],
        ask(),
    ),
    "a circle": (
        [
            SOURCE,
            step(2, "mart", "fct_a", "fct_b"),
            step(3, "mart", "fct_b", "fct_c"),
            step(4, "mart", "fct_c", "fct_a"),
        ],
        ask(),
    ),
    "ids": ([SOURCE.model_copy(update={"step_id": 4}), ORDERS], ask()),
    "layers": (
        [
            SOURCE,
            step(2, "source", "crm", path="models/c.yml"),
            ORDERS,
            step(4, "staging", "stg_customers", "shop", "crm"),
            step(5, "staging", "stg_items", "stg_orders", "stg_customers"),
            step(6, "mart", "fct_orders", "stg_orders"),
            step(7, "staging", "stg_payments", "fct_orders", "shop"),
            step(8, "mart", "fct_s", "shop", "crm"),
            step(9, "intermediate", "int_s", "stg_orders", "source:shop"),
            step(10, "intermediate", "int_none"),
            step(11, "mart", "fct_none"),
            step(12, "staging", "stg_none"),
        ],
        ask(),
    ),
    "layers of a project": (
        [
            step(1, "source", "shop", path="extra/s.yml"),
            step(2, "staging", "stg_items", "shop", "stg_orders", path="extra/stg_items.sql"),
            step(3, "staging", "stg_payments", "fct_orders", path="extra/stg_payments.sql"),
            step(4, "mart", "fct_x", "fct_orders", "stg_items", path="extra/fct_x.sql"),
        ],
        ask(ProjectContext(is_incremental=True, state=STATE)),
    ),
    "eight inputs": (
        [SOURCE, *WIDE[:8], step(10, "mart", "fct_w", *[action.name for action in WIDE[:8]])],
        ask(tables=WIDE_TABLES),
    ),
    "seven inputs": (
        [SOURCE, *WIDE[:7], step(9, "mart", "fct_w", *[action.name for action in WIDE[:7]])],
        ask(tables=WIDE_TABLES),
    ),
    "uncovered: eight of many": ([SOURCE, *WIDE], ask(tables=WIDE_TABLES[:18])),
    "uncovered: more than eight": ([SOURCE, *WIDE[:2]], ask(tables=WIDE_TABLES)),
    "uncovered: two sources": ([SOURCE], ask(tables=[*TABLES, table("people", "name", schema="hr")])),
    "staging was not asked for": ([SOURCE], ask(model_types=[ModelType.MARTS])),
    "other layers than asked for": (
        [
            SOURCE,
            ORDERS,
            step(3, "intermediate", "int_o", "stg_orders"),
            step(4, "mart", "fct_orders", "int_o"),
            step(5, "create_snapshot", "snap", "shop", path="snapshots/snap.sql"),
        ],
        ask(model_types=[ModelType.STAGING]),
    ),
    "sources that exist": (
        [SOURCE, step(2, "source", "crm", path="models/c.yml"), step(3, "staging", "stg_items", "shop")],
        ask(NAMED),
    ),
    "a source that exists, in detail": (resolved(SOURCE, ITEMS), ask(NAMED)),
    "a strategy that is right": ([ORDERS], ask(ProjectContext())),
    "columns and tests": (staged_wrong(), ask()),
    "joins": (joined_wrong(), ask(ProjectContext(existing_models=["fct_far"]))),
    "chains, loops and fans": (chained(), ask()),
    "chains of a project": (
        [
            step(1, "source", "shop"),
            step(2, "mart", "fct_c", "int_old").model_copy(update={"detail": viewed("table", ["int_old"])}),
            step(3, "mart", "fct_d", "stg_items").model_copy(update={"detail": viewed("table", ["stg_items"])}),
        ],
        ask(ProjectContext(is_incremental=True, state=VIEWS)),
    ),
    "careless": (careless(), ask()),
    "careless, as asked": (careless(), ask(include_tests=False, include_documentation=False)),
    "a table that two sources declare": (
        [
            with_detail(resolved(SOURCE)[0], mode="append"),
            step(2, "source", "crm").model_copy(
                update={
                    "detail": SourceDetail(
                        schema_name="crm",
                        description="Said.",
                        tables=(SourceTable(name="people", description="Said.", freshness_hours=(1, 2)),),
                    )
                }
            ),
        ],
        ask(ProjectContext(is_incremental=True, state=VIEWS)),
    ),
    "other names and folders": (
        [
            step(1, "source", "shop", path="models/marts/shop.yml"),
            step(2, "staging", "orders", "shop", path="models/orders.sql"),
            step(3, "staging", "base_customers", "shop"),
            step(4, "intermediate", "orders_joined", "orders"),
            step(5, "mart", "sales", "orders", path="models/staging/sales.sql"),
            properties("models/tests/all.yml", step(6, "mart", "dim_items", "stg_items")),
            step(7, "staging", "stg_items", "shop"),
        ],
        ask(),
    ),
    "names and folders of a project": (
        [
            step(1, "source", "crm", path="models/old/crm.yml"),
            step(2, "source", "hr", path="models/new/hr.yml"),
            step(3, "staging", "raw_orders", "shop", path="models/clean/raw_orders.sql"),
            step(4, "staging", "new_orders", "shop", path="models/new/new_orders.sql"),
            properties("models/tests/all.yml", step(5, "mart", "sales_orders", "raw_orders")),
        ],
        ask(
            ProjectContext(
                is_incremental=True,
                state=ProjectState(
                    name="lib",
                    models={
                        "raw_x": ModelState("raw_x", "models/clean/raw_x.sql", layer="staging"),
                        "sales_x": ModelState("sales_x", "models/sales_x.sql", layer="mart"),
                    },
                    sources={"shop": SourceState("shop", "shop", path="models/old/shop.yml")},
                ),
            )
        ),
    ),
    "habits of a project without a staging folder": (
        [
            step(1, "source", "crm", path="models/10_rein/crm/_src_crm.yml"),
            step(2, "staging", "rein_shop_orders", "shop", path="models/10_rein/shop/rein_shop_orders.sql"),
            step(3, "staging", "pure_customers", "shop", path="models/20_end/pure_customers.sql"),
        ],
        ask(
            ProjectContext(
                is_incremental=True,
                state=ProjectState(
                    name="wh",
                    models={
                        f"rein_shop_{table}": ModelState(
                            f"rein_shop_{table}",
                            f"models/10_rein/shop/rein_shop_{table}.sql",
                            sources=(("shop", table),),
                        )
                        for table in ("items", "payments", "refunds")
                    },
                    sources={"shop": SourceState("shop", "shop", path="models/10_rein/shop/_src_shop.yml")},
                ),
            )
        ),
    ),
    "other presets": (
        [
            step(1, "source", "shop", path="models/bronze/shop/s.yml"),
            step(2, "staging", "brz_shop__orders", "shop", path="models/bronze/shop/brz_shop__orders.sql"),
            step(3, "staging", "stg_customers", "shop"),
        ],
        ask(naming_convention="medallion"),
    ),
    "nothing": ([], ask(tables=[])),
}


def told(name: str, plan: ExecutionPlan) -> str:
    """The plan as it left the gate, and all that was found."""
    lines = [f"## {name}", f"strategy: {plan.strategy}"]
    for action in plan.actions:
        mode = getattr(action.detail, "mode", "")
        reads = ", ".join(action.dependencies)
        lines.append(f"{action.step_id} {action.type} {action.name} {action.file_path!a} <- {reads} {mode}".rstrip())
    for found in plan.findings:
        at = f" @{found.step_id} {found.action}" if found.action is not None else ""
        lines += [f"{found.severity} {found.code}{at}", f"  {found.message!a}"]
        lines += [f"  -> {found.mend!a}"] if found.mend else []
    return "\n".join(lines) + "\n"


def expected() -> dict[str, str]:
    parts = EXPECTED.read_text(encoding="utf-8").split("## ")[1:] if EXPECTED.is_file() else []
    return {part.partition("\n")[0]: "## " + part.rstrip("\n") + "\n" for part in parts}


@pytest.mark.parametrize("name", CASES)
def test_what_the_gate_says_and_mends(name: str) -> None:
    actions, request = CASES[name]
    assert told(name, judge(draft(*actions), scope_of(request))) == expected()[name]


def test_no_case_is_left_over() -> None:
    assert list(expected()) == list(CASES)


def test_what_is_said_of_the_whole_is_said_anew() -> None:
    first = judge(draft(*chained()), scope_of(ask()))
    assert {"model-fan-out", "no-freshness"} <= {finding.code for finding in first.findings}
    less = judge(first.model_copy(update={"actions": first.actions[:3]}), scope_of(ask()))
    assert "model-fan-out" not in {finding.code for finding in less.findings}
    assert sum(finding.code == "no-freshness" for finding in less.findings) == 1


def test_what_was_found_before_is_kept_but_errors_and_repetitions() -> None:
    first = judge(draft(SOURCE, ORDERS), scope_of(ask()))
    again = judge(first, scope_of(ask()))
    assert again.findings == first.findings
    uncovered = next(finding for finding in first.findings if finding.code == "uncovered-table")
    old = uncovered.model_copy(update={"message": "said by an earlier step", "severity": "warning"})
    failed = old.model_copy(update={"severity": "error"})
    given = first.model_copy(update={"findings": [failed, old, *first.findings]})
    assert judge(given, scope_of(ask())).findings == [old, *first.findings]


if __name__ == "__main__":
    texts = [told(name, judge(draft(*actions), scope_of(request))) for name, (actions, request) in CASES.items()]
    EXPECTED.parent.mkdir(parents=True, exist_ok=True)
    EXPECTED.write_text("\n".join(texts), encoding="utf-8")
