"""What a plan by a model would send and cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cartridge.ai.factory import parse_model_string
from cartridge.ai.parts import job_for
from cartridge.ai.prompt import Prompt
from cartridge.ai.settings import Settings, refuse_wrong
from cartridge.ai.vendors import VENDORS
from cartridge.domain.plan import ModelGenerationRequest
from cartridge.plan import scope_of

_WITHOUT_PROMPTS = "offline"


@dataclass(frozen=True)
class Estimate:
    """Calls and tokens of one plan, about, without repetitions and repairs; and the prompts, exactly as they go out."""

    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    prompts: tuple[Prompt, ...]


def estimate(request: ModelGenerationRequest, provider_type: str, config: Mapping[str, Any] | None = None) -> Estimate:
    """The estimate for a request. Needs no key and no SDK; nothing is sent.

    `provider_type` and `config` are those of `create_ai_provider`; of `config`, `model`, `max_tokens`,
    `max_prompt_tokens` and `send_samples` change what is sent.

    Raises:
        ProviderConfigError: an unknown provider, or a wrong value.
        InputError: the request cannot be planned.
    """
    name, model = parse_model_string(provider_type)
    given = dict(config or {})
    refuse_wrong(name, given)
    vendor = VENDORS.get(name)
    if name == _WITHOUT_PROMPTS:
        return Estimate("", 0, 0, 0, ())
    settings = Settings(
        model=model or str(given.get("model") or (vendor and vendor.default_model) or ""),
        max_tokens=given.get("max_tokens"),
        max_prompt_tokens=given.get("max_prompt_tokens"),
        send_samples=bool(given.get("send_samples")),
    )
    job = job_for(scope_of(request), settings)
    sent, answered = job.tokens
    return Estimate(settings.model, len(job.prompts), sent, answered, job.prompts)
