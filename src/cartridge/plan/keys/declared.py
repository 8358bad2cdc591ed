"""What is declared: the one place where a request's primary and foreign keys are read into their internal form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cartridge.domain.plan import Finding
from cartridge.domain.schema import Relationship, TableKey, TableMapping
from cartridge.errors import InputError
from cartridge.plan.keys.model import PrimaryKey

_OWN = ("columns", "column", "constrained_columns", "constrained_column")
_REF_TABLE = ("ref_table", "referred_table", "referenced_table", "foreign_key_table")
_REF_SCHEMA = ("ref_schema", "referred_schema", "referenced_schema")
_REF_COLUMNS = (
    "ref_columns", "referred_columns", "referenced_columns", "ref_column", "referenced_column", "foreign_key_column",
)  # fmt: skip


@dataclass
class Declared:
    """The keys that were declared or measured, and what was wrong with others."""

    primary_keys: dict[TableKey, PrimaryKey] = field(default_factory=dict)
    relationships: list[Relationship] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    claimed: set[tuple[TableKey, str]] = field(default_factory=set)
    """Every column that a key was given for, usable or not: nothing is to be guessed about it."""

    def warn(self, code: str, message: str, mend: str) -> None:
        """Note a key that cannot be used."""
        self.findings.append(Finding(code=code, severity="warning", message=message, mend=mend))


@dataclass(frozen=True)
class _Claim:
    """A foreign key as somebody wrote it; names are not yet looked up. `ref_columns` None: the target's key."""

    table: TableMapping
    columns: tuple[str, ...]
    ref_schema: str | None
    ref_table: str
    ref_columns: tuple[str, ...] | None
    given: Relationship | None = None

    @property
    def said(self) -> tuple[object, ...]:
        """What is claimed, whoever claims it; a table without a schema means the same schema."""
        schema = self.ref_schema or self.table.schema
        return self.table.key, self.columns, schema.lower(), self.ref_table.lower(), self.ref_columns

    def __str__(self) -> str:
        there = f"{self.ref_schema}.{self.ref_table}" if self.ref_schema else self.ref_table
        return f"{self.table.name}({', '.join(self.columns)}) -> {there}({', '.join(self.ref_columns or ())})"


def gather(tables: Sequence[TableMapping], relationships: Sequence[Relationship]) -> Declared:
    """Read every declared key; one that cannot be used becomes a finding, never an error.

    The order of trust among foreign keys: declared, measured, inferred; among equals the first one given.
    """
    found = Declared()
    book = _Book(tables, found)
    for table in book.tables.values():
        columns = _primary_key(table, found)
        if columns:
            says = ("the database declares it",)
            found.primary_keys[table.key] = PrimaryKey(table.key, columns, "declared", 1.0, says)
    kept: dict[tuple[TableKey, frozenset[str]], Relationship] = {}
    read: set[tuple[object, ...]] = set()
    for claim in sorted(_claims(book, relationships, found), key=_distrust):
        found.claimed.update((claim.table.key, name) for name in claim.columns)
        if claim.said in read:
            continue  # the column's own word for what a relationship said already
        read.add(claim.said)
        relationship = book.resolve(claim)
        if relationship is None:
            continue
        place = (relationship.table, frozenset(relationship.columns))
        earlier = kept.setdefault(place, relationship)
        if _pairs(earlier) != _pairs(relationship) and earlier.origin == relationship.origin:
            found.warn(
                "contradictory-reference",
                f"{relationship.table[1]}: two foreign keys disagree, {earlier} and {relationship}; the first is used",
                "Remove the one that is wrong.",
            )
    found.relationships = sorted(kept.values())
    return found


def _distrust(claim: _Claim) -> int:
    origin = claim.given.origin if claim.given else "declared"
    return ("declared", "measured", "inferred").index(origin)


def _pairs(relationship: Relationship) -> tuple[TableKey, frozenset[tuple[str, str]]]:
    return relationship.ref_table, frozenset(zip(relationship.columns, relationship.ref_columns, strict=True))


def _primary_key(table: TableMapping, found: Declared) -> tuple[str, ...]:
    flagged = tuple(column.name for column in table.columns if column.is_primary_key)
    listed = tuple(table.primary_key_columns or ())
    columns = []
    for name in dict.fromkeys(listed or flagged):
        column = _column(table, name)
        if column is None:
            found.warn(
                "unknown-column",
                f"{table.name}: the primary key names column {name!r}, which the table does not have",
                "Correct primary_key_columns, or add the column.",
            )
            return ()
        columns.append(column)
    if listed and flagged and set(columns) != set(flagged):
        found.warn(
            "contradictory-key",
            f"{table.name}: primary_key_columns says {', '.join(listed)}, the columns' flags say {', '.join(flagged)}; "
            "the former is used",
            "Give the primary key in one place.",
        )
    return tuple(columns)


