"""Google Gemini through its own SDK: content with a JSON schema, weaker forms where a model refuses it."""

from __future__ import annotations

from typing import Any, ClassVar

from cartridge.ai.call_log import Answer
from cartridge.ai.fault import ErrorMap, Spellings, problem
from cartridge.ai.model_provider import CLOSE_CONNECTIONS, ModelProvider, first, real_count, real_text
from cartridge.ai.prompt import Prompt
from cartridge.errors import InvalidReplyError, ProviderError, RefusalError

_CUT_OFF = ("MAX_TOKENS", "CONTINUATION")
_GOOD_ENDINGS = ("STOP", "FINISH_REASON_UNSPECIFIED", "OTHER", "MALFORMED_RESPONSE")


class GeminiProvider(ModelProvider):
    """Gemini models of Google, by API key."""

    vendor_name = "gemini"
    errors: ClassVar[ErrorMap] = {
        "google.APIError": ProviderError,
        "google.UnknownApiResponseError": InvalidReplyError,
    }
    optional: ClassVar[Spellings] = {
        "format": ("response_json_schema", "responsejsonschema", "response_schema", "responseschema",
                   "response_mime_type", "responsemimetype", "response mime type", "json mode"),
        "temperature": ("temperature",),
        "max_tokens": ("max_output_tokens", "maxoutputtokens"),
    }  # fmt: skip

    def _make_client(self) -> Any:
        from google import genai  # noqa: PLC0415 - heavy, made when needed
        from google.genai.types import HttpOptions  # noqa: PLC0415 - heavy, made when needed

        return genai.Client(
            api_key=self.settings.api_key,
            vertexai=False,
            http_options=HttpOptions(
                base_url=self.settings.base_url,
                timeout=max(1, int(self.settings.timeout * 1000)),  # milliseconds
                headers=dict(CLOSE_CONNECTIONS),
            ),
        )

    def _rungs(self, name: str) -> int:
        return 2 if name == "format" else 1

    def _formats(self, prompt: Prompt) -> list[dict[str, Any]]:
        """How JSON is asked for, strongest first; after the last one the prompt alone asks."""
        json_mode = {"response_mime_type": "application/json"}
        return [{**json_mode, "response_json_schema": prompt.schema}, json_mode]

    def _parameters(self, prompt: Prompt) -> dict[str, Any]:
        config: dict[str, Any] = {"system_instruction": prompt.system}
        formats = self._formats(prompt)[self._refused.get("format", 0) :]
        config |= formats[0] if formats else {}
        if "temperature" not in self._refused:
            config["temperature"] = self.temperature
        if self.settings.max_tokens is not None and "max_tokens" not in self._refused:
            config["max_output_tokens"] = self.settings.max_tokens
        return {"model": self.model, "contents": _contents(prompt), "config": config}

    async def _call(self, prompt: Prompt) -> Answer:
        response = await self.client.aio.models.generate_content(**self._parameters(prompt))
        blocked = real_text(getattr(getattr(response, "prompt_feedback", None), "block_reason", None))
        candidate = first(getattr(response, "candidates", None))
        ending = real_text(getattr(candidate, "finish_reason", None))
        if blocked or (ending and ending not in (*_GOOD_ENDINGS, *_CUT_OFF)):
            raise problem(RefusalError, self.vendor, self.settings, blocked or ending or "")
        text = real_text(getattr(response, "text", None))
        if text is None and not getattr(response, "candidates", None):
            raise problem(InvalidReplyError, self.vendor, self.settings)
        usage = getattr(response, "usage_metadata", None)
        return Answer(
            text=text,
            tokens_in=real_count(getattr(usage, "prompt_token_count", None)),
            # Thoughts are paid for like the answer, and counted apart from it.
            tokens_out=real_count(
                getattr(usage, "candidates_token_count", None), getattr(usage, "thoughts_token_count", None)
            ),
            tokens_cached=real_count(getattr(usage, "cached_content_token_count", None)),
            cut_off=self.cut_off() if ending in _CUT_OFF else None,
        )


def _contents(prompt: Prompt) -> str | list[dict[str, Any]]:
    """One text as it is; a conversation turn by turn, where the vendor calls the assistant "model"."""
    if not prompt.turns:
        return prompt.user
    roles = {"user": "user", "assistant": "model"}
    return [{"role": roles[role], "parts": [{"text": text}]} for role, text in prompt.messages()]
