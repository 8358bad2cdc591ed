"""Any server that speaks OpenAI's protocol: Ollama, vLLM, llama.cpp, LM Studio, Azure. It needs its address, no key."""

from __future__ import annotations

from typing import Any

from cartridge.ai.model_provider import CLOSE_CONNECTIONS
from cartridge.ai.openai_provider import OpenAIProvider
from cartridge.ai.prompt import Prompt


class OpenAICompatibleProvider(OpenAIProvider):
    """A model behind `config["base_url"]`, for example `http://localhost:11434/v1`; `config["model"]` names it."""

    vendor_name = "openai-compatible"
    output_limit = "max_tokens"

    def _formats(self, prompt: Prompt) -> list[dict[str, Any]]:
        """As OpenAI's, but that JSON mode carries the schema too: llama.cpp keeps to it there, others look past it."""
        *stronger, json_mode = super()._formats(prompt)
        return [*stronger, {**json_mode, "schema": prompt.schema}]

    def _make_client(self) -> Any:
        from openai import AsyncOpenAI  # noqa: PLC0415 - heavy, made when needed

        return AsyncOpenAI(
            # Never the key of the environment: it belongs to OpenAI, not to this server.
            api_key=self.settings.api_key or "none",
            base_url=self.settings.base_url,
            timeout=self.settings.timeout,
            max_retries=0,
            default_headers=CLOSE_CONNECTIONS,
        )
