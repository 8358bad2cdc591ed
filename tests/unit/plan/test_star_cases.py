"""Well-known schemas, written from memory, and the star that a senior analytics engineer would draw over them.

A case is a text file in `star_cases`: the schema in the notation of `schemas.py`, a line of `=====`, and what is
expected: `role|role: table ...`, `mart kind name|name <- grain + folded folded?` (a `?` marks what is welcome but not
asked for), `no mart table ...` and `at most N` marts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cartridge.plan.keys import find_keys
from cartridge.plan.star import StarDesign, design_star
from schemas import WrittenSchema, read_schema

CASES = sorted((Path(__file__).parent / "star_cases").glob("*.txt"))


@dataclass
class Expected:
    """The second half of a case."""

    roles: dict[str, set[str]] = field(default_factory=dict)
    marts: list[tuple[str, set[str], str | None, set[str]]] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    at_most: int = 10**6


def read_case(path: Path) -> tuple[WrittenSchema, Expected]:
    schema, _, rest = path.read_text(encoding="utf-8").partition("=====\n")
    expected = Expected()
    for line in rest.splitlines():
        if line.startswith("mart "):
            head, _, read = line.removeprefix("mart ").partition(" <- ")
            kind, names = head.split()
            grain, _, folded = read.partition(" + ")
            wanted = {name for name in folded.split() if not name.endswith("?")}
            expected.marts.append((kind, set(names.split("|")), grain or None, wanted))
        elif line.startswith("no mart "):
            expected.without.update(line.removeprefix("no mart ").split())
        elif line.startswith("at most "):
            expected.at_most = int(line.removeprefix("at most "))
        else:
            roles, _, tables = line.partition(":")
            expected.roles.update({table: set(roles.split("|")) for table in tables.split()})
    return read_schema(schema), expected


def misses(design: StarDesign, expected: Expected) -> list[str]:
    """Every expectation that a design does not meet, as a sentence."""
    found = [
        f"{key[1]} is {role.role} ({role.confidence}), not {'|'.join(sorted(expected.roles[key[1]]))}"
        for key, role in design.roles.items()
        if key[1] in expected.roles and role.role not in expected.roles[key[1]]
    ]
    for kind, names, grain, folded in expected.marts:
        same = [m for m in design.marts if m.kind == kind and (m.grain_table or ("", None))[1] == grain]
        if not same:
            found.append(f"no {kind} of {grain}")
            continue
        read = {f.table[1] for f in same[0].folds} | {r.relationship.table[1] for r in same[0].rollups}
        if same[0].name not in names:
            found.append(f"{grain} is called {same[0].name}, not {'|'.join(sorted(names))}")
        if folded - read:
            found.append(f"{same[0].name} does not read {', '.join(sorted(folded - read))}")
    grains = {mart.grain_table[1] for mart in design.marts if mart.grain_table}
    found += [f"a mart of {table}" for table in sorted(grains & expected.without)]
    if len(design.marts) > expected.at_most:
        found.append(f"{len(design.marts)} marts, not {expected.at_most}: {', '.join(m.name for m in design.marts)}")
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_star_with_declared_keys(path: Path) -> None:
    schema, expected = read_case(path)
    assert {table.name for table in schema.tables} == set(expected.roles), "every table has an expected role"
    tables = schema.declared()
    assert misses(design_star(tables, find_keys(tables)), expected) == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_most_roles_hold_where_no_key_is_declared(path: Path) -> None:
    schema, expected = read_case(path)
    design = design_star(schema.tables, find_keys(schema.tables))
    wrong = [f"{key[1]}: {role.role}" for key, role in design.roles.items() if role.role not in expected.roles[key[1]]]
    assert len(wrong) <= max(3, 0.12 * len(expected.roles)), wrong


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_design_multiplies_rows_or_repeats_a_name(path: Path) -> None:
    schema, _ = read_case(path)
    design = design_star(schema.tables, schema.keys)
    names = [mart.name for mart in design.marts]
    assert len(set(names)) == len(names)
    for mart in design.marts:
        assert len(mart.folds) + len(mart.rollups) <= 6
        assert len({fold.alias for fold in mart.folds}) == len(mart.folds)
        for fold in mart.folds:
            assert len(fold.path) <= 3
            assert [fold.path[0].table, *(step.ref_table for step in fold.path[:-1])] == [s.table for s in fold.path]
            assert fold.path[0].table == mart.grain_table
            for step in fold.path:
                assert set(step.ref_columns) == set(schema.keys.primary_keys[step.ref_table].columns)
