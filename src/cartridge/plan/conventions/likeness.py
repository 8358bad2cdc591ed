"""A folder by likeness: beside the models whose names share the rarest words with the table's.

Offered only where the tables of one source are spread over several folders, and trusted as far as it is right for the
tables that are already placed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from cartridge.plan.conventions.evidence import Example, Question
from cartridge.plan.conventions.slots import cleaned

_CHECKED = 30
_COMMON = 200
_NEAREST = 3


class Likeness:
    """The models of a project by the words of their names."""

    def __init__(self, models: Sequence[tuple[str, str]], examples: Sequence[Example]) -> None:
        """`models` are (name, folder) of all models of the project."""
        self.models = models
        self.examples: dict[str, list[Example]] = defaultdict(list)
        for example in examples:
            self.examples[example.question.source].append(example)
        self.by_word: dict[str, list[int]] = defaultdict(list)
        for number, (name, _) in enumerate(models):
            for word in set(cleaned(name).split("_")):
                self.by_word[word].append(number)
        self.trust: dict[str, float] = {}

    def folder(self, question: Question, without: str | None = None) -> str | None:
        """The folder that most of the nearest models lie in; `without` is a model that is not looked at."""
        roots = {_root(e.folder) for e in self.examples[question.source] if e.model != without}
        scores: Counter[int] = Counter()
        for word in set(cleaned(question.table).split("_")):
            numbers = self.by_word.get(word, ())
            if len(numbers) > _COMMON:
                continue
            for number in numbers:
                scores[number] += math.log((1 + len(self.models)) / len(numbers))  # type: ignore[assignment]
        votes: Counter[str] = Counter()
        ranked = sorted(
            (-score / (1 + 0.1 * self.models[number][0].count("_")), self.models[number])
            for number, score in scores.items()
            if self.models[number][0] != without and _root(self.models[number][1]) in roots
        )
        for score, (_, folder) in ranked[:_NEAREST]:
            votes[folder] -= score  # type: ignore[assignment]
        return max(sorted(votes), key=lambda folder: votes[folder], default=None)

    def share(self, source: str) -> float:
        """How often the likeness is right for the tables of a source; 0 where they all lie in one folder."""
        if source not in self.trust:
            examples = self.examples.get(source, [])
            step = max(1, len(examples) // _CHECKED)
            checked = examples[::step]
            if len({example.folder for example in examples}) < 2:
                self.trust[source] = 0.0
            else:
                right = sum(1 for e in checked if self.folder(e.question, e.model) == e.folder)
                self.trust[source] = right / (len(checked) + 2)
        return self.trust[source]


def _root(folder: str) -> str:
    return "/".join(folder.split("/")[:2])
