"""The published JSON Schema of plan files, made from the very types that read them.

`python -m cartridge.app.plan_schema` prints it; `docs/plan.schema.json` is its copy.
"""

from __future__ import annotations

import json
import sys
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cartridge.app.basis import ProjectBasis
from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import FORMAT, KIND
from cartridge.domain.change import FileChange
from cartridge.domain.plan import ExecutionPlan
from cartridge.domain.schema import SchemaSnapshot
from cartridge.scan.saved import FORMAT as SCAN_FORMAT
from cartridge.scan.saved import VERSION as SCAN_VERSION

Schema = dict[str, Any]

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    Any: {},
}


def plan_schema() -> Schema:
    """The schema of a plan file, after JSON Schema 2020-12."""
    definitions: dict[str, Schema] = {}
    plan = ExecutionPlan.model_json_schema(ref_template="#/$defs/{model}")
    definitions |= plan.pop("$defs")
    definitions["ExecutionPlan"] = plan
    scan = _dataclass(SchemaSnapshot, definitions)
    document = definitions["SchemaSnapshot"]
    document["properties"] |= {"format": {"const": SCAN_FORMAT}, "version": {"const": SCAN_VERSION}}
    document["required"] = [*document["required"], "format", "version"]
    properties: Schema = {
        "kind": {"const": KIND},
        "format": {"const": FORMAT, "description": "The version of this document; readers refuse newer ones."},
        "cartridge": {"type": "string", "description": "The version that made the plan."},
        "options": _dataclass(PlanOptions, definitions),
        "schema_fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "project": {"anyOf": [_dataclass(ProjectBasis, definitions), {"type": "null"}]},
        "plan": {"$ref": "#/$defs/ExecutionPlan"},
        "files": {"type": "array", "items": _dataclass(FileChange, definitions)},
        "scan": scan,
        "digest": {
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
            "description": "sha256 over all else: its JSON in the order given, without spaces, in ASCII.",
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A saved plan of cartridge",
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(plan_schema(), indent=2) + "\n"


def _dataclass(kind: type, definitions: dict[str, Schema]) -> Schema:
    """A reference to the schema of a dataclass, as `scan.codec` writes it: fields that hold their default left out."""
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = get_type_hints(kind)
        own = fields(kind)
        definitions[name] = {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "additionalProperties": False,
            "required": [item.name for item in own if _is_required(item)],
            "properties": {item.name: _of(hints[item.name], definitions) for item in own},
        }
    return {"$ref": f"#/$defs/{name}"}


def _is_required(item: Any) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _of(kind: Any, definitions: dict[str, Schema]) -> Schema:
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, definitions)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        return {"anyOf": [_of(argument, definitions) for argument in arguments]}
    return _container(origin, [_of(argument, definitions) for argument in arguments if argument is not Ellipsis], kind)


def _container(origin: Any, inner: list[Schema], kind: Any) -> Schema:
    if origin is list or (origin is tuple and Ellipsis in get_args(kind)):
        return {"type": "array", "items": inner[0]}
    if origin is tuple:
        return _pair(inner)
    if inner[0] == _SCALARS[str]:
        return {"type": "object", "additionalProperties": inner[1]}
    return {"type": "array", "items": _pair(inner)}


def _pair(items: list[Schema]) -> Schema:
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
