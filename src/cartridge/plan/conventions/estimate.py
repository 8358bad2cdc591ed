"""How often a template would have been right: counted from the whole project down to the tables most like this one.

Each context's share of right answers is smoothed by that of the wider context (an m-estimate; Cestnik, "Estimating
probabilities", 1990), so that one example of a source weighs a little and thirty of them decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Generic, TypeVar

K = TypeVar("K", bound="str | tuple[str, ...]")

Context = tuple[str, ...]

NAMES_SOURCE = 1 << 40
"""Set in the mask of an example whose source's name stands in the template's literal text."""

_FAMILIAR = frozenset({"source word"})
"""Contexts of sources of one kind, whose literal words may well hold for the next one."""
_WIDE = frozenset({"database", "source word", "own prefix", "mixed case"})
"""Contexts that span sources: each source in them counts alike."""
_WEIGHTS = {"database": 2.0, "source word": 2.0, "own prefix": 2.0, "mixed case": 1.0, "source": 1.0, "file": 1.0, "words": 2.0}
"""How many examples the wider context counts for, by the kind of the narrower one."""


@dataclass
class Observation(Generic[K]):
    """One example: the contexts it lies in, its groups (a family of sources, a source), and what explains it.

    `right` has, for every key, the variants that are right as a bit mask: a name template holds for several forms of
    the table's name at once.
    """

    contexts: tuple[Context, ...]
    groups: tuple[str, str]
    right: Mapping[K, int]


class Estimator(Generic[K]):
    """Shares of right answers over examples."""

    def __init__(
        self,
        observations: Sequence[Observation[K]],
        prior: Callable[[K], float],
        applies: Callable[[K, int], frozenset[int] | None] | None = None,
        bare: Callable[[K], bool] = lambda key: "{" not in str(key),
    ) -> None:
        """`prior` is a template's share before any example; `applies(key, variant)` are the examples that
        a template speaks of at all (None: every one); `bare(key)` whether it has no slot at all."""
        self.observations = observations
        self.prior, self.applies, self.bare = prior, applies, bare
        self.members: dict[Context, set[int]] = defaultdict(set)
        self.all = frozenset(range(len(observations)))
        self.right: dict[K, dict[int, int]] = defaultdict(dict)
        """For every template the examples that it explains, each with its mask."""
        for number, observation in enumerate(observations):
            for context in observation.contexts:
                self.members[context].add(number)
            for key, mask in observation.right.items():
                self.right[key][number] = mask
        self._wide: dict[tuple[K, int], float] = {}
        self._spread: list[K] | None = None

    def share(self, key: K, variant: int, contexts: Iterable[Context]) -> float:
        """The estimated share of tables in the last context for which the template is right."""
        score = self._whole(key, variant)
        before = 0
        for context in contexts:
            members = self.members.get(context)
            if not members or len(members) == before:
                continue  # the same examples must not count twice
            weight = _WEIGHTS.get(context[0], 1.0)
            if context[0] in _WIDE:
                right, of = self._grouped(key, variant, members, own=context[0] in _FAMILIAR)
            else:
                right, of = self._count(key, variant, members)
                before = len(members)
            score = (right + weight * score) / (of + weight)
        return score

    def candidates(self, contexts: Sequence[Context], limit: int = 150) -> Iterator[tuple[K, int]]:
        """(key, mask) of the templates right for most examples of any context, or for most groups."""
        found: dict[K, None] = {}
        for context in contexts:
            counts: Counter[K] = Counter()
            for number in self.members.get(context, ()):
                counts.update(self.observations[number].right.keys())
            found.update(dict.fromkeys(_most(counts, limit)))
        found.update(dict.fromkeys(self._widespread(limit)))
        for key in sorted(found):
            yield key, reduce(or_, self.right[key].values()) & ~NAMES_SOURCE

    def _widespread(self, limit: int) -> list[K]:
        if self._spread is None:
            observations = self.observations
            spread = Counter({key: len({observations[n].groups[0] for n in explained}) for key, explained in self.right.items()})
            self._spread = _most(spread, limit)
        return self._spread

    def _count(self, key: K, variant: int, members: set[int]) -> tuple[float, float]:
        """(right, of): the examples that the template is right for, and those it speaks of."""
        right = sum(1 for n, mask in self.right[key].items() if mask >> variant & 1 and n in members)
        numbers = self.applies(key, variant) if self.applies else None
        if numbers is None:
            return right, len(members)
        return len(numbers & members & self._right_of(key, variant)), len(numbers & members)

    def _right_of(self, key: K, variant: int) -> set[int]:
        return {number for number, mask in self.right[key].items() if mask >> variant & 1}

    def _grouped(
        self, key: K, variant: int, members: Set[int], level: int = 1, own: bool = False
    ) -> tuple[float, float]:
        """(right, of), where every group counts as much as two examples, however many it has.

        A template may be one group's own words, which say nothing of others: examples whose source it names do not
        count as right, nor does the best group of a template without any slot; unless `own`.
        """
        numbers = self.applies(key, variant) if self.applies else None
        spoken = members if numbers is None else members & numbers
        of = Counter(self.observations[number].groups[level] for number in spoken)
        right = Counter(
            self.observations[n].groups[level]
            for n, mask in self.right[key].items()
            if mask >> variant & 1 and n in spoken and (own or not mask & NAMES_SOURCE)
        )
        parts = [(min(count, 2) * right[group] / count, min(count, 2)) for group, count in of.items()]
        if not own and self.bare(key) and parts:
            parts.remove(max(parts))
        return sum(share for share, _ in parts), sum(count for _, count in parts)

    def _whole(self, key: K, variant: int) -> float:
        """Over the whole project, by families of sources."""
        if (key, variant) not in self._wide:
            right, of = self._grouped(key, variant, self.all, level=0)
            self._wide[key, variant] = (right + self.prior(key)) / (of + 1.0)
        return self._wide[key, variant]


def _most(counts: Counter[K], limit: int) -> list[K]:
    """The keys counted most; where many are equally rare at the cut, none of those."""
    if len(counts) <= limit:
        return list(counts)
    cut = sorted(counts.values(), reverse=True)[limit]
    return [key for key, count in counts.items() if count > cut] or list(counts)
