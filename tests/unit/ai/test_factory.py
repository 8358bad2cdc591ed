"""From a name and a configuration to a provider, and every way in which that fails at once."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from cartridge.ai import factory
from cartridge.ai.anthropic_provider import AnthropicProvider
from cartridge.ai.base import AIProvider, ExecutionPlan, ModelGenerationRequest
from cartridge.ai.compatible_provider import OpenAICompatibleProvider
from cartridge.ai.factory import create_ai_provider, known_providers, parse_model_string
from cartridge.ai.gemini_provider import GeminiProvider
from cartridge.ai.offline_provider import OfflineProvider
from cartridge.ai.openai_provider import OpenAIProvider
from cartridge.errors import MissingExtraError, ProviderConfigError

LOCAL = {"base_url": "http://127.0.0.1:1/v1", "model": "m"}


@pytest.mark.parametrize(
    ("name", "config", "kind"),
    [
        ("offline", {}, OfflineProvider),
        ("openai", {"api_key": "k"}, OpenAIProvider),
        ("anthropic", {"api_key": "k"}, AnthropicProvider),
        ("gemini", {"api_key": "k"}, GeminiProvider),
        ("openai-compatible", LOCAL, OpenAICompatibleProvider),
        (" OpenAI ", {"api_key": "k"}, OpenAIProvider),
    ],
)
def test_every_name_gives_its_provider_by_position_and_by_keyword(
    name: str, config: dict[str, Any], kind: type
) -> None:
    assert type(create_ai_provider(name, config)) is kind
    assert type(create_ai_provider(provider_type=name, config=config)) is kind


def test_offline_needs_no_configuration() -> None:
    assert isinstance(create_ai_provider("offline"), AIProvider)


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("openai", ["OPENAI_API_KEY"]),
        ("anthropic", ["ANTHROPIC_API_KEY"]),
        ("gemini", ["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
    ],
)
class TestKeys:
    @pytest.mark.parametrize("config", [{}, {"api_key": ""}, {"api_key": None}, {"api_key": "  "}])
    def test_a_missing_key_fails_at_once_and_names_the_variable(
        self, name: str, variables: list[str], config: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match="API key") as caught:
            create_ai_provider(name, config)
        assert isinstance(caught.value, ProviderConfigError)
        assert all(variable in str(caught.value) for variable in variables)

    def test_the_environment_serves_where_the_configuration_has_none(
        self, name: str, variables: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for variable in variables:
            monkeypatch.setenv(variable, f"from-{variable}")
            provider: Any = create_ai_provider(name, {})
            assert provider.settings.api_key == f"from-{variable}"
            assert provider.client is not None
            monkeypatch.delenv(variable)

    def test_the_configuration_wins_over_the_environment(
        self, name: str, variables: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variables[0], "from-environment")
        provider: Any = create_ai_provider(name, {"api_key": "from-config"})
        assert provider.settings.api_key == "from-config"

    @pytest.mark.parametrize("key", ["sk-secret\nX-Evil: 1", "sk secret", "sk-sécret", 'sk-"secret"'])
    def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(
        self, name: str, variables: list[str], key: str
    ) -> None:
        with pytest.raises(ProviderConfigError, match="API key") as caught:
            create_ai_provider(name, {"api_key": key})
        assert "cret" not in str(caught.value)
        assert variables


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("opnai", "openai"), ("claude", "anthropic"), ("google", "gemini"), ("gpt", "openai"), ("ollama", "compatible")],
)
def test_an_unknown_provider_lists_the_known_and_suggests(name: str, suggested: str) -> None:
    with pytest.raises(ValueError, match="Unknown provider") as caught:
        create_ai_provider(name, {"api_key": "k"})
    hint, _, known = str(caught.value).partition("Known providers:")
    assert suggested in hint
    assert all(vendor in known for vendor in ("offline", "openai", "anthropic", "gemini", "openai-compatible"))


@pytest.mark.parametrize("name", [None, 3, "", "/", "openai/"])
def test_a_provider_that_is_no_name_is_refused(name: Any) -> None:
    with pytest.raises(ProviderConfigError):
        create_ai_provider(name, {"api_key": "k"})


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"temprature": 0.1}, "did you mean 'temperature'"),
        ({"nonsense": 1}, "known keys: api_key, model, temperature, base_url"),
        ({"temperature": "hot"}, "temperature must be a number between 0 and 2, got 'hot'"),
        ({"temperature": True}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": 2.5}, "temperature"),
        ({"timeout": 0}, "timeout"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_retries": -1}, "max_retries"),
        ({"send_samples": "yes"}, "send_samples"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "http://[x"}, "base_url"),
        ({"model": 4}, "model"),
        ({"api_key": 5}, "api_key"),
        ([("a", 1)], "must be a mapping"),
    ],
)
def test_wrong_configuration_names_the_key(config: Any, told: str) -> None:
    given = {"api_key": "k", **config} if isinstance(config, dict) else config
    with pytest.raises(ProviderConfigError) as caught:
        create_ai_provider("openai", given)
    assert told in str(caught.value)


def test_defaults_and_given_values() -> None:
    provider: Any = create_ai_provider("openai", {"api_key": "k"})
    assert (provider.temperature, bool(provider.model)) == (0.1, True)
    provider = create_ai_provider("openai", {"api_key": "k", "model": "gpt-4", "temperature": 0})
    assert (provider.temperature, provider.model) == (0, "gpt-4")


def test_a_compatible_server_needs_an_address_and_a_model_but_no_key() -> None:
    with pytest.raises(ProviderConfigError, match="base_url"):
        create_ai_provider("openai-compatible", {"model": "m"})
    with pytest.raises(ProviderConfigError, match="model"):
        create_ai_provider("openai-compatible", {"base_url": "http://localhost:11434/v1"})


def test_the_address_of_a_compatible_server_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", "http://localhost:11434/v1")
    provider: Any = create_ai_provider("openai-compatible/m")
    assert str(provider.client.base_url) == "http://localhost:11434/v1/"
    other: Any = create_ai_provider("openai-compatible/m", {"base_url": "http://localhost:8/v1"})
    assert str(other.client.base_url) == "http://localhost:8/v1/"
    monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", "localhost")
    with pytest.raises(ProviderConfigError, match="base_url must be an address"):
        create_ai_provider("openai-compatible/m")


def test_a_compatible_server_may_have_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_COMPATIBLE_API_KEY", "sk-of-its-own")
    provider: Any = create_ai_provider("openai-compatible", LOCAL)
    assert provider.client.api_key == "sk-of-its-own"
    assert "sk-of" not in repr(provider)


def test_the_key_of_openai_never_goes_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-belongs-to-openai")
    provider: Any = create_ai_provider("openai-compatible", LOCAL)
    assert "belongs" not in provider.client.api_key


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini"])
def test_no_repr_shows_a_secret(name: str) -> None:
    config = {"api_key": "sk-tell-nobody", "base_url": "http://user:tell-nobody@localhost:8/v1?key=tell-nobody"}
    provider: Any = create_ai_provider(name, config)
    assert "tell-nobody" not in repr(provider) + str(provider) + repr(provider.settings)
    assert "localhost:8/v1" in repr(provider)


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [("openai", "openai", "openai"), ("anthropic", "anthropic", "anthropic"), ("gemini", "google.genai", "gemini")],
)
def test_a_missing_sdk_names_the_extra(name: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"pip install 'cartridge-dbt\[{extra}\]'") as caught:
        create_ai_provider(name, {"api_key": "k"})
    assert isinstance(caught.value, MissingExtraError)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("openai", ("openai", None)),
        ("anthropic/claude-sonnet-5-5", ("anthropic", "claude-sonnet-5-5")),
        ("openai-compatible/meta/llama-3", ("openai-compatible", "meta/llama-3")),
        (" Gemini / gemini-2.5-flash ", ("gemini", "gemini-2.5-flash")),
    ],
)
def test_model_strings(text: str, parsed: tuple[str, str | None]) -> None:
    assert parse_model_string(text) == parsed


def test_a_model_string_makes_the_provider_of_that_model() -> None:
    provider: Any = create_ai_provider("anthropic/claude-haiku-5-5", {"api_key": "k"})
    assert (type(provider), provider.model) == (AnthropicProvider, "claude-haiku-5-5")
    with pytest.raises(ProviderConfigError, match="Two models"):
        create_ai_provider("anthropic/claude-haiku-5-5", {"api_key": "k", "model": "another"})


class Foreign(AIProvider):
    """A provider that another package brings."""

    def __init__(self, config: Any) -> None:
        self.config = config

    async def generate_execution_plan(self, request: ModelGenerationRequest) -> ExecutionPlan:
        return ExecutionPlan(strategy="greenfield")


class TestEntryPoints:
    @pytest.fixture(autouse=True)
    def _installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        points = [
            EntryPoint("foreign", f"{__name__}:Foreign", factory.ENTRY_POINT_GROUP),
            EntryPoint("wrong", "builtins:dict", factory.ENTRY_POINT_GROUP),
        ]
        monkeypatch.setattr(factory, "entry_points", lambda group: points if group == "cartridge.providers" else [])
        monkeypatch.setitem(sys.modules, __name__, sys.modules[Foreign.__module__])

    def test_a_package_may_bring_its_own(self) -> None:
        provider: Any = create_ai_provider("foreign/small", {"anything": 1})
        assert isinstance(provider, Foreign)
        assert provider.config == {"anything": 1, "model": "small"}
        assert "foreign" in [info.name for info in known_providers()]

    def test_what_is_no_provider_is_refused(self) -> None:
        with pytest.raises(ProviderConfigError, match="AIProvider"):
            create_ai_provider("wrong", {})


def test_known_providers_says_what_is_installed_and_keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "k")
    monkeypatch.setitem(sys.modules, "anthropic", None)
    found = {info.name: info for info in known_providers()}
    assert list(found) == ["offline", "openai", "anthropic", "gemini", "openai-compatible"]
    assert [name for name, info in found.items() if info.keyed] == ["offline", "gemini", "openai-compatible"]
    assert [name for name, info in found.items() if not info.installed] == ["anthropic"]
    assert found["gemini"].extra == "gemini"
    assert all(found[name].default_model for name in ("openai", "anthropic", "gemini"))
