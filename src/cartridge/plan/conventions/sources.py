"""How a project's sources are called and placed: what their names leave out of their schemas, and the `database:` that
they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cartridge.domain.project import ProjectState, SourceState
from cartridge.plan.conventions.slots import literal, spoken

_MOST = 0.6
"""The share of sources that must agree before a habit is followed."""
_FEW = 2
"""How many sources must show an affix."""

Affixes = tuple[str, str]
"""What stands before and after a source's name in its schema's."""


def own_sources(state: ProjectState) -> list[SourceState]:
    """The sources that the project itself declares, by name."""
    return sorted((source for source in state.sources.values() if source.package is None), key=lambda s: s.name)


def schema_of(source: SourceState) -> str:
    """The schema's name as far as it is known: what its Jinja gives, else what `var` or `env_var` give by default, else
    the text as written."""
    return source.place[0] or spoken(source.schema) or source.schema


def affixes_of(source: SourceState) -> Affixes | None:
    """What a source's name leaves out of its schema's (`raw_crm` called `crm`); None where that is not told."""
    schema, name = (literal(schema_of(source)) or "").lower(), source.name.lower()
    before, found, after = schema.partition(name)
    return (before, after) if found and name and (not before or not before[-1].isalnum()) else None


def learned_affixes(sources: Sequence[SourceState]) -> Affixes:
    """The affixes that most sources leave out; none where they do not agree."""
    votes = Counter(affixes_of(source) for source in sources)
    best, count = min(votes.items(), key=lambda item: (-item[1], str(item[0])), default=(None, 0))
    return best if best and count >= _FEW and count > _MOST * len(sources) else ("", "")


def without_affixes(schema: str, affixes: Affixes) -> str:
    """The schema's name without them, where it has both and something between."""
    before, after = affixes
    low = schema.lower()
    if len(low) > len(before) + len(after) and low.startswith(before) and low.endswith(after):
        return schema[len(before) : len(schema) - len(after)]
    return schema


def shared_database(sources: Sequence[SourceState]) -> str | None:
    """The `database:` that most sources write in Jinja, word for word; None where there is none."""
    votes = Counter(source.database for source in sources)
    best, count = min(votes.items(), key=lambda item: (-item[1], str(item[0])), default=(None, 0))
    return best if best and "{" in best and count > _MOST * len(sources) else None


def may_share(written: str | None, database: str | None) -> bool:
    """Whether a database can be the one that Jinja gives: it is, unless the Jinja's default says another name."""
    told = spoken(written)
    return written is not None and (told is None or database is None or told.lower() == database.lower())
