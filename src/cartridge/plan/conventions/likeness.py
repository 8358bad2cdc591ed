"""A folder by likeness: beside the models whose names share the rarest words with the table's.

Offered where the tables of one source are spread over several folders, and trusted as far as it is right for those
that are already placed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence

from cartridge.plan.conventions.evidence import Example, Question
from cartridge.plan.conventions.slots import cleaned

_CHECKED = 30
_COMMON = 200
_NEAREST = 3
_DOUBT = 2


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
        self._trust: dict[str, float] = {}

    def folder(self, question: Question, without: Collection[str] = ()) -> str | None:
        """The folder that most of the nearest models lie in; models named in `without` are not looked at."""
        roots = {_root(e.folder) for e in self.examples.get(question.source, ()) if e.model not in without}
        scores: dict[int, float] = defaultdict(float)
        for word in sorted(set(cleaned(question.table).split("_"))):
            numbers = self.by_word.get(word, ())
            if len(numbers) <= _COMMON:
                for number in numbers:
                    scores[number] += math.log((1 + len(self.models)) / len(numbers))
        ranked = sorted(
            (-score / (1 + 0.1 * self.models[number][0].count("_")), self.models[number])
            for number, score in scores.items()
            if self.models[number][0] not in without and _root(self.models[number][1]) in roots
        )
        votes: dict[str, float] = defaultdict(float)
        for score, (_, folder) in ranked[:_NEAREST]:
            votes[folder] -= score
        return max(sorted(votes), key=lambda folder: votes[folder], default=None)

    def share(self, source: str) -> float:
        """How often the likeness is right for the tables of a source; 0 where they all lie in one folder."""
        if source not in self._trust:
            examples = self.examples.get(source, [])
            checked = examples[:: max(1, len(examples) // _CHECKED)]
            spread = len({example.folder for example in examples}) > 1
            right = sum(1 for e in checked if spread and self.folder(e.question, {e.model}) == e.folder)
            self._trust[source] = right / (len(checked) + _DOUBT)
        return self._trust[source]


def _root(folder: str) -> str:
    return "/".join(folder.split("/")[:2])
