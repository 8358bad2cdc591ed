"""Anthropic through its own SDK: messages with a JSON schema; a tool, then plain text, where a model refuses it."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from cartridge.ai.call_log import Answer
from cartridge.ai.fault import ErrorMap, Spellings, problem
from cartridge.ai.model_provider import CLOSE_CONNECTIONS, ModelProvider, real_count, real_text
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
)

DEFAULT_MAX_TOKENS = 32_000
"""The vendor wants a limit with every call. A model with a lower one says so, and is asked again within it."""

_TOOL = "propose_plan"
_WITHOUT_SCHEMA = ("claude-3", "claude-2", "claude-instant")
_LOWER_LIMIT = re.compile(r"max_tokens\W+\d+ > (\d+)")
_READ = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_CUT_OFF = ("max_tokens", "model_context_window_exceeded")


class AnthropicProvider(ModelProvider):
    """Claude models of Anthropic."""

    vendor_name = "anthropic"
    errors: ClassVar[ErrorMap] = {
        "anthropic.AuthenticationError": AuthenticationError,
        "anthropic.PermissionDeniedError": AuthenticationError,
        "anthropic.CredentialsError": AuthenticationError,
        "anthropic.PaymentRequiredError": QuotaError,
        "anthropic.RateLimitError": QuotaError,
        "anthropic.NotFoundError": ModelNotFoundError,
        "anthropic.RequestTimeoutError": ProviderTimeoutError,
        "anthropic.APITimeoutError": ProviderTimeoutError,
        "anthropic.APIConnectionError": ProviderConnectionError,
        "anthropic.APIResponseValidationError": InvalidReplyError,
        "anthropic.AnthropicError": ProviderError,
    }
    optional: ClassVar[Spellings] = {
        "format": ("output_config", "output_format", "json_schema", "structured output", "tool"),
        "temperature": ("temperature",),
        "cache_control": ("cache_control",),
    }

    def _make_client(self) -> Any:
        from anthropic import AsyncAnthropic  # noqa: PLC0415 - heavy, made when needed

        return AsyncAnthropic(
            api_key=self.settings.api_key,
            base_url=self.settings.base_url,
            timeout=self.settings.timeout,
            max_retries=0,
            default_headers=CLOSE_CONNECTIONS,
        )

    def _rungs(self, name: str) -> int:
        return 1 if name != "format" or self.model.startswith(_WITHOUT_SCHEMA) else 2

    def _formats(self, prompt: Prompt) -> list[dict[str, Any]]:
        """How JSON is asked for, strongest first; after the last one the prompt alone asks."""
        tool = {"name": _TOOL, "description": "Hands in the plan.", "input_schema": prompt.schema}
        modes: list[dict[str, Any]] = [
            {"output_config": {"format": {"type": "json_schema", "schema": prompt.schema}}},
            {"tools": [tool], "tool_choice": {"type": "tool", "name": _TOOL}},
        ]
        return modes[1:] if self.model.startswith(_WITHOUT_SCHEMA) else modes

    def _leave_out(self, text: str) -> bool:
        found = _LOWER_LIMIT.search(text)
        if found and "max_tokens" not in self._refused:
            self._refused["max_tokens"] = int(found[1])
            return True
        return super()._leave_out(text)

    def _parameters(self, prompt: Prompt) -> dict[str, Any]:
        limit = self.settings.max_tokens or DEFAULT_MAX_TOKENS
        parameters: dict[str, Any] = {
            "model": self.model,
            "max_tokens": self._refused.get("max_tokens", limit),
            "system": [self._kept(prompt.system)] if prompt.shared else prompt.system,
            "messages": self._messages(prompt),
        }
        formats = self._formats(prompt)[self._refused.get("format", 0) :]
        parameters |= formats[0] if formats else {}
        if "temperature" not in self._refused:
            # The SDK has no such parameter any more; the older models still take it. The vendor's scale ends at 1.
            parameters["extra_body"] = {"temperature": min(self.temperature, 1.0)}
        return parameters

    def _messages(self, prompt: Prompt) -> list[dict[str, Any]]:
        """The conversation. One that went back to the model once may well do so again, so its end is marked too."""
        messages: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in prompt.messages()]
        if prompt.turns:
            messages[-1]["content"] = [self._kept(prompt.turns[-1][1])]
        return messages

    def _kept(self, text: str) -> dict[str, Any]:
        """A block of text up to which the vendor keeps the prompt for some minutes: reading it again costs a tenth.

        Keeping costs a quarter more, so only what will be sent again is marked: a system prompt that several parts
        share.
        """
        mark = {} if "cache_control" in self._refused else {"cache_control": {"type": "ephemeral"}}
        return {"type": "text", "text": text, **mark}

    async def _call(self, prompt: Prompt) -> Answer:
        response = await self.client.messages.create(**self._parameters(prompt))
        if isinstance(response, str):
            # The SDK hands out the body as it is where the server calls it something else than JSON.
            raise problem(InvalidReplyError, self.vendor, self.settings, response[:200])
        content = getattr(response, "content", None)
        if not isinstance(content, list):
            raise problem(InvalidReplyError, self.vendor, self.settings)
        ending = real_text(getattr(response, "stop_reason", None))
        if ending == "refusal":
            raise problem(RefusalError, self.vendor, self.settings)
        usage = getattr(response, "usage", None)
        return Answer(
            text="".join(map(_block, content)),
            # What was kept, or is from now on, is counted apart from the rest.
            tokens_in=real_count(*(getattr(usage, name, None) for name in _READ)),
            tokens_out=real_count(getattr(usage, "output_tokens", None)),
            tokens_cached=real_count(getattr(usage, "cache_read_input_tokens", None)),
            cut_off=self.cut_off() if ending in _CUT_OFF else None,
        )


def _block(block: Any) -> str:
    """The text of a block of content: text as it is, a tool's input as JSON, thoughts and all else as nothing."""
    kind = real_text(getattr(block, "type", None))
    if kind == "tool_use":
        return json.dumps(getattr(block, "input", None), default=str)
    return real_text(getattr(block, "text", None)) or "" if kind in (None, "text") else ""
