"""Every error of cartridge, drawn once.

CartridgeError                       exit code 1: one message that says what, where and what to do next
├── InputError          ValueError   a value, file or option that the user gave is not usable
│   ├── SourceError                  a database, saved scan or file cannot be read as a source
│   ├── ProjectError                 a folder is not the dbt project that it was said to be
│   └── PlanFileError                a saved plan is truncated, too new, tampered with, or a draft
├── PlanError           ValueError   a plan did not pass the gate; carries its findings
├── ReplyError          ValueError   a model answered something that is no plan
│   ├── InvalidReplyError            "Invalid JSON response"
│   └── EmptyReplyError              "Empty response"
├── ProviderError                    a model could not be asked
│   ├── ProviderConfigError ValueError   unknown provider, missing key, unknown config key
│   ├── AuthenticationError          the vendor refused the key
│   ├── QuotaError                   rate limit or quota, after retries
│   ├── ModelNotFoundError           the vendor knows no such model
│   ├── RefusalError                 the model refused, or a content filter stopped it
│   ├── TruncatedReplyError ValueError   the answer was cut off at the output limit
│   ├── ProviderTimeoutError         no answer in time
│   └── ProviderConnectionError      the server could not be reached, or broke off
├── MissingExtraError   ImportError  an optional dependency is absent; names the install line
├── MissingPageError                 the review page is not built; names the command
├── ApplyError                       nothing was written, and why
│   ├── ConflictError                a planned path holds other bytes
│   ├── StalePlanError               the project or the schema moved since the plan was made
│   └── LockedError                  another apply runs in this project
├── UndoError                        nothing was undone, and why
└── VerifyError                      the proof could not be run
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DISTRIBUTION = "cartridge-dbt"
"""The name on PyPI. Every install line is built from it."""


def install_line(extra: str) -> str:
    """The command that installs one extra, for messages."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


class CartridgeError(Exception):
    """The root of every error that cartridge raises on purpose."""

    exit_code = 1


class InputError(CartridgeError, ValueError):
    """A value, file or option that the user gave is not usable."""


class SourceError(InputError):
    """A database, saved scan or file cannot be read as a source."""


class ProjectError(InputError):
    """A folder is not the dbt project that it was said to be."""


class PlanFileError(InputError):
    """A saved plan is truncated, too new, tampered with, or a draft."""


class PlanError(CartridgeError, ValueError):
    """A plan did not pass the gate. `findings` holds `domain.plan.Finding` values, each with its mend."""

    def __init__(self, message: str, findings: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[Any, ...] = tuple(findings)


class ReplyError(CartridgeError, ValueError):
    """A model answered something that is no plan."""


class InvalidReplyError(ReplyError):
    """The reply is not JSON, or JSON of another shape. The message starts with "Invalid JSON response"."""


class EmptyReplyError(ReplyError):
    """The reply holds no text. The message starts with "Empty response"."""


class ProviderError(CartridgeError):
    """A model could not be asked."""


class ProviderConfigError(ProviderError, ValueError):
    """Unknown provider, missing key or unknown configuration key."""


class AuthenticationError(ProviderError):
    """The vendor refused the key."""


class QuotaError(ProviderError):
    """Rate limit or quota, after the retries."""


class ModelNotFoundError(ProviderError):
    """The vendor knows no such model."""


class RefusalError(ProviderError):
    """The model refused, or a content filter stopped it."""


class TruncatedReplyError(ProviderError, ValueError):
    """The answer was cut off at the output limit."""


class ProviderTimeoutError(ProviderError):
    """No answer in time."""


class ProviderConnectionError(ProviderError):
    """The server could not be reached, or broke off."""


class MissingExtraError(CartridgeError, ImportError):
    """An optional dependency is absent. The message names the install line."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an extra that is not installed. Install it with: {install_line(extra)}")
        self.extra = extra


class MissingPageError(CartridgeError):
    """The review page is not built in a checkout of cartridge. Every installed wheel has it."""

    def __init__(self) -> None:
        super().__init__(
            "The review page is not built in this checkout. Build it with `make page`, or install a release: "
            f"pip install {DISTRIBUTION}"
        )


class ApplyError(CartridgeError):
    """Nothing was written, and why."""


class ConflictError(ApplyError):
    """A planned path holds other bytes."""


class StalePlanError(ApplyError):
    """The project or the schema moved since the plan was made."""


class LockedError(ApplyError):
    """Another apply runs in this project."""


class UndoError(CartridgeError):
    """Nothing was undone, and why."""


class VerifyError(CartridgeError):
    """The proof could not be run."""
