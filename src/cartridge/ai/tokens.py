"""How many tokens a text takes: estimated from its characters, rather too many than too few."""

from __future__ import annotations

_CHARACTERS_PER_TOKEN = 3.4
"""Names, types and JSON are cut finer than prose, which has about 4.3."""


def estimate_tokens(text: str) -> int:
    """The tokens of a text, about. Letters outside ASCII count as one each."""
    wide = sum(1 for character in text if not character.isascii())
    return wide + int((len(text) - wide) / _CHARACTERS_PER_TOKEN) + 1
