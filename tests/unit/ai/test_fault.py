"""The maps from the SDKs' errors to ours: complete, masked, and clear about what may be tried again."""

from __future__ import annotations

import inspect
import time
from email.utils import formatdate
from importlib import import_module
from typing import Any
from unittest.mock import MagicMock

import pytest
from google.genai.errors import APIError

from cartridge.ai.anthropic_provider import AnthropicProvider
from cartridge.ai.fault import TRANSPORT_ERRORS, Fault, read_fault, refused_parameter
from cartridge.ai.gemini_provider import GeminiProvider
from cartridge.ai.model_provider import ModelProvider
from cartridge.ai.openai_provider import OpenAIProvider
from cartridge.ai.settings import Settings
from cartridge.ai.vendors import VENDORS
from cartridge.errors import (
    AuthenticationError,
    CartridgeError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    QuotaError,
    RefusalError,
)

SETTINGS = Settings(api_key="sk-tell-nobody", model="the-model")
PROVIDERS: list[tuple[type[ModelProvider], str, str]] = [
    (OpenAIProvider, "openai", "OpenAIError"),
    (AnthropicProvider, "anthropic", "AnthropicError"),
    (GeminiProvider, "google.genai.errors", "APIError"),
]


def faults_of(kind: type[ModelProvider], error: Exception) -> Fault | None:
    return read_fault(error, {**TRANSPORT_ERRORS, **kind.errors}, VENDORS[kind.vendor_name], SETTINGS)


def an_error(kind: type[Exception], status: int | None = None, text: str = "what it said", **headers: str) -> Exception:
    """An SDK's error without its constructor, which differs from class to class."""
    error = kind.__new__(kind)
    Exception.__init__(error, text)
    error.request_id = None  # type: ignore[attr-defined]  # some print it
    if status is not None:
        error.status_code = error.code = status  # type: ignore[attr-defined]
    error.response = MagicMock(headers={name.replace("_", "-"): value for name, value in headers.items()})  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(("provider", "module", "root"), PROVIDERS)
def test_every_error_of_the_sdk_has_its_translation(provider: type[ModelProvider], module: str, root: str) -> None:
    sdk = import_module(module)
    classes = [item for _, item in inspect.getmembers(sdk, inspect.isclass) if issubclass(item, getattr(sdk, root))]
    assert len(classes) > 2
    for kind in classes:
        status = getattr(kind, "status_code", None)
        found = faults_of(provider, an_error(kind, status if isinstance(status, int) else None))
        assert found is not None, kind
        assert isinstance(found.error, CartridgeError)


@pytest.mark.parametrize(("provider", "module", "root"), PROVIDERS)
def test_every_class_named_in_a_map_exists(provider: type[ModelProvider], module: str, root: str) -> None:
    places = [import_module(module), import_module("json")]
    names = {name.partition(".")[2] for name in provider.errors}
    assert names <= {name for place in places for name, _ in inspect.getmembers(place, inspect.isclass)}
    assert root in names


def google_error(status: int, text: str = "what it said", **headers: str) -> Exception:
    return an_error(APIError, status, text, **headers)


@pytest.mark.parametrize(
    ("status", "text", "kind", "repeatable"),
    [
        (401, "", AuthenticationError, False),
        (403, "", AuthenticationError, False),
        (404, "", ModelNotFoundError, False),
        (429, "", QuotaError, True),
        (429, "insufficient_quota: check billing", QuotaError, False),
        (402, "", QuotaError, False),
        (400, "API_KEY_INVALID", AuthenticationError, False),
        (400, "Your credit balance is too low", QuotaError, False),
        (400, "filtered by content_filter", RefusalError, False),
        (400, "some field", ProviderError, False),
        (408, "", ProviderTimeoutError, True),
        (500, "", ProviderError, True),
        (503, "", ProviderError, True),
        (504, "", ProviderTimeoutError, True),
        (529, "", ProviderError, True),
        (418, "", ProviderError, False),
    ],
)
def test_a_status_decides(status: int, text: str, kind: type[CartridgeError], repeatable: bool) -> None:
    found = faults_of(GeminiProvider, google_error(status, text))
    assert found is not None
    assert (type(found.error), found.repeatable) == (kind, repeatable)


def test_the_message_says_what_happened_where_and_what_to_do() -> None:
    found = faults_of(GeminiProvider, google_error(404, "models/the-model is not found"))
    assert found is not None
    message = str(found.error)
    assert "Google Gemini" in message
    assert "'the-model'" in message
    assert "config['model']" in message
    assert "(404): models/the-model is not found" in message


def test_the_key_is_masked_and_the_text_is_short() -> None:
    found = faults_of(GeminiProvider, google_error(401, "Incorrect API key: sk-tell-nobody " + "x" * 5000))
    assert found is not None
    assert "tell-nobody" not in str(found.error) + found.text
    assert len(str(found.error)) < 600


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0.25"}, 0.25),
        ({"retry_after_ms": "250", "retry_after": "9"}, 0.25),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_the_wait_that_is_asked_for(headers: dict[str, str], wait: float | None) -> None:
    found = faults_of(GeminiProvider, google_error(429, **headers))
    assert found is not None
    assert found.wait == wait


def test_a_date_to_wait_for() -> None:
    found = faults_of(GeminiProvider, google_error(429, retry_after=formatdate(time.time() + 1000, usegmt=True)))
    assert found is not None
    assert found.wait is not None
    assert 900 < found.wait <= 1000


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RuntimeError("x")])
def test_errors_of_others_are_no_faults(error: Exception) -> None:
    assert all(faults_of(kind, error) is None for kind, _, _ in PROVIDERS)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
            "response_format",
        ),
        ("Unsupported value: 'temperature' does not support 0.1 with this model.", "temperature"),
        ("Unsupported parameter: 'max_tokens'", "max_tokens"),
        ("messages: must not be empty", None),
    ],
)
def test_which_parameter_a_message_names(text: str, name: str | None) -> None:
    assert refused_parameter(text, OpenAIProvider.optional) == name


def test_attributes_of_mocks_do_no_harm() -> None:
    error: Any = google_error(500)
    error.status_code = error.code = MagicMock()
    error.response = MagicMock()
    found = faults_of(GeminiProvider, error)
    assert found is not None
    assert (type(found.error), found.wait) == (ProviderError, None)
