"""What differs between two saved plans: in decisions, field by field, and in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from cartridge.app.saved_plan import SavedPlan
from cartridge.domain.plan import CREATE_SOURCE, PlanAction

What = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Difference:
    """One step or file that only one of two plans has, or that they have differently.

    `fields` says which: of a step as `detail.columns.order_id.name`, items of lists by their name where they have one.
    """

    kind: Literal["step", "file"]
    what: What
    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All differences, those of steps in the order of the second plan, those of files by path."""

    steps: tuple[Difference, ...]
    files: tuple[Difference, ...]
    strategy: tuple[str, str] | None = None
    """The two strategies, where they differ."""

    @property
    def same(self) -> bool:
        """Whether both plans decide and write the same."""
        return not self.steps and not self.files and self.strategy is None


def compare(before: SavedPlan, after: SavedPlan) -> Comparison:
    """What the two decide and write differently. The numbers of steps do not count."""
    strategies = (before.plan.strategy, after.plan.strategy)
    return Comparison(
        steps=tuple(_steps(before, after)),
        files=tuple(_files(before, after)),
        strategy=strategies if strategies[0] != strategies[1] else None,
    )


def _steps(before: SavedPlan, after: SavedPlan) -> Iterator[Difference]:
    then = {_key(action): action for action in before.plan.actions}
    now = {_key(action): action for action in after.plan.actions}
    for key, action in now.items():
        if key not in then:
            yield Difference("step", "added", action.name)
        elif fields := tuple(_fields(_content(then[key]), _content(action))):
            yield Difference("step", "changed", action.name, fields)
    yield from (Difference("step", "removed", then[key].name) for key in then if key not in now)


def _key(action: PlanAction) -> tuple[bool, str]:
    """A source and a model may bear one name."""
    return action.type == CREATE_SOURCE, action.name


def _content(action: PlanAction) -> dict[str, Any]:
    content = action.model_dump(mode="json", exclude_defaults=True)
    return {name: value for name, value in content.items() if name != "step_id"}


def _fields(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The paths at which two JSON values differ."""
    if isinstance(before, list) and isinstance(after, list):
        before, after = _by_name(before), _by_name(after)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _fields(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
        if list(before) != list(after) and before.keys() == after.keys():
            yield f"{path} (order)"
    elif before != after:
        yield path


def _by_name(items: list[Any]) -> dict[str, Any] | list[Any]:
    """A list as a mapping, where every item has a name of its own; plain text is its own name."""
    names = [item.get("name") or item.get("alias") if isinstance(item, dict) else item for item in items]
    texts = [name for name in names if isinstance(name, str)]
    if len(set(texts)) == len(items):
        return dict(zip(texts, items, strict=True))
    return {str(place): item for place, item in enumerate(items, 1)}


def _files(before: SavedPlan, after: SavedPlan) -> Iterator[Difference]:
    then = {file.path: file for file in before.changes.files}
    now = {file.path: file for file in after.changes.files}
    for path in sorted(then.keys() | now.keys()):
        if path not in then:
            yield Difference("file", "added", path)
        elif path not in now:
            yield Difference("file", "removed", path)
        else:
            pairs = {name: (getattr(then[path], name), getattr(now[path], name)) for name in ("operation", "text")}
            pairs["before"] = (then[path].before, now[path].before)
            if fields := tuple(name for name, (one, other) in pairs.items() if one != other):
                yield Difference("file", "changed", path, fields)
