"""How much a project writes down of its models, counted over its property files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cartridge.domain.project import Documentation
from cartridge.project.properties import NodeProperties


def documentation_of(nodes: Iterable[NodeProperties], staging: frozenset[str]) -> Documentation:
    """What most documented staging models do; where none is documented, what most models do.

    Where there is no evidence for a part of it, everything is written down.
    """
    models = [node for node in nodes if node.resource == "models"]
    shown = [node for node in models if node.name in staging] or models
    columns = [column for node in shown for column in node.documented]
    listing = [node for node in shown if node.documented]
    return Documentation(
        descriptions=_most([node.described for node in shown]),
        columns="all" if _most([any(not c.tested for c in node.documented) for node in listing]) else "tested",
        column_descriptions=_most([column.described for column in columns]),
        data_types=_most([column.typed for column in columns]),
    )


def _most(answers: Sequence[bool]) -> bool:
    """Whether at least half say yes; nobody asked is a yes."""
    return 2 * sum(answers) >= len(answers)
