"""Hidden keys found again in data: two real databases, and twenty generated ones with planted traps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from cartridge import app
from cartridge.plan import scope_of
from cartridge.plan.keys import Keys
from databases import chinook_duckdb, northwind_duckdb
from testbed import Score, beds, score

Edge = tuple[tuple[str, str], str, tuple[str, str], str]


def keys_of(path: Path, *, with_profile: bool) -> Keys:
    """The keys that a plan for that database would rest on."""

    async def found() -> Keys:
        snapshot = await app.scan(str(path))
        if with_profile:
            snapshot = await app.profile(str(path), snapshot)
        return scope_of(app.request_for(snapshot)).keys

    return asyncio.run(found())


def edges(keys: Keys) -> set[Edge]:
    return {
        (edge.table, own, edge.ref_table, other)
        for edge in keys.relationships
        for own, other in zip(edge.columns, edge.ref_columns, strict=True)
    }


@pytest.mark.parametrize("with_profile", [False, True], ids=["names", "data"])
@pytest.mark.parametrize("make", [chinook_duckdb, northwind_duckdb])
def test_hidden_keys_of_real_databases_are_found(
    tmp_path: Path, make: Callable[..., Path], *, with_profile: bool
) -> None:
    true = keys_of(make(tmp_path / "declared.duckdb"), with_profile=False)
    found = keys_of(make(tmp_path / "hidden.duckdb", keys=False), with_profile=with_profile)
    right = len(edges(found) & edges(true))
    assert 2 * right / (len(edges(found)) + len(edges(true))) >= 0.95
    for table, key in true.primary_keys.items():
        assert set(found.primary_keys[table].columns) == set(key.columns), table


def test_traps_are_seen(tmp_path: Path) -> None:
    names, data = Score(), Score()
    for bed in beds():
        path = bed.write(tmp_path / f"{bed.name}.duckdb")
        names += score(bed, keys_of(path, with_profile=False))
        data += score(bed, keys_of(path, with_profile=True))
    assert min(names.precision, data.precision) >= 0.99, (names.wrong, data.wrong)
    assert names.recall >= 0.87, names.wrong
    assert data.recall >= 0.97, data.wrong
    assert (names.keys >= 0.93, data.keys >= 0.99) == (True, True), (names.wrong, data.wrong)
