"""From a request to the words a model reads. Metadata only: no row value, unless samples are asked for.

Every text that comes from a database or a third party stands in JSON quotes inside `<data>`, with `<`, `>` and control
characters escaped, so that it can neither close the fence nor pass for an instruction.
"""

from __future__ import annotations

import json
import re
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cartridge.ai import prompts
from cartridge.ai.prompt import Prompt
from cartridge.ai.reply import PLAN_SCHEMA
from cartridge.ai.settings import Settings
from cartridge.domain.plan import ModelGenerationRequest
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, ColumnProfile, Relationship, TableMapping
from cartridge.errors import InputError
from cartridge.plan.scope import Scope
from cartridge.plan.words import tokens

MAX_CONTEXT_CHARACTERS = 20_000
"""The longest business context that is sent."""

_MAX_COMMENT = 300
_MAX_EXISTING_MODELS = 60
_FEW_MODELS = 20
_MAX_SAMPLES = 5
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")
_PLAIN_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{0,40}(\([0-9, ]{1,12}\))?[A-Za-z ]{0,30}(\[\])?")
_PERSONAL_WORDS = """
    name firstname lastname surname fullname username login nickname email mail phone mobile fax address street city
    zip postcode postal latitude longitude lat lng birth birthday dob age gender sex ssn passport license iban bic
    account card cvv salary income tax password passwd pwd secret token key hash ip
"""
_PERSONAL_VALUE = re.compile(r"@|\d[\d ()./+-]{6,}\d")
_MARKUP = re.compile("[<>&]")
_PLACEHOLDERS = (
    "project_name", "warehouse_type", "naming_convention", "existing_sources", "existing_models", "schema_name",
    "new_tables_metadata",
)  # fmt: skip
_TOKENS_AN_ACTION = 80
"""What one action of six fields takes in an answer, about."""


