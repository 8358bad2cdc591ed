"""The record of calls: tokens counted against the budget, and, on request, every call as a line of JSON in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cartridge.ai.prompt import Prompt
from cartridge.ai.settings import Settings
from cartridge.ai.tokens import estimate_tokens
from cartridge.errors import CartridgeError, InputError, QuotaError


@dataclass(frozen=True)
class Answer:
    """What came back from one call: the text, and the tokens it cost, where the vendor says so.

    `tokens_in` counts all that was read, `tokens_cached` the part of it that the vendor had kept from an earlier call.
    `cut_off` is the error to raise where the text ends in the middle, at the output limit.
    """

    text: str | None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cut_off: CartridgeError | None = None


@dataclass
class CallLog:
    """What one provider has spent so far. Tokens are the vendor's own counts, or estimates where it gives none."""

    settings: Settings
    vendor: str
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    """How many of `tokens_in` the vendor had kept from an earlier call, and charges less for."""

    reserved: int = 0
    """Tokens, about, of the calls under way."""

    @contextmanager
    def reserve(self, prompt: Prompt) -> Iterator[None]:
        """Keeps the tokens of a call aside while it is under way; stops before one that would go over the budget.

        Raises:
            QuotaError: `max_tokens_total` would be passed.
        """
        limit = self.settings.max_tokens_total
        next_call = prompt.tokens + prompt.tokens_expected
        spent = self.tokens_in + self.tokens_out
        if limit is not None and spent + self.reserved + next_call > limit:
            raise QuotaError(
                f"Stopped before the limit of {limit:,} tokens (max_tokens_total): {spent:,} are spent in "
                f"{self.calls} calls, and the next one takes about {next_call:,}. Raise the limit or plan fewer tables"
            )
        self.reserved += next_call
        try:
            yield
        finally:
            self.reserved -= next_call

    def answered(self, prompt: Prompt, answer: Answer) -> None:
        """Notes a call that was answered."""
        self.calls += 1
        sent = prompt.tokens if answer.tokens_in is None else answer.tokens_in
        got = estimate_tokens(answer.text or "") if answer.tokens_out is None else answer.tokens_out
        kept = answer.tokens_cached or 0
        self.tokens_in += sent
        self.tokens_out += got
        self.tokens_cached += kept
        cut = {"cut_off": True} if answer.cut_off else {}
        self._write(prompt, reply=answer.text, tokens_in=sent, tokens_out=got, tokens_cached=kept, **cut)

    def failed(self, prompt: Prompt, error: Exception) -> None:
        """Notes a call that brought an error."""
        self.calls += 1
        self._write(prompt, error=type(error).__name__, message=str(error))

    def _write(self, prompt: Prompt, **outcome: Any) -> None:
        if self.settings.call_log is None:
            return
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "vendor": self.vendor,
            "model": self.settings.model,
            "server": self.settings.server,
            "temperature": self.settings.temperature,
            "system": prompt.system,
            "messages": [{"role": role, "content": text} for role, text in prompt.messages()],
            **outcome,
        }
        text = self.settings.masked(json.dumps(line))
        try:
            with Path(self.settings.call_log).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            raise InputError(
                f"config['call_log']: {self.settings.call_log} cannot be written ({error.strerror})"
            ) from None
