"""dbt's `catalog.json`: the tables of a project's sources as `dbt docs generate` found them, without any database.

Read are the sources; where there are none, seeds and models. The `manifest.json` beside it, where there is one, says
which warehouse it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.errors import SourceError
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Catalogue, Source, snapshot
from cartridge.scan.selection import Selection

_KINDS = ((("materialized", "view"), "materialized_view"), (("view",), "view"), (("external",), "external_table"))


def read(source: str, selection: Selection, _progress: Progress) -> SchemaSnapshot:
    """The schema that a catalogue of dbt holds. It knows no keys.

    Raises:
        SourceError: the file is truncated, or holds no catalogue with tables.
    """
    path = Path(source)
    content = _json(path)
    found = Catalogue(notes=["dbt's catalogue holds no keys."])
    entries = content.get("sources") or content.get("nodes") or {}
    if not content.get("sources") and entries:
        found.notes.append("The catalogue has no sources: seeds and models are taken.")
    databases: set[str] = set()
    for name, entry in sorted(entries.items()):
        try:
            databases.add(_take(found, entry))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SourceError(f"{path.name}: the entry {name} has another form than dbt's ({error}).") from error
    database = databases.pop() if len(databases) == 1 else path.stem
    return snapshot(found, Source("dbt_catalog", _adapter(path), database), selection)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SourceError(
            f"{path.name} is no whole JSON document ({error}). Run `dbt docs generate` to write it again."
        ) from error
    if not isinstance(content, dict):
        raise SourceError(f"{path.name} holds no catalogue of dbt. Run `dbt docs generate` to write one.")
    return content


def _take(found: Catalogue, entry: dict[str, Any]) -> str:
    about = entry["metadata"]
    key = (about["schema"], about["name"])
    kind = str(about.get("type") or "").lower()
    shape = next((shape for words, shape in _KINDS if all(word in kind for word in words)), "table")
    stats = entry.get("stats") or {}
    rows = next((stats[name].get("value") for name in ("row_count", "num_rows") if name in stats), None)
    count = int(float(rows)) if isinstance(rows, int | float | str) and str(rows).strip() else None
    found.tables.append(FoundTable(key, shape, row_count=count, description=about.get("comment") or None))
    for column in sorted(entry["columns"].values(), key=lambda column: column["index"]):
        made = ColumnMapping(column["name"], column["type"] or "", description=column.get("comment") or None)
        found.columns.append((key, made))
    return str(about.get("database") or "")


def _adapter(path: Path) -> str:
    """The warehouse of the project, which only the manifest names; "" without one."""
    manifest = path.with_name("manifest.json")
    if not manifest.is_file():
        return ""
    metadata = _json(manifest).get("metadata")
    return str(metadata.get("adapter_type") or "") if isinstance(metadata, dict) else ""