def build_prompt(scope: Scope, settings: Settings) -> Prompt:
    """The prompt for all tables of a request at once, from the templates as they are at this moment.

    Raises:
        InputError: the business context is longer than what is sent.
    """
    user = fill(prompts.PLANNER_USER_PROMPT, prompt_values(scope, settings))
    expected = _TOKENS_AN_ACTION * (len(scope.tables) * 8 // 5 + 2)
    return Prompt(prompts.PLANNER_SYSTEM_PROMPT, user, PLAN_SCHEMA, tokens_expected=expected)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled. Values are never looked into for placeholders.

    A template that is no valid format string, because a user wrote JSON into it, keeps its other braces as they are.
    """
    try:
        if all(name is None or name in values for _, name, _, _ in string.Formatter().parse(template)):
            return template.format_map(values)
    except (KeyError, ValueError):
        pass  # No format string: filled word by word below.
    return re.sub(r"\{(" + "|".join(_PLACEHOLDERS) + r")\}", lambda match: values[match[1]], template)


def prompt_values(scope: Scope, settings: Settings, tables: str | None = None) -> dict[str, str]:
    """The value of every placeholder of `PLANNER_USER_PROMPT`. `tables` stands for the description of all of them."""
    request, context = scope.request, scope.context
    values = (
        quote(context.project_name),
        quote(request.target_warehouse),
        naming(request.naming_convention, context),
        ", ".join(map(quote, sorted(scope.existing_sources))) or "none",
        existing_models(sorted(scope.existing_models), list(scope.tables.values())),
        ", ".join(quote(schema) for schema in dict.fromkeys(table.schema for table in request.tables)) or "none",
        describe_tables(scope, settings) if tables is None else tables,
    )
    return dict(zip(_PLACEHOLDERS, values, strict=True))


def describe_tables(scope: Scope, settings: Settings) -> str:
    """The new tables with their columns, types, keys and comments, and what is wanted of them."""
    lines = wishes(scope.request)
    lines.append("<data>")
    for source, tables in scope.by_source.items():
        lines.append(f"source {quote(source)}")
        for table in tables:
            lines += _table(table, scope, settings)
    return "\n".join([*lines, "</data>"])


def wishes(request: ModelGenerationRequest) -> list[str]:
    """The layers asked for, and the business context in its fence."""
    lines = [f"Layers asked for: {', '.join(['sources', *map(str, request.model_types)])}"]
    if request.business_context:
        lines += ["Business context:", "<data>", _business_context(request.business_context), "</data>"]
    return lines


def quote(text: str) -> str:
    """A name as it is where it is plain, else as a JSON string that cannot close a fence."""
    return text if _PLAIN_NAME.fullmatch(text) else quote_text(text)


def quote_text(text: str) -> str:
    """Any text as a JSON string of one line, without `<`, `>`, `&` and control characters."""
    if text.isascii() and text.isprintable() and not _MARKUP.search(text):
        return json.dumps(text)
    return "".join(_escaped(character) for character in json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    category = unicodedata.category(character)
    if character in "<>&" or category[0] == "C" or category in ("Zl", "Zp"):
        return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"
    return character


def _table(table: TableMapping, scope: Scope, settings: Settings) -> list[str]:
    facts = [table.table_type] if table.table_type != "table" else []
    facts += [f"{table.row_count} rows"] if table.row_count is not None else []
    head = f"{quote(table.schema)}.{quote(table.name)}" if table.schema else quote(table.name)
    head += f" ({', '.join(facts)})" if facts else ""
    found = scope.keys.primary_keys.get(table.key)
    key = found.columns if found else ()
    references = scope.keys.of(table.key)
    single = {reference.columns[0]: reference for reference in references if len(reference.columns) == 1}
    lines = [head + _comment(table.description)]
    profile = (scope.request.profile or {}).get(table.key)
    for column in table.columns:
        line = _column(column, column.name in key, single.get(column.name))
        measured = profile.columns.get(column.name) if profile else None
        lines.append(line + (samples_of(column, measured) if settings.send_samples else ""))
    if len(key) > 1:
        lines.append(f"- key together: {', '.join(map(quote, key))}")
    return lines + [f"- {_reference(reference)}" for reference in references if len(reference.columns) > 1]


def _column(column: ColumnMapping, in_key: bool, reference: Relationship | None) -> str:
    kind = column.data_type if _PLAIN_TYPE.fullmatch(column.data_type) else quote_text(column.data_type)
    text = f"- {quote(column.name)} {kind}" + (" key" if in_key else "")
    if reference:
        text += f" -> {quote(reference.ref_table[1])}({quote(reference.ref_columns[0])})"
        text += " (guessed)" if reference.origin == "inferred" else ""
    elif column.is_foreign_key and column.foreign_key_table:
        text += f" -> {quote(column.foreign_key_table)}({quote(column.foreign_key_column or 'key')})"
    return text + _comment(column.description)


def _reference(reference: Relationship) -> str:
    own, other = (", ".join(map(quote, columns)) for columns in (reference.columns, reference.ref_columns))
    return f"({own}) -> {quote(reference.ref_table[1])}({other})"


def _comment(text: str | None) -> str:
    flat = " ".join(text.split()) if text else ""
    if not flat:
        return ""
    return f" {quote_text(flat if len(flat) <= _MAX_COMMENT else flat[: _MAX_COMMENT - 3] + '...')}"


def samples_of(column: ColumnMapping, measured: ColumnProfile | None) -> str:
    """Sample values of a column that does not look personal: the request's own, else those that its profile kept."""
    known = column.sample_values or (measured.values if measured else None) or ()
    values = [value for value in known if value is not None][:_MAX_SAMPLES]
    if not values or _looks_personal(column.name, values):
        return ""
    return " for example " + ", ".join(quote_text(str(value)[:40]) for value in values)


def _looks_personal(name: str, values: Iterable[Any]) -> bool:
    if not set(tokens(name)).isdisjoint(_PERSONAL_WORDS.split()):
        return True
    return any(isinstance(value, str) and _PERSONAL_VALUE.search(value) for value in values)


def naming(asked: str | None, context: ProjectContext) -> str:
    """How things are to be called, in the user's words."""
    parts = [asked or "Standard dbt conventions"]
    parts += [f"prefix of {layer}: {prefix}" for layer, prefix in sorted(context.naming_conventions.items())]
    return quote_text("; ".join(parts))


def existing_models(names: Sequence[str], tables: Sequence[TableMapping]) -> str:
    """All existing models where they are few; else those whose names share words with the new tables, most shared ones
    first to be shown, and enough others to see how models are named."""
    shown = list(names)
    if len(shown) > _FEW_MODELS:
        words = {word for table in tables for word in tokens(table.name)}
        shared = {name: len(words.intersection(tokens(name))) for name in shown}
        near = sum(count > 0 for count in shared.values())
        ranked = sorted(shown, key=lambda name: (-shared[name], name))
        shown = sorted(ranked[: min(max(near, _FEW_MODELS), _MAX_EXISTING_MODELS)])
    text = ", ".join(map(quote, shown)) or "none"
    hidden = len(names) - len(shown)
    return f"{text} and {hidden} others" if hidden else text


def _business_context(text: str) -> str:
    if len(text) > MAX_CONTEXT_CHARACTERS:
        raise InputError(
            f"ModelGenerationRequest.business_context: has {len(text):,} characters, at most "
            f"{MAX_CONTEXT_CHARACTERS:,} are sent. Shorten it to what a modeller needs to know"
        )
    return quote_text(text)
