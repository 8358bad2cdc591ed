"""What an agent's server remembers: which pages were shown, and which words it never says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartridge.mcp.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    url = "postgresql://reader:canary-password@db.example/shop"
    return Workspace(tmp_path, tmp_path, {"shop": url})


def test_the_last_page_of_a_diff_alone_is_not_the_whole(workspace: Workspace) -> None:
    workspace.page_served("sha256:1", 3, 3)
    workspace.page_served("sha256:1", 3, 3)
    assert workspace.seen == set()
    workspace.page_served("sha256:1", 1, 3)
    workspace.page_served("sha256:2", 2, 3)
    assert workspace.seen == set()
    workspace.page_served("sha256:1", 2, 3)
    assert workspace.seen == {"sha256:1"}


def test_the_password_of_a_named_source_is_masked_wherever_it_stands(workspace: Workspace) -> None:
    said = workspace.without_secrets("the server said: no role reader with canary-password")
    assert "canary-password" not in said
