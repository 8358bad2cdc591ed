"""Where a staging model goes in a project that has some: learned from the models that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cartridge.plan.conventions.estimate import NAMES_SOURCE, Context, Estimator, Observation
from cartridge.plan.conventions.evidence import Documented, Example, Question
from cartridge.plan.conventions.likeness import Likeness
from cartridge.plan.conventions.names import NameTemplate, apply_name, explain_name, holds
from cartridge.plan.conventions.slots import (
    FORMS,
    cleaned,
    common_beginning,
    fill,
    is_counted,
    marked,
    names_any,
    path_slots,
    place_slots,
    source_slots,
    table_forms,
)
from cartridge.plan.words import snake

_NOT_DROPPED = 0.25
"""What a template that drops words counts for a table that does not have them."""


@dataclass(frozen=True)
class Choice:
    """What was chosen, by which template, and the estimated share of tables for which that template is right."""

    value: str
    template: str
    share: float


@dataclass(frozen=True)
class StagingChoice:
    """The home of one table's staging model."""

    name: Choice
    folder: Choice
    properties: Choice | None


class StagingHabits:
    """The habits of one project's staging layer."""

    def __init__(
        self, examples: Sequence[Example], documented: Sequence[Documented], models: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.likeness = Likeness(models, examples)
        self.examples = tuple(examples)
        self._speaks_of: dict[tuple[str, str, int], frozenset[int]] = {}
        self.folders: Estimator[str] = Estimator(
            [
                Observation(contexts_of(example.question), groups_of(example.question), explain_folder(example))
                for example in examples
            ],
            _text_prior,
        )
        self.names: Estimator[NameTemplate] = Estimator(
            [
                Observation(
                    name_contexts_of(example.question, example.folder),
                    groups_of(example.question),
                    explain_name(example.question, example.model, example.folder),
                )
                for example in examples
            ],
            _name_prior,
            applies=self._applies,
            bare=lambda template: "{" not in template.frame.replace("{}", ""),
        )
        self.properties: Estimator[str] = Estimator(
            [
                Observation(
                    (("entry",), *_above(item.folder)) if item.source else _above(item.folder),
                    (item.folder, item.folder),
                    explain_properties(item),
                )
                for item in documented
            ],
            _text_prior,
        )

    def _applies(self, template: NameTemplate, form: int) -> frozenset[int] | None:
        """The examples that a template speaks of: those that have what it drops; a plural only of singulars."""
        key = template.head, template.tail, form
        if not (template.head or template.tail or is_counted(form)):
            return None
        if key not in self._speaks_of:
            self._speaks_of[key] = frozenset(
                number
                for number, example in enumerate(self.examples)
                if holds(template.head, template.tail, example.question) >> form & 1
                and (not is_counted(form) or _changes(example.question, form))
            )
        return self._speaks_of[key]

    def home(self, question: Question) -> StagingChoice | None:
        """The home of a table; None where there is nothing to learn from."""
        folder = self._folder(question)
        name = self._name(question, folder.value) if folder else None
        if folder is None or name is None:
            return None
        return StagingChoice(name, folder, self._properties(question, name.value, folder.value))

    def _folder(self, question: Question) -> Choice | None:
        best = _text_choice(self.folders, contexts_of(question), place_slots(question))
        trust = self.likeness.share(question.source)
        if best and trust > best.share:
            folder = self.likeness.folder(question)
            return Choice(folder, "{like}", trust) if folder else best
        return best

    def _name(self, question: Question, folder: str) -> Choice | None:
        chain = name_contexts_of(question, folder)
        options = []
        for template, mask in self.names.candidates(chain):
            for form in (form for form in range(len(FORMS)) if mask >> form & 1):
                discount = 1.0
                value = apply_name(template, form, question, folder)
                if value is None and template.head and not template.tail and template.head.count("_") <= 1:
                    discount = _NOT_DROPPED
                    value = apply_name(NameTemplate(template.frame), form, question, folder)
                if value:
                    share = discount * self.names.share(template, form, chain)
                    options.append(Choice(value, template.shown(form), share))
        return _best(options) or self._beginning(question, chain)

    def _beginning(self, question: Question, chain: tuple[Context, ...]) -> Choice | None:
        """What the names of the most similar models begin with, where no template explains any of them."""
        for context in reversed(chain):
            common = common_beginning([self.examples[n].model for n in self.names.members.get(context, ())])
            beginning = common[: common.rfind("_") + 1]
            if beginning:
                return Choice(beginning + cleaned(question.table), f"{beginning}{{table}}", 0.0)
        return None

    def _properties(self, question: Question, name: str, folder: str) -> Choice | None:
        chain = (("entry",), *_above(folder))
        return _text_choice(self.properties, chain, _properties_slots(name, folder, question.source))


def _text_choice(estimator: Estimator[str], chain: tuple[Context, ...], slots: dict[str, str]) -> Choice | None:
    options = []
    for template, _ in estimator.candidates(chain):
        value = fill(template, slots)
        if value:
            options.append(Choice(value, template, estimator.share(template, 0, chain)))
    return _best(options)


def _best(options: list[Choice]) -> Choice | None:
    return min(options, key=_preferred, default=None)


def _preferred(choice: Choice) -> tuple[float, int, int, str]:
    """The likeliest; of equals the one that speaks of the source rather than its schema, and the shortest."""
    return -round(choice.share, 9), choice.template.count("{schema"), len(choice.template), choice.template


def _changes(question: Question, form: int) -> bool:
    """Whether a plural or singular differs from the name."""
    forms = table_forms(question)
    plain = FORMS.index(FORMS[form].rpartition(".")[0])
    return forms[form] != forms[plain]


def groups_of(question: Question) -> tuple[str, str]:
    """The family of the source, and the source."""
    return family(question), question.source


def family(question: Question) -> str:
    """Sources whose names begin with one word are often of one kind: they count as one."""
    return cleaned(question.source).partition("_")[0]


def contexts_of(question: Question) -> tuple[Context, ...]:
    """The tables that are like this one, from wide to narrow: for its folder."""
    return (*_source_contexts(question), *_word_contexts(question))


def name_contexts_of(question: Question, folder: str) -> tuple[Context, ...]:
    """The tables that are like this one, from wide to narrow: for its name, in a folder."""
    alike: list[Context] = []
    if cleaned(question.table).startswith(cleaned(question.source) + "_"):
        alike.append(("own prefix",))  # says more than the source's family: its other tables may have no such prefix
    mixed: list[Context] = [("mixed case",)] if snake(question.table) != cleaned(question.table) else []
    within = ("folder", question.source, folder)
    sources = (*_family_contexts(question), *alike, *_own_contexts(question))
    return (*mixed, *sources, within, *_word_contexts(question, folder))


def _source_contexts(question: Question) -> list[Context]:
    return [*_family_contexts(question), *_own_contexts(question)]


def _family_contexts(question: Question) -> list[Context]:
    """Other sources too: of the same database, of a name that begins alike."""
    chain: list[Context] = [("database", question.database)] if question.database else []
    return [*chain, ("source word", family(question))]


def _own_contexts(question: Question) -> list[Context]:
    chain: list[Context] = [("source", question.source)]
    if question.file:
        chain.append(("file", question.source, question.file))
    return chain


def _word_contexts(question: Question, *within: str) -> list[Context]:
    words = cleaned(question.table).split("_")
    return [("words", question.source, *within, *words[:number]) for number in range(1, min(len(words), 4))]


@lru_cache(maxsize=16384)
def explain_folder(example: Example) -> Mapping[str, int]:
    """Every template that gives the example's folder."""
    question = example.question
    sources = source_slots(question.source, question.schema, question.database)
    templates = marked(example.folder, place_slots(question))
    return {text: 1 | (NAMES_SOURCE if names_any(text, sources) else 0) for text in templates}


@lru_cache(maxsize=16384)
def explain_properties(item: Documented) -> Mapping[str, int]:
    """Every template that gives the file that documents a model. A file called after its own folder says so by a
    slot: `_marts.yml` in `marts` is no name for a file elsewhere."""
    templates = marked(item.properties, _properties_slots(item.model, item.folder, item.source))
    own = {"folder": item.folder.rpartition("/")[2]}
    return dict.fromkeys((text for text in templates if not names_any(text.rpartition("/")[2], own)), 1)


def _properties_slots(model: str, folder: str, source: str | None) -> dict[str, str]:
    slots = {"folder": folder, "model": model, **path_slots(folder)}
    parent = folder.rpartition("/")[0]
    if parent:
        slots["parent"] = parent
    if source:
        slots.update(source_slots(source, None, None))
    return slots


def _above(folder: str) -> tuple[Context, ...]:
    parts = folder.split("/")
    return tuple(("below", "/".join(parts[:number])) for number in range(1, len(parts) + 1))


def _text_prior(template: str) -> float:
    if "{schema" in template or "{database" in template:
        return 0.1  # people think of the source's name first
    return 0.2 if "{" in template else 0.02


def _name_prior(template: NameTemplate) -> float:
    plain = not (template.head or template.tail or "{schema" in template.frame or "{database" in template.frame)
    return 0.2 if plain else 0.1
