"""The border to the vendors' SDKs: every error of theirs becomes one of ours, by one map per vendor.

A map goes from `package.ClassName` to our class; the first class in the error's own order of inheritance that is in the
map decides, so new subclasses of an SDK are covered. Where an SDK has one class for all statuses, the status decides.
"""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cartridge.ai.settings import Settings
from cartridge.ai.vendors import Vendor
from cartridge.errors import (
    AuthenticationError,
    CartridgeError,
    InvalidReplyError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    QuotaError,
    RefusalError,
    TruncatedReplyError,
)

ErrorMap = Mapping[str, type[CartridgeError]]
"""An SDK's error classes, as `package.ClassName`, and ours."""

Spellings = Mapping[str, tuple[str, ...]]
"""Parameters that a call can do without, and how the vendor's messages spell them."""

TRANSPORT_ERRORS: ErrorMap = {
    "httpx.TimeoutException": ProviderTimeoutError,
    "httpx.TransportError": ProviderConnectionError,
    "httpx.HTTPError": ProviderConnectionError,
    "httpx2.TimeoutException": ProviderTimeoutError,
    "httpx2.TransportError": ProviderConnectionError,
    "httpx2.HTTPError": ProviderConnectionError,
    "aiohttp.ServerTimeoutError": ProviderTimeoutError,
    "aiohttp.ClientError": ProviderConnectionError,
    "builtins.TimeoutError": ProviderTimeoutError,
    "builtins.ConnectionError": ProviderConnectionError,
    "json.JSONDecodeError": InvalidReplyError,
}
"""What the HTTP libraries below the SDKs raise, where an SDK lets it through."""

STATUS_ERRORS: Mapping[int, type[CartridgeError]] = {
    401: AuthenticationError,
    402: QuotaError,
    403: AuthenticationError,
    404: ModelNotFoundError,
    408: ProviderTimeoutError,
    429: QuotaError,
    504: ProviderTimeoutError,
}
"""What a status means; every other one is a plain `ProviderError`."""

_REPEATABLE = (408, 409, 425, 429)
_MAX_TEXT = 400


@dataclass(frozen=True)
class Fault:
    """An SDK's error, translated.

    `text` is what the vendor said; `refused` whether it was a 400 or 422, which may name a parameter that the model
    does not take. `wait` are the seconds that the vendor asks for, None where it says nothing.
    """

    error: CartridgeError
    text: str = ""
    refused: bool = False
    repeatable: bool = False
    wait: float | None = None


def read_fault(error: Exception, errors: ErrorMap, vendor: Vendor, settings: Settings) -> Fault | None:
    """The translated error, or None where it is none of the vendor's and has to pass."""
    found = next((errors[name] for name in map(_qualified, type(error).__mro__) if name in errors), None)
    if found is None:
        return None
    status = _status(error)
    if status is not None:
        found = STATUS_ERRORS.get(status, found)
    text = settings.masked(_text(error))
    found = _by_words(text.lower(), status) or found
    where = settings.server or vendor.title
    spent = found is QuotaError and _is_spent(text.lower())
    return Fault(
        error=found(_MESSAGES[found].format(where=where, vendor=vendor, settings=settings, said=_said(status, text))),
        text=text,
        # llama.cpp's server calls a parameter that it does not know a fault of its own.
        refused=status in (400, 422) or (status == 500 and "validation error" in text),
        repeatable=not spent and _is_repeatable(found, status),
        wait=_retry_after(error),
    )


def refused_parameter(text: str, spellings: Spellings) -> str | None:
    """Which optional parameter a vendor's message names, or None."""
    lowered = text.lower()
    return next((name for name, words in spellings.items() if any(word in lowered for word in words)), None)


