"""Keys inferred from names and types: schemas as people write them, with their true keys stated by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from key_schemas import case, edges, full_name, primary, tables

from cartridge.plan.keys import find_keys
from shared_data import REPOSITORY

CASES = {
    "rails": (
        """
        users: id, email text, manager_id
        posts: id, user_id, title text, created_at time
        comments: id, post_id, author_id, parent_id, body text
        attachments: id, attachable_type text, attachable_id, url text
        """,
        """
        users.manager_id -> users.id
        posts.user_id -> users.id
        comments.post_id -> posts.id
        comments.author_id -> users.id
        comments.parent_id -> comments.id
        """,
        "users id, posts id, comments id, attachments id",
    ),
    "bridge": (
        """
        Playlist: PlaylistId, Name text
        Track: TrackId, Name text
        PlaylistTrack: PlaylistId, TrackId
        """,
        "PlaylistTrack.PlaylistId -> Playlist.PlaylistId\nPlaylistTrack.TrackId -> Track.TrackId",
        "Playlist PlaylistId, Track TrackId, PlaylistTrack PlaylistId+TrackId",
    ),
    "who a role means": (
        """
        clients: id, name text, account_manager_id, referrer_id
        employees: id, name text, manager_id
        voyages: id, captain_id, decided_by
        categories: id, name text, sort_order
        orders: id, client_id
        """,
        """
        clients.account_manager_id -> employees.id
        clients.referrer_id -> clients.id
        employees.manager_id -> employees.id
        voyages.captain_id -> employees.id
        voyages.decided_by -> employees.id
        orders.client_id -> clients.id
        """,
        "clients id, employees id, voyages id, categories id, orders id",
    ),
    "a client before every key": (
        """
        T000: MANDT text, MTEXT text
        KNA1: MANDT text, KUNNR text, NAME1 text, LAND1 text
        T005: MANDT text, LAND1 text, LANDK text
        VBAK: MANDT text, VBELN text, ERDAT date, KUNNR text, NETWR num
        VBAP: MANDT text, VBELN text, POSNR text, MATNR text, NETWR num
        MARA: MANDT text, MATNR text, MTART text
        """,
        """
        KNA1.MANDT,LAND1 -> T005.MANDT,LAND1
        VBAK.MANDT,KUNNR -> KNA1.MANDT,KUNNR
        VBAP.MANDT,MATNR -> MARA.MANDT,MATNR
        VBAP.MANDT,VBELN -> VBAK.MANDT,VBELN
        """,
        "T000 MANDT, KNA1 MANDT+KUNNR, T005 MANDT+LAND1, VBAK MANDT+VBELN, VBAP MANDT+VBELN+POSNR, MARA MANDT+MATNR",
    ),
    "generic names are nobody's key": (
        """
        colours: id, name text, code text
        sizes: id, name text, code text
        shirts: id, name text, code text, type text, status text
        """,
        "",
        "colours id, sizes id, shirts id",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_true_keys(name: str) -> None:
    text, expected_edges, expected_keys = CASES[name]
    keys = find_keys(tables(text))
    assert edges(keys) == {line.strip() for line in expected_edges.splitlines() if line.strip()}
    wanted = dict(entry.split() for entry in expected_keys.split(", "))
    assert {table: columns.replace(",", "+") for table, columns in primary(keys).items()} == wanted


FILES = sorted((REPOSITORY / "tests" / "cases" / "keys").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_schemas_as_people_write_them(path: Path) -> None:
    known = case(path.read_text(encoding="utf-8"))
    keys = find_keys(known.tables)
    found = {
        f"{full_name(r.table)}.{here} -> {full_name(r.ref_table)}.{there}"
        for r in keys.relationships
        for here, there in zip(r.columns, r.ref_columns, strict=True)
    }
    assert known.must - found == set(), "true, and not found"
    assert found - known.must - known.may == set(), "found, and not true"
    believed = {
        full_name(table): "+".join(key.columns) for table, key in keys.primary_keys.items() if key.confidence >= 0.5
    }
    for table, key in known.primary.items():
        if key.startswith("?"):
            assert believed.get(table, key[1:]) == key[1:], table
        else:
            assert believed.get(table, "") == key, table


def test_every_inferred_key_says_why_and_how_sure_it_is() -> None:
    keys = find_keys(tables("customers: id, name text\norders: id, customer_id, created_by"))
    (found,) = keys.relationships
    assert found.origin == "inferred"
    assert 0.9 < found.confidence < 1
    assert found.evidence == ("`customer` names customers", "both are integer")
    assert keys.primary_keys["main", "orders"].evidence == (
        "`id` is a table's own key by habit",
        "it is the first column",
    )
