"""How much a project writes down of its models, counted over its property files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cartridge.domain.project import Documentation, tests_reference
from cartridge.project.properties import NodeProperties

_SEVERAL = 5


def documentation_of(nodes: Iterable[NodeProperties], staging: frozenset[str]) -> Documentation:
    """What most documented staging models do; where none is documented, what most models do.

    Where there is no evidence for a part of it, everything is written down.
    """
    models = [node for node in nodes if node.resource == "models"]
    shown = [node for node in models if node.name in staging] or models
    listing = [node.columns for node in shown if node.columns.names]
    total = sum(len(columns.names) for columns in listing)
    return Documentation(
        descriptions=_most([node.described for node in shown]),
        columns="all" if _most([columns.tested < len(columns.names) for columns in listing]) else "tested",
        column_descriptions=2 * sum(columns.described for columns in listing) >= total,
        data_types=2 * sum(columns.typed for columns in listing) >= total,
        references=_tests_references(models),
    )


def _tests_references(models: Iterable[NodeProperties]) -> bool:
    """Whether foreign keys are tested: unless several models have tests, and none of them has such a one."""
    tested = [node.tests for node in models if node.tests]
    return len(tested) < _SEVERAL or any(tests_reference(test) for tests in tested for test in tests)


def _most(answers: Sequence[bool]) -> bool:
    """Whether at least half say yes; nobody asked is a yes."""
    return 2 * sum(answers) >= len(answers)
