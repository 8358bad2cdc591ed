"""The options of a model: who is asked, what it may cost, what it is told; and what would be sent, before it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cartridge.cli.output import Output, plural, printable
from cartridge.errors import InputError

if TYPE_CHECKING:
    from cartridge.ai.base import AIProvider
    from cartridge.ai.estimate import Estimate

SETTINGS = ("temperature", "timeout", "max_tokens", "max_prompt_tokens", "max_retries", "repairs", "concurrency")
"""The entries of a provider's configuration that no option of its own sets."""

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Asking:
    """What the command line says of a model. Without `ai`, nobody is asked."""

    ai: str | None = None
    strict: bool = False
    base_url: str | None = None
    max_tokens_total: int | None = None
    call_log: Path | None = None
    send_samples: bool = False
    cache: bool = True
    context: Path | None = None
    dry_run: bool = False
    show_prompt: bool = False
    ai_config: tuple[str, ...] = ()

    @property
    def config(self) -> dict[str, Any]:
        """The configuration of the provider. What a model leaves out is completed, unless `strict`."""
        return {
            "strict": self.strict,
            "complete": not self.strict,
            "base_url": self.base_url,
            "max_tokens_total": self.max_tokens_total,
            "call_log": self.call_log and str(self.call_log),
            "send_samples": self.send_samples,
            "cache": self.cache,
            **dict(map(_setting, self.ai_config)),
        }

    @property
    def sends_nothing(self) -> bool:
        """Whether only what would be sent is wanted."""
        return self.dry_run or self.show_prompt

    def check(self, *, sample_values: bool) -> None:
        """Refuses options that would do nothing.

        Raises:
            InputError: an option of a model without a model, or samples that are not read.
        """
        spare = [item.name for item in fields(self) if getattr(self, item.name) != item.default]
        if self.ai is None and spare:
            name = "no-cache" if spare[0] == "cache" else spare[0].replace("_", "-")
            raise InputError(f"--{name} is about a model: name one with --ai VENDOR[/MODEL]")
        if self.send_samples and not sample_values:
            raise InputError("--send-samples sends what the scan kept: read values with --profile --sample-values too")


def model_options(command: Command) -> Command:
    """Give a command the options of `Asking`."""
    file = click.Path(path_type=Path)
    options = (
        click.option("--ai", metavar="VENDOR[/MODEL]", help="Let a model draft the plan; `cartridge providers` lists "
                     "them. Offline without."),
        click.option("--strict", is_flag=True, help="With --ai: refuse a plan that does not pass the gate as it is."),
        click.option("--base-url", metavar="URL", help="With --ai: another server that speaks the vendor's protocol."),
        click.option("--dry-run", is_flag=True, help="With --ai: only say how many calls and tokens it would take."),
        click.option("--show-prompt", is_flag=True, help="With --ai: only print exactly what would be sent."),
        click.option("--max-tokens-total", type=click.IntRange(min=1), metavar="N", help="With --ai: stop before more "
                     "tokens than this, both ways."),
        click.option("--context", type=file, metavar="FILE", help="With --ai: a text that tells what the business "
                     "does; it is sent."),
        click.option("--send-samples", is_flag=True, help="With --ai: send sample values too, never personal-looking "
                     "ones. Otherwise metadata only."),
        click.option("--call-log", type=file, metavar="FILE", help="With --ai: append every call as a line of JSON."),
        click.option("--ai-config", multiple=True, metavar="KEY=VALUE", help="With --ai: how it is asked: temperature, "
                     "timeout, max_tokens, max_prompt_tokens, max_retries, repairs or concurrency; again for each."),
        click.option("--no-cache", "cache", is_flag=True, default=True, flag_value=False, help="With --ai: ask again "
                     "even where a good answer to the same question was kept."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def provider_of(asking: Asking) -> AIProvider | None:
    """The provider that `--ai VENDOR[/MODEL]` names; None, and so offline, without it.

    What the model leaves out is completed by the offline planner, and steps that fail the gate are dropped, each of
    which is a finding; `strict` refuses such a plan instead.

    Raises:
        ProviderConfigError: the vendor is not known, or its key is not set.
    """
    if asking.ai is None:
        return None
    from cartridge.ai.factory import create_ai_provider  # noqa: PLC0415
    from cartridge.ai.vendors import VENDORS  # noqa: PLC0415

    if asking.ai.partition("/")[0].strip().lower() in VENDORS:
        return create_ai_provider(asking.ai, asking.config)
    # A provider of another package knows nothing of our defaults, only of what was asked for.
    given = ("base_url", "max_tokens_total", "call_log", "send_samples", *SETTINGS)
    return create_ai_provider(asking.ai, {name: asking.config[name] for name in given if asking.config.get(name)})


def _setting(text: str) -> tuple[str, Any]:
    """One `KEY=VALUE`; whether the value fits is the provider's to say.

    Raises:
        InputError: it is none, or of another key.
    """
    key, equals, value = text.partition("=")
    if not equals or key.strip() not in SETTINGS:
        raise InputError(f"--ai-config {text!r}: must be KEY=VALUE, with KEY one of {', '.join(SETTINGS)}")
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value


def read_context(path: Path | None) -> str | None:
    """The text of `--context FILE`.

    Raises:
        InputError: the file cannot be read as text.
    """
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise InputError(f"--context: {path} cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"--context: {path} is not text in UTF-8") from None


def print_estimate(output: Output, found: Estimate, asking: Asking) -> None:
    """What would be sent: counts, and with `--show-prompt` every prompt as it goes out."""
    if output.json:
        output.document("estimate", _document(found, asking))
        return
    if asking.show_prompt:
        for at, prompt in enumerate(found.prompts, 1):
            click.echo(f"--- {at} of {found.calls}: system\n{prompt.system}\n--- {at} of {found.calls}: user")
            click.echo(prompt.user)
    output.print(
        f"{plural(found.calls, 'call')} to {printable(found.model) or asking.ai}: about {found.tokens_in:,} tokens "
        f"sent and {found.tokens_out:,} answered, without repairs and without what the model thinks to itself. "
        "Nothing was sent."
    )


def _document(found: Estimate, asking: Asking) -> dict[str, Any]:
    counts = {name: getattr(found, name) for name in ("model", "calls", "tokens_in", "tokens_out")}
    if not asking.show_prompt:
        return counts
    prompts = [{"system": p.system, "user": p.user, "answer_schema": dict(p.schema)} for p in found.prompts]
    return {**counts, "prompts": prompts}
