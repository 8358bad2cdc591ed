"""What the catalogue of a database says, and how it becomes a snapshot: the same for every database that has one.

A scanner asks a handful of queries, however many tables there are, and hands over rows; who is chosen, how keys are
grouped and what is said of gaps is decided here. Queries go through an `Ask`, in as few batches as they depend on each
other, so that the same scanner runs over a driver, over dbt's adapter (a process for each batch), or over recorded
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

from cartridge.domain.masking import masked
from cartridge.domain.schema import ColumnMapping, LeftOut, Relationship, SchemaSnapshot, TableKey
from cartridge.errors import SourceError
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.selection import Selection

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Refused:
    """What the server said instead of an answer: a right is missing, or it has no such view."""

    reason: str


Answer = Rows | Refused
Ask = Callable[[Sequence[str]], Sequence[Answer]]
"""Runs queries, and returns all rows of each."""

KeyKind = Literal["primary", "unique"]
_MOST_NAMED = 5
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Source:
    """Which database a catalogue belongs to: see the fields of `SchemaSnapshot`."""

    kind: str
    dialect: str
    database: str


@dataclass(frozen=True)
class KeyPart:
    """One column of a key, as catalogues list them: in any order, `position` says its place."""

    table: TableKey
    key: str
    position: int
    column: str
    kind: KeyKind = "unique"


@dataclass(frozen=True)
class EdgePart:
    """One pair of columns of a foreign key."""

    table: TableKey
    key: str
    position: int
    column: str
    ref_table: TableKey
    ref_column: str


@dataclass
class Catalogue:
    """All that was read. `aside` holds tables that are not offered at all, with the reason; `schemas` names those that
    are known besides the tables' own."""

    tables: list[FoundTable] = field(default_factory=list)
    columns: list[tuple[TableKey, ColumnMapping]] = field(default_factory=list)
    keys: list[KeyPart] = field(default_factory=list)
    edges: list[EdgePart] = field(default_factory=list)
    aside: dict[TableKey, str] = field(default_factory=dict)
    schemas: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def snapshot(catalogue: Catalogue, source: Source, selection: Selection) -> SchemaSnapshot:
    """The selected part of a catalogue.

    A table whose columns are not in the catalogue was dropped while it was read, or hides them from this user: it is
    left out, and said so. Foreign keys to tables that are neither here nor readable stay, and are said so too.

    Raises:
        SourceError: there is no table, or nothing was selected.
    """
    offered = {table.key: table for table in catalogue.tables if table.key not in catalogue.aside}
    chosen, left_out = selection.choose(list(offered), catalogue.schemas)
    found = {key: offered[key] for key in chosen}
    for key, column in catalogue.columns:
        if key in found:
            found[key].columns.append(column)
    gone = [LeftOut(*key, NO_COLUMNS) for key, table in found.items() if not table.columns]
    for item in gone:
        del found[item.schema, item.name]
    _give_keys(catalogue.keys, found)
    relationships = edges_of(catalogue.edges, found)
    aside = [LeftOut(*key, reason) for key, reason in catalogue.aside.items()]
    known = {table.key for table in catalogue.tables}
    return SchemaSnapshot(
        kind=source.kind,
        database=source.database,
        dialect=source.dialect,
        tables=assemble(found.values(), relationships, source.database),
        relationships=relationships,
        left_out=tuple(sorted([*left_out, *aside, *gone], key=lambda item: (item.schema, item.name))),
        notes=(*catalogue.notes, *_unseen(relationships, known)),
    )


def each(ask_one: Callable[[str], Rows], refusals: tuple[type[Exception], ...] = ()) -> Ask:
    """An `Ask` over a function that runs one query; errors of the kinds named in `refusals` spoil only their query."""

    def ask(queries: Sequence[str]) -> list[Answer]:
        answers: list[Answer] = []
        for query in queries:
            try:
                answers.append(ask_one(query))
            except refusals as error:
                answers.append(Refused(" ".join(str(error).split())))
        return answers

    return ask


def rows_of(answer: Answer) -> Rows:
    """The rows of an answer without which nothing can be read.

    Raises:
        SourceError: the server refused it.
    """
    if isinstance(answer, Refused):
        raise SourceError(f"The catalogue cannot be read: {masked(answer.reason)}. Ask for the right to read it.")
    return answer


def rows_or_note(answer: Answer, what: str, notes: list[str]) -> Rows:
    """The rows of an answer that can be done without; where it was refused, a note says so."""
    if not isinstance(answer, Refused):
        return answer
    notes.append(f"{what} could not be read, the rest was: {masked(answer.reason)[:_LONGEST_REASON]}")
    return ()


NO_COLUMNS = "its columns cannot be seen: dropped while it was scanned, or you may not read it"


def _give_keys(parts: Iterable[KeyPart], found: dict[TableKey, FoundTable]) -> None:
    grouped: dict[tuple[TableKey, str, KeyKind], list[KeyPart]] = {}
    for part in parts:
        if part.table in found:
            grouped.setdefault((part.table, part.key, part.kind), []).append(part)
    for (table, _, kind), members in grouped.items():
        columns = tuple(part.column for part in sorted(members, key=lambda part: part.position))
        if kind == "primary":
            found[table].primary_key = columns
        else:
            found[table].unique_keys.append(columns)


def edges_of(parts: Iterable[EdgePart], found: Iterable[TableKey]) -> tuple[Relationship, ...]:
    """The foreign keys that leave the tables found, each once, in order."""
    wanted = set(found)
    grouped: dict[tuple[TableKey, str, TableKey], list[EdgePart]] = {}
    for part in parts:
        if part.table in wanted:
            grouped.setdefault((part.table, part.key, part.ref_table), []).append(part)
    made: set[Relationship] = set()
    for (table, _, other), members in grouped.items():
        members.sort(key=lambda part: part.position)
        columns, others = (part.column for part in members), (part.ref_column for part in members)
        made.add(Relationship(table, tuple(columns), other, tuple(others)))
    return tuple(sorted(made, key=attrgetter("table", "columns", "ref_table", "ref_columns")))


def _unseen(relationships: Sequence[Relationship], known: set[TableKey]) -> list[str]:
    """Foreign keys that lead to tables which the catalogue does not show."""
    schemas = {schema for schema, _ in known}
    unseen = sorted({edge.ref_table for edge in relationships if edge.ref_table[0] in schemas} - known)
    if not unseen:
        return []
    named = ", ".join(".".join(key) for key in unseen[:_MOST_NAMED])
    more = f" and {len(unseen) - _MOST_NAMED} more" if len(unseen) > _MOST_NAMED else ""
    return [f"Foreign keys lead to tables that you may not see: {named}{more}. The rest was read."]
