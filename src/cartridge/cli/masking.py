"""Keeps what this command line and this environment hold in secrets out of what is printed."""

from __future__ import annotations

import os
from collections.abc import Iterable

from cartridge.domain.masking import masked, passwords_in, secrets_of


def mask(text: str, arguments: Iterable[str] = ()) -> str:
    """The text without passwords: those of `arguments` and of the environment wherever they stand, others by their
    form. See `cartridge.domain.masking`."""
    return masked(text, [*secrets_of(os.environ), *passwords_in(arguments)])
