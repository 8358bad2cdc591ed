"""Replies that passed the gate, kept on disk, so that the same question is paid for once.

The key covers whatever may change an answer or what is made of it: vendor, server, model, parameters, the whole prompt
with the schema of the answer, and the versions of the planner and of this form. The API key is no part of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cartridge import __version__
from cartridge.ai.prompt import Prompt
from cartridge.ai.settings import Settings

FORMAT = 1
"""The version of an entry."""


def default_folder() -> Path:
    """The user's cache folder: `$XDG_CACHE_HOME/cartridge/replies`, or below `~/.cache`."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "cartridge" / "replies"


@dataclass(frozen=True)
class ReplyCache:
    """The kept replies of one vendor under one configuration. One that cannot be read or written is an empty one."""

    vendor: str
    settings: Settings
    folder: Path

    def find(self, prompt: Prompt) -> str | None:
        """The reply that was kept for a prompt, or None."""
        try:
            entry = json.loads(self._path(prompt).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        reply = entry.get("reply") if isinstance(entry, dict) else None
        return reply if isinstance(reply, str) else None

    def keep(self, prompt: Prompt, reply: str) -> None:
        """Keeps a reply; readable for its owner alone, and whole or not at all."""
        path = self._path(prompt)
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump({"format": FORMAT, "reply": self.settings.masked(reply)}, file)
                Path(name).replace(path)
            except OSError:
                Path(name).unlink(missing_ok=True)

    def _path(self, prompt: Prompt) -> Path:
        settings = self.settings
        asked = {
            "format": FORMAT,
            "planner": __version__,
            "vendor": self.vendor,
            "base_url": settings.base_url,
            "model": settings.model,
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "system": prompt.system,
            "messages": prompt.messages(),
            "schema": prompt.schema,
        }
        # What stands in a name of a table may be half a character: json writes it as an escape.
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode("ascii")).hexdigest()
        return self.folder / f"{digest}.json"
