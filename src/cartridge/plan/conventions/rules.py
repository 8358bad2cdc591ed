"""What was learned, as a person reads it: one rule a line, with how many models follow it and which do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from cartridge.domain.project import ModelState, ProjectState, tests_reference
from cartridge.plan.conventions.asked import asked_columns
from cartridge.plan.conventions.columns import NamedColumn, loaders_columns, named_columns
from cartridge.plan.conventions.estimate import EVERYWHERE, Context, Estimator
from cartridge.plan.conventions.evidence import documented_of
from cartridge.plan.conventions.layers import first_words
from cartridge.plan.conventions.learned import Habits
from cartridge.plan.conventions.slots import FORMS
from cartridge.plan.conventions.sql import Vote, configured_traits, notable
from cartridge.plan.conventions.yaml_style import configured_layout, yaml_votes
from cartridge.plan.loaders import is_loaders

K = TypeVar("K", bound="str | tuple[str, ...]")

_THIN = 3
_SPLIT = 0.7
_SHOWN = 3
_COLUMNS = 12
"""So many columns that get another name are shown, those of most tables first."""


@dataclass(frozen=True)
class LearnedRule:
    """A convention: `template` holds for `support` of the `of` models (or files) of its scope.

    `scope` is `project`, `source NAME` or the name of a layer. `examples` follow the rule, `exceptions` do not; a few
    of each are shown. The evidence is `thin` where fewer than three models tell, `split` where less than 70 % agree.
    """

    about: str
    scope: str
    template: str
    support: int
    of: int
    examples: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    configured_in: str | None = None
    """The file of settings that asks for it, which counts more than any number of models."""

    @property
    def evidence(self) -> Literal["firm", "thin", "split", "configured"]:
        """How far the rule can be relied on."""
        if self.configured_in:
            return "configured"
        if self.of < _THIN:
            return "thin"
        return "split" if self.support < _SPLIT * self.of else "firm"


def learned_rules(state: ProjectState) -> tuple[LearnedRule, ...]:
    """Every rule that the project shows: for staging by project and by source, then its marts, files and settings."""
    habits = Habits(state)
    rules: list[LearnedRule] = []
    if habits.examples:
        names = [example.model for example in habits.examples]
        sources = [example.question.source for example in habits.examples]
        staging = habits.staging
        rules += _by_source("staging name", staging.names, lambda key, form: key.shown(form), names, sources)
        rules += _by_source("staging folder", staging.folders, lambda key, _: key, names, sources)
    documented = documented_of(state.own_models)
    if documented:
        properties = habits.staging.properties
        best = _best(properties)
        if best:
            models = {number: item.model for number, item in enumerate(documented)}
            rules.append(_rule(("properties file", "project", best[0]), properties, best, models))
    rules += _source_files(habits)
    rules += _marts(state)
    rules += _columns(state)
    rules += _tests(state)
    rules += _settings(state)
    rules += _style(state)
    return tuple(rules)


def _source_files(habits: Habits) -> Iterator[LearnedRule]:
    """Where sources are declared: the template that gives most of their files."""
    for best in habits.source_file_templates[:1]:
        follow = [source for source, templates in habits.source_files.items() if best in templates]
        others = [source for source, templates in habits.source_files.items() if best not in templates]
        yield LearnedRule(
            "sources file", "project", best, len(follow), len(follow + others),
            tuple(follow[:_SHOWN]), tuple(others[:_SHOWN]),
        )  # fmt: skip


def _marts(state: ProjectState) -> Iterator[LearnedRule]:
    """The prefixes of intermediate models and marts."""
    models = [model for model in state.own_models if model.enabled]
    for layer in ("intermediate", "mart"):
        members = [model for model in models if model.layer == layer]
        yield from _majority("prefix", layer, members, partial(first_words, layer))


def _columns(state: ProjectState) -> Iterator[LearnedRule]:
    """What staging models call the columns that they pass on: whether those keep their names, what those that several
    tables have are called instead, and what becomes of those that loaders add."""
    named = [item for item in named_columns(state) if not is_loaders(item.column)]
    if named:
        shown = [(f"{item.model}.{item.name}", "kept" if item.is_kept else "renamed") for item in named]
        yield _chosen("column names", "project", shown)
    asked = asked_columns(state)
    by_column: dict[str, list[NamedColumn]] = {}
    for item in (item for item in named if item.column.lower() not in asked):
        by_column.setdefault(item.column.lower(), []).append(item)
    often = sorted(
        (column for column, found in by_column.items() if len(found) >= _THIN),
        key=lambda column: (-len(by_column[column]), column),
    )
    for column in [c for c in often if not all(item.is_kept for item in by_column[c])][:_COLUMNS]:
        yield _chosen(f"column {column}", "project", [(item.model, item.template) for item in by_column[column]])
    loaders = [(name, "passed on" if kept else "left out") for name, kept in loaders_columns(state)]
    if loaders:
        yield _chosen("columns of loaders", "project", loaders)


def _tests(state: ProjectState) -> Iterator[LearnedRule]:
    """How documented models are tested."""
    models = [model for model in state.own_models if model.enabled]
    for layer in ("staging", "intermediate", "mart"):
        documented = [model for model in models if model.layer == layer and model.tests is not None]
        tested = [model for model in documented if model.tests]
        yield from _majority("tests of keys", layer, documented if tested else (), _key_tests)
        yield from _majority("tests of references", layer, tested, _reference_tests)
        yield from _majority("tests of values", layer, tested, _value_tests)


def _key_tests(model: ModelState) -> str:
    tests = model.tests or ()
    if "unique" in tests:
        return "unique, not_null" if "not_null" in tests else "unique"
    return next((test for test in tests if "unique" in test or "primary_key" in test), "none")


def _reference_tests(model: ModelState) -> str:
    return next((test for test in model.tests or () if tests_reference(test)), "none")


def _value_tests(model: ModelState) -> str:
    return "accepted_values" if "accepted_values" in (model.tests or ()) else "none"


def _chosen(about: str, scope: str, shown: Sequence[tuple[str, str]]) -> LearnedRule:
    """The rule that most of (who, what) follow; of equals the first in the alphabet."""
    counts = Counter(value for _, value in shown)
    most, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    follow = tuple(name for name, value in shown if value == most)
    others = tuple(name for name, value in shown if value != most)
    return LearnedRule(about, scope, most, count, len(shown), follow[:_SHOWN], others[:_SHOWN])


def _style(state: ProjectState) -> Iterator[LearnedRule]:
    """The traits of the project's SQL and of its YAML, those that settings ask for first."""
    for key, value, path in state.overrides:
        if key.startswith("conventions."):
            yield LearnedRule(key.removeprefix("conventions."), "project", value, 0, 0, configured_in=path)
        if key.startswith("columns."):
            yield LearnedRule(key.replace("columns.", "column ", 1), "project", value, 0, 0, configured_in=path)
    yield from _traits("", configured_traits(state), notable(state))
    yield from _traits("yaml_", configured_layout(state), yaml_votes(state))


