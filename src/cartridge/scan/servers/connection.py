"""What the scanners of servers share: the parts of a URL, and a driver's complaints in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cartridge.domain.masking import masked
from cartridge.errors import SourceError

CONNECT_SECONDS = 10
"""How long a server may take to answer at first, unless the URL says `connect_timeout=`."""
_LONGEST_SHOWN = 300
_ASKS = "\tIs the server running"
"""How PostgreSQL's library goes on where nobody answers; the hint says it better."""


class ScanInterruptedError(SourceError):
    """The connection broke off while it was read, or a table went under its feet. The scan is tried once more."""


@dataclass(frozen=True)
class Address:
    """A URL in parts; what it does not name is None. It may hold a secret, which its `repr` does not show."""

    host: str | None
    port: int | None
    database: str | None
    user: str | None
    password: str | None = field(repr=False)
    options: Mapping[str, str] = field(repr=False)

    def seconds(self, name: str, otherwise: int) -> int:
        """An option that counts seconds.

        Raises:
            SourceError: it is no whole number above 0.
        """
        written = self.options.get(name, str(otherwise))
        if not written.isdecimal() or int(written) < 1:
            raise SourceError(f"{name}={written} in the URL must be a whole number of seconds, at least 1.")
        return int(written)


def address(url: str) -> Address:
    """The parts of a URL, percent signs resolved.

    Raises:
        SourceError: it is no URL of a server.
    """
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - heavy
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        made = make_url(re.sub(r"^[^:]+", "any", url, count=1))
    except (ArgumentError, ValueError):
        raise SourceError(
            f"{masked(url)} is no URL of a server: write SCHEME://USER:PASSWORD@HOST:PORT/DATABASE, with the signs "
            "@ : / ? # of a password as %40 %3A %2F %3F %23."
        ) from None
    options = {name: value if isinstance(value, str) else value[-1] for name, value in made.query.items()}
    return Address(made.host or None, made.port, made.database or None, made.username, made.password, options)


def complaint(url: str, error: object, hints: Mapping[str, str], otherwise: str) -> SourceError:
    """A driver's message as one of ours, without a password. `hints`: what to do next, by a sign in the message, in
    small letters; the first one that is found counts."""
    parts = error.args if isinstance(error, Exception) and str(error) == str(error.args) else (error,)
    lines = [line for line in ": ".join(map(str, parts)).splitlines() if not line.startswith(_ASKS)]
    said = masked(" ".join(" ".join(lines).split())).rstrip(".?! ")
    said = said if len(said) <= _LONGEST_SHOWN else said[: _LONGEST_SHOWN - 3] + "..."
    folded = said.lower()
    hint = next((hint for sign, hint in hints.items() if sign in folded), otherwise)
    return SourceError(f"{masked(url)} cannot be read: {said}. {hint}")
