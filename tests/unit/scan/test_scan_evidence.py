"""Keys from data: hidden ones found again, coincidences not taken for keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from cartridge.app.profile import profile
from cartridge.domain.fingerprint import fingerprint
from cartridge.domain.schema import ColumnProfile, Overlap, Relationship, SchemaSnapshot, TableProfile
from cartridge.plan.keys import find_keys
from cartridge.scan import scan
from cartridge.scan.evidence import measured
from cartridge.scan.saved import dump, load
from databases import chinook_duckdb, northwind_duckdb


def edges(relationships: tuple[Relationship, ...]) -> set[tuple[object, ...]]:
    return {(edge.table, edge.columns, edge.ref_table, edge.ref_columns) for edge in relationships}


@pytest.mark.parametrize("make", [chinook_duckdb, northwind_duckdb])
def test_hidden_keys_are_found_in_the_data(tmp_path: Path, make: Callable[..., Path]) -> None:
    declared = edges(scan(str(make(tmp_path / "declared.duckdb"))).relationships)
    hidden = make(tmp_path / "hidden.duckdb", keys=False)
    plain = scan(str(hidden))
    assert plain.relationships == ()
    found = asyncio.run(profile(str(hidden), plain))
    assert {edge.origin for edge in found.relationships} == {"measured"}
    keys = find_keys(list(found.tables), found.relationships, found.profile)
    right = len(edges(keys.relationships) & declared)
    assert 2 * right / (len(keys.relationships) + len(declared)) >= 0.95


def test_measured_keys_survive_saving_and_do_not_move_the_fingerprint(tmp_path: Path) -> None:
    hidden = chinook_duckdb(tmp_path / "hidden.duckdb", keys=False)
    plain = scan(str(hidden))
    found = asyncio.run(profile(str(hidden), plain))
    saved = load(dump(found))
    assert saved == found
    assert fingerprint(saved) == fingerprint(plain)
    assert "distinct values" in saved.relationships[0].evidence[-1]


DECOYS = """
create table regions as select i as region_id, 'r' || i as name from range(1, 6) t(i);
create table customers as select i as customer_id, 1 + i % 5 as region_id, 'c' || i as name from range(1, 101) t(i);
create table orders as select i as order_id, 1 + i % 200 as customer_id, 1 + i % 3 as priority from range(1, 1001) t(i);
create table copies as select 1 + i % 50 as item_id, i as n from range(1, 101) t(i);
create table uses as select i as use_id, 1 + i % 50 as item_id from range(1, 101) t(i);
"""


def test_orphans_duplicates_and_small_numbers_are_no_keys(tmp_path: Path) -> None:
    path = tmp_path / "decoys.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(DECOYS)
    found = asyncio.run(profile(str(path), scan(str(path))))
    assert [str(edge) for edge in found.relationships] == ["customers(region_id) -> regions(region_id)"]
    lost = next(item for item in found.overlaps if item.relationship.table == ("main", "orders"))
    assert (lost.orphans, lost.share) == (500, 0.5)


def overlap(confidence: float, values: int, parent_values: int, *, orphans: int = 0, unique: bool = True) -> Overlap:
    edge = Relationship(("s", "c"), ("p",), ("s", "p"), ("id",), "inferred", confidence)
    return Overlap(edge, 100, orphans, values, values, parent_values, parent_unique=unique)


def tables(data_type: str) -> SchemaSnapshot:
    parent = {"name": "p", "schema": "s", "columns": [{"name": "id", "data_type": data_type}]}
    text = {"kind": "k", "database": "d", "dialect": "duckdb", "tables": [parent], "format": "cartridge-scan"}
    return load(json.dumps({**text, "version": 1}))


@pytest.mark.parametrize(
    ("item", "data_type", "believed"),
    [
        (overlap(0.6, 3, 1_000), "INTEGER", True),
        (overlap(0.4, 3, 1_000), "INTEGER", False),
        (overlap(0.4, 400, 1_000), "INTEGER", True),
        (overlap(0.4, 3, 1_000), "VARCHAR", True),
        (overlap(0.4, 2, 2), "VARCHAR", False),
        (overlap(0.9, 50, 60, orphans=1), "INTEGER", False),
        (overlap(0.9, 50, 60, unique=False), "INTEGER", False),
        (overlap(0.9, 0, 60), "INTEGER", False),
    ],
)
def test_what_makes_a_key(item: Overlap, data_type: str, *, believed: bool) -> None:
    by_key = {table.key: table for table in tables(data_type).tables}
    assert bool(measured([item], by_key)) is believed


@pytest.mark.parametrize(
    ("distinct", "values", "believed"), [((200, 5), 60, True), ((200, 2), 60, False), ((200, 5), 4, False)]
)
def test_a_whole_key_is_believed_where_it_is_one_of_few(
    distinct: tuple[int, int], values: int, *, believed: bool
) -> None:
    edge = Relationship(("s", "c"), ("o", "n"), ("s", "p"), ("o", "n"), "inferred", 0.4)
    item = Overlap(edge, 100, 0, values, values, 400, parent_unique=True)
    seen = TableProfile(400, {"o": ColumnProfile(0, distinct[0]), "n": ColumnProfile(0, distinct[1])})
    assert bool(measured([item], {}, {("s", "p"): seen})) is believed
    assert measured([item], {}) == ()
