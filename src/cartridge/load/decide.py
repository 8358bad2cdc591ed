"""Which of the wanted types the values of a table's columns fit: asked for many columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cartridge.domain.schema import ColumnMapping
from cartridge.load.report import KeptAs
from cartridge.load.types import ISO_DATE, Wanted, fits

_COLUMNS_PER_QUERY = 25


@dataclass(frozen=True)
class Question:
    """A column of the table `raw`, called `name` there, of type `storage`, and what it should become."""

    name: str
    storage: str
    wanted: Wanted
    column: ColumnMapping

    @property
    def is_open(self) -> bool:
        """Whether its values must be looked at."""
        return bool(self.wanted.types) and self.storage not in self.wanted.types

    @property
    def conditions(self) -> list[str]:
        """SQL conditions that every value should meet: one for each wanted type, and one for the written form."""
        found = [fits(self.name, self.storage, kind) for kind in self.wanted.types]
        if self.wanted.only_iso:
            is_text = "true" if self.storage == "VARCHAR" else "false"
            found.append(f"{is_text} and regexp_full_match({self.name}::varchar, '{ISO_DATE}')")
        return found


@dataclass(frozen=True)
class Answer:
    """The type that a column gets; `kept_as` says so where it is not the one that was declared."""

    column: ColumnMapping
    type: str
    kept_as: KeptAs | None = None


def decide(connection: Any, questions: Sequence[Question]) -> Iterator[Answer]:
    """The first wanted type that all values of a column fit; a column without any value becomes what was declared."""
    for start in range(0, len(questions), _COLUMNS_PER_QUERY):
        group = questions[start : start + _COLUMNS_PER_QUERY]
        terms = [term for question in group for term in _terms(question)]
        counts = iter(connection.execute(f"select {', '.join(terms)} from raw").fetchone())  # noqa: S608 - own names
        for question in group:
            total = next(counts)
            yield _answer(question, total, [next(counts) for _ in question.conditions])


def _terms(question: Question) -> list[str]:
    name = question.name
    unfit = [f"count(*) filter ({name} is not null and not ({condition}))" for condition in question.conditions]
    return [f"count({name})", *unfit]


def _answer(question: Question, total: int, unfit: list[int]) -> Answer:
    column, storage, asked = question.column, question.storage, question.wanted
    if asked.only_iso and (total == 0 or unfit[-1]):
        return Answer(column, storage)
    best = next((kind for kind, count in zip(asked.types, unfit, strict=False) if count == 0), None)
    if best is not None or asked.only_iso:
        return Answer(column, best or storage)
    reason = f"{unfit[0]:,} of {total:,} values are no {asked.types[0]}"
    return Answer(column, storage, KeptAs(column.name, column.data_type, storage, reason))