def _column(table: TableMapping, name: str) -> str | None:
    """The table's own spelling of a column's name: exact, else the only one equal but for case."""
    if table.column(name) is not None:
        return name
    alike = [column.name for column in table.columns if column.name.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None


def _claims(book: _Book, relationships: Sequence[Relationship], found: Declared) -> Iterator[_Claim]:
    whole: dict[TableKey, set[tuple[str, str]]] = {}
    for claim in _whole_claims(book, relationships, found):
        if len(claim.columns) > 1:
            whole.setdefault(claim.table.key, set()).update((name, claim.ref_table.lower()) for name in claim.columns)
        yield claim
    for table in book.tables.values():
        parts = whole.get(table.key, set())
        for column in table.columns:
            there = column.foreign_key_table
            if there and (column.name, there.rpartition(".")[2].lower()) not in parts:
                ref_columns = (column.foreign_key_column,) if column.foreign_key_column else None
                yield _Claim(table, (column.name,), None, there, ref_columns)


def _whole_claims(book: _Book, relationships: Sequence[Relationship], found: Declared) -> Iterator[_Claim]:
    """The claims that name all their columns. Those of single columns say less: of a key of several, only its parts."""
    for given in relationships:
        table = book.tables.get(given.table)
        if table is not None:
            yield _Claim(table, given.columns, given.ref_table[0], given.ref_table[1], given.ref_columns, given)
    for table in book.tables.values():
        for form in table.foreign_key_relationships or ():
            claim = _from_form(table, form)
            if claim is None:
                found.warn(
                    "unreadable-reference",
                    f"{table.name}: an entry of foreign_key_relationships cannot be read: {str(form)[:120]}",
                    "Give its columns, its ref_table and its ref_columns.",
                )
            else:
                yield claim


def _from_form(table: TableMapping, form: Any) -> _Claim | None:
    if isinstance(form, Relationship):
        return _Claim(table, form.columns, form.ref_table[0], form.ref_table[1], form.ref_columns, form)
    if not isinstance(form, Mapping):
        return None
    columns = _names(form, _OWN)
    ref_table = next((form[key] for key in _REF_TABLE if form.get(key)), None)
    ref_schema = next((form[key] for key in _REF_SCHEMA if isinstance(form.get(key), str) and form[key]), None)
    if isinstance(ref_table, list | tuple) and len(ref_table) == 2 and all(isinstance(part, str) for part in ref_table):
        ref_schema, ref_table = ref_table
    if not columns or not isinstance(ref_table, str):
        return None
    return _Claim(table, columns, ref_schema, ref_table, _names(form, _REF_COLUMNS) or None)


def _names(form: Mapping[Any, Any], keys: Sequence[str]) -> tuple[str, ...]:
    for key in keys:
        value = form.get(key)
        if isinstance(value, str) and value:
            return (value,)
        if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
            return tuple(value)
    return ()


class _Book:
    """The tables by name, and the claims looked up in it."""

    def __init__(self, tables: Sequence[TableMapping], found: Declared) -> None:
        self.found = found
        self.tables: dict[TableKey, TableMapping] = {}
        self._by_name: dict[str, list[TableMapping]] = {}
        for table in tables:
            if table.key in self.tables:
                found.warn(
                    "duplicate-table",
                    f"{table.schema}.{table.name} was given twice; the first is used",
                    "Give each table once.",
                )
                continue
            self.tables[table.key] = table
            self._by_name.setdefault(table.name.lower(), []).append(table)

    def resolve(self, claim: _Claim) -> Relationship | None:
        """The claim with every name found, or None with a finding."""
        target = self._target(claim)
        if target is None:
            return None
        columns = [_column(claim.table, name) for name in claim.columns]
        there = self._there(claim, target)
        if there is None:
            return None
        ref_columns = [_column(target, name) for name in there]
        for table, names, spelled in ((claim.table, claim.columns, columns), (target, there, ref_columns)):
            for name, own in zip(names, spelled, strict=True):
                if own is None:
                    self._unknown(claim, f"{table.name} has no column {name!r}")
                    return None
        own_names = tuple(name for name in columns if name is not None)
        ref_names = tuple(name for name in ref_columns if name is not None)
        given = claim.given
        try:
            if given is None:
                says = ("the database declares it",)
                return Relationship(claim.table.key, own_names, target.key, ref_names, evidence=says)
            return Relationship(
                claim.table.key, own_names, target.key, ref_names, given.origin, given.confidence, given.evidence
            )
        except InputError as error:
            self._unknown(claim, str(error))
            return None

    def _unknown(self, claim: _Claim, why: str) -> None:
        self.found.warn(
            "unknown-reference",
            f"{claim.table.name}: the foreign key {claim} is left out: {why}",
            "Add what is missing to the request, or correct the key.",
        )

    def _target(self, claim: _Claim) -> TableMapping | None:
        """The referenced table: in the schema named, else in the same schema, else the only one of that name."""
        for schema, name in _spellings(claim):
            exact = self.tables.get((schema, name))
            if exact is not None:
                return exact
        schema, name = _spellings(claim)[0]
        alike = self._by_name.get(name.lower(), [])
        near = [table for table in alike if table.schema.lower() == schema.lower()]
        if len(near) == 1 or (not near and not claim.ref_schema and len(alike) == 1):
            return (near or alike)[0]
        several = f"{len(alike)} tables are called {name!r}; say which schema" if alike else None
        self._unknown(claim, several or f"the request has no table {name!r}")
        return None

    def _there(self, claim: _Claim, target: TableMapping) -> tuple[str, ...] | None:
        """The referenced columns: those given, else the target's key, else the column of the same name."""
        if claim.ref_columns is not None:
            return claim.ref_columns
        known = self.found.primary_keys.get(target.key)
        if known is not None and len(known.columns) == len(claim.columns):
            return known.columns
        if all(_column(target, name) for name in claim.columns):
            return claim.columns
        if len(claim.columns) == 1 and _column(target, "id"):
            return ("id",)
        self._unknown(claim, f"it does not say which column of {target.name} is meant")
        return None


def _spellings(claim: _Claim) -> list[tuple[str, str]]:
    """The (schema, table) pairs that a claim's table may mean, the likeliest first."""
    if claim.ref_schema:
        return [(claim.ref_schema, claim.ref_table)]
    pairs = [(claim.table.schema, claim.ref_table)]
    parts = [part.strip('"`[]') for part in claim.ref_table.split(".")]
    if len(parts) > 1:
        pairs.append((parts[-2], parts[-1]))
    return pairs
