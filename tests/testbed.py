"""Twenty schemas with planted traps, loaded into DuckDB, whose true keys are known: four businesses in five styles.

A business is a text file, a table a line: `name rows [key]: column, column, ...`. The key is a surrogate 1..n unless
words stand there: `by code` (a natural key, in text), `by order + line_number` (references and a number within them),
`none` (no key, and some rows twice). A column is a name and a type (`text`, `num`, `date`, `flag`, `int 9` for 1..9,
`same 200` for 1..200 in random order, `void` for all NULL), or a reference `role > table`, with `?` (some NULL), `!`
(some orphans), `~` (stored as another type) or `0` (all NULL) after the arrow; `whole > table` refers to a composite
key. A table marked with `*` copies others: what is found of its references counts neither for nor against.

The traps: every surrogate key runs 1..n, most with the same n, so that small numbers are found in any key; numbers of
documents, ids of other systems, of tables that are not there and of one of several tables; ranks, levels and counts
beside the name of a table; generic `id`; self-references and roles; composite, nullable, orphaned, empty and mistyped
references; tables without any key, with rows twice, with columns all NULL.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from cartridge.plan.keys import Keys
from shared_data import REPOSITORY

FOLDER = REPOSITORY / "tests" / "cases" / "testbed"

Edge = tuple[str, str, str, str]
"""table, column, referenced table, referenced column"""

_TYPES = {"text": "varchar", "num": "decimal(12, 2)", "date": "date", "flag": "boolean", "void": "varchar"}


@dataclass(frozen=True)
class Style:
    """How one schema spells: `table` and `column` turn snake_case words into names; `key` names a surrogate key, and
    `reference` a column that holds a key, from the words of the role and of the table and the key's own name."""

    name: str
    table: Callable[[str], str]
    column: Callable[[str], str]
    key: Callable[[str], str]
    reference: Callable[[str, str], str]


def _pascal(words: str) -> str:
    return "".join(part.capitalize() for part in words.split("_"))


def _plural(words: str) -> str:
    if words.endswith("y") and words[-2] not in "aeiou":
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("s", "x", "ch")) else "s")


STYLES = (
    Style("generic_id", _plural, str, lambda t: "id", lambda role, end: f"{role}_{end}"),
    Style("named_id", str, str, lambda t: f"{t}_id", lambda role, end: f"{role}_{end}"),
    Style("pascal", _pascal, _pascal, lambda t: _pascal(t) + "Id", lambda role, end: _pascal(f"{role}_{end}")),
    Style("upper", lambda t: f"APP_{t.upper()}", str.upper, lambda t: f"{t.upper()}_ID",
          lambda role, end: f"{role}_{end}".upper()),
    Style("key", lambda t: f"tbl_{t}", str, lambda t: f"{t}_key", lambda role, end: f"{role}_{end}"),
)  # fmt: skip


@dataclass
class Table:
    """A table as written, with the values of its columns; `key` names its key columns, empty where there is none."""

    name: str
    rows: int
    key: tuple[str, ...] = ()
    columns: dict[str, tuple[str, list[Any]]] = field(default_factory=dict)
    """By name: type and values."""


@dataclass(frozen=True)
class Bed:
    """One schema with its data and its true keys. `open_edges` count neither for nor against whoever finds them."""

    name: str
    tables: tuple[Table, ...]
    edges: frozenset[Edge]
    open_edges: frozenset[Edge]

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The true primary keys by table; tables without one are missing."""
        return {table.name: table.key for table in self.tables if table.key}

    def write(self, path: Path) -> Path:
        """Load the tables into a new DuckDB file, without any declared key."""
        with duckdb.connect(str(path)) as connection:
            for table in self.tables:
                listed = ", ".join(f'"{name}" {kind}' for name, (kind, _) in table.columns.items())
                connection.execute(f'create table "{table.name}" ({listed})')
                filled = ", ".join(f"unnest(?::{kind}[])" for kind, _ in table.columns.values())
                values = [values for _, values in table.columns.values()]
                connection.execute(f'insert into "{table.name}" select {filled}', values)
        return path


@dataclass(frozen=True)
class Score:
    """Counts of one answer, or of several together: edges found, right and true; keys right and true."""

    found: int = 0
    right: int = 0
    true: int = 0
    keys_right: int = 0
    keys_true: int = 0
    wrong: tuple[str, ...] = ()
    """What was found and is not true, and what is true and was not found, as sentences."""

    def __add__(self, other: Score) -> Score:
        pairs = zip(self.counts, other.counts, strict=True)
        return Score(*(mine + theirs for mine, theirs in pairs), wrong=(*self.wrong, *other.wrong))

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """The five counts."""
        return self.found, self.right, self.true, self.keys_right, self.keys_true

    @property
    def precision(self) -> float:
        """The share of found edges that are true."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of true edges that were found."""
        return self.right / self.true if self.true else 1.0

    @property
    def keys(self) -> float:
        """The share of tables whose primary key is exactly right; claiming one where there is none is wrong."""
        return self.keys_right / self.keys_true if self.keys_true else 1.0


