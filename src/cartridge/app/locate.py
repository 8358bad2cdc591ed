"""Where a source file lies on this machine.

A plan names only the file, never its folder. What this machine scanned is remembered in the user's state folder, by
name and schema, so that apply and verify find it again; nothing but local paths is kept there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from cartridge.domain.fingerprint import fingerprint
from cartridge.domain.schema import SchemaSnapshot

_MOST_REMEMBERED = 200


def _memory() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "cartridge" / "sources.json"


def _read() -> dict[str, str]:
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return {}
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}


def _key(snapshot: SchemaSnapshot) -> str:
    return f"{snapshot.file}:{fingerprint(snapshot)}"


def remember(snapshot: SchemaSnapshot, path: Path) -> None:
    """Notes where a source file lies. A machine that keeps no state loses nothing but the convenience."""
    if snapshot.file is None:
        return
    known = {key: value for key, value in _read().items() if key != _key(snapshot)}
    known[_key(snapshot)] = str(path.resolve())
    kept = dict(list(known.items())[-_MOST_REMEMBERED:])
    try:
        memory = _memory()
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    except (OSError, RuntimeError):
        return


def locate(snapshot: SchemaSnapshot, beside: tuple[Path, ...] = ()) -> Path | None:
    """The source file of a scan: in one of the folders `beside`, where it was scanned, or in the working folder."""
    if snapshot.file is None:
        return None
    remembered = _read().get(_key(snapshot))
    places = [folder / snapshot.file for folder in beside]
    places += [Path(remembered)] if remembered else []
    places.append(Path(snapshot.file))
    return next((place.resolve() for place in places if place.is_file()), None)
