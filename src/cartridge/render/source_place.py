"""How a new source is written: in the words that the project's other sources have for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cartridge.domain.project import ProjectState, SourceState


@dataclass(frozen=True)
class SourceWords:
    """What the project's own sources have in common."""

    sources: Sequence[SourceState] = ()
    database: str | None = None
    """The `database:` that they all write."""

    @property
    def described(self) -> bool:
        """Whether sources are described: unless most of the project's are not."""
        return 2 * sum(source.described for source in self.sources) >= len(self.sources)

    def schema(self, schema: str, source: str) -> str | None:
        """The Jinja that gives a schema, where the sources all have one Jinja around their own names, which around
        this source's gives this schema; else None."""
        found = set()
        for other in self.sources:
            before, named, after = other.schema.rpartition(other.name)
            start, given, end = (other.place[0] or "").lower().rpartition(other.name.lower())
            if not (named and given and "{" in before + after):
                return None
            found.add((before, after, start, end))
        if len(found) != 1:
            return None
        before, after, start, end = found.pop()
        return f"{before}{source}{after}" if f"{start}{source}{end}".lower() == schema.lower() else None


def source_words(state: ProjectState | None) -> SourceWords:
    """The words of an existing project. A `database:` counts only where one of its sources has it: it is written as it
    is."""
    own = [source for source in state.sources.values() if source.package is None] if state else []
    database = state.conventions.database if state and state.conventions else None
    return SourceWords(own, database if database in {source.database for source in own} else None)
