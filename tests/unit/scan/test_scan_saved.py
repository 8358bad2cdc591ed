"""Saved scans: what was written is read back, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartridge.domain.fingerprint import fingerprint
from cartridge.domain.schema import (
    ColumnMapping,
    ColumnProfile,
    LeftOut,
    Overlap,
    Relationship,
    SchemaSnapshot,
    TableProfile,
)
from cartridge.errors import SourceError
from cartridge.scan import scan
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.saved import dump, load

names = st.text(min_size=1, max_size=12)
counts = st.integers(min_value=0, max_value=10**12)


@st.composite
def snapshots(draw: st.DrawFn) -> SchemaSnapshot:
    keys = draw(st.lists(st.tuples(names, names), min_size=1, max_size=4, unique=True))
    found = []
    for key in keys:
        columns = draw(st.lists(names, max_size=4, unique=True))
        found.append(
            FoundTable(
                key,
                draw(st.sampled_from(["table", "view"])),
                [
                    ColumnMapping(
                        name,
                        draw(st.text(max_size=8)),
                        draw(st.booleans()),
                        description=draw(st.none() | st.text()),
                        default=draw(st.none() | st.text()),
                        sample_values=draw(st.none() | st.lists(st.integers() | st.text() | st.none(), max_size=3)),
                    )
                    for name in columns
                ],
                row_count=draw(st.none() | counts),
                description=draw(st.none() | st.text()),
                primary_key=tuple(columns[:1]) if draw(st.booleans()) else (),
                unique_keys=[tuple(columns)] if columns and draw(st.booleans()) else [],
            )
        )
    edges = tuple(
        Relationship(item.key, (item.columns[0].name,), draw(st.sampled_from(keys)), (draw(names),))
        for item in found
        if item.columns and draw(st.booleans())
    )
    profile = st.dictionaries(
        st.sampled_from(keys),
        st.builds(
            TableProfile,
            counts,
            st.dictionaries(names, st.builds(ColumnProfile, counts, counts, st.none() | st.text(), st.none())),
            st.booleans(),
        ),
    )
    return SchemaSnapshot(
        kind=draw(names),
        database=draw(names),
        dialect="duckdb",
        tables=assemble(found, edges, "db"),
        relationships=edges,
        left_out=tuple(draw(st.lists(st.builds(LeftOut, names, names, names), max_size=2))),
        notes=tuple(draw(st.lists(st.text(), max_size=2))),
        profile=draw(st.none() | profile),
        file=draw(st.none() | names),
        overlaps=tuple(Overlap(edge, 3, 1, 2, 2, 4, parent_unique=True) for edge in edges if draw(st.booleans())),
    )


@given(snapshots())
def test_what_was_saved_is_read_back_and_saved_to_the_same_bytes(snapshot: SchemaSnapshot) -> None:
    text = dump(snapshot)
    read_back = load(text)
    assert read_back == snapshot
    assert dump(read_back) == text
    assert fingerprint(read_back) == fingerprint(snapshot)


@given(snapshots(), st.data())
def test_a_truncated_scan_is_refused_whatever_the_place(snapshot: SchemaSnapshot, data: st.DataObject) -> None:
    text = dump(snapshot).rstrip()
    cut = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    with pytest.raises(SourceError):
        load(text[:cut])


def small() -> dict[str, object]:
    column = {"name": "id", "data_type": "INTEGER"}
    table = {"name": "orders", "schema": "main", "columns": [column]}
    return {
        "format": "cartridge-scan",
        "version": 1,
        "kind": "duckdb",
        "database": "shop",
        "dialect": "duckdb",
        "tables": [table],
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "reads up to 1. Upgrade with: pip install --upgrade cartridge-dbt"),
        ({"version": "one"}, "no valid format version"),
        ({"format": "else"}, "no saved scan"),
        ({"tables": [{"name": "orders"}]}, "tables[0].schema: is missing"),
        (
            {"tables": [{"name": "o", "schema": "m", "columns": [{"name": "i", "data_type": 3}]}]},
            "columns[0].data_type",
        ),
        ({"tables": [{"name": "o", "schema": "m", "rows": 3}]}, "tables[0].rows: no such field"),
        ({"tables": [{"name": "o", "schema": "m"}] * 2}, "m.o twice"),
        ({"relationships": [{"table": ["m", "o"]}]}, "relationships[0].columns: is missing"),
        ({"relationships": 3}, "relationships: must be a list"),
    ],
)
def test_a_wrong_document_is_refused_with_the_place(change: dict[str, object], says: str) -> None:
    with pytest.raises(SourceError) as caught:
        load(json.dumps({**small(), **change}))
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "3", "null", "{}", "[" * 100_000, '{"format": '])
def test_what_is_no_scan_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        load(text)


def test_truncation_is_called_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.write_text(json.dumps(small())[:60])
    with pytest.raises(SourceError, match=r"scan\.json: The file is truncated"):
        scan(str(path))


def test_a_saved_scan_is_a_source_with_patterns(tmp_path: Path) -> None:
    document = small()
    document["tables"] = [
        {"name": "orders", "schema": "main", "columns": []},
        {"name": "ORDERS", "schema": "main", "columns": []},
        {"name": "customers", "schema": "crm", "columns": []},
    ]
    document["relationships"] = [
        {"table": ["main", "orders"], "columns": ["c"], "ref_table": ["crm", "customers"], "ref_columns": ["id"]}
    ]
    path = tmp_path / "any name"
    path.write_text(json.dumps(document), encoding="utf-8-sig")
    assert [table.key for table in scan(str(path), tables=["main.*"]).tables] == [
        ("main", "orders"),
        ("main", "ORDERS"),
    ]
    crm = scan(str(path), schemas=["CRM"])
    assert [table.name for table in crm.tables] == ["customers"]
    assert crm.relationships == ()


def test_hand_written_relationships_mark_the_columns() -> None:
    document = small()
    document["relationships"] = [
        {"table": ["main", "orders"], "columns": ["id"], "ref_table": ["crm", "customers"], "ref_columns": ["key"]}
    ]
    column = load(json.dumps(document)).tables[0].columns[0]
    assert (column.is_foreign_key, column.foreign_key_table, column.foreign_key_column) == (
        True,
        "crm.customers",
        "key",
    )
