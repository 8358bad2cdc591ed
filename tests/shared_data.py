"""The benchmark data and databases beside the checkout, where they are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def shared(path: str) -> Path:
    """A file of the shared data folder; skips the test with the reason where it is absent."""
    root = Path(os.environ.get("CARTRIDGE_SHARED") or REPOSITORY.parent / "shared")
    found = root / path
    if not found.exists():
        pytest.skip(f"shared data not found beside the checkout: {path} (set CARTRIDGE_SHARED to its folder)")
    return found
