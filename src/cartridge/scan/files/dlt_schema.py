"""A schema of dlt, as `dlt schema` or `export_schema_path` writes it (YAML or JSON): what a pipeline loads.

Format: dlt's documentation, "Schema" (engine versions 5 to 11). Types are written as DuckDB's; nested tables refer to
the table that holds them by the keys that dlt gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.errors import SourceError
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Catalogue, EdgePart, KeyPart, Source, snapshot
from cartridge.scan.selection import Selection

_TYPES = {
    "bigint": "bigint", "binary": "blob", "bool": "boolean", "complex": "json", "date": "date", "double": "double",
    "json": "json", "text": "varchar", "time": "time", "wei": "decimal(38,0)",
}  # fmt: skip
_DECIMAL = (38, 9)
"""Precision and scale of dlt's decimals, unless a column says otherwise."""


def read(source: str, selection: Selection, _progress: Progress) -> SchemaSnapshot:
    """The schema of a dlt pipeline. Its schema is called after the pipeline's, since dlt writes no dataset there.

    Raises:
        SourceError: the file is no YAML or JSON, or no schema of dlt.
    """
    path = Path(source)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        name = str(content["name"])
        tables: Mapping[str, Any] = content["tables"]
        found = Catalogue()
        for table, about in tables.items():
            _take(found, (name, str(table)), about, tables)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise SourceError(f"{path.name} is no YAML: {said}. Let dlt export the schema again.") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SourceError(f"{path.name} is no schema of dlt: {error} has another form. Export it again.") from error
    return snapshot(found, Source("dlt", "duckdb", name), selection)


def _take(found: Catalogue, key: tuple[str, str], about: Mapping[str, Any], tables: Mapping[str, Any]) -> None:
    found.tables.append(FoundTable(key, description=about.get("description")))
    columns = {str(name): column for name, column in about.get("columns", {}).items() if column.get("data_type")}
    for name, column in columns.items():
        nullable = column.get("nullable", True) is not False
        made = ColumnMapping(name, _type(column), nullable, description=column.get("description"))
        found.columns.append((key, made))
        if column.get("unique") or column.get("row_key"):
            found.keys.append(KeyPart(key, name, 0, name))
    for place, name in enumerate(name for name, column in columns.items() if column.get("primary_key")):
        found.keys.append(KeyPart(key, "primary_key", place, name, "primary"))
    _add_edges(found, key, about, tables)


def _add_edges(found: Catalogue, key: tuple[str, str], about: Mapping[str, Any], tables: Mapping[str, Any]) -> None:
    for number, reference in enumerate(about.get("references") or ()):
        other = (key[0], str(reference["referenced_table"]))
        pairs = zip(reference["columns"], reference["referenced_columns"], strict=True)
        for place, (own, ref_column) in enumerate(pairs):
            found.edges.append(EdgePart(key, f"reference_{number}", place, own, other, ref_column))
    parent = about.get("parent")
    if parent is None:
        return
    own = _hinted(about, "parent_key")
    row = _hinted(tables.get(parent, {}), "row_key") or _hinted(tables.get(parent, {}), "unique")
    if own and row:
        found.edges.append(EdgePart(key, "parent", 0, own, (key[0], parent), row))


def _hinted(about: Mapping[str, Any], hint: str) -> str | None:
    return next((str(name) for name, column in about.get("columns", {}).items() if column.get(hint)), None)


def _type(column: Mapping[str, Any]) -> str:
    kind = str(column["data_type"])
    if kind == "decimal":
        precision, scale = column.get("precision", _DECIMAL[0]), column.get("scale", _DECIMAL[1])
        return f"decimal({int(precision)},{int(scale)})"
    if kind == "timestamp":
        return "timestamp" if column.get("timezone") is False else "timestamp with time zone"
    return _TYPES.get(kind, kind)
