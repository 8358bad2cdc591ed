"""What a user may configure of a provider, checked once, at the door. The key never shows in a repr."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from cartridge.ai.vendors import Vendor
from cartridge.errors import ProviderConfigError

MASK = "***"

_KEY = re.compile(r"[!#-&(-\[\]-~]+")
"""What an HTTP header can carry as a key: visible ASCII; without quotes and backslash, which JSON and reprs change, so
that masking it always works."""


@dataclass(frozen=True)
class Settings:
    """The checked configuration of one provider."""

    api_key: str | None = field(default=None, repr=False)
    """The vendor's key; read from the vendor's environment variable where the configuration has none."""
    model: str = ""
    """The model's name as the vendor writes it."""
    temperature: float = 0.1
    """Between 0 (most repeatable) and 2."""
    base_url: str | None = field(default=None, repr=False)
    """Another server that speaks the vendor's protocol."""
    timeout: float = 600.0
    """Seconds for one attempt, from the first byte sent to the last byte read."""
    max_tokens: int | None = None
    """The longest answer, in tokens; None: the vendor's own limit."""
    max_prompt_tokens: int | None = None
    """The longest prompt, in tokens, about; for a model whose context is small. A large request is cut finer."""
    max_retries: int = 2
    """How often a call is repeated after a rate limit, a server error, a time-out or a broken connection."""
    send_samples: bool = False
    """Whether sample values of columns may be sent. Columns that look personal are masked even then."""
    repairs: int = 2
    """How often a plan that did not pass the gate goes back to the model with what is wrong; at most 5."""
    strict: bool = True
    """Whether what is wrong after that is an error. If not, the steps concerned are dropped, and said so."""
    complete: bool = False
    """Whether tables that the plan leaves out, and steps that were dropped, are added from the offline plan."""
    concurrency: int = 8
    """How many calls may be under way at once, where a large request takes several."""
    max_tokens_total: int | None = None
    """No call is made that would bring the tokens of this provider's life, both ways, above this."""
    call_log: str | None = None
    """A file to which every call is appended as a line of JSON: what was sent, what came back; the key is masked."""

    cache: bool = False
    """Whether replies that passed the gate are kept in the user's cache folder, and taken from there."""

    def masked(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self.api_key, MASK) if self.api_key else text

    @property
    def server(self) -> str | None:
        """The base URL without user, password, query and fragment, for messages."""
        if self.base_url is None:
            return None
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


KNOWN_KEYS = tuple(item.name for item in fields(Settings))


def read_settings(vendor: Vendor, config: Mapping[str, Any] | None) -> Settings:
    """The checked settings of a vendor.

    Raises:
        ProviderConfigError: an unknown key, a wrong value, or no API key; the message names it.
    """
    if config is not None and not isinstance(config, Mapping):
        raise ProviderConfigError(f"config of {vendor.name!r}: must be a mapping, got {type(config).__name__}")
    given = {key: value for key, value in (config or {}).items() if value is not None}
    _refuse_unknown(vendor, given)
    if vendor.needs_base_url and vendor.address_variable and (address := os.environ.get(vendor.address_variable, "")):
        given.setdefault("base_url", address.strip())
    refuse_wrong(vendor.name, given)
    given["api_key"] = _api_key(vendor, given)
    given["model"] = _model(vendor, given)
    if vendor.needs_base_url and "base_url" not in given:
        raise ProviderConfigError(
            f"{vendor.name!r} needs the address of a server, for example http://localhost:11434/v1 for Ollama: "
            f"--base-url, in Python config['base_url'], or the environment variable {vendor.address_variable}"
        )
    return Settings(**given)


def find_key(vendor: Vendor) -> str | None:
    """The vendor's key from the environment, or None."""
    return next((value for name in vendor.keys if (value := os.environ.get(name, "").strip())), None)


def _refuse_unknown(vendor: Vendor, given: Mapping[str, Any]) -> None:
    for key in given:
        if key not in KNOWN_KEYS:
            close = get_close_matches(str(key), KNOWN_KEYS, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise ProviderConfigError(
                f"config of {vendor.name!r}: unknown key {str(key)!r}{hint}; known keys: {', '.join(KNOWN_KEYS)}"
            )


def _api_key(vendor: Vendor, given: Mapping[str, Any]) -> str | None:
    key = str(given.get("api_key", "")).strip() or find_key(vendor)
    if key is None and vendor.keys and vendor.needs_key:
        variables = " or ".join(vendor.keys)
        raise ProviderConfigError(
            f"No API key for {vendor.name!r}: set config['api_key'] or the environment variable {variables}"
        )
    if key is not None and not _KEY.fullmatch(key):
        raise ProviderConfigError(
            f"The API key for {vendor.name!r} holds spaces or characters that no key has; copy it again"
        )
    return key


def _model(vendor: Vendor, given: Mapping[str, Any]) -> str:
    model = str(given.get("model", "")).strip() or vendor.default_model
    if not model and vendor.needs_base_url:
        raise ProviderConfigError(f"{vendor.name!r} has no default model: set config['model'] to one that it serves")
    return model or ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_path(value: Any) -> bool:
    return isinstance(value, str | os.PathLike) and bool(os.fspath(value))


def _is_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


_RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "api_key": ("text", _is_text),
    "model": ("text", _is_text),
    "temperature": ("a number between 0 and 2", lambda value: _is_number(value) and 0 <= value <= 2),
    "base_url": ("an address that begins with http:// or https://", _is_address),
    "timeout": ("a number of seconds above 0", lambda value: _is_number(value) and value > 0),
    "max_tokens": ("a whole number above 0", lambda value: _is_count(value) and value > 0),
    "max_prompt_tokens": ("a whole number above 0", lambda value: _is_count(value) and value > 0),
    "max_retries": ("a whole number of at least 0", lambda value: _is_count(value) and value >= 0),
    "send_samples": ("True or False", _is_flag),
    "repairs": ("a whole number from 0 to 5", lambda value: _is_count(value) and 0 <= value <= 5),
    "strict": ("True or False", _is_flag),
    "complete": ("True or False", _is_flag),
    "concurrency": ("a whole number from 1 to 64", lambda value: _is_count(value) and 1 <= value <= 64),
    "max_tokens_total": ("a whole number above 0", lambda value: _is_count(value) and value > 0),
    "call_log": ("a path", _is_path),
    "cache": ("True or False", _is_flag),
}
"""What each value must be, in words, and how to tell."""


def refuse_wrong(vendor: str, given: Mapping[str, Any]) -> None:
    """Stops at the first wrong value, without showing a secret.

    Raises:
        ProviderConfigError: there is one.
    """
    for key, (wanted, holds) in _RULES.items():
        value = given.get(key)
        if value is not None and not holds(value):
            shown = "" if key in ("api_key", "base_url") else f", got {value!r}"
            raise ProviderConfigError(f"config of {vendor!r}: {key} must be {wanted}{shown}")
