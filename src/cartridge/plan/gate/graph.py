"""The graph of models: what dbt-project-evaluator says of a project's lineage, judged where the plan changes it.

The package's models fct_model_fanout, fct_rejoining_of_upstream_concepts and fct_chained_views_dependencies, with its
thresholds. Models of the project count as parents and readers; what the project did by itself is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from cartridge.domain.plan import CREATE_MART, CREATE_SOURCE, CREATE_STAGING, ExecutionPlan, Finding, PlanAction
from cartridge.plan.finding import note, warning
from cartridge.plan.scope import Scope

CODES = frozenset({"model-fan-out", "rejoined-upstream", "chained-views"})
FAN_OUT = 3
"""So many readers that nothing reads in turn are a fan-out."""
CHAIN = 5
"""So many views, each over the next, are a chain."""
_VIEWS = ("view", "ephemeral")


@dataclass(frozen=True)
class _Graph:
    """Who reads whom: models, snapshots and seeds by name. `planned` are the actions of the plan."""

    planned: Mapping[str, PlanAction]
    reads: Mapping[str, tuple[str, ...]]
    readers: Mapping[str, tuple[str, ...]]
    views: frozenset[str]
    layers: Mapping[str, str]

    def step(self, *names: str) -> PlanAction:
        """The first of the models that the plan makes."""
        return next(self.planned[name] for name in names if name in self.planned)

    def is_planned(self, *names: str) -> bool:
        """Whether the plan makes any of the models."""
        return any(name in self.planned for name in names)


def lineage_kept_simple(plan: ExecutionPlan, scope: Scope) -> list[Finding]:
    """Warnings of a resolved plan's lineage, and a note of what a star schema brings with it."""
    graph = _graph(plan, scope)
    return [*_fan_outs(graph), *_rejoined(graph), *_chains(graph)]


def _graph(plan: ExecutionPlan, scope: Scope) -> _Graph:
    known = scope.state.models if scope.state else {}
    reads = {name: model.refs for name, model in known.items()}
    views = {name for name, model in known.items() if model.materialized in _VIEWS}
    layers: dict[str, str] = {name: model.layer for name, model in known.items()}
    planned = {action.name: action for action in plan.actions if action.type != CREATE_SOURCE}
    sources = {action.name for action in plan.actions if action.type == CREATE_SOURCE} | scope.existing_sources
    for name, action in planned.items():
        models = (read for read in action.dependencies if read in planned or read in known or read not in sources)
        reads[name] = tuple(dict.fromkeys(models))
        layers[name] = {CREATE_STAGING: "staging", CREATE_MART: "mart"}.get(action.type, "other")
        if getattr(action.detail, "materialized", None) in _VIEWS:
            views.add(name)
    readers: dict[str, list[str]] = {}
    for name, parents in reads.items():
        for parent in dict.fromkeys(parents):
            readers.setdefault(parent, []).append(name)
    return _Graph(planned, reads, {name: tuple(found) for name, found in readers.items()}, frozenset(views), layers)


def _fan_outs(graph: _Graph) -> Iterator[Finding]:
    """A staging model that several marts read is what a star schema asks for: counted, not warned of."""
    shared: list[str] = []
    for parent, readers in graph.readers.items():
        leaves = [reader for reader in readers if reader not in graph.readers]
        if len(leaves) < FAN_OUT or not graph.is_planned(*leaves):
            continue
        if graph.layers.get(parent) == "staging" and all(graph.layers.get(leaf) == "mart" for leaf in leaves):
            shared.append(f"{parent} ({len(leaves)})")
            continue
        yield warning(
            "model-fan-out",
            f"{parent} is read by {len(leaves)} models that nothing reads: {', '.join(leaves[:8])}",
            "Leave to the reporting tool what differs between them, or put them together",
            graph.step(*leaves),
        )
    if shared:
        models = "1 staging model is" if len(shared) == 1 else f"{len(shared)} staging models are"
        listed = ", ".join(shared[:8]) + (f" and {len(shared) - 8} more" if len(shared) > 8 else "")
        yield note("model-fan-out", f"{models} read by {FAN_OUT} or more marts, as in any star schema: {listed}")


def _rejoined(graph: _Graph) -> Iterator[Finding]:
    """A model that reads another both directly and through a model of which it is the only reader."""
    for name, parents in graph.reads.items():
        for through in parents:
            twice = [parent for parent in graph.reads.get(through, ()) if parent in parents and parent != through]
            if twice and graph.readers[through] == (name,) and graph.is_planned(name, through):
                yield warning(
                    "rejoined-upstream",
                    f"{name} reads {', '.join(twice)} and {through}, which reads the same and has no other reader",
                    f"Put {through} into {name}, or let {name} read it alone",
                    graph.step(name, through),
                )


def _chains(graph: _Graph) -> Iterator[Finding]:
    """A model that reads a chain of views has all of them computed with every query."""
    try:
        order = tuple(TopologicalSorter(graph.reads).static_order())
    except CycleError:  # a finding of its own
        return
    lengths: dict[str, int] = {}
    for name in order:
        longest = max((lengths[parent] for parent in graph.reads.get(name, ())), default=0)
        lengths[name] = longest + 1 if name in graph.views else 0
        if longest >= CHAIN and name in graph.planned:
            yield warning(
                "chained-views",
                f"{name} reads a chain of {longest} views",
                "Materialise one of them as a table",
                graph.planned[name],
            )
