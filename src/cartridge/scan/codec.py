"""Dataclasses to plain JSON values and back, driven by their own type hints.

Fields that hold their default are not written. A mapping whose keys are tuples becomes a list of [key, value] pairs.
Reading is strict: a missing, unknown or mistyped field raises `InputError` with the path to it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cartridge.errors import InputError

Decoder = Callable[[Any, str], Any]
"""Called with a JSON value and the path to it, such as `tables[3].name`."""

_SCALARS: dict[Any, tuple[type | tuple[type, ...], str]] = {
    str: (str, "text"),
    bool: (bool, "true or false"),
    int: (int, "a whole number"),
    float: ((int, float), "a number"),
    type(None): (type(None), "null"),
}


_PLAIN = (str, bool, int, float)


def encode(value: Any) -> Any:
    """The value as what `json.dumps` takes. Scalars that JSON does not know become text."""
    if value is None or isinstance(value, _PLAIN):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: encode(item) for name, default in _defaults(type(value)) if (item := getattr(value, name)) != default
        }
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: encode(item) for key, item in value.items()}
        return [[list(key), encode(item)] for key, item in sorted(value.items())]
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return str(value)


def decode(kind: Any, value: Any, path: str = "") -> Any:
    """The JSON value as a value of that type.

    Raises:
        InputError: the value is of another shape; the message holds the path.
    """
    return _decoder(kind)(value, path)


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass, each with its default."""
    return tuple((item.name, _default(item)) for item in fields(kind))


def _default(item: Field[Any]) -> Any:
    return item.default_factory() if item.default_factory is not MISSING else item.default


def _wrong(path: str, wanted: str, value: Any) -> InputError:
    shown = repr(value)
    return InputError(
        f"{path or 'document'}: must be {wanted}, got {shown if len(shown) <= 60 else shown[:57] + '...'}"
    )


@cache
def _decoder(kind: Any) -> Decoder:
    if kind is Any:
        return lambda value, _path: value
    if kind in _SCALARS:
        return _scalar(kind)
    if is_dataclass(kind):
        return _dataclass(kind)
    return _generic(get_origin(kind), get_args(kind))


def _generic(origin: Any, arguments: tuple[Any, ...]) -> Decoder:
    if origin is Literal:
        return _literal(arguments)
    if origin in (Union, types.UnionType):
        return _optional(arguments)
    if origin is list or (origin is tuple and arguments[-1] is Ellipsis):
        return _sequence(origin, arguments[0])
    if origin is tuple:
        return _fixed(arguments)
    return _mapping(*arguments)


def _scalar(kind: Any) -> Decoder:
    accepted, wanted = _SCALARS[kind]

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise _wrong(path, wanted, value)
        return value

    return read


def _literal(known: tuple[Any, ...]) -> Decoder:
    def read(value: Any, path: str) -> Any:
        if value not in known:
            raise _wrong(path, "one of " + ", ".join(map(str, known)), value)
        return value

    return read


def _optional(arguments: tuple[Any, ...]) -> Decoder:
    """The only unions among the nouns are `T | None`."""
    inner = _decoder(next(item for item in arguments if item is not type(None)))
    return lambda value, path: None if value is None else inner(value, path)


def _sequence(make: type, kind: Any) -> Decoder:
    inner = _decoder(kind)

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        return make(inner(item, f"{path}[{index}]") for index, item in enumerate(value))

    return read


def _fixed(kinds: tuple[Any, ...]) -> Decoder:
    inner = [_decoder(kind) for kind in kinds]

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            raise _wrong(path, f"a list of {len(inner)}", value)
        return tuple(one(item, f"{path}[{index}]") for index, (one, item) in enumerate(zip(inner, value, strict=True)))

    return read


def _mapping(key_kind: Any, value_kind: Any) -> Decoder:
    inner = _decoder(value_kind)
    key = _decoder(key_kind)

    def read(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key(name, path): inner(item, f"{path}.{name}") for name, item in value.items()}
        if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
            raise _wrong(path, "an object, or a list of [key, value]", value)
        return {key(pair[0], f"{path}[{i}]"): inner(pair[1], f"{path}[{i}]") for i, pair in enumerate(value)}

    return read


def _dataclass(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    readers = {item.name: _decoder(hints[item.name]) for item in fields(kind)}
    required = [item.name for item in fields(kind) if _default(item) is MISSING]

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        prefix = f"{path}." if path else ""
        unknown = sorted(value.keys() - readers.keys())
        if unknown:
            raise InputError(f"{prefix}{unknown[0]}: no such field; known are {', '.join(readers)}")
        missing = [name for name in required if name not in value]
        if missing:
            raise InputError(f"{prefix}{missing[0]}: is missing")
        given = {name: readers[name](item, prefix + name) for name, item in value.items()}
        try:
            return kind(**given)
        except InputError as error:
            raise InputError(f"{path or 'document'}: {error}") from error

    return read
