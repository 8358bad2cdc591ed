"""Templates that explain why a model is called as it is, given its table.

A name is a beginning, a form of the table's name with some of its first or last words dropped, and an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from cartridge.plan.conventions.estimate import NAMES_SOURCE
from cartridge.plan.conventions.evidence import Question
from cartridge.plan.conventions.slots import (
    FORMS,
    cleaned,
    fill,
    is_counted,
    marked,
    names_any,
    path_slots,
    place_slots,
    source_slots,
    table_forms,
)

_BREAK = re.compile(r"_+")
_OF_TABLE = re.compile(r"\{(?:word|part)\.")
_COUNTED = sum(1 << form for form in range(len(FORMS)) if is_counted(form))


class NameTemplate(NamedTuple):
    """`frame` is the name with `{}` where the table's name stands; `head` and `tail` are what is dropped from the
    beginning and the end of the table's name: the template holds only for tables that have them."""

    frame: str
    head: str = ""
    tail: str = ""

    def shown(self, form: int) -> str:
        """The template as a reader sees it, for one of `FORMS`."""
        text = FORMS[form]
        if self.head:
            text += f" without {self.head}…"
        if self.tail:
            text += f" without …{self.tail}"
        return self.frame.replace("{}", "{" + text + "}")


@lru_cache(maxsize=16384)
def explain_name(question: Question, model: str, folder: str) -> Mapping[NameTemplate, int]:
    """Every template that gives the model's name, with the mask of the forms for which it does."""
    sources = source_slots(question.source, question.schema, question.database)
    slots = {**_frame_slots(question), **path_slots(folder)}
    droppable = {**sources, **_word_slots(question)}
    by_value: dict[str, int] = {}
    for form, value in enumerate(table_forms(question)):
        if value:
            by_value[value] = by_value.get(value, 0) | 1 << form
    found: dict[NameTemplate, int] = {}
    for value, forms in by_value.items():
        for start, end, at in _cores(value, model, sources):
            head, tail = value[:start], value[end:]
            allowed = forms & ~_COUNTED if tail else forms
            after = model[at + end - start :]
            if not allowed or (tail and cleaned(tail) in cleaned(after)):
                continue  # what is dropped is not put back
            frames = marked(f"{model[:at]}{{}}{after}", slots)
            for frame in frames:
                if not head and _OF_TABLE.search(frame):
                    continue
                mask = allowed | (NAMES_SOURCE if names_any(frame, sources) else 0)
                for dropped in marked(head, droppable, limit=1) if head else {""}:
                    template = NameTemplate(frame, dropped, tail)
                    found[template] = found.get(template, 0) | mask
    return found


def _word_slots(question: Question) -> dict[str, str]:
    """The first word of the table's name, and its first two parts: often the system that it comes from."""
    slots = place_slots(question)
    return {slot: slots[slot] for slot in ("word.1", "part.1", "part.2") if slot in slots}


def _frame_slots(question: Question) -> dict[str, str]:
    """The slots of a name's beginning and end: those of its place, but for whole paths."""
    sources = source_slots(question.source, question.schema, question.database)
    last = place_slots(question).get("declared_in.last")
    return {**sources, **_word_slots(question), **({"declared_in.last": last} if last else {})}


def _cores(value: str, model: str, sources: dict[str, str]) -> Iterator[tuple[int, int, int]]:
    """(start, end, at): `value[start:end]` stands in the model's name at `at`, as whole words.

    The longest core that ends with the value; the one without the source's name; where the whole value is not there,
    the longest that begins with it, and the longest that begins with its second word.
    """
    breaks = [match.span() for match in _BREAK.finditer(value) if match.start() > 0 and match.end() < len(value)]
    starts = [0, *(end for _, end in breaks)]
    ends = [len(value), *(start for start, _ in reversed(breaks))]
    after_source = [end for start, end in breaks if value[:start] in sources.values()]
    found: dict[tuple[int, int], int] = {}
    _longest([(start, len(value)) for start in starts], value, model, found)
    _longest([(start, len(value)) for start in after_source], value, model, found)
    if (0, len(value)) not in found:
        _longest([(0, end) for end in ends[1:]], value, model, found)
        _longest([(start, end) for start in starts[1:2] for end in ends[1:] if start < end], value, model, found)
    for (start, end), at in found.items():
        yield start, end, at


def _longest(cores: list[tuple[int, int]], value: str, model: str, found: dict[tuple[int, int], int]) -> None:
    """Adds the first of the cores that stands in the model's name."""
    for start, end in cores:
        at = _last(model, value[start:end])
        if at >= 0:
            found[start, end] = at
            return


def _last(model: str, core: str) -> int:
    """Where the core last stands in the name as whole words; -1: nowhere."""
    at = model.rfind(core)
    while at >= 0:
        end = at + len(core)
        if (at == 0 or not model[at - 1].isalnum()) and (end == len(model) or not model[end].isalnum()):
            return at
        at = model.rfind(core, 0, end - 1) if end > 1 else -1
    return -1


def apply_name(template: NameTemplate, form: int, question: Question, folder: str) -> str | None:
    """The name that the template gives; None where it does not hold for this table."""
    if not holds(template.head, template.tail, question) >> form & 1:
        return None
    value = table_forms(question)[form] or ""
    head = _filled_head(template.head, question) or ""
    values = {**_frame_slots(question), **path_slots(folder)}
    before, _, after = template.frame.partition("{}")
    start, end = fill(before, values), fill(after, values)
    if start is None or end is None:
        return None
    return f"{start}{value[len(head) : len(value) - len(template.tail)]}{end}"


def _filled_head(head: str, question: Question) -> str | None:
    return fill(head, {**source_slots(question.source, question.schema, question.database), **_word_slots(question)})


@lru_cache(maxsize=65536)
def holds(head: str, tail: str, question: Question) -> int:
    """The mask of the forms of the table's name that have this head and tail, and something between."""
    filled = _filled_head(head, question)
    if filled is None:
        return 0
    mask = 0
    for form, value in enumerate(table_forms(question)):
        if value and len(value) > len(filled) + len(tail) and value.startswith(filled) and value.endswith(tail):
            mask |= 1 << form
    return mask
