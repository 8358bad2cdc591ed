"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("cartridge", deadline=None)  # the machine's speed is no property of the code
settings.register_profile("mutants", deadline=None, max_examples=15, derandomize=True, database=None)
settings.load_profile("cartridge")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the keys and servers that the machine's environment names."""
    for vendor in ("OPENAI", "OPENAI_COMPATIBLE", "ANTHROPIC", "GEMINI", "GOOGLE"):
        for name in ("API_KEY", "BASE_URL"):
            monkeypatch.delenv(f"{vendor}_{name}", raising=False)
