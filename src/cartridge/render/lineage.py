"""The lineage of a plan as a graph, and as a Mermaid flowchart that GitHub draws.

Syntax: mermaid.js.org/syntax/flowchart.html. Mermaid refuses text and edges beyond its limits, and nobody reads a
picture of a thousand boxes: a long plan is drawn with its staging models gathered by source, a very long one with every
layer gathered by folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from cartridge.domain.plan import CREATE_SOURCE, ExecutionPlan, PlanAction, StagingDetail
from cartridge.domain.wording import plural
from cartridge.render.mermaid_text import LONGEST, MOST_EDGES, quoted
from cartridge.render.summary import by_layer

READABLE_NODES = 40
"""More boxes than that are gathered."""
READABLE_EDGES = 100
EXISTING = "existing"
"""The layer of models that the project has already."""
_SHAPES = {"sources": ("[(", ")]"), EXISTING: ("([", "])")}
_LAYER_ORDER = ("sources", EXISTING, "staging", "snapshots", "intermediate", "marts", "others")
_STYLES = (
    "classDef sources fill:#e8f1e4,stroke:#5b8a4a,color:#1f3318",
    "classDef existing fill:#ececec,stroke:#8a8a8a,color:#333333",
    "classDef staging fill:#e3edf7,stroke:#4a78a8,color:#14263a",
    "classDef snapshots fill:#e3edf7,stroke:#4a78a8,color:#14263a",
    "classDef intermediate fill:#f1e8f7,stroke:#8358a8,color:#2b1a3a",
    "classDef marts fill:#fbeedd,stroke:#b9792b,color:#40280a",
    "classDef others fill:#ffffff,stroke:#8a8a8a,color:#333333",
)
"""Dark text on a light ground, readable on GitHub's light and dark pages alike."""


@dataclass(frozen=True)
class Node:
    """A box: one source or model, or `count` of them gathered."""

    name: str
    layer: str
    count: int = 1


@dataclass(frozen=True)
class Graph:
    """Boxes in the order of the data, and arrows between them: (from, to), places in `nodes`. Each arrow once."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]


def graph(plan: ExecutionPlan) -> Graph:
    """Every source and model of the plan, with the models of the project that it reads."""
    return _gathered(plan, lambda action, layer: (layer, action.name))


def flowchart(plan: ExecutionPlan) -> tuple[str, str]:
    """The lineage as Mermaid text, in as much detail as can be read, and a sentence on what was gathered ("" if
    nothing)."""
    remarks = ("", "Staging models are gathered by source.", "Models are gathered by layer and folder.")
    drawn, remark = "", ""
    for gather, said in zip((_each, _staging_by_source, _by_folder), remarks, strict=True):
        found = _gathered(plan, gather)
        drawn, remark = _mermaid(found), said
        if len(found.nodes) <= READABLE_NODES and len(found.edges) <= READABLE_EDGES:
            return drawn, remark
    if drawn.count("-->") <= MOST_EDGES and len(drawn) <= LONGEST:
        return drawn, remark
    return _mermaid(_gathered(plan, lambda _, layer: (layer, layer))), "Models are gathered by layer."


Gather = Callable[[PlanAction, str], tuple[str, str]]
"""An action and its layer -> the box it stands in: (layer, name)."""


def _each(action: PlanAction, layer: str) -> tuple[str, str]:
    return layer, action.name


def _staging_by_source(action: PlanAction, layer: str) -> tuple[str, str]:
    if layer != "staging":
        return layer, action.name
    read = action.detail.source if isinstance(action.detail, StagingDetail) else ", ".join(action.dependencies)
    return layer, f"staging of {read}"


def _by_folder(action: PlanAction, layer: str) -> tuple[str, str]:
    return layer, layer if layer == "sources" else str(PurePosixPath(action.file_path).parent)


def _gathered(plan: ExecutionPlan, gather: Gather) -> Graph:
    counts: Counter[tuple[str, str]] = Counter()
    boxes: dict[tuple[str, bool], tuple[str, str]] = {}
    for layer, actions in by_layer(plan):
        for action in actions:
            box = gather(action, layer)
            counts[box] += 1
            boxes[action.name, action.type == CREATE_SOURCE] = box
    arrows: dict[tuple[tuple[str, str], tuple[str, str]], None] = {}
    for layer, actions in by_layer(plan):
        for action in actions:
            for name in action.dependencies:
                start = boxes.get((name, False)) or boxes.get((name, True)) or _box_outside(action, name)
                counts.setdefault(start, 1)  # what stands outside the plan
                end = gather(action, layer)
                if start != end:
                    arrows[start, end] = None
    order = sorted(counts, key=lambda box: _LAYER_ORDER.index(box[0]))
    place = {box: number for number, box in enumerate(order)}
    return Graph(
        tuple(Node(name, layer, counts[layer, name]) for layer, name in order),
        tuple((place[start], place[end]) for start, end in arrows),
    )


def _box_outside(action: PlanAction, name: str) -> tuple[str, str]:
    """What is read and not planned is the project's own: a source where a staging model reads it, else a model."""
    return EXISTING, f"source {name}" if isinstance(action.detail, StagingDetail) else name


def _mermaid(found: Graph) -> str:
    return "\n".join(["flowchart LR", *(f"    {line}" for line in _statements(found))]) + "\n"


def _statements(found: Graph) -> Iterator[str]:
    for number, node in enumerate(found.nodes):
        opened, closed = _SHAPES.get(node.layer, ("[", "]"))
        label = node.name if node.count == 1 else f"{node.name} ({plural(node.count, 'model')})"
        yield f"n{number}{opened}{quoted(label)}{closed}:::{node.layer}"
    for start, end in found.edges:
        yield f"n{start} --> n{end}"
    used = {node.layer for node in found.nodes}
    yield from (style for style in _STYLES if style.split()[1] in used)
