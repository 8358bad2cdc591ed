"""What a project's staging models call the columns that they pass on, and which columns of loaders they leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cartridge.domain.project import ModelState, ProjectState
from cartridge.plan.describe import entity
from cartridge.plan.loaders import is_loaders
from cartridge.plan.words import snake

ENTITY = "{entity}"
"""Stands in a name for what a row of the table is: `{entity}_id` is `customer_id` in `customers`."""

PROJECT = ""
"""The scope of all sources: none of them is called so."""
_FEW = 3
_AGREED = 0.7


@dataclass(frozen=True)
class NamedColumn:
    """A column that a staging model passes on, and what it calls it."""

    model: str
    source: str
    table: str
    column: str
    name: str

    @property
    def template(self) -> str:
        """The name, with `{entity}` for the table's own where the column does not hold that itself."""
        own = f"{one(self.table)}_"
        added = self.name.lower().startswith(own) and not snake(self.column).startswith(own)
        return f"{ENTITY}_{self.name[len(own) :].lower()}" if added else self.name

    @property
    def is_kept(self) -> bool:
        """Whether it keeps its own name, but for case and the underscores between words."""
        return self.name.lower() in {self.column.lower(), snake(self.column)}


def one(table: str) -> str:
    """What a row of a table is, as the beginning of a column's name."""
    return snake(entity(table))


def stagers(state: ProjectState) -> Iterator[ModelState]:
    """The models that stage one table each."""
    return (m for m in state.own_models if m.entry and m.enabled and m.layer not in {"mart", "intermediate"})


def named_columns(state: ProjectState) -> tuple[NamedColumn, ...]:
    """Every column that the staging models pass on, as far as their SQL was looked at: of two names the first."""
    found = []
    for model in stagers(state):
        source, table = model.sources[0]
        names: dict[str, tuple[str, str]] = {}
        for column, name in model.passed or ():
            names.setdefault(column.lower(), (column, name))
        found += [NamedColumn(model.name, source, table, column, name) for column, name in names.values()]
    return tuple(found)


Kinds = Mapping[tuple[str, str], Mapping[str, str]]
"""The family of the type of every column (in small letters) by (source, table)."""


def kind_of(item: NamedColumn, kinds: Kinds) -> str:
    """The family of a column's type; nothing where that is not known."""
    return kinds.get((item.source, item.table), {}).get(item.column.lower(), "")


def agreed_names(named: Iterable[NamedColumn], kinds: Kinds) -> dict[str, dict[tuple[str, str], str]]:
    """By scope (a source's name, or that of all) what a column of a name (in small letters) and kind is called by at
    least three models, and 70 % of those that have it."""
    counted: dict[str, dict[tuple[str, str], Counter[str]]] = {}
    for item in named:
        column = item.column.lower(), kind_of(item, kinds)
        for scope in (PROJECT, item.source):
            counted.setdefault(scope, {}).setdefault(column, Counter())[item.template] += 1
    return {
        scope: {column: best for column, votes in columns.items() if (best := _agreed(votes)) is not None}
        for scope, columns in counted.items()
    }


def _agreed(votes: Counter[str]) -> str | None:
    best, count = min(votes.items(), key=lambda item: (-item[1], item[0]))
    return best if is_agreed(count, votes.total()) else None


def is_agreed(count: int, total: int) -> bool:
    """Whether so many of so many are a habit."""
    return total >= _FEW and count >= _AGREED * total


def loaders_columns(state: ProjectState) -> tuple[tuple[str, bool], ...]:
    """(model, whether it passes loaders' columns on) of the staging models whose table is known to have some: from the
    columns that its source declares, or from its own SQL."""
    declared = {
        (source.name, table.name): table.columns for source in state.sources.values() for table in source.tables
    }
    found = []
    for model in stagers(state):
        named = {column.lower() for column, _ in model.passed or ()} | {name.lower() for name in model.reads or ()}
        has = {name.lower() for name in (*declared.get(model.sources[0], ()), *named) if is_loaders(name)}
        shown = named | {name.lower() for name in model.columns or ()}
        if has and model.passed:
            found.append((model.name, bool(has & shown)))
    return tuple(found)
