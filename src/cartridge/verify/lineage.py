"""Where the columns of planned models come from, and on what their uniqueness rests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cartridge.domain.plan import ExecutionPlan, Join, ModelDetail, SnapshotDetail, StagingDetail
from cartridge.domain.schema import TableKey, TableMapping

Source = tuple[TableKey, str]
"""A column of a source table."""

Ground = Literal["declared", "built", "assumed"]
"""On what the uniqueness of a key rests: the database declares it, the SQL makes it so, or somebody believes it."""

_DEEPEST = 60
"""Models between a mart and its source; more is a cycle, which the gate would have refused."""


class Lineage:
    """The plan's models over the tables they read. `existing` are stand-ins for models of the project, by name."""

    def __init__(
        self, plan: ExecutionPlan, tables: Sequence[TableMapping], existing: Mapping[str, TableMapping] | None = None
    ) -> None:
        self._details = {action.name: action.detail for action in plan.actions if action.type != "create_source"}
        self._tables = {table.key: table for table in tables}
        self._existing = dict(existing or {})

    def table(self, model: str) -> TableMapping | None:
        """The one table that a staging model, a snapshot or a stand-in holds the rows of."""
        detail = self._details.get(model)
        if isinstance(detail, StagingDetail | SnapshotDetail):
            return self._tables.get(detail.table)
        return self._existing.get(model)

    def source(self, model: str, column: str, depth: int = 0) -> Source | None:
        """The source column that a column passes through unchanged; None where it is computed or not known."""
        detail = self._details.get(model)
        table = self.table(model)
        if depth > _DEEPEST:
            return None
        if isinstance(detail, StagingDetail):
            name = next((staged.source for staged in detail.columns if staged.name == column), None)
            return (table.key, name) if table is not None and name is not None else None
        if isinstance(detail, ModelDetail):
            output = next((found for found in detail.columns if found.name == column), None)
            if output is None or output.function != "column" or detail.role == "union":
                return None
            models = {read.alias: read.model for read in detail.inputs}
            read = models.get(output.alias or next(iter(models), ""))
            return self.source(read, output.column or output.name, depth + 1) if read is not None else None
        return (table.key, column) if table is not None and table.column(column) is not None else None

    def is_filled(self, model: str, column: str) -> bool:
        """Whether the database itself forbids the column that this one passes through to be empty."""
        source = self.source(model, column)
        table = self._tables.get(source[0]) if source is not None else None
        found = table.column(source[1]) if table is not None and source is not None else None
        return table is not None and found is not None and (not found.nullable or found.name in table.primary_key)

    def sources(self, model: str, columns: Iterable[str]) -> tuple[TableKey, tuple[str, ...]] | None:
        """The one table that all of the columns come from, and their names there; None where there is no such one."""
        found = [self.source(model, column) for column in columns]
        known = [source for source in found if source is not None]
        tables = {table for table, _ in known}
        if len(known) != len(found) or len(tables) != 1:
            return None
        return tables.pop(), tuple(name for _, name in known)

    def ground(self, model: str, columns: Iterable[str], depth: int = 0) -> Ground:
        """On what it rests that no two rows of a model agree in `columns`."""
        wanted = set(columns)
        detail = self._details.get(model)
        if depth > _DEEPEST:
            return "assumed"
        if not isinstance(detail, ModelDetail):
            return self._declared(model, wanted)
        if detail.role == "date":
            return "built" if set(detail.grain) <= wanted else "assumed"
        if detail.group_by:
            return "built" if set(detail.group_by) <= wanted else "assumed"
        if detail.role == "union" or not detail.inputs:
            return "assumed"
        base = detail.inputs[0]
        passed = [found for found in detail.columns if found.name in wanted and found.alias in (None, base.alias)]
        own = {found.column or found.name for found in passed if found.function == "column"}
        grounds = [self.ground(base.model, own, depth + 1)]
        grounds += [self.join_ground(detail, join, depth + 1) for join in detail.joins]
        return "assumed" if "assumed" in grounds else grounds[0]

    def join_ground(self, detail: ModelDetail, join: Join, depth: int = 0) -> Ground:
        """On what it rests that a join finds at most one row."""
        models = {read.alias: read.model for read in detail.inputs}
        read = models.get(join.alias)
        return self.ground(read, [key.right_column for key in join.keys], depth) if read is not None else "assumed"

    def _declared(self, model: str, columns: set[str]) -> Ground:
        table = self.table(model)
        found = self.sources(model, sorted(columns)) if columns else None
        if table is None or found is None or model in self._existing:
            return "assumed"
        keys = [table.primary_key, *(tuple(key) for key in table.unique_keys or ())]
        return "declared" if any(key and set(key) <= set(found[1]) for key in keys) else "assumed"
