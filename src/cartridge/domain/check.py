"""Checks of plain values for the public dataclasses: each raises an `InputError` that names the class and the field."""

from __future__ import annotations

from collections.abc import Collection

from cartridge.errors import InputError


def _fail(owner: object, name: str, wanted: str) -> InputError:
    value = getattr(owner, name)
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return InputError(f"{type(owner).__name__}.{name}: must be {wanted}, got {shown}")


def text(owner: object, name: str, *, empty: bool = False) -> None:
    """A string; not empty unless `empty`."""
    value = getattr(owner, name)
    if not isinstance(value, str) or (not value and not empty):
        raise _fail(owner, name, "text" if empty else "text that is not empty")


def optional_text(owner: object, name: str) -> None:
    """A string or None."""
    value = getattr(owner, name)
    if value is not None and not isinstance(value, str):
        raise _fail(owner, name, "text or None")


def flag(owner: object, name: str) -> None:
    """A bool."""
    if not isinstance(getattr(owner, name), bool):
        raise _fail(owner, name, "True or False")


def whole_number(owner: object, name: str) -> None:
    """An int of at least 0, or None."""
    value = getattr(owner, name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise _fail(owner, name, "a whole number of at least 0, or None")


def strings(owner: object, name: str) -> None:
    """A list of strings."""
    value = getattr(owner, name)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _fail(owner, name, "a list of text")


def choice(owner: object, name: str, known: Collection[str]) -> None:
    """One of a known set of words."""
    if getattr(owner, name) not in known:
        raise _fail(owner, name, "one of " + ", ".join(sorted(known)))
