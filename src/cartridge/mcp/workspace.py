"""What an agent may reach: one folder, the sources that a person named, and only plans that it has looked at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cartridge import app
from cartridge.app import SavedPlan
from cartridge.domain.masking import masked, passwords_in, secrets_of
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import ApplyError, InputError


class Reader(Protocol):
    """What turns the name of a source into a scan."""

    async def __call__(self, source: str, *, tables: tuple[str, ...], exclude: tuple[str, ...]) -> SchemaSnapshot:
        """The scan."""


@dataclass
class Workspace:
    """The state of one server.

    `root` is the folder that every path of an agent lies in, `project` the dbt project (below `root`, made by an apply
    where it is missing). `sources` are names with what they stand for; the latter may hold a password and is never
    shown. `served` holds, by a plan's digest, the pages of its diff that were shown; `seen` the digests of the plans
    that were shown whole.
    """

    root: Path
    project: Path
    sources: Mapping[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    served: dict[str, set[int]] = field(default_factory=dict)

    def page_served(self, digest: str, page: int, pages: int) -> None:
        """Remembers one of the pages of a plan's diff; the plan counts as seen once all of them were served."""
        served = self.served.setdefault(digest, set())
        served.add(page)
        if len(served) == pages:
            self.seen.add(digest)

    def without_secrets(self, text: str) -> str:
        """The text without passwords: those of the named sources and of the environment wherever they stand, others by
        their form."""
        return masked(text, [*secrets_of(os.environ), *passwords_in(self.sources.values())])

    def source(self, name: str) -> str:
        """What a source's name stands for: one that a person named, or a database file or saved scan below `root`.

        Raises:
            InputError: a URL that nobody named, or a file outside.
        """
        if name in self.sources:
            return self.sources[name]
        if "://" in name or name.startswith("dbt:"):
            raise InputError(
                f"This server reads no URL that its user did not name. {self._named()} "
                "Its user adds one with: cartridge mcp --source NAME=URL"
            )
        try:
            return str(self.inside(name))
        except InputError as fault:
            raise InputError(f"{fault} {self._named()}") from None

    def _named(self) -> str:
        return f"The named sources are: {', '.join(sorted(self.sources))}." if self.sources else "No source is named."

    def inside(self, path: str) -> Path:
        """A path below `root`, links followed.

        Raises:
            InputError: it lies outside, or is no path at all.
        """
        root = self.root.resolve()
        try:
            found = (root / path).resolve()
            found.exists()  # no path at all (too long, a NUL) is found out here
        except (OSError, ValueError, RuntimeError):
            raise InputError(f"{path[:200]!r} is not the path of a file.") from None
        if not path or found == root or not found.is_relative_to(root):
            raise InputError(f"{path[:200]!r} lies outside the folder that this server may reach. Name a file in it.")
        return found

    def plan_file(self, path: str) -> Path:
        """Where a plan is, or will be.

        Raises:
            InputError: the path lies outside, or is not of a JSON file.
        """
        found = self.inside(path)
        if found.suffix != ".json":
            raise InputError(f"{path!r}: a plan is a .json file, such as plan.json.")
        return found

    def load(self, path: str) -> SavedPlan:
        """The plan in a file.

        Raises:
            InputError: the path lies outside.
            PlanFileError: there is no plan, or it was changed since it was saved.
        """
        return app.load_plan(self.plan_file(path))

    def to_apply(self, path: str, digest: str) -> SavedPlan:
        """The plan in a file, where it is the one that was looked at.

        Raises:
            ApplyError: the digest is another's, or the plan was not shown by this server.
            PlanFileError: there is no plan, or it was changed since it was saved.
        """
        saved = self.load(path)
        if digest != saved.digest:
            raise ApplyError(
                f"Nothing was written: {path} has another digest than the one given. Look at it with `show`, "
                "which prints its digest."
            )
        if digest not in self.seen:
            raise ApplyError(
                f"Nothing was written: this plan was not looked at. Call `show` on {path} first, and apply the digest "
                "that it prints."
            )
        return saved
