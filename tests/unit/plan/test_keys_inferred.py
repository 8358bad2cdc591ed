"""Keys inferred from names and types: schemas as people write them, with their true keys stated by hand."""

from __future__ import annotations

import pytest
from key_schemas import edges, primary, tables

from cartridge.plan.keys import find_keys

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
