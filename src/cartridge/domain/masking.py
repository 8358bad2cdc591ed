"""Text without its secrets: the one masker, used wherever something may be printed, logged or saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MASK = "***"

_URL = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.\-]*://)(?P<user>[^/?#\s:@]*):(?P<password>[^\s]+)(?=@)")
"""A password runs to the last `@` of its word: people forget to encode `/`, `#` and `@` in it."""
_ASSIGNED = re.compile(
    r"(?i)(?P<name>(?<![\w.\-])[\w.\-]*(?:password|passwd|pwd|passphrase|secret|token|credentials?|api[_-]?key"
    r"|private_?key|access_?key)(?![A-Za-z]|_path|_file)[\w.\-]*[\"']?\s*[=:]\s*)(?P<value>'[^']*'|\"[^\"]*\"|(?!\*\*\*@)[^&;,\s\"']+)"
)
_PARAMETER = re.compile(r"(?i)(?P<name>[?&;](?:sslkey|sas|sig|auth)=)(?P<value>[^&;\s]+)")
"""Parameters of URLs whose names are too short to look for anywhere else."""
_VENDOR_KEY = re.compile(r"\b(?:sk|pk|AIza)[-_A-Za-z0-9]{16,}")
_SECRET_NAME = re.compile(r"(?i)(?:password|passwd|passphrase|pwd|token|secret|key|credential)")
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})
"""Variables of every shell that are called like a secret: the working folder, and the one before."""
_SHORTEST = 6
"""Shorter values are words such as "on", which masking would tear out of every message."""


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with `***` for the passwords of URLs, for what is assigned to a secret's name (`password=`,
    `"api_key": `), for vendors' keys, and for `secrets` wherever they stand. Everything else stays as it is."""
    for secret in sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=lambda one: (-len(one), one)):
        text = text.replace(secret, MASK)
    text = _URL.sub(rf"\g<scheme>\g<user>:{MASK}", text)
    for assigned in (_ASSIGNED, _PARAMETER):
        text = assigned.sub(_without_value, text)
    return _VENDOR_KEY.sub(MASK, text)


def _without_value(match: re.Match[str]) -> str:
    quote = match["value"][0] if match["value"][0] in "'\"" else ""
    return f"{match['name']}{quote}{MASK}{quote}"


def secrets_of(variables: Mapping[str, str]) -> list[str]:
    """The values of variables whose names speak of a secret."""
    named = ((name, value) for name, value in variables.items() if name not in _NO_SECRETS)
    return [value for name, value in named if _SECRET_NAME.search(name)]


def passwords_in(texts: Iterable[str]) -> list[str]:
    """The passwords of the URLs in some texts, as written and with their percent signs resolved."""
    from urllib.parse import unquote  # noqa: PLC0415 - `cartridge --help` does without

    found = [match["password"] for text in texts for match in _URL.finditer(text)]
    found += [match["value"].strip("'\"") for text in texts for match in _ASSIGNED.finditer(text)]
    return [spelling for secret in found for spelling in (secret, unquote(secret))]