def _traits(kind: str, configured: Iterable[tuple[str, str, str]], shown: Iterable[Vote]) -> Iterator[LearnedRule]:
    """The traits that settings ask for, and those of the others that the files show."""
    asked = set()
    for trait, value, path in configured:
        asked.add(trait)
        yield LearnedRule(kind + trait, "project", value, 0, 0, configured_in=path)
    for vote in shown:
        if vote.trait not in asked:
            yield _voted(kind + vote.trait, vote)


def _voted(about: str, vote: Vote) -> LearnedRule:
    others = tuple(name for _, names in vote.models[1:] for name in names)
    follow = vote.models[0][1]
    return LearnedRule(about, vote.scope, vote.value, vote.support, vote.of, follow[:_SHOWN], others[:_SHOWN])


def _by_source(
    about: str, estimator: Estimator[K], shown: Callable[[K, int], str], names: Sequence[str], sources: Sequence[str]
) -> Iterator[LearnedRule]:
    """The rule of the project, and those of the sources that follow another one better."""
    best = _best(estimator)
    if best is None:
        return
    other: dict[str, tuple[K, int]] = {}
    for source in sorted(set(sources)):
        context = ("source", source)
        own = _best(estimator, context)
        follow = _right(estimator, own, context) if own else 0
        if own and follow > 1 and follow > _right(estimator, best, context):
            other[source] = own
    general = [n for n, source in enumerate(sources) if source not in other]
    if general:
        yield _rule((about, "project", shown(*best)), estimator, best, {n: names[n] for n in general})
    for source, own in other.items():
        members = {n: names[n] for n in sorted(estimator.members["source", source])}
        yield _rule((about, f"source {source}", shown(*own)), estimator, own, members)


