"""Jinja in the values of YAML files, rendered in a sandbox that knows `env_var` and what the caller names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


class UnsetVariable(Exception):  # noqa: N818 - its callers say what it means
    """A variable of the environment without a value and without a default."""


class NotRendered(Exception):  # noqa: N818 - as above
    """The Jinja asks for more than is known here, or is broken."""


def rendered(value: str, names: Mapping[str, Any] | None = None) -> str:
    """The text with its Jinja rendered. `names` are what it may use besides `env_var`.

    Raises:
        UnsetVariable: it needs a variable of the environment that is not set; the message is its name.
        NotRendered: it needs something else, or is broken.
    """
    if "{" not in value:
        return value
    from jinja2 import TemplateError  # noqa: PLC0415 - only where a value holds Jinja

    try:
        return _environment().from_string(value).render(**(names or {}))
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as fault:
        raise NotRendered(value) from fault


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined  # noqa: PLC0415 - as above
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for name in ("as_bool", "as_number", "as_native", "as_text"):
        made.filters[name] = lambda text: text
    made.globals = {"env_var": _env_var}
    return made


def _env_var(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise UnsetVariable(name)
    return value
