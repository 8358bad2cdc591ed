"""An entity-relationship diagram as Mermaid text, in which nothing unproven looks proven.

Syntax: mermaid.js.org/syntax/entityRelationshipDiagram.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cartridge.domain.schema import ColumnMapping, Overlap, Relationship, TableKey, TableMapping, TableProfile
from cartridge.render.mermaid_text import LONGEST, quoted

LEGEND = (
    "%% solid: the database declares it, or all the data honour it; dashed: guessed, sampled, or broken by the data",
    "%% a dashed line says nothing for sure: zero or one parent, any number of children",
)
_BEGINS_LIKE_MARK = re.compile(r"(pk|fk|uk)(?![A-Za-z0-9_])", re.IGNORECASE)
_FIRST_LETTER = "\u00c0"
"""Mermaid takes letters from there on in words, besides those of ASCII."""


@dataclass(frozen=True)
class Picture:
    """What is drawn. `primary_keys` are those of the tables by any origin; of `guessed` tables they are not proven."""

    tables: Sequence[TableMapping]
    primary_keys: Mapping[TableKey, tuple[str, ...]] = field(default_factory=dict)
    guessed: frozenset[TableKey] = frozenset()
    relationships: Sequence[Relationship] = ()
    overlaps: Sequence[Overlap] = ()
    profile: Mapping[TableKey, TableProfile] = field(default_factory=dict)


def mermaid(picture: Picture) -> str:
    """The diagram: a block for each table, a line for each foreign key between tables that are drawn.

    Where it would be longer than Mermaid draws, only key columns are listed.
    """
    whole = _diagram(picture, keys_only=False)
    return whole if len(whole) <= LONGEST else _diagram(picture, keys_only=True)


def _diagram(picture: Picture, *, keys_only: bool) -> str:
    lines = ["erDiagram", *(f"    {line}" for line in LEGEND)]
    if keys_only:
        lines.append(f"    %% only key columns: with all columns it would be longer than {LONGEST:,} characters")
    several = len({table.schema for table in picture.tables}) > 1
    names = {table.key: quoted(".".join(table.key) if several else table.name) for table in picture.tables}
    drawn = [edge for edge in sorted(picture.relationships) if edge.table in names and edge.ref_table in names]
    held: dict[TableKey, dict[str, Relationship]] = {}
    for edge in drawn:
        held.setdefault(edge.table, {}).update(dict.fromkeys(edge.columns, edge))
    for table in sorted(picture.tables, key=lambda table: table.key):
        lines.append(f"    {names[table.key]} {{")
        lines += [f"        {line}" for line in _columns(table, picture, held.get(table.key, {}), keys_only)]
        lines.append("    }")
    ends = _Ends(picture)
    lines += [f"    {names[edge.table]} {ends.of(edge)} {names[edge.ref_table]} : {ends.label(edge)}" for edge in drawn]
    return "\n".join(lines) + "\n"


def _columns(table: TableMapping, picture: Picture, held: Mapping[str, Relationship], keys_only: bool) -> Iterator[str]:
    key = picture.primary_keys.get(table.key, ())
    uniques = {unique[0] for unique in table.unique_keys or () if len(unique) == 1}
    for column in table.columns:
        edge = held.get(column.name)
        if keys_only and column.name not in key and edge is None:
            continue
        proven_key = column.name in key and table.key not in picture.guessed
        marks = ["PK"] * proven_key
        marks += ["FK"] * (edge is not None and edge.origin != "inferred")
        marks += ["UK"] * (column.name in uniques and not proven_key)
        remarks = ["key, guessed"] * (column.name in key and not proven_key)
        remarks += ["reference, guessed"] * (edge is not None and edge.origin == "inferred")
        yield _column(column, marks, remarks)


def _column(column: ColumnMapping, marks: Sequence[str], remarks: Sequence[str]) -> str:
    name = _word(column.name)
    said = [*([column.name] if name != column.name else []), *remarks]
    said += ["not null"] if not column.nullable and "PK" not in marks else []
    parts = [_word(column.data_type.partition("(")[0]) if column.data_type else "unknown", name]
    parts += [",".join(marks)] if marks else []
    parts += [quoted(", ".join(said))] if said else []
    return " ".join(parts)


class _Ends:
    """Both ends of a line, and its label."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._tables = {table.key: table for table in picture.tables}
        self._overlaps = {_place(overlap.relationship): overlap for overlap in picture.overlaps}

    def of(self, edge: Relationship) -> str:
        """Child end, line and parent end: `}o--||`."""
        if not self._proven(edge):
            return "}o..o|"
        table = self._tables[edge.table]
        columns = [table.column(name) for name in edge.columns]
        always = all(column is not None and not column.nullable for column in columns)
        return f"{'|o' if self._unique(edge, table) else '}o'}--{'||' if always else 'o|'}"

    def label(self, edge: Relationship) -> str:
        """The columns, and on what the line rests where that is not the database's word."""
        overlap = self._overlaps.get(_place(edge))
        notes = []
        if edge.origin == "inferred":
            notes.append(f"guessed, {edge.confidence:.2f}")
        elif edge.origin == "measured":
            notes.append("measured on a sample" if overlap and overlap.sampled else "measured")
        if overlap and overlap.orphans:
            notes.append(f"{overlap.orphans:,} of {overlap.rows:,} rows have no parent")
        says = ", ".join(edge.columns) + (f" ({', '.join(notes)})" if notes else "")
        return quoted(says)

    def _proven(self, edge: Relationship) -> bool:
        overlap = self._overlaps.get(_place(edge))
        if edge.origin == "measured":
            return overlap is not None and overlap.holds and not overlap.sampled
        return edge.origin == "declared" and not (overlap and (overlap.orphans or not overlap.parent_unique))

    def _unique(self, edge: Relationship, table: TableMapping) -> bool:
        """Whether no two rows hold the same parent: by declaration, or counted over all rows."""
        columns = set(edge.columns)
        declared = [set(table.primary_key), *(set(unique) for unique in table.unique_keys or ())]
        if columns in declared:
            return True
        profile = self._picture.profile.get(table.key)
        counted = profile.key_duplicates if profile and not profile.sampled else {}
        return any(set(key) == columns and not repeated for key, repeated in counted.items())


def _place(edge: Relationship) -> tuple[TableKey, tuple[str, ...], TableKey, tuple[str, ...]]:
    return edge.table, edge.columns, edge.ref_table, edge.ref_columns


def _word(text: str) -> str:
    """Any text as one word, as types and columns must be: what else it holds becomes `_`."""
    word = "".join(char if _in_words(char) else "_" for char in text)
    if not word or word[0].isnumeric() or _BEGINS_LIKE_MARK.match(word):
        word = f"_{word}"
    return word


def _in_words(char: str) -> bool:
    return char == "_" or (char.isalnum() and (char.isascii() or _FIRST_LETTER <= char <= "\uffff"))
