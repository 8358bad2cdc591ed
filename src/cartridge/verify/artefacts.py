"""What dbt left behind: the nodes of `manifest.json` and the results of `run_results.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cartridge.domain.change import NodeStatus
from cartridge.domain.masking import masked

_STATUS: dict[str, NodeStatus] = {
    "success": "success",
    "reused": "success",
    "pass": "pass",
    "warn": "warn",
    "fail": "fail",
    "error": "error",
    "runtime error": "error",
    "partial success": "error",
    "skipped": "skipped",
    "no-op": "skipped",
}


@dataclass(frozen=True)
class Node:
    """A node of the manifest. `owner` is the unique id of the model or source that a test is attached to."""

    unique_id: str
    name: str
    kind: str
    path: str = ""
    package: str = ""
    materialized: str = ""
    relation: str | None = None
    owner: str | None = None
    test: str | None = None
    column: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What became of one node. `failures` counts the rows that a test returned."""

    status: NodeStatus
    message: str = ""
    failures: int | None = None
    seconds: float = 0.0
    rows: int | None = None


@dataclass(frozen=True)
class Artefacts:
    """Nodes (sources included) and results, both by unique id."""

    project: str = ""
    adapter: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)

    def model(self, name: str) -> Node | None:
        """The model, snapshot or seed of the project itself that has the name, or None."""
        for kind in ("model", "snapshot", "seed"):
            node = self.nodes.get(f"{kind}.{self.project}.{name}")
            if node is not None:
                return node
        return None

    def source(self, source: str, table: str) -> Node | None:
        """A table of a source, or None."""
        return self.nodes.get(f"source.{self.project}.{source}.{table}")


def read_artefacts(target_path: Path, hidden: Sequence[str] = ()) -> Artefacts:
    """Read what a dbt run left in its target path; what it did not write is empty. `hidden` is in no message."""
    manifest = _json(target_path / "manifest.json")
    metadata = manifest.get("metadata", {})
    raw = {**manifest.get("nodes", {}), **manifest.get("sources", {}), **manifest.get("unit_tests", {})}
    results = _json(target_path / "run_results.json").get("results", [])
    return Artefacts(
        project=metadata.get("project_name") or "",
        adapter=metadata.get("adapter_type") or "",
        nodes={unique_id: _node(unique_id, node) for unique_id, node in raw.items()},
        results={result["unique_id"]: _result(result, hidden) for result in results},
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # dbt was stopped before it wrote the file, or while it did
        return {}
    return data if isinstance(data, dict) else {}


def _node(unique_id: str, raw: Mapping[str, Any]) -> Node:
    metadata = raw.get("test_metadata") or {}
    parents = tuple((raw.get("depends_on") or {}).get("nodes", ()))
    arguments = metadata.get("kwargs") or {}
    return Node(
        unique_id=unique_id,
        name=raw.get("name", ""),
        kind=raw.get("resource_type", ""),
        path=raw.get("original_file_path", ""),
        package=raw.get("package_name", ""),
        materialized=(raw.get("config") or {}).get("materialized") or "",
        relation=raw.get("relation_name"),
        owner=raw.get("attached_node") or _tested_source(parents, arguments),
        test=metadata.get("name"),
        column=raw.get("column_name") or arguments.get("column_name"),
        arguments=arguments,
        parents=parents,
    )


def _tested_source(parents: tuple[str, ...], arguments: Mapping[str, Any]) -> str | None:
    """The source that a test is attached to; dbt names only the model of a model's test."""
    tested = str(arguments.get("model", ""))
    sources = [parent for parent in parents if parent.startswith("source.")]
    named = [parent for parent in sources if all(f"'{part}'" in tested for part in parent.split(".", 2)[2].split("."))]
    return next(iter(named or sources), None) if "source(" in tested else None


def _result(raw: Mapping[str, Any], hidden: Sequence[str]) -> Result:
    rows = (raw.get("adapter_response") or {}).get("rows_affected")
    return Result(
        status=_STATUS.get(str(raw.get("status")), "error"),
        message=masked(str(raw.get("message") or ""), hidden),
        failures=raw.get("failures"),
        seconds=float(raw.get("execution_time") or 0),
        rows=rows if isinstance(rows, int) and rows >= 0 else None,
    )
