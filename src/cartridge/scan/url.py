"""Database URLs as text: their secrets masked before anything is printed."""

from __future__ import annotations

import re

_MASK = "***"
_USER_INFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*://)(?P<user>[^/?#\s]*)@")
_SECRET_PARAMETER = re.compile(
    r"(?i)(?P<name>[?&;\s][\w.\-]*(?:password|passwd|pwd|passphrase|secret|token|credential|private_?key|api_?key"
    r"|access_?key|sslkey|sas|sig)[\w.\-]*\s*=\s*)(?P<value>'[^']*'|\"[^\"]*\"|[^&;\s]+)"
)


def masked(text: str) -> str:
    """The text with the secrets of every URL in it replaced by `***`: passwords of `user:password@host`, and
    parameters such as `password=`, `token=`, `private_key=`. Everything else stays as it is."""

    def user_info(match: re.Match[str]) -> str:
        user, colon, _ = match["user"].partition(":")
        return f"{match['scheme']}{user}{colon + _MASK if colon else ''}@"

    return _SECRET_PARAMETER.sub(rf"\g<name>{_MASK}", _USER_INFO.sub(user_info, text))
