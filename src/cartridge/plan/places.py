"""Which source of a project owns a schema, and how a new source is called beside those that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cartridge.domain.project import ProjectState, SourceState, SourceTableState
from cartridge.domain.schema import TableMapping
from cartridge.plan.conventions.sources import schema_of
from cartridge.plan.naming import source_name

Place = tuple[str, str | None]
"""(schema, database)."""


def owners(by_place: Mapping[Place, Sequence[TableMapping]], state: ProjectState | None) -> dict[Place, SourceState]:
    """The sources that own schemas: by their schema; where only run time knows that, by the tables they declare; else
    by the name that the schema's source would get, unless that source is another schema's."""
    if state is None:
        return {}
    found: dict[Place, SourceState] = {}
    for schema, database in by_place:
        own = [source for source in state.sources.values() if _schema(source) == schema.lower()]
        if own:
            owner = min(own, key=lambda source: _preferred(source, database))
            found[schema, database] = replace(owner, tables=declared_tables(owner.name, state))
    unplaced = [source for source in state.sources.values() if "{" in _schema(source)]
    for source in sorted(unplaced, key=lambda source: (source.package is not None, source.name)):
        place = _by_tables(source, {place: members for place, members in by_place.items() if place not in found})
        if place is not None:
            found[place] = source
    for schema, database in by_place:
        namesake = state.sources.get(source_name(schema, database))
        others = {other.lower() for other, _ in by_place if other != schema}
        if (schema, database) not in found and namesake and _schema(namesake) not in others:
            found[schema, database] = namesake
    return found


def declared_tables(source: str, state: ProjectState | None) -> tuple[SourceTableState, ...]:
    """All tables that are declared under a source's name: by the project first, then by its packages."""
    named = [known for known in state.sources.values() if known.name == source] if state else []
    tables: dict[str, SourceTableState] = {}
    for known in sorted(named, key=lambda known: known.package or ""):
        for table in known.tables:
            tables.setdefault(table.name, table)
    return tuple(tables.values())


def _schema(source: SourceState) -> str:
    """The schema in lower case; with Jinja in it where only run time knows it."""
    return schema_of(source).lower()


def _preferred(source: SourceState, database: str | None) -> tuple[bool, bool, str]:
    elsewhere = source.place[1] is not None and source.place[1].lower() != (database or "").lower()
    return elsewhere, source.package is not None, source.name


def _by_tables(source: SourceState, by_place: Mapping[Place, Sequence[TableMapping]]) -> Place | None:
    """The schema that holds most of the tables that a source declares, and more than half of them."""
    declared = {(table.identifier or table.name).lower() for table in source.tables}
    held = {place: len(declared & {table.name.lower() for table in members}) for place, members in by_place.items()}
    best = min(held, key=lambda place: (-held[place], place[0], place[1] or ""), default=None)
    return best if best is not None and 2 * held[best] > len(declared) else None
