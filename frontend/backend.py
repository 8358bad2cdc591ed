"""The build backend: hatchling, with the review page built first into what is distributed.

A checkout has no page, and an editable install needs none: `make page` builds it there. A source distribution carries
the page, so that a wheel is built from it without Node.
"""

from __future__ import annotations

from typing import Any

from bundle import ensure_page, requirements
from hatchling import build as hatchling
from hatchling.build import *  # noqa: F403 - all other hooks are hatchling's own


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Hatchling's, and Node where the page is to be built and none is there."""
    return [*hatchling.get_requires_for_build_wheel(config_settings), *requirements()]


def get_requires_for_build_sdist(config_settings: dict[str, Any] | None = None) -> list[str]:
    """The same."""
    return [*hatchling.get_requires_for_build_sdist(config_settings), *requirements()]


def build_wheel(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """Hatchling's, with the page in it."""
    ensure_page()
    return hatchling.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:
    """The same."""
    ensure_page()
    return hatchling.build_sdist(sdist_directory, config_settings)
