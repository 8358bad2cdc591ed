"""The words that a person has at hand when naming a model: forms of the table's name, of its source's, of its place.

A template is a text with slots such as `stg_{source}__{table}`; which slots a project fills is what is learned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from cartridge.plan.conventions.evidence import Question
from cartridge.plan.words import plural, singular, snake

_WORD_BREAK = re.compile(r"[^0-9A-Za-z]+")
_DEFAULT = re.compile(
    r"\{\{-?\s*(?:env_)?var\s*\(\s*['\"][^'\"]*['\"]\s*(?:,\s*['\"](?P<default>[^'\"]*)['\"]\s*)?\)\s*-?\}\}"
)
_SLOT = re.compile(r"\{([^{}]+)\}")


def literal(text: str | None) -> str | None:
    """A name as written, without quotes; None where it is computed by Jinja or absent."""
    text = (text or "").strip("\"'` ")
    return text if text and "{" not in text else None


def spoken(text: str | None) -> str | None:
    """What a schema or database is called: a call of `var` or `env_var` gives its default, other Jinja nothing."""
    text = _DEFAULT.sub(lambda match: match["default"] or "", text or "")
    return literal(text.strip("\"'` _"))


def cleaned(text: str) -> str:
    """Lower case, every run of other characters one underscore."""
    return _WORD_BREAK.sub("_", text).strip("_").lower()


def _underscored(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "_", text).lower()


FORMS = tuple(
    f"{name}{form}"
    for name in ("table", "identifier")
    for form in ("", ".flat", ".lower", ".as_is", ".plural", ".singular", ".flat.plural", ".flat.singular")
)
"""The forms that a template may use of a table's name (in its source) or identifier (in the database): snake case
first, `flat` is without breaks in CamelCase."""


@lru_cache(maxsize=16384)
def table_forms(question: Question) -> tuple[str | None, ...]:
    """The value of every form in `FORMS`; None where there is no such name."""
    found: list[str | None] = []
    for text in (question.table, literal(question.identifier)):
        if text is None:
            found.extend([None] * (len(FORMS) // 2))
            continue
        snaked, flat = snake(text), cleaned(text)
        found.extend([snaked or None, flat or None, _underscored(text), text])
        found.extend([plural(snaked) or None, singular(snaked) or None, plural(flat) or None, singular(flat) or None])
    return tuple(found)


def is_counted(form: int) -> bool:
    """Whether a form is a plural or a singular."""
    return FORMS[form].endswith(("plural", "singular"))


@lru_cache(maxsize=8192)
def place_slots(question: Question) -> dict[str, str]:
    """The slots that a folder may use: forms of the source, the folder that declares it, words of the table."""
    sources = source_slots(question.source, question.schema, question.database)
    found: dict[str, str] = {}
    if question.file and "/" in question.file:
        found["declared_in"] = question.file.rpartition("/")[0]
        found["declared_in.last"] = found["declared_in"].rpartition("/")[2]
    words = cleaned(question.table).split("_")
    if len(words) > 1:
        found.update({"word.1": words[0], "word.2": words[1], "word.last": words[-1]})
        found.update({"words.1-2": "_".join(words[:2]), "word.1.plural": plural(words[0])})
    parts = [part for part in _underscored(question.table).split("__") if part]
    if len(parts) > 1:
        found.update({f"part.{number}": part for number, part in enumerate(parts[:3], 1)})
        found.update({f"part.{number}.kebab": part.replace("_", "-") for number, part in enumerate(parts[:3], 1)})
    named = set(sources.values())  # a word of the table that is the source's name is taken for that
    return {**sources, **{slot: value for slot, value in found.items() if value not in named or "declared" in slot}}


@lru_cache(maxsize=1024)
def source_slots(source: str, schema: str | None, database: str | None) -> dict[str, str]:
    """Forms of the source's name, of its schema's and of its database's."""
    found = {"source": source.lower()}
    if source != found["source"]:
        found["source.as_is"] = source
    words = cleaned(source).split("_")
    found.update({"source.first": words[0], "source.without_last": "_".join(words[:-1]) or words[0]})
    if len(words) > 1:
        found["source.kebab"] = found["source"].replace("_", "-")
        found["source.compact"] = found["source"].replace("_", "")
        found.update({"source.last": words[-1], "source.without_first": "_".join(words[1:])})
    for label, text in (("schema", spoken(schema)), ("database", spoken(database))):
        if text:
            found[label] = cleaned(text)
            if text != found[label]:
                found[f"{label}.as_is"] = text
    return {slot: value for slot, value in found.items() if value}


def path_slots(folder: str) -> dict[str, str]:
    """The folders of a path below the model folder, from the innermost: `up.1` is the last."""
    parts = folder.split("/")[1:]
    return {f"up.{number}": part for number, part in enumerate(reversed(parts), 1) if number <= 3 and part}


def common_beginning(names: Sequence[str]) -> str:
    """What all of at least two names begin with."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    return first[: next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def fill(template: str, values: dict[str, str]) -> str | None:
    """The template with its slots filled; None where a slot has no value."""
    missing = False

    def one(match: re.Match[str]) -> str:
        nonlocal missing
        value = values.get(match[1])
        missing = missing or value is None
        return value or ""

    text = _SLOT.sub(one, template)
    return None if missing else text


def marked(text: str, values: dict[str, str], limit: int = 2) -> set[str]:
    """The text with slots in place of up to `limit` values that it holds as whole words; the text itself included.

    The same value may fill several slots: every one of them gives a template.
    """
    found = {text}
    edge = {text}
    present = [(slot, value) for slot, value in values.items() if len(value) > 1 and _position(text, value) >= 0]
    for _ in range(limit):
        edge = {new for template in edge for slot, value in present for new in _replaced(template, slot, value)}
        edge -= found
        found |= edge
    return found


def names_any(text: str, values: dict[str, str]) -> bool:
    """Whether the literal text of a template holds one of the values as whole words."""
    return any(_position(text, value) >= 0 for value in values.values() if len(value) > 1)


def _replaced(template: str, slot: str, value: str) -> list[str]:
    at = _position(template, value)
    return [] if at < 0 else [f"{template[:at]}{{{slot}}}{template[at + len(value) :]}"]


def _position(text: str, value: str) -> int:
    """Where the value stands in the text as whole words and outside of slots; -1: nowhere."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        free = (at == 0 or not text[at - 1].isalnum()) and (end == len(text) or not text[end].isalnum())
        if free and text.rfind("{", 0, at) <= text.rfind("}", 0, at):
            return at
        at = text.find(value, at + 1)
    return -1
