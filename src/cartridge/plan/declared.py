"""How a source declares its tables, so that those added to it are declared alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cartridge.domain.plan import SourceTable
from cartridge.domain.project import ProjectState, SourceTableState
from cartridge.plan.words import snake


@dataclass(frozen=True)
class TableHabits:
    """What the tables of a source have written beside their names."""

    descriptions: bool = True
    columns: bool = True
    column_descriptions: bool = True
    data_types: bool = True
    freshness: bool = True
    """Whether each table says for itself how fresh it must be."""
    verbatim: bool = False
    """Whether tables are called as in the database, capitals and all."""

    def followed(self, table: SourceTable) -> SourceTable:
        """The table with what its siblings have, and no more."""
        changes: dict[str, object] = {}
        if not self.descriptions:
            changes["description"] = None
        if not self.columns:
            changes["columns"] = ()
        elif not (self.data_types and self.column_descriptions):
            lost = {
                **({} if self.data_types else {"data_type": ""}),
                **({} if self.column_descriptions else {"description": None}),
            }
            changes["columns"] = tuple(column.model_copy(update=lost) for column in table.columns)
        if not self.freshness:
            changes |= {"loaded_at_field": None, "freshness_hours": None}
        return table.model_copy(update=changes)


def table_habits(source: str, state: ProjectState | None) -> TableHabits:
    """The habits of a source; of all the project's sources where it has no tables yet, and everything without any."""
    if state is None:
        return TableHabits()
    known = state.sources.get(source)
    own = known.tables if known else ()
    tables = own or [table for other in state.sources.values() if other.package is None for table in other.tables]
    if not tables:
        return TableHabits()
    with_columns = [table for table in tables if table.columns]
    return TableHabits(
        descriptions=_most(tables, lambda table: table.described),
        columns=_most(tables, lambda table: bool(table.columns)),
        column_descriptions=_most(with_columns, lambda table: 2 * table.described_columns >= len(table.columns)),
        data_types=_most(with_columns, lambda table: any(table.types)),
        freshness=_most(tables, lambda table: table.freshness),
        verbatim=any(not table.identifier and snake(table.name) != table.name for table in own),
    )


def _most(tables: Sequence[SourceTableState], says: Callable[[SourceTableState], bool]) -> bool:
    """Whether at least half of the tables do; none is a yes."""
    return 2 * sum(map(says, tables)) >= len(tables)
