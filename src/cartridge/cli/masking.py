"""Keeps credentials out of what is printed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

MASK = "***"
_URL_PASSWORD = re.compile(r"(?P<before>\b[a-zA-Z][\w+.-]*://[^\s/:@]*:)[^\s/]+(?=@)")
_ASSIGNED = re.compile(
    r"(?i)(?P<before>\b(?:password|passwd|pwd|token|secret|api[_-]?key)\b[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+"
)
_VENDOR_KEY = re.compile(r"\b(?:sk|pk|AIza)[-_A-Za-z0-9]{16,}")
_SECRET_NAME = re.compile(r"(?i)(?:password|passwd|pwd|token|secret|key|credential)")
_NO_SECRETS = ("PWD", "OLDPWD")
"""Variables of every shell that are called like a secret: the working folder, and the one before."""
_SHORTEST = 6
"""Shorter values of the environment are words such as "on", which masking would tear out of every message."""


def mask(text: str, environment: Mapping[str, str] | None = None) -> str:
    """The text with passwords in URLs, assignments, vendor keys and secrets of the environment replaced by `***`."""
    variables = os.environ if environment is None else environment
    named = {name: value for name, value in variables.items() if _SECRET_NAME.search(name) and name not in _NO_SECRETS}
    secrets = {value for value in named.values() if len(value) >= _SHORTEST}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _URL_PASSWORD.sub(rf"\g<before>{MASK}", text)
    text = _ASSIGNED.sub(rf"\g<before>{MASK}", text)
    return _VENDOR_KEY.sub(MASK, text)