def _best(estimator: Estimator[K], context: Context = EVERYWHERE) -> tuple[K, int] | None:
    """The template that is right for most examples of a context, whatever their source; of equals the plainest."""
    options = [
        (key, variant)
        for key, mask in estimator.candidates((context,))
        for variant in range(len(FORMS))
        if mask >> variant & 1
    ]

    def preferred(option: tuple[K, int]) -> tuple[float, int, int, tuple[K, int]]:
        key = option[0]
        text = str(key)
        indirect = ("{up." in text) + ("{schema" in text) + ("{source" not in text)
        return -_spread(estimator, option, context), indirect, len(text), option

    return min(options, key=preferred, default=None)


def _spread(estimator: Estimator[K], template: tuple[K, int], context: Context) -> float:
    """For how many examples of a context the template is right, where no source counts for more than two."""
    key, variant = template
    explained = estimator.right[key]
    of: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for number in estimator.members[context]:
        group = estimator.observations[number].groups[1]
        of[group] += 1
        right[group] += explained.get(number, 0) >> variant & 1
    return round(sum(min(size, 2) * right[group] / size for group, size in of.items()), 9)


def _right(estimator: Estimator[K], template: tuple[K, int], context: Context) -> int:
    key, variant = template
    explained = estimator.right[key]
    return sum(1 for number in estimator.members[context] if explained.get(number, 0) >> variant & 1)


def _rule(
    title: tuple[str, str, str], estimator: Estimator[K], chosen: tuple[K, int], models: Mapping[int, str]
) -> LearnedRule:
    """The rule of (about, scope, template) over the models, which are given by the number of their observation."""
    key, variant = chosen
    explained = estimator.right[key]
    follow = [name for number, name in models.items() if explained.get(number, 0) >> variant & 1]
    others = [name for number, name in models.items() if not explained.get(number, 0) >> variant & 1]
    return LearnedRule(*title, len(follow), len(models), tuple(follow[:_SHOWN]), tuple(others[:_SHOWN]))


def _settings(state: ProjectState) -> Iterator[LearnedRule]:
    models = [model for model in state.own_models if model.enabled]
    for layer in ("staging", "intermediate", "mart"):
        known = [model for model in models if model.layer == layer and model.materialized]
        yield from _majority("materialized", layer, known, lambda model: str(model.materialized))
        yield from _majority("materialized in", layer, known, lambda model: str(model.materialized_in))
    keys = [(file.path, file.tests_key) for file in state.properties.values() if file.tests_key]
    if keys:
        yield _chosen("key of data tests", "project", keys)


def _majority(
    about: str, layer: str, models: Sequence[ModelState], value: Callable[[ModelState], str]
) -> Iterator[LearnedRule]:
    if models:
        yield _chosen(about, layer, [(model.name, value(model)) for model in models])