def score(bed: Bed, keys: Keys) -> Score:
    """How well the keys that were found are the true ones."""
    found = {
        (edge.table[1], own, edge.ref_table[1], other)
        for edge in keys.relationships
        for own, other in zip(edge.columns, edge.ref_columns, strict=True)
    } - bed.open_edges
    claimed = {table[1]: key.columns for table, key in keys.primary_keys.items() if key.confidence >= 0.5}
    right = [t.name for t in bed.tables if set(claimed.get(t.name, ())) == set(t.key)]
    wrong = [f"{bed.name}: {_said(edge)} is not true" for edge in sorted(found - bed.edges)]
    wrong += [f"{bed.name}: {_said(edge)} is not found" for edge in sorted(bed.edges - found)]
    wrong += [
        f"{bed.name}: key of {t.name} is {t.key}, not {claimed.get(t.name)}" for t in bed.tables if t.name not in right
    ]
    return Score(len(found), len(found & bed.edges), len(bed.edges), len(right), len(bed.tables), tuple(wrong))


def _said(edge: Edge) -> str:
    return f"{edge[0]}.{edge[1]} -> {edge[2]}.{edge[3]}"


def beds(seed: int = 7) -> Iterator[Bed]:
    """The twenty schemas, the same for the same seed."""
    for path in sorted(FOLDER.glob("*.txt")):
        for style in STYLES:
            dice = random.Random(f"{seed} {path.stem} {style.name}")
            yield _Maker(style, dice).bed(f"{path.stem}_{style.name}", path.read_text(encoding="utf-8"))


_LINE = re.compile(r"(?P<name>\w+)(?P<copy>\*?) (?P<rows>\d+)(?P<key>[^:]*): (?P<columns>.*)")


