"""Data tests as dbt 1.10 and later write them: arguments under `arguments`, severity under `config`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cartridge.domain.plan import DataTest
from cartridge.errors import PlanError
from cartridge.render import jinja_text
from cartridge.render.identifier import identifier
from cartridge.render.sql import Target, sql_type, string
from cartridge.render.yaml_text import Value

_SEPARATOR = " || '-' || "


def data_tests(tests: Sequence[DataTest], target: Target, grain: Sequence[str] = ()) -> list[Value]:
    """The entries of a `data_tests` list. `grain` stands in for a combination that names no columns.

    Raises:
        PlanError: a test lacks an argument, or refers to something that is neither a model nor a source.
    """
    entries: list[Value] = []
    for test in tests:
        match test.name:
            case "unique" | "not_null":
                entries.append(_entry(test.name, {}, test))
            case "relationships":
                entries.append(_entry(test.name, _reference(test.arguments, target), test))
            case "accepted_values":
                entries.append(_entry(test.name, _accepted(test.arguments, target), test))
            case "unique_combination":
                key = {"column_name": combination(test.arguments.get("columns") or grain, target)}
                entries += [_entry("unique", key, test), _entry("not_null", key, test)]
    return entries


def _entry(name: str, arguments: Mapping[str, Value], test: DataTest) -> Value:
    body: dict[str, Value] = {}
    if arguments:
        body["arguments"] = arguments
    if test.severity != "error":
        body["config"] = {"severity": test.severity}
    return {name: body} if body else name


def combination(columns: Sequence[str], target: Target) -> str:
    """One expression over the columns of a composite key, null where any of them is.

    The built-in tests take it as `column_name`, so no package is needed. dbt renders no Jinja in it.

    Raises:
        PlanError: there are no columns.
    """
    if not columns:
        raise PlanError("a unique combination needs columns")
    names = [identifier(name, target.warehouse) for name in columns]
    if target.warehouse in {"bigquery", "redshift"}:  # their || takes text only
        names = [f"cast({name} as {sql_type('text', target.warehouse)})" for name in names]
    return f"({_SEPARATOR.join(names)})"


def _reference(arguments: Mapping[str, Any], target: Target) -> dict[str, Value]:
    """`to` is a model's name, or a call of ref or source: dbt evaluates it, so nothing else gets through."""
    to, field = arguments.get("to"), arguments.get("field")
    if not isinstance(to, str) or not isinstance(field, str):
        raise PlanError("a relationships test needs 'to' and 'field'")
    function, names = jinja_text.called(to) or ("ref", (to,))
    is_plain = re.fullmatch(r"\w[\w.]*", to) if names == (to,) else re.fullmatch(r"[^'\\{}]+", "".join(names))
    if is_plain and function in ("ref", "source") and all(names) and len(names) <= 2:
        call = jinja_text.call(function, *names)
    else:
        raise PlanError(f"a relationships test refers to {to!r}, which is neither a model nor ref() or source()")
    return {"to": call, "field": jinja_text.argument(identifier(field, target.warehouse))}


def referred_model(test: DataTest) -> str | None:
    """The model that a relationships test refers to, given by its name or by `ref()`; None for any other test."""
    to = test.arguments.get("to")
    if test.name != "relationships" or not isinstance(to, str):
        return None
    function, names = jinja_text.called(to) or ("ref", (to,))
    return names[-1] if function == "ref" else None


def _accepted(arguments: Mapping[str, Any], target: Target) -> dict[str, Value]:
    """dbt puts every value between single quotes as it is; numbers and booleans go without quotes."""
    values = arguments.get("values")
    if not isinstance(values, list | tuple) or not values:
        raise PlanError("an accepted_values test needs 'values'")
    if all(isinstance(value, int | float) for value in values):
        return {"values": list(values), "quote": False}
    return {"values": [_accepted_text(str(value), target) for value in values]}


def _accepted_text(text: str, target: Target) -> str:
    return jinja_text.argument(string(text, target.warehouse)[1:-1])
