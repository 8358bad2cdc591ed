"""Plans of any size for pages and diagrams, and names that try to steer whoever draws them."""

from __future__ import annotations

from collections.abc import Callable

from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.plan import Evidence, ExecutionPlan, Finding, ModelDetail, PlanAction, SourceDetail

STEERING = (
    "<script>alert(1)</script>", "a|b", "`a``b`", "[a](b)", "@everyone", "#12", "https://a.example", "www.a.example",
    "a\nb", "**a**", "$x$", "![a](b)", "&amp;", "---", "~~~", "```\nx", "<!-- a -->", "</details>", "\\", "_a_",
    "\x1b[2J",
)  # fmt: skip


def plan_of(count: int, name: Callable[[int], str] = "t{}".format) -> ExecutionPlan:
    """`count` actions: a source, half of the rest staging, half marts that read three of those and one that exists."""
    source = PlanAction(
        step_id=1,
        type="create_source",
        name="shop",
        file_path="models/staging/shop/_shop__sources.yml",
        detail=SourceDetail(schema_name="main", tables=()),
    )
    staged = count // 2
    staging = [
        PlanAction(
            step_id=2 + i,
            type="create_staging",
            name=f"stg_{name(i)}",
            file_path=f"models/staging/shop/stg_{i}.sql",
            dependencies=["shop"],
        )
        for i in range(staged)
    ]
    marts = [
        PlanAction(
            step_id=2 + staged + i,
            type="create_mart",
            name=f"fct_{name(i)}",
            file_path=f"models/marts/area_{i % 7}/fct_{i}.sql",
            dependencies=[*dict.fromkeys(f"stg_{name((i * 7 + k) % staged)}" for k in range(3)), "dim_there"],
            detail=ModelDetail(role="fact", grain_says=f"one row per {name(i)}"),
            evidence=(Evidence(about="role", says=f"{name(i)} happens"),),
        )
        for i in range(count - staged - 1)
    ]
    finding = Finding(code="uncovered-table", severity="warning", message=f"{name(0)} has no key", mend=name(1))
    return ExecutionPlan(strategy="greenfield", actions=[source, *staging, *marts], findings=[finding])


def changes_of(plan: ExecutionPlan, lines: int = 30) -> ChangeSet:
    return ChangeSet(
        tuple(
            FileChange(path=action.file_path, operation="create", text="select 1\n" * lines, step_ids=(action.step_id,))
            for action in plan.actions
        )
    )
