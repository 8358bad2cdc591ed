"""Who can be asked for a plan: every vendor's name, class, extra, key variables and default model, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vendor:
    """One way to get a plan.

    `module` and `provider` say where its class is; `sdk` is the module that its extra brings. `keys` are the
    environment variables that may hold the API key, first one first; `needs_key` whether there is no asking without
    one. `known_as` are other words people use for it, understood only as a hint in error messages. `address` is where
    its SDK sends a request, unless the environment variable `address_variable` names another server; one that
    `needs_base_url` has none of its own.
    """

    name: str
    title: str
    module: str
    provider: str
    extra: str | None = None
    sdk: str | None = None
    keys: tuple[str, ...] = ()
    default_model: str | None = None
    needs_key: bool = True
    needs_base_url: bool = False
    known_as: tuple[str, ...] = ()
    address: str | None = None
    address_variable: str | None = None


# Default models as of November 2026: of each vendor the one for fast, exact everyday work, neither the largest nor the
# smallest of its newest family.
VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            "offline", "the offline planner", "cartridge.ai.offline_provider", "OfflineProvider", known_as=("rules",),
        ),
        Vendor(
            "openai", "OpenAI", "cartridge.ai.openai_provider", "OpenAIProvider",
            extra="openai", sdk="openai", keys=("OPENAI_API_KEY",), default_model="gpt-6.1-terra",
            known_as=("gpt", "chatgpt"), address="https://api.openai.com", address_variable="OPENAI_BASE_URL",
        ),
        Vendor(
            "anthropic", "Anthropic", "cartridge.ai.anthropic_provider", "AnthropicProvider",
            extra="anthropic", sdk="anthropic", keys=("ANTHROPIC_API_KEY",), default_model="claude-sonnet-5-5",
            known_as=("claude",), address="https://api.anthropic.com", address_variable="ANTHROPIC_BASE_URL",
        ),
        Vendor(
            "gemini", "Google Gemini", "cartridge.ai.gemini_provider", "GeminiProvider",
            extra="gemini", sdk="google.genai", keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            default_model="gemini-3.8-flash", known_as=("google", "vertex"),
            address="https://generativelanguage.googleapis.com", address_variable="GOOGLE_GEMINI_BASE_URL",
        ),
        Vendor(
            "openai-compatible", "the OpenAI-compatible server", "cartridge.ai.compatible_provider",
            "OpenAICompatibleProvider", extra="openai", sdk="openai",
            keys=("OPENAI_COMPATIBLE_API_KEY",), needs_key=False, needs_base_url=True,
            address_variable="OPENAI_COMPATIBLE_BASE_URL",
            known_as=("ollama", "vllm", "llama.cpp", "lmstudio", "azure", "local"),
        ),
    )
}  # fmt: skip
"""Every built-in vendor by name, in the order in which they are listed."""
