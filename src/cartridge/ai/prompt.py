"""What one call sends, whoever the vendor is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cartridge.ai.tokens import estimate_tokens


@dataclass(frozen=True)
class Prompt:
    """The system prompt as it stands, the user prompt filled in, and the JSON schema of the answer.

    `turns` are what was said since: the model's answer and what was said to it, in pairs.
    """

    system: str
    user: str
    schema: Mapping[str, Any]
    turns: tuple[tuple[str, str], ...] = ()
    tokens_expected: int = 0
    """The tokens that the answer will take, about."""
    shared: bool = False
    """Whether other prompts of the same plan have the same system prompt."""

    def answered(self, answer: str, said: str) -> Prompt:
        """The same conversation, one turn longer."""
        return replace(self, turns=(*self.turns, (answer, said)))

    def messages(self) -> list[tuple[str, str]]:
        """The conversation in turn: ("user" or "assistant", text)."""
        found = [("user", self.user)]
        for answer, said in self.turns:
            found += [("assistant", answer), ("user", said)]
        return found

    @property
    def tokens(self) -> int:
        """The tokens that it sends, about."""
        return estimate_tokens(self.system) + sum(estimate_tokens(text) for _, text in self.messages())
