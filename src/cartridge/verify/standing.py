"""What the results of the sandbox are worth: proven, consistent, or untested. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from cartridge.domain.change import DataCheck, NodeResult, Standing
from cartridge.domain.plan import ExecutionPlan, ModelDetail, PlanAction, SourceDetail, StagingDetail
from cartridge.domain.schema import Relationship
from cartridge.render.data_tests import referred_model
from cartridge.verify.account import PlannedTest
from cartridge.verify.lineage import Ground, Lineage
from cartridge.verify.sandbox_rules import Truth

_WORTH: Mapping[Ground, Standing] = {"declared": "proven", "built": "proven", "assumed": "consistent"}


class Judge:
    """Gives every node its standing. `harmless` are the names of tests that passed on spoiled data."""

    def __init__(self, plan: ExecutionPlan, lineage: Lineage, truth: Truth, harmless: Collection[str]) -> None:
        self._plan = plan
        self._lineage = lineage
        self._truth = truth
        self._harmless = frozenset(harmless)

    def node(self, node: NodeResult, planned: PlannedTest | None, checks: Collection[DataCheck]) -> NodeResult:
        """The node with its standing, and why where it is untested."""
        if node.status not in ("success", "pass"):
            return replace(node, standing="untested")
        if node.kind != "test":
            return replace(node, standing=self._model(node, checks))
        if node.name in self._harmless:
            return replace(node, standing="untested", message="passes on spoiled data too, so it proves nothing here")
        return replace(node, standing=self._test(planned) if planned is not None else "consistent")

    def _model(self, node: NodeResult, checks: Collection[DataCheck]) -> Standing:
        """A model is proven where its joins and its grain rest on declared keys or on its own SQL."""
        action = self._plan.action(node.name)
        if action is None or any(check.name == node.name and check.status in ("fail", "error") for check in checks):
            return "untested"
        if not isinstance(action.detail, ModelDetail):
            return "proven"
        joins = [self._lineage.join_ground(action.detail, join) for join in action.detail.joins]
        known = all(self._known(action, index) for index in range(len(action.detail.joins)))
        return "consistent" if "assumed" in joins or not known else "proven"

    def _known(self, action: PlanAction, index: int) -> bool:
        """Whether a join follows a key that the database declares, or that was measured; a computed side counts too."""
        assert isinstance(action.detail, ModelDetail)
        models = {read.alias: read.model for read in action.detail.inputs}
        join = action.detail.joins[index]
        lefts = {key.left_alias for key in join.keys}
        left = self._lineage.sources(models.get(min(lefts), ""), [key.left_column for key in join.keys])
        right = self._lineage.sources(models.get(join.alias, ""), [key.right_column for key in join.keys])
        if left is None or right is None or left[0] == right[0]:
            return True
        return self._is_key(left, right) or self._is_key(right, left)

    def _is_key(self, left: tuple[object, tuple[str, ...]], right: tuple[object, tuple[str, ...]]) -> bool:
        return any(
            edge.origin != "inferred"
            and (edge.table, edge.ref_table) == (left[0], right[0])
            and _same(edge, left, right)
            for edge in self._truth.keys.relationships
        )

    def _test(self, planned: PlannedTest) -> Standing:
        action, test = planned.action, planned.test
        if isinstance(action.detail, SourceDetail):
            return "proven" if test.basis in ("declared", "measured") else "consistent"
        columns = [planned.column] if planned.column else list(test.arguments.get("columns") or _grain(action))
        match test.name:
            case "unique" | "unique_combination":
                return _WORTH[self._lineage.ground(action.name, columns)]
            case "not_null":
                return (
                    "proven"
                    if all(self._lineage.is_filled(action.name, column) for column in columns)
                    else "consistent"
                )
            case "relationships":
                return "proven" if self._refers(planned) else "consistent"
            case _:
                return "consistent"

    def _refers(self, planned: PlannedTest) -> bool:
        model = referred_model(planned.test) or ""
        field = str(planned.test.arguments.get("field", ""))
        left = self._lineage.sources(planned.action.name, [planned.column or ""])
        right = self._lineage.sources(model, [field])
        return left is not None and right is not None and self._is_key(left, right)


def _same(edge: Relationship, left: tuple[object, tuple[str, ...]], right: tuple[object, tuple[str, ...]]) -> bool:
    return set(zip(edge.columns, edge.ref_columns, strict=True)) == set(zip(left[1], right[1], strict=False))


def _grain(action: PlanAction) -> tuple[str, ...]:
    return action.detail.grain if isinstance(action.detail, StagingDetail | ModelDetail) else ()
