"""The files of a project: walked in a fixed order, links followed once, read once, hashed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cartridge.domain.plan import Finding


@dataclass
class Tree:
    """A project's folder, and what was read of it: `hashes` by path relative to the project, and `findings`."""

    root: Path
    hashes: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def files(self, folders: Iterable[str], suffixes: tuple[str, ...]) -> list[str]:
        """Paths of all files below the folders, relative to the project, sorted; no file twice."""
        found: dict[str, None] = {}
        for folder in folders:
            clean = os.path.normpath(folder).replace(os.sep, "/")
            if clean.startswith("../") or clean == ".." or Path(folder).is_absolute():
                self.note("outside-project", "warning", f"{folder} lies outside of the project and is not read", folder)
                continue
            top = self.root / clean
            if top.is_dir():
                prefix = "" if clean == "." else clean + "/"
                found.update(dict.fromkeys(self._walk(str(top), prefix, suffixes, ())))
        return sorted(found)

    def _walk(
        self, folder: str, prefix: str, suffixes: tuple[str, ...], above: tuple[tuple[int, int], ...]
    ) -> Iterator[str]:
        try:
            status = Path(folder).stat()
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as fault:
            self.note("unreadable", "error", f"{prefix} cannot be read: {fault.strerror}", prefix)
            return
        place = (status.st_dev, status.st_ino)
        if place in above:
            self.note(
                "link-loop", "warning", f"{prefix} is a link to a folder that holds it; it is not followed", prefix
            )
            return
        for entry in entries:
            path = prefix + entry.name
            try:
                is_folder = entry.is_dir()
            except OSError:  # a link to itself
                self.note("link-loop", "warning", f"{path} is a link that leads nowhere", path)
                continue
            if is_folder:
                if not entry.name.startswith("."):
                    yield from self._walk(entry.path, path + "/", suffixes, (*above, place))
            elif entry.name.endswith(suffixes) and not entry.name.startswith("."):
                yield path

    def read(self, path: str) -> str | None:
        """The text of a file, without a byte order mark; None, and a finding, where it cannot be read as UTF-8 text."""
        try:
            with open(os.path.join(self.root, path), "rb") as file:  # noqa: PTH118, PTH123 - read a thousand times
                data = file.read()
        except OSError as fault:
            self.note("unreadable", "error", f"{path} cannot be read: {fault.strerror}", path)
            return None
        self.hashes[path] = hashlib.sha256(data).hexdigest()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            self.note("not-text", "error", f"{path} is no UTF-8 text", path, mend="Save it as UTF-8, or move it away.")
            return None
        return text

    def note(  # noqa: PLR0913 - the fields of a finding
        self,
        code: str,
        severity: str,
        message: str,
        path: str | None = None,
        *,
        line: int | None = None,
        mend: str = "",
    ) -> None:
        """Adds a finding."""
        self.findings.append(
            Finding.model_validate(
                {"code": code, "severity": severity, "message": message, "path": path, "line": line, "mend": mend}
            )
        )
