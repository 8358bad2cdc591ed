"""From a vendor's name to its provider. Nothing is guessed: an unknown name lists the known ones."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from cartridge.ai.base import AIProvider
from cartridge.ai.settings import find_key, read_settings
from cartridge.ai.vendors import VENDORS, Vendor
from cartridge.errors import CartridgeError, MissingExtraError, ProviderConfigError

ENTRY_POINT_GROUP = "cartridge.providers"
"""Where other packages name their own `AIProvider` classes."""


@dataclass(frozen=True)
class ProviderInfo:
    """One line of the list of providers. `keyed` says whether a key was found in the environment, or none is needed."""

    name: str
    extra: str | None
    installed: bool
    keyed: bool
    default_model: str | None


def create_ai_provider(provider_type: str, config: Mapping[str, Any] | None = None) -> AIProvider:
    """The provider of that name: "offline", "openai", "anthropic", "gemini", "openai-compatible", or one that a package
    brings. `provider_type` may name the model too, as in "anthropic/claude-sonnet-5-5".

    `config` takes `api_key`, `model`, `temperature` (0.1), `base_url` and what else `cartridge.ai.settings.Settings`
    lists. Without `api_key` the vendor's environment variable is read.

    Raises:
        ProviderConfigError: an unknown provider, an unknown or wrong configuration key, or no API key (a `ValueError`).
        MissingExtraError: the vendor's SDK is not installed (an `ImportError`).
    """
    name, model = parse_model_string(provider_type)
    config = _with_model(name, model, config)
    vendor = VENDORS.get(name)
    if vendor is None:
        return _from_entry_point(_entry_points()[name], config)
    read_settings(vendor, config)
    if vendor.extra and not _installed(vendor):
        raise MissingExtraError(f"The provider {name!r}", vendor.extra)
    provider: AIProvider = getattr(importlib.import_module(vendor.module), vendor.provider)(config)
    return provider


def parse_model_string(text: str) -> tuple[str, str | None]:
    """`VENDOR` or `VENDOR/MODEL` taken apart, the vendor checked. A model's own name may hold further slashes.

    Raises:
        ProviderConfigError: an unknown vendor; the message lists the known ones.
    """
    if not isinstance(text, str):
        raise ProviderConfigError(f"provider_type: must be text, got {type(text).__name__}")
    head, slash, model = text.strip().partition("/")
    name = head.strip().lower()
    if name not in VENDORS and name not in _entry_points():
        raise ProviderConfigError(_unknown(head))
    if slash and not model.strip():
        raise ProviderConfigError(f"{text!r} names no model after the slash")
    return name, model.strip() or None


def known_providers() -> list[ProviderInfo]:
    """Every provider that can be asked for, built-in ones first, then those of other packages by name."""
    built_in = [
        ProviderInfo(
            name=vendor.name,
            extra=vendor.extra,
            installed=vendor.extra is None or _installed(vendor),
            keyed=not vendor.keys or not vendor.needs_key or find_key(vendor) is not None,
            default_model=vendor.default_model,
        )
        for vendor in VENDORS.values()
    ]
    others = sorted(set(_entry_points()) - set(VENDORS))
    return built_in + [
        ProviderInfo(name, extra=None, installed=True, keyed=True, default_model=None) for name in others
    ]


def _with_model(name: str, model: str | None, config: Mapping[str, Any] | None) -> Mapping[str, Any]:
    given = {} if config is None else config
    if not isinstance(given, Mapping):
        raise ProviderConfigError(f"config of {name!r}: must be a mapping, got {type(given).__name__}")
    if model is None:
        return given
    if given.get("model") not in (None, "", model):
        raise ProviderConfigError(f"Two models are named: {name}/{model} and config['model'] = {given['model']!r}")
    return {**given, "model": model}


def _installed(vendor: Vendor) -> bool:
    """Whether the vendor's SDK can be imported, without importing it."""
    try:
        return vendor.sdk is None or importlib.util.find_spec(vendor.sdk) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def _entry_points() -> dict[str, EntryPoint]:
    return {point.name.lower(): point for point in entry_points(group=ENTRY_POINT_GROUP)}


def _from_entry_point(point: EntryPoint, config: Mapping[str, Any]) -> AIProvider:
    try:
        provider = point.load()(config)
    except CartridgeError:
        raise
    except Exception as error:  # noqa: BLE001 - the border to other people's code, which may raise anything
        raise ProviderConfigError(
            f"The provider {point.name!r} ({point.value}) of another package could not be made: "
            f"{type(error).__name__}: {error}"
        ) from None
    if not isinstance(provider, AIProvider):
        raise ProviderConfigError(f"The provider {point.name!r} ({point.value}) is no cartridge.ai.base.AIProvider")
    return provider


def _unknown(name: str) -> str:
    known = [*VENDORS, *sorted(set(_entry_points()) - set(VENDORS))]
    words = {word: vendor.name for vendor in VENDORS.values() for word in (vendor.name, *vendor.known_as)}
    close = get_close_matches(name.strip().lower(), list(words), n=1, cutoff=0.6)
    hint = f" Did you mean {words[close[0]]!r}?" if close else ""
    return f"Unknown provider {name.strip()!r}.{hint} Known providers: {', '.join(known)}"