class _Maker:
    """Fills the tables of one business in one style."""

    def __init__(self, style: Style, dice: random.Random) -> None:
        self._style = style
        self._dice = dice
        self._made: dict[str, Table] = {}
        self._edges: set[Edge] = set()
        self._open: set[Edge] = set()

    def bed(self, name: str, text: str) -> Bed:
        lines = [_LINE.fullmatch(line.strip()) for line in text.splitlines()]
        written = [line for line in lines if line is not None]
        assert len(written) == len(lines), "a line of the business is misspelt"
        surrogates = {line["name"] for line in written if not line["key"].strip()}
        for line in written:
            rows = int(line["rows"]) + self._dice.choice((0, 0, 0, 7))
            table = self._made[line["name"]] = Table(self._style.table(line["name"]), rows)
            if line["name"] in surrogates:
                table.key = (self._style.key(line["name"]),)
                table.columns[table.key[0]] = ("integer", list(range(1, rows + 1)))
            elif line["key"].startswith(" by ") and "+" not in line["key"]:
                table.key = (self._style.column(f"{line['name']}_code" if self._named else "code"),)
                table.columns[table.key[0]] = ("varchar", [f"{line['name'][:2].upper()}{n:03}" for n in range(rows)])
        for line in sorted(written, key=lambda line: ("+" in line["key"]) + 2 * ("whole" in line["columns"])):
            self._fill(line)
        return Bed(
            name, tuple(self._made[line["name"]] for line in written), frozenset(self._edges), frozenset(self._open)
        )

    @property
    def _named(self) -> bool:
        return self._style.name != "generic_id"

    def _fill(self, line: re.Match[str]) -> None:
        table = self._made[line["name"]]
        if "+" in line["key"]:
            self._composite(table, line["key"].removeprefix(" by ").split(" + "))
        for written in line["columns"].split(", "):
            role, arrow, target = written.partition(" >")
            if arrow and role == "whole":
                self._whole(table, target.strip())
            elif arrow:
                mark, _, other = target.rpartition(" ")
                self._refer(table, role, other, mark, is_copy=bool(line["copy"]))
            else:
                self._plain(table, *written.split(" ", 1))
        if line["key"].strip() == "none":
            self._repeat_rows(table)

    # ---------------------------------------------------------------- references

    def _refer(self, table: Table, role: str, other: str, mark: str, *, is_copy: bool) -> None:
        parent = self._made[other]
        (key,) = parent.key
        kind, values = parent.columns[key]
        drawn: list[Any] = [self._dice.choice(values) for _ in range(table.rows)]
        if "!" in mark:
            drawn = [value + len(values) if self._dice.random() < 0.01 else value for value in drawn]
        if "~" in mark:
            kind, drawn = "varchar", [str(value) for value in drawn]
        missing = {"?": 0.3, "0": 1.0}.get(mark, 0.0)
        drawn = [None if self._dice.random() < missing else value for value in drawn]
        name = self._name_of_reference(role, other)
        table.columns[name] = (kind, drawn)
        edges = self._open if is_copy else self._edges
        edges.add((table.name, name, parent.name, key))

    def _name_of_reference(self, role: str, other: str) -> str:
        (key,) = self._made[other].key
        if role.endswith(("_to", "_by")):
            return self._style.column(role)
        ending = "code" if key.lower().endswith("code") else "key" if key.lower().endswith("key") else "id"
        return self._style.reference(role, ending)

    def _composite(self, table: Table, parts: Sequence[str]) -> None:
        """References, and at most one number that counts within them: no combination twice."""
        parents = [part for part in parts if part in self._made]
        roles = [
            (part, next(t for t in self._made if part.endswith(t))) for part in parts if not part.endswith("number")
        ]
        counter = [part for part in parts if part.endswith("number")]
        rows: dict[tuple[Any, ...], None] = {}
        counts: dict[Any, int] = {}
        keys = {role: self._made[other].columns[self._made[other].key[0]][1] for role, other in roles}
        while len(rows) < table.rows:
            drawn = tuple(self._dice.choice(keys[role]) for role, _ in roles)
            counts[drawn] = counts.get(drawn, 0) + 1
            rows[(*drawn, counts[drawn]) if counter else drawn] = None
        names = [self._name_of_reference(role, other) for role, other in roles]
        names += [self._style.column(part) for part in counter]
        kinds = [self._made[other].columns[self._made[other].key[0]][0] for _, other in roles] + ["integer"]
        assert parents or counter
        for place, name in enumerate(names):
            table.columns[name] = (kinds[place], [row[place] for row in rows])
        table.key = tuple(names)
        for (_, other), name in zip(roles, names, strict=False):
            self._edges.add((table.name, name, self._made[other].name, self._made[other].key[0]))

    def _whole(self, table: Table, other: str) -> None:
        """A reference to a composite key; what its parts refer to by themselves is true as well."""
        parent = self._made[other]
        chosen = [self._dice.randrange(parent.rows) for _ in range(table.rows)]
        for name in parent.key:
            kind, values = parent.columns[name]
            table.columns[name] = (kind, [values[place] for place in chosen])
            self._edges.add((table.name, name, parent.name, name))
            self._open |= {(table.name, name, *edge[2:]) for edge in self._edges if edge[:2] == (parent.name, name)}

    # ---------------------------------------------------------------- everything else

    def _plain(self, table: Table, name: str, kind: str) -> None:
        what, _, size = kind.partition(" ")
        dice, rows = self._dice, range(table.rows)
        values: list[Any]
        if what == "int":
            values = [dice.randint(1, int(size)) for _ in rows]
        elif what == "same":
            values = dice.sample(range(1, table.rows + 1), table.rows)
        elif what == "num":
            values = [round(dice.uniform(1, 500), 2) for _ in rows]
        elif what == "date":
            values = [f"2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}" for _ in rows]
        elif what == "flag":
            values = [dice.random() < 0.8 for _ in rows]
        elif what == "void":
            values = [None for _ in rows]
        elif name in {"status", "method", "term", "currency", "blood_type", "form", "continent"}:
            values = [f"{name} {dice.randint(1, 4)}" for _ in rows]
        else:
            values = [f"{name} {dice.randint(1, 3 * table.rows)}" for _ in rows]
        table.columns[self._style.column(name)] = (_TYPES.get(what, "integer"), values)

    def _repeat_rows(self, table: Table) -> None:
        again = [self._dice.randrange(table.rows) for _ in range(table.rows // 20)]
        for name, (kind, values) in table.columns.items():
            table.columns[name] = (kind, [*values, *(values[place] for place in again)])
        table.rows += len(again)
