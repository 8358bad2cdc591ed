"""How a project names and places its marts and intermediate models."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cartridge.domain.project import LayerRule, ModelState
from cartridge.plan.conventions.evidence import folder_of
from cartridge.plan.words import plural, singular

_FIRST_WORDS = {
    "fact": frozenset({"fct", "fact", "facts", "f"}),
    "dimension": frozenset({"dim", "dims", "dimension", "d"}),
    "bridge": frozenset({"bridge", "brg", "bdg", "br"}),
    "intermediate": frozenset({"int", "inter", "intermediate", "wrk", "silver", "slv"}),
}
_PREFIX = re.compile(r"([A-Za-z]+)(_+)")
_MOST = 0.6
"""The share of models that must agree before a habit is followed."""


def learned_rule(
    layer: str, models: Sequence[ModelState], preset: LayerRule, documented: Mapping[str, ModelState]
) -> LayerRule:
    """The rule of a layer (`fact`, `dimension`, `bridge` or `intermediate`) as its models show it; else the preset's,
    placed beside the project's marts."""
    named = [model for model in models if _first_word(model.name) in _FIRST_WORDS[layer] and model.layer != "staging"]
    marts = [model for model in models if model.layer == "mart"]
    if not named and layer != "intermediate" and marts and not _has_roles(models):
        prefix = _shared_prefix(marts)
        name, shown = prefix + ("{entities}" if _plural(marts, prefix) else "{entity}"), marts
    elif named:
        prefix = Counter(_prefix(model.name) for model in named).most_common(1)[0][0]
        ending = "{model}" if layer == "intermediate" else "{entities}" if _plural(named, prefix) else "{entity}"
        name, shown = prefix + ending, named
    else:
        name, shown = preset.name, marts if layer != "intermediate" else []
    if not shown:
        return replace(preset, materialized=None)
    folder = _folder(shown)
    rule = replace(
        preset,
        name=name,
        folder=folder,
        properties=_properties(shown, documented, folder) or f"{folder}/{preset.properties.rpartition('/')[2]}",
        materialized=_default(shown),
    )
    return with_materialization(rule, shown)


def with_materialization(rule: LayerRule, models: Sequence[ModelState]) -> LayerRule:
    """The rule with what most of the models are, and whether they say so themselves."""
    kinds = Counter(model.materialized for model in models if model.materialized in {"view", "table", "ephemeral"})
    habit, count = kinds.most_common(1)[0] if kinds else (None, 0)
    agreed = habit is not None and count >= _MOST * len(models)
    places = Counter(model.materialized_in for model in models)
    stated = places["model"] + places["properties"]
    return replace(
        rule,
        habit=habit if agreed else None,
        stated=bool(models) and stated >= _MOST * len(models),
        in_properties=places["properties"] > places["model"],
    )


def _shared_prefix(marts: Sequence[ModelState]) -> str:
    """What all marts begin with, where it is the name of a folder that they are in (`gold_` in `gold`), or three and
    more have it in common; else nothing."""
    prefixes = {_prefix(model.name) for model in marts}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    folders = {prefix.rstrip("_") in folder_of(model).split("/") for model in marts}
    return prefix if len(marts) > 2 or folders == {True} else ""


def _has_roles(models: Sequence[ModelState]) -> bool:
    roles = _FIRST_WORDS["fact"] | _FIRST_WORDS["dimension"]
    return any(_first_word(model.name) in roles for model in models if model.layer == "mart")


def _first_word(name: str) -> str:
    return _prefix(name).rstrip("_").lower()


def first_words(layer: str, model: ModelState) -> str:
    """The prefix that says a model's layer or role, as `fct_`; `none` where its name has no such."""
    known = _FIRST_WORDS["intermediate"] if layer == "intermediate" else frozenset().union(*_FIRST_WORDS.values())
    return _prefix(model.name) if _first_word(model.name) in known else "none"


def _prefix(name: str) -> str:
    match = _PREFIX.match(name)
    return match[0] if match else ""


def _plural(models: Sequence[ModelState], prefix: str) -> bool:
    """Whether the models are called in the plural; so too where they do not tell."""
    votes: Counter[bool] = Counter()
    for model in models:
        word = model.name[len(prefix) :].lower()
        if word.rpartition("_")[2].isalpha() and singular(word) != plural(word):
            votes[word == plural(word)] += 1
    return votes[True] >= votes[False]


def _folder(models: Sequence[ModelState]) -> str:
    """The innermost folder that holds most of the models, with `{area}` where they lie in folders of their own."""
    folders = Counter(folder_of(model) for model in models)
    folder, count = min(folders.items(), key=lambda item: (-item[1], item[0]))
    if count >= _MOST * len(models):
        return folder
    above: Counter[str] = Counter()
    for path, number in folders.items():
        parts = path.split("/")
        above.update({"/".join(parts[:depth]): number for depth in range(1, len(parts) + 1)})
    holding = [path for path, number in above.items() if number >= _MOST * len(models)]
    best = max(holding, key=lambda path: (path.count("/"), path), default=folder)
    return f"{best}/{{area}}"


def _properties(models: Sequence[ModelState], documented: Mapping[str, ModelState], folder: str) -> str | None:
    """The template of the file that documents most of the models; None where none is documented.

    A file beside its model is one beside the next model too.
    """
    votes: Counter[str] = Counter()
    for model in models:
        path = model.properties_path
        if model.name in documented and path is not None:
            beside = f"{folder_of(model)}/"
            placed = f"{folder}/{path.removeprefix(beside)}" if path.startswith(beside) else path
            votes[_template(placed, model.name)] += 1
    return min(votes, key=lambda path: (-votes[path], path)) if votes else None


def _template(path: str, name: str) -> str:
    """A path with `{model}` where the model's name stands by itself, not as a part of a longer word."""
    pieces: list[str] = []
    done, at = 0, path.find(name)
    while at >= 0:
        end = at + len(name)
        around = path[at - 1 : at] + path[end : end + 1]
        if any(character.isascii() and character.isalnum() for character in around):
            at = path.find(name, at + 1)
            continue
        pieces.append(path[done:at])
        done, at = end, path.find(name, end)
    return "{model}".join([*pieces, path[done:]])


def _default(models: Sequence[ModelState]) -> str | None:
    kinds = Counter(model.materialized for model in models if model.materialized_in == "project" and model.materialized)
    return kinds.most_common(1)[0][0] if kinds else None
