"""How often a template would have been right: counted from the whole project down to the tables most like this one.

Each context's share of right answers is smoothed by that of the wider context (an m-estimate; Cestnik, "Estimating
probabilities", 1990), so that one example of a source weighs a little and thirty of them decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Generic, TypeVar

K = TypeVar("K", bound="str | tuple[str, ...]")

Context = tuple[str, ...]

NAMES_SOURCE = 1 << 40
"""Set in the mask of an example whose source's name stands in the template's literal text."""

_DOUBT = 2.0
"""How many examples a template's prior counts for."""
_FAMILIAR = frozenset({"source word"})
"""Contexts of sources of one kind, whose literal words may well hold for the next one."""
EVERYWHERE: Context = ("everywhere",)
"""The context of all examples."""
_WIDE = frozenset({"everywhere", "database", "source word", "own prefix", "mixed case"})
"""Contexts that span sources: each source in them counts alike."""
_WEIGHTS = {
    "database": 2.0,
    "source word": 2.0,
    "own prefix": 2.0,
    "mixed case": 1.0,
    "source": 1.0,
    "file": 1.0,
    "words": 2.0,
}
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
        self.right: dict[K, dict[int, int]] = defaultdict(dict)
        """For every template the examples that it explains, each with its mask."""
        for number, observation in enumerate(observations):
            for context in (EVERYWHERE, *observation.contexts):
                self.members[context].add(number)
            for key, mask in observation.right.items():
                self.right[key][number] = mask
        self._counts: dict[tuple[K, int, Context], tuple[float, float]] = {}
        self._group_sizes: dict[Context, Counter[str]] = {}
        self._spread: list[K] | None = None

    def share(self, key: K, variant: int, contexts: Iterable[Context]) -> float:
        """The estimated share of tables in the last context for which the template is right."""
        right, of = self._counted(key, variant, EVERYWHERE)
        score = (right + _DOUBT * self.prior(key)) / (of + _DOUBT)
        before = 0
        for context in contexts:
            members = self.members.get(context)
            if not members or len(members) == before:
                continue  # the same examples must not count twice
            if context[0] not in _WIDE:
                before = len(members)
            right, of = self._counted(key, variant, context)
            weight = _WEIGHTS.get(context[0], 1.0)
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
            spread = Counter(
                {key: len({observations[n].groups[0] for n in explained}) for key, explained in self.right.items()}
            )
            self._spread = _most(spread, limit)
        return self._spread

    def _counted(self, key: K, variant: int, context: Context) -> tuple[float, float]:
        """(right, of): how many examples of a context a template is right for, and how many it speaks of.

        In a context that spans sources every source (everywhere: every family of sources) counts as much as two
        examples, however many it has.
        """
        if (key, variant, context) not in self._counts:
            members = self.members[context]
            numbers = self.applies(key, variant) if self.applies else None
            own = context[0] not in _WIDE or context[0] in _FAMILIAR
            right = [
                number
                for number, mask in self.right[key].items()
                if mask >> variant & 1 and number in members and (own or not mask & NAMES_SOURCE)
            ]
            if numbers is not None:
                members = members & numbers
                right = [number for number in right if number in numbers]
            if context[0] in _WIDE:
                sizes = self._sizes(context) if numbers is None else self._by_group(context, members)
                counts = self._grouped(self._by_group(context, right), sizes, own or not self.bare(key))
            else:
                counts = len(right), len(members)
            self._counts[key, variant, context] = counts
        return self._counts[key, variant, context]

    def _grouped(self, right: Counter[str], sizes: Mapping[str, int], own: bool) -> tuple[float, float]:
        """Counts by groups. A template without any slot may be one group's own words, which say nothing of others: its
        best group does not count, unless `own`."""
        parts = [(min(size, 2) * right[group] / size, min(size, 2)) for group, size in sizes.items()]
        if not own and parts:
            parts.remove(max(parts))
        return sum(share for share, _ in parts), sum(size for _, size in parts)

    def _sizes(self, context: Context) -> Counter[str]:
        if context not in self._group_sizes:
            self._group_sizes[context] = self._by_group(context, self.members[context])
        return self._group_sizes[context]

    def _by_group(self, context: Context, numbers: Iterable[int]) -> Counter[str]:
        level = 0 if context == EVERYWHERE else 1
        return Counter(self.observations[number].groups[level] for number in numbers)


def _most(counts: Counter[K], limit: int) -> list[K]:
    """The keys counted most; where many are equally rare at the cut, none of those."""
    if len(counts) <= limit:
        return list(counts)
    cut = sorted(counts.values(), reverse=True)[limit]
    return [key for key, count in counts.items() if count > cut] or list(counts)
