"""Sentences for what has no comment: each says something that the name alone does not."""

from __future__ import annotations

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.loaders import is_loaders
from cartridge.plan.types import family
from cartridge.plan.words import does, participle, singular, tokens


def words(name: str) -> str:
    """A name as plain words: `InvoiceLine` -> "invoice line"."""
    return " ".join(_spoken(name)) or name


def _spoken(name: str) -> list[str]:
    """The words of a name, numbers kept at the word before them: `Product2` -> ["product2"]."""
    said: list[str] = []
    for word in tokens(name):
        if word.isdigit() and said:
            said[-1] += word
        else:
            said.append(word)
    return said


def entity(name: str) -> str:
    """One row of a table, as plain words: `order_items` -> "order item"."""
    parts = _spoken(name)
    return " ".join((*parts[:-1], singular(parts[-1]))) if parts else name


def article(noun: str) -> str:
    """ "a" or "an", by the sound that the spelling suggests."""
    vowel = noun[:1].lower() in "aeiou" and not noun.lower().startswith(("uni", "use", "usa", "euro", "one"))
    return f"{'an' if vowel else 'a'} {noun}"


def table_sentence(table: TableMapping, one: str) -> str:
    """What a source table holds; `one` is the noun for a row of it."""
    return table.description or f"One row per {one}, as the source system holds it."


def column_sentence(column: ColumnMapping, one: str, target: str | None, *, is_key: bool) -> str:
    """What a column says: the database's comment, else its part in one row; `target` is what it refers to."""
    if column.description:
        return column.description
    if is_loaders(column.name):
        return f"Written by the loader, with every {one}."
    if is_key:
        return f"Identifies {article(one)}: no two rows share it."
    if target is not None:
        return _reference_sentence(one, column, target)
    return _plain_sentence(one, column)


def _reference_sentence(one: str, column: ColumnMapping, target: str) -> str:
    role = entity_of_key(column.name)
    maybe = ", where there is one" if column.nullable else ""
    if role == target:
        return f"The {target} of this {one}{maybe}."
    if role.endswith(" by") and participle(role.split()[-2]):
        return f"The {target} who {role.removesuffix(' by')} this {one}{maybe}."
    if role == words(column.name):
        return f"{role.capitalize()}: {article(target)}{maybe}."
    return f"The {role} of this {one}, {article(target)}{maybe}."


def entity_of_key(name: str) -> str:
    """The words of a foreign key column without its key word: `billing_address_id` -> "billing address"."""
    parts = _spoken(name)
    while len(parts) > 1 and parts[-1] in {
        "id",
        "key",
        "code",
        "no",
        "nr",
        "number",
        "fk",
        "sk",
        "uuid",
        "guid",
        "ref",
    }:
        parts.pop()
    if len(parts) > 1 and parts[0] in {"fk", "id"}:
        parts.pop(0)
    return " ".join(parts)


def _plain_sentence(one: str, column: ColumnMapping) -> str:
    said = words(column.name)
    kind = family(column.data_type)
    maybe = " Not always known." if column.nullable else ""
    if kind == "boolean":
        first, _, rest = said.removeprefix("is ").partition(" ")
        verb = first if rest and (first in {"has", "can", "was", "should"} or does(first)) else "is"
        return f"Whether the {one} {verb} {rest if verb == first else said.removeprefix('is ')}.{maybe}"
    if kind in {"date", "timestamp"}:
        return f"{_moment(one, said, 'Day' if kind == 'date' else 'Date and time')}.{maybe}"
    if kind == "semi_structured":
        return f"{said.capitalize()} of the {one}, as the source's own {column.data_type} value.{maybe}"
    return f"{said.capitalize()} of the {one}.{maybe}"


def _moment(one: str, said: str, unit: str) -> str:
    parts = said.split() or [said]
    if len(parts) > 1 and parts[-1] in {"at", "on", "date", "time", "datetime", "timestamp", "ts", "dt"}:
        parts.pop()
    happened = participle(parts[-1])
    if happened and len(parts) == 1:
        return f"When the {one} was {happened}"
    return f"{unit} of {' '.join(parts)} of the {one}"
