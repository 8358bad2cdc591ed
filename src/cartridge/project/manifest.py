"""dbt's own manifest, used where it still fits the files: it knows what calls with computed arguments read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cartridge.domain.plan import Finding
from cartridge.domain.project import ModelState, ProjectState

_VERSION = "/manifest/v12.json"


def complete(state: ProjectState, manifest: Path, root: Path) -> ProjectState:
    """The state with the references of dynamic models, where a manifest (v12) holds the very file that was read.

    The manifest is opened only if there is such a model. Other versions are ignored with a note.
    """
    dynamic = [model for model in state.own_models if model.unknown and model.path in state.files]
    if not dynamic or not manifest.is_file():
        return state
    try:
        data = json.loads(manifest.read_bytes())
        version = str(data["metadata"]["dbt_schema_version"])
        nodes: Mapping[str, Mapping[str, Any]] = data["nodes"]
        by_path = {
            str(node["original_file_path"]).replace("\\", "/"): node
            for node in nodes.values()
            if node["package_name"] == state.name and node["resource_type"] == "model"
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _noted(state, f"{manifest.name} cannot be read and is not used")
    if not version.endswith(_VERSION):
        return _noted(state, f"{manifest.name} is of another version ({version.rpartition('/')[2]}) and is not used")
    models = dict(state.models)
    for model in dynamic:
        node = by_path.get(model.path)
        if node and _same(root / model.path, node):
            models[model.name] = _from_manifest(model, node, nodes)
    known = {model.path for model in models.values() if not model.unknown}
    kept = tuple(f for f in state.findings if not (f.code == "dynamic-reference" and f.path in known))
    return replace(state, models=models, findings=kept)


def _same(path: Path, node: Mapping[str, Any]) -> bool:
    """Whether dbt's checksum is that of the file: SHA-256 of its text, white space compacted (1.12) or stripped."""
    try:
        text = path.read_text(encoding="utf-8")
        forms = (" ".join(text.split()), text.strip())
        return node["checksum"]["checksum"] in {hashlib.sha256(form.encode()).hexdigest() for form in forms}
    except (OSError, UnicodeDecodeError, KeyError, TypeError):
        return False


def _from_manifest(model: ModelState, node: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> ModelState:
    depends = node.get("depends_on", {}).get("nodes", [])
    refs = [str(nodes[key]["name"]) for key in depends if key in nodes]
    sources = [tuple(key.split(".", 3)[2:4]) for key in depends if key.startswith("source.")]
    pairs = tuple((pair[0], pair[1]) for pair in sources if len(pair) == 2)
    return replace(model, refs=tuple(dict.fromkeys(refs)), sources=tuple(dict.fromkeys(pairs)), unknown=False)


def _noted(state: ProjectState, message: str) -> ProjectState:
    note = Finding(code="manifest-not-used", severity="note", message=message)
    return replace(state, findings=(*state.findings, note))