_MESSAGES: dict[type[CartridgeError], str] = {
    AuthenticationError: "{where} refused the API key. Check the key and its rights.{said}",
    QuotaError: "{where} refuses more requests: rate limit or quota reached. Wait, or check plan and billing.{said}",
    ModelNotFoundError: "{where} knows no model {settings.model!r}. Name one that it serves: --ai VENDOR/MODEL, in "
    "Python config['model']; or check the address of the server.{said}",
    RefusalError: "{where} refused to answer: its content filter stopped the request. Reword or shorten comments and "
    "context.{said}",
    TruncatedReplyError: "The answer of {where} was cut off at the output limit. Raise it (--ai-config max_tokens=N, "
    "in Python config['max_tokens']), plan fewer tables at once, or take a model with longer answers.{said}",
    ProviderTimeoutError: "No answer from {where} in time ({settings.timeout:g} seconds). Try again, or wait "
    "longer: --ai-config timeout=SECONDS, in Python config['timeout'].{said}",
    ProviderConnectionError: "{where} could not be reached, or broke off. Check the network, proxy and "
    "address (--base-url, in Python config['base_url']).{said}",
    InvalidReplyError: "Invalid JSON response: what {where} sent is not what its interface promises. Check "
    "its address (--base-url, in Python config['base_url']).{said}",
    ProviderError: "{where} could not answer.{said}",
}  # fmt: skip


def problem(kind: type[CartridgeError], vendor: Vendor, settings: Settings, said: str = "") -> CartridgeError:
    """One of our errors with its usual message, for what a vendor says in a reply rather than by an error."""
    where = settings.server or vendor.title
    text = _said(None, settings.masked(said))
    return kind(_MESSAGES[kind].format(where=where, vendor=vendor, settings=settings, said=text))


def _qualified(kind: type) -> str:
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def _status(error: Exception) -> int | None:
    """The HTTP status, which the SDKs keep under different names."""
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _text(error: Exception) -> str:
    """What the vendor said, as text, with the code and parameter that some give beside it."""
    parts = [str(error)]
    parts += [value for name in ("param", "error_code") if isinstance(value := getattr(error, name, None), str)]
    code = getattr(error, "code", None)
    return " ".join([*parts, code] if isinstance(code, str) else parts)


def _said(status: int | None, text: str) -> str:
    flat = " ".join(text.split())
    flat = flat if len(flat) <= _MAX_TEXT else flat[: _MAX_TEXT - 3] + "..."
    return f" It said{f' ({status})' if status else ''}: {flat}" if flat else ""


def _by_words(text: str, status: int | None) -> type[CartridgeError] | None:
    """What a 400 or 403 really is, where only its words tell."""
    if status not in (400, 403):
        return None
    meanings: tuple[tuple[type[CartridgeError], tuple[str, ...]], ...] = (
        (AuthenticationError, ("api_key_invalid", "api key not valid", "invalid api key", "invalid x-api-key")),
        (QuotaError, ("credit balance is too low", "billing_hard_limit")),
        (RefusalError, ("content_filter", "content management policy", "responsibleaipolicyviolation")),
    )
    return next((kind for kind, words in meanings if any(word in text for word in words)), None)


def _is_spent(text: str) -> bool:
    """Whether a quota is used up for good, so that asking again is useless."""
    return any(word in text for word in ("insufficient_quota", "billing", "credit balance"))


def _is_repeatable(kind: type[CartridgeError], status: int | None) -> bool:
    if status is not None:
        return status in _REPEATABLE or status >= 500
    return kind in (ProviderTimeoutError, ProviderConnectionError)


def _retry_after(error: Exception) -> float | None:
    """The seconds that the vendor asks to wait, from its headers: in milliseconds, in seconds, or as a date."""
    get: Callable[[str], Any] | None = getattr(getattr(getattr(error, "response", None), "headers", None), "get", None)
    if not callable(get):
        return None
    milliseconds, value = get("retry-after-ms"), get("retry-after")
    if isinstance(milliseconds, str) and (seconds := _number(milliseconds)) is not None:
        return seconds / 1000
    if not isinstance(value, str):
        return None
    if (seconds := _number(value)) is not None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
