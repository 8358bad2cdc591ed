"""OpenAI through its own SDK: chat completions with a JSON schema, weaker forms where a model refuses it."""

from __future__ import annotations

from typing import Any, ClassVar

from cartridge.ai.call_log import Answer
from cartridge.ai.fault import ErrorMap, Spellings, problem
from cartridge.ai.model_provider import CLOSE_CONNECTIONS, ModelProvider, first, real_count, real_text
from cartridge.ai.prompt import Prompt
from cartridge.errors import (
    AuthenticationError,
    InvalidReplyError,
    ModelNotFoundError,
    ProviderConnectionError,
    ProviderError,
    ProviderTimeoutError,
    QuotaError,
    RefusalError,
    TruncatedReplyError,
)

_WITHOUT_SCHEMA = ("gpt-3.5", "gpt-4-", "o1-mini", "o1-preview", "chatgpt-4o", "gpt-4o-2024-05-13")
"""Older models that know JSON mode at best; a schema would be refused."""


class OpenAIProvider(ModelProvider):
    """GPT models of OpenAI."""

    vendor_name = "openai"
    errors: ClassVar[ErrorMap] = {
        "openai.AuthenticationError": AuthenticationError,
        "openai.PermissionDeniedError": AuthenticationError,
        "openai.RateLimitError": QuotaError,
        "openai.NotFoundError": ModelNotFoundError,
        "openai.APITimeoutError": ProviderTimeoutError,
        "openai.APIConnectionError": ProviderConnectionError,
        "openai.APIResponseValidationError": InvalidReplyError,
        "openai.LengthFinishReasonError": TruncatedReplyError,
        "openai.ContentFilterFinishReasonError": RefusalError,
        "openai.OpenAIError": ProviderError,
    }
    optional: ClassVar[Spellings] = {
        "response_format": ("response_format", "json_schema", "json_object"),
        "temperature": ("temperature",),
        "max_tokens": ("max_tokens", "max_completion_tokens"),
    }
    output_limit = "max_completion_tokens"
    """How the longest answer is called."""

    def _make_client(self) -> Any:
        from openai import AsyncOpenAI  # noqa: PLC0415 - heavy, made when needed

        return AsyncOpenAI(
            api_key=self.settings.api_key,
            base_url=self.settings.base_url,
            timeout=self.settings.timeout,
            max_retries=0,
            default_headers=CLOSE_CONNECTIONS,
        )

    def _rungs(self, name: str) -> int:
        return 1 if name != "response_format" or self._knows_no_schema() else 2

    def _knows_no_schema(self) -> bool:
        return self.model == "gpt-4" or self.model.startswith(_WITHOUT_SCHEMA)

    def _formats(self, prompt: Prompt) -> list[dict[str, Any]]:
        """`response_format`, strongest first; after the last one the parameter is left out."""
        schema = {"name": "execution_plan", "schema": prompt.schema, "strict": True}
        modes: list[dict[str, Any]] = [{"type": "json_schema", "json_schema": schema}, {"type": "json_object"}]
        return modes[1:] if self._knows_no_schema() else modes

    def _parameters(self, prompt: Prompt) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": role, "content": text} for role, text in [("system", prompt.system), *prompt.messages()]
            ],
        }
        formats = self._formats(prompt)[self._refused.get("response_format", 0) :]
        if formats:
            parameters["response_format"] = formats[0]
        if "temperature" not in self._refused:
            parameters["temperature"] = self.temperature
        if self.settings.max_tokens is not None and "max_tokens" not in self._refused:
            parameters[self.output_limit] = self.settings.max_tokens
        return parameters

    async def _call(self, prompt: Prompt) -> Answer:
        response = await self.client.chat.completions.create(**self._parameters(prompt))
        if isinstance(response, str):
            # The SDK hands out the body as it is where the server calls it something else than JSON.
            raise problem(InvalidReplyError, self.vendor, self.settings, response[:200])
        choice = first(getattr(response, "choices", None))
        if choice is None:
            raise problem(InvalidReplyError, self.vendor, self.settings)
        message = getattr(choice, "message", None)
        refusal = real_text(getattr(message, "refusal", None))
        ending = real_text(getattr(choice, "finish_reason", None))
        if refusal or ending == "content_filter":
            raise problem(RefusalError, self.vendor, self.settings, refusal or "")
        usage = getattr(response, "usage", None)
        # The vendor keeps the beginning of every long prompt by itself, so what never changes stands first.
        details = getattr(usage, "prompt_tokens_details", None)
        return Answer(
            text=_content(getattr(message, "content", None)),
            tokens_in=real_count(getattr(usage, "prompt_tokens", None)),
            tokens_out=real_count(getattr(usage, "completion_tokens", None)),
            tokens_cached=real_count(getattr(details, "cached_tokens", None)),
            cut_off=self.cut_off() if ending == "length" else None,
        )


def _content(content: object) -> str | None:
    """The text of a message; some servers send it in parts."""
    if isinstance(content, list):
        parts = (part.get("text") if isinstance(part, dict) else getattr(part, "text", None) for part in content)
        return "".join(text for part in parts if (text := real_text(part))) or None
    return real_text(content)
