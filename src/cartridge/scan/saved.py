"""Saved scans: one canonical JSON document, the same bytes for the same schema on any machine.

The document holds `format` and `version` besides the fields of `SchemaSnapshot`; what holds its default is left out.
It holds no secret and no folder; row values only where sample values were asked for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from cartridge.domain.json_text import json_text
from cartridge.domain.progress import Progress
from cartridge.domain.schema import Relationship, SchemaSnapshot, TableKey, TableMapping
from cartridge.errors import DISTRIBUTION, InputError, SourceError
from cartridge.scan.assemble import mark_keys
from cartridge.scan.codec import decode, encode
from cartridge.scan.selection import Selection

FORMAT = "cartridge-scan"
VERSION = 1


def document(snapshot: SchemaSnapshot) -> dict[str, Any]:
    """The snapshot as plain JSON values, keys in alphabetical order; what `dump` writes.

    The `foreign_key_relationships` of the tables are not written: they are the declared ones of the snapshot.
    """
    content = encode(replace(snapshot, tables=()))
    content["tables"] = [encode(table) for table in snapshot.tables]
    for table in content["tables"]:
        table.pop("foreign_key_relationships", None)
    whole = {"format": FORMAT, "version": VERSION, **content}
    ordered: dict[str, Any] = json.loads(json.dumps(whole, sort_keys=True, allow_nan=False))
    return ordered


def dump(snapshot: SchemaSnapshot) -> str:
    """The snapshot as text that `load` reads back. Text is ASCII, so that no invisible character hides in a diff."""
    return json_text(document(snapshot), indent=1)


def load(text: str) -> SchemaSnapshot:
    """The snapshot that was saved.

    Raises:
        SourceError: the text is truncated, no saved scan, of a newer format, or a field has a wrong value.
    """
    return from_document(_parsed(text))


def from_document(content: dict[str, Any]) -> SchemaSnapshot:
    """As `load`, from the plain JSON values of `document`."""
    _check_format(content)
    content = {key: value for key, value in content.items() if key not in ("format", "version")}
    try:
        snapshot: SchemaSnapshot = decode(SchemaSnapshot, content)
    except InputError as error:
        raise SourceError(f"The saved scan cannot be read: {error}. Scan the source again.") from error
    _check_names(snapshot.tables)
    leaving: defaultdict[TableKey, list[Relationship]] = defaultdict(list)
    for relationship in snapshot.relationships:
        if relationship.origin == "declared":
            leaving[relationship.table].append(relationship)
    for table in snapshot.tables:
        mark_keys(table, leaving[table.key])
    return snapshot


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The selected part of a saved scan file.

    Raises:
        SourceError: as `load`, or nothing in it was selected.
    """
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not a saved scan: it is no UTF-8 text (byte {error.start}).") from error
    try:
        snapshot = load(text)
    except SourceError as error:
        raise SourceError(f"{path.name}: {error}") from error
    progress("Reading saved scan", len(snapshot.tables), len(snapshot.tables))
    chosen, left_out = selection.choose([table.key for table in snapshot.tables])
    kept = set(chosen)
    return replace(
        snapshot,
        tables=tuple(table for table in snapshot.tables if table.key in kept),
        relationships=tuple(item for item in snapshot.relationships if item.table in kept),
        left_out=tuple(sorted({*snapshot.left_out, *left_out}, key=lambda item: (item.schema, item.name))),
        profile=None
        if snapshot.profile is None
        else {key: value for key, value in snapshot.profile.items() if key in kept},
        overlaps=tuple(item for item in snapshot.overlaps if item.relationship.table in kept),
    )


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        at_end = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
        what = "The file is truncated: it ends in the middle" if at_end else f"The file is not valid JSON: {error.msg}"
        raise SourceError(f"{what} (line {error.lineno}). Scan the source again.") from error
    except RecursionError as error:
        raise SourceError("The file is no saved scan: its JSON is nested too deeply.") from error
    if not isinstance(content, dict):
        raise SourceError("The file is JSON, but no saved scan. Make one with: cartridge scan SOURCE -o scan.json")
    return content


def _check_format(content: dict[str, Any]) -> None:
    if content.get("format") != FORMAT:
        raise SourceError("The file is JSON, but no saved scan. Make one with: cartridge scan SOURCE -o scan.json")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SourceError(f"The saved scan has no valid format version ({version!r}). Scan the source again.")
    if version > VERSION:
        raise SourceError(
            f"The saved scan has format {version}; this version of cartridge reads up to {VERSION}. "
            f"Upgrade with: pip install --upgrade {DISTRIBUTION}"
        )


def _check_names(tables: tuple[TableMapping, ...]) -> None:
    seen: set[TableKey] = set()
    for table in tables:
        if table.key in seen:
            raise SourceError(f"The saved scan holds table {table.schema}.{table.name} twice. Scan the source again.")
        seen.add(table.key)
