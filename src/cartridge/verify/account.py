"""Every planned node accounted for: what dbt reported is laid beside what the plan says must be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cartridge.domain.change import NodeKind, NodeResult, NodeStatus
from cartridge.domain.plan import (
    CREATE_SNAPSHOT,
    CREATE_SOURCE,
    DataTest,
    ExecutionPlan,
    ModelDetail,
    PlanAction,
    SourceDetail,
    StagingDetail,
)
from cartridge.verify.artefacts import Artefacts, Node, Result
from cartridge.verify.mend import evidence_of, mend_of

FAILED: frozenset[NodeStatus] = frozenset({"error", "fail", "skipped", "missing"})
"""Statuses with which a plan is not proven."""


_KINDS: dict[str, NodeKind] = {
    "test": "test", "unit_test": "test", "seed": "seed", "snapshot": "snapshot", "source": "source",
}  # fmt: skip


@dataclass(frozen=True)
class PlannedTest:
    """One test that the plan announces. `table` is set for a source's tests, `column` for those of a column."""

    action: PlanAction
    test: DataTest
    column: str | None = None
    table: str | None = None

    @property
    def label(self) -> str:
        """The test in words, for a result that dbt does not know."""
        owner = f"{self.action.name}.{self.table}" if self.table else self.action.name
        return f"{self.test.name} on {owner}" + (f".{self.column}" if self.column else "")


def planned_tests(plan: ExecutionPlan) -> Iterator[PlannedTest]:
    """Every test that the plan's details announce, in the plan's order."""
    for action in plan.actions:
        detail = action.detail
        if isinstance(detail, SourceDetail):
            for table in detail.tables:
                yield from (PlannedTest(action, test, table=table.name) for test in table.tests)
                for column in table.columns:
                    yield from (PlannedTest(action, test, column.name, table.name) for test in column.tests)
        elif isinstance(detail, StagingDetail | ModelDetail):
            yield from (PlannedTest(action, test) for test in detail.tests)
            for planned in detail.columns:
                yield from (PlannedTest(action, test, planned.name) for test in planned.tests)


def matched_tests(plan: ExecutionPlan, artefacts: Artefacts) -> Iterator[tuple[PlannedTest, Node | None]]:
    """Every planned test with the node of the manifest that carries it out, None where there is none. A unique
    combination is two nodes: its key must be filled, too."""
    tests_of = _tests_by_owner(artefacts)
    for planned in planned_tests(plan):
        owner = _owner(planned, artefacts)
        candidates = tests_of.get(owner, []) if owner is not None else []
        match = next((node for node in candidates if _is(planned, node)), None)
        yield planned, match
        if match is not None and planned.test.name == "unique_combination":
            same = (node for node in candidates if node.test == "not_null" and node.column == match.column)
            filled = planned.test.model_copy(update={"name": "not_null"})
            yield from ((PlannedTest(planned.action, filled), node) for node in same)


def _tests_by_owner(artefacts: Artefacts) -> dict[str, list[Node]]:
    tests_of: dict[str, list[Node]] = defaultdict(list)
    for node in artefacts.nodes.values():
        if node.kind in ("test", "unit_test") and node.owner:
            tests_of[node.owner].append(node)
    return tests_of


def account(plan: ExecutionPlan, artefacts: Artefacts, said: str = "") -> tuple[NodeResult, ...]:
    """The result of every planned model and test, then of every other node that dbt ran.

    `said` is dbt's own message where it ended before it ran anything.
    """
    nodes = [_model(action, artefacts, said) for action in plan.actions if action.type != CREATE_SOURCE]
    models = (artefacts.model(action.name) for action in plan.actions)
    seen = {model.unique_id for model in models if model is not None}
    for planned, match in matched_tests(plan, artefacts):
        if match is None:
            nodes.append(_missing(planned.label, "test", planned.action))
        elif match.unique_id not in seen:
            seen.add(match.unique_id)
            nodes.append(_result(match, artefacts, planned.action, planned))
    nodes += _unplanned(plan, artefacts, seen)
    return tuple(nodes)


def _model(action: PlanAction, artefacts: Artefacts, said: str) -> NodeResult:
    node = artefacts.model(action.name)
    kind: NodeKind = "snapshot" if action.type == CREATE_SNAPSHOT else "model"
    if node is not None and node.materialized == "ephemeral" and node.unique_id not in artefacts.results:
        return NodeResult(action.name, kind, "success", "ephemeral: built inside its readers", action.step_id)
    if node is None or node.unique_id not in artefacts.results:
        if said and (f".{action.name}'" in said or f"'{action.name}'" in said or action.file_path in said):
            result = NodeResult(action.name, kind, "error", said, action.step_id)
            return replace(result, mend=mend_of(result, None), evidence=evidence_of(action, None, None))
        return _missing(action.name, kind, action)
    return _result(node, artefacts, action, None)


def _missing(name: str, kind: NodeKind, action: PlanAction) -> NodeResult:
    result = NodeResult(name, kind, "missing", "planned, and not reported by dbt", action.step_id)
    return replace(result, mend=mend_of(result, None), evidence=evidence_of(action, None, None))


def _result(node: Node, artefacts: Artefacts, action: PlanAction | None, planned: PlannedTest | None) -> NodeResult:
    outcome = artefacts.results.get(node.unique_id) or Result("missing", "dbt knows it and did not run it")
    result = NodeResult(
        name=node.name,
        kind=_kind(node),
        status=outcome.status,
        message=outcome.message if outcome.status not in ("success", "pass") else "",
        step_id=action.step_id if action is not None else None,
        failures=outcome.failures,
        seconds=outcome.seconds,
        rows=outcome.rows,
    )
    if outcome.status not in FAILED and outcome.status != "warn":
        return result
    test = planned.test if planned is not None else None
    evidence = evidence_of(action, test, node.column) if action is not None else ()
    return replace(result, mend=mend_of(result, node), evidence=evidence)


def _kind(node: Node) -> NodeKind:
    return _KINDS.get(node.kind, "model")


def _owner(planned: PlannedTest, artefacts: Artefacts) -> str | None:
    if planned.table is not None:
        node = artefacts.source(planned.action.name, planned.table)
    else:
        node = artefacts.model(planned.action.name)
    return node.unique_id if node is not None else None


def _is(planned: PlannedTest, node: Node) -> bool:
    """Whether a node of the manifest is the planned test."""
    if planned.test.name == "unique_combination":
        text = " ".join(str(value) for value in node.arguments.values())
        columns = planned.test.arguments.get("combination_of_columns") or planned.test.arguments.get("columns") or ()
        return "unique" in (node.test or "") and all(str(column) in text for column in columns)
    same_column = planned.column is None or (node.column or "").strip('"`[]').casefold() == planned.column.casefold()
    return node.test == planned.test.name and same_column


def _unplanned(plan: ExecutionPlan, artefacts: Artefacts, seen: set[str]) -> list[NodeResult]:
    """Tests of planned models that the plan's details do not list, and whatever else dbt ran."""
    nodes: list[NodeResult] = []
    tests_of = _tests_by_owner(artefacts)
    for action in plan.actions:
        node = artefacts.model(action.name)
        for test in tests_of.get(node.unique_id, ()) if node is not None else ():
            if test.unique_id not in seen:
                seen.add(test.unique_id)
                nodes.append(_result(test, artefacts, action, None))
    for unique_id in artefacts.results:
        other = artefacts.nodes.get(unique_id)
        if other is not None and unique_id not in seen:
            nodes.append(_result(other, artefacts, None, None))
    return nodes
