"""What every test may use: the benchmark data beside the checkout, where it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("cartridge", deadline=None)  # the machine's speed is no property of the code
settings.load_profile("cartridge")


def shared(path: str) -> Path:
    """A file of the shared data folder; skips the test with the reason where it is absent."""
    root = Path(os.environ.get("CARTRIDGE_SHARED") or REPOSITORY.parent / "shared")
    found = root / path
    if not found.exists():
        pytest.skip(f"shared data not found beside the checkout: {path} (set CARTRIDGE_SHARED to its folder)")
    return found


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the keys and servers that the machine's environment names."""
    for vendor in ("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE"):
        for name in ("API_KEY", "BASE_URL"):
            monkeypatch.delenv(f"{vendor}_{name}", raising=False)
