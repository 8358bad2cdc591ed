"""Every threat of SECURITY.md names tests that are there."""

from __future__ import annotations

import re

from shared_data import REPOSITORY


def test_every_threat_names_a_test_that_exists():
    rows = [line for line in (REPOSITORY / "SECURITY.md").read_text().splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 12
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        assert named, row
        for path, name in named:
            text = (REPOSITORY / path).read_text()
            assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{path}::{name}"
