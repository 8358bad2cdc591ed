"""What YAML files say of sources, models and snapshots, as plain values in the order they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cartridge.domain.plan import (
    DataTest,
    ModelDetail,
    OutputColumn,
    PlanAction,
    SnapshotDetail,
    SourceColumn,
    SourceDetail,
    SourceTable,
    StagedColumn,
    StagingDetail,
)
from cartridge.domain.project import Documentation
from cartridge.render import jinja_text
from cartridge.render.data_tests import data_tests
from cartridge.render.freshness import moment_of
from cartridge.render.identifier import needs_quotes, quoted, source_identifier, source_needs_quotes
from cartridge.render.source_place import SourceWords
from cartridge.render.sql import Target
from cartridge.render.staging import in_order
from cartridge.render.yaml_text import Value

Entry = dict[str, Value]
_PLAIN_TYPE = re.compile(r"[A-Z][A-Z0-9_ ]*(\([0-9, ]*\))?[A-Z ]*")


def source_entry(action: PlanAction, detail: SourceDetail, target: Target, words: SourceWords) -> Entry:
    """A source with its tables, as an item of `sources`: described and placed in the words of the project's others."""
    entry: Entry = {"name": jinja_text.literal(action.name)}
    if words.described:
        _describe(entry, detail.description or action.description)
    if detail.shares_database and words.database:
        entry["database"] = words.database
    elif detail.database:
        entry["database"] = _relation_name(detail.database, target)
    if detail.schema_name:
        written = words.schema(detail.schema_name, action.name) or _relation_name(detail.schema_name, target)
        if written != action.name:
            entry["schema"] = written
    if detail.loader:
        entry["loader"] = jinja_text.literal(detail.loader)
    quoting = {
        part: True
        for part, name in (("database", detail.database), ("schema", detail.schema_name))
        if name and _unquoted_by_default(name, target)
    }
    if quoting:
        entry["quoting"] = quoting
    entry["tables"] = [table_entry(table, target) for table in detail.tables]
    return entry


def _relation_name(name: str, target: Target) -> str:
    """A database's, schema's or table's name for dbt, which puts it between quotes as it is."""
    return jinja_text.escape(quoted(name, target.warehouse)[1:-1])


def _unquoted_by_default(name: str, target: Target) -> bool:
    """dbt quotes the names of relations, except on Snowflake."""
    return target.warehouse == "snowflake" and source_needs_quotes(name, "snowflake", target.source_dialect)


def table_entry(table: SourceTable, target: Target) -> Entry:
    """A table of a source, as an item of its `tables`."""
    entry: Entry = {"name": jinja_text.literal(table.name)}
    identifier = _relation_name(table.identifier or table.name, target)
    if identifier != table.name:
        entry["identifier"] = identifier
    _describe(entry, table.description)
    if _unquoted_by_default(table.identifier or table.name, target):
        entry["quoting"] = {"identifier": True}
    config: Entry = {}
    if table.freshness_hours:
        warn, error = table.freshness_hours
        config["freshness"] = {
            "warn_after": {"count": warn, "period": "hour"},
            "error_after": {"count": error, "period": "hour"},
        }
    if table.loaded_at_field:
        name = source_identifier(table.loaded_at_field, target.warehouse, target.source_dialect)
        config["loaded_at_field"] = jinja_text.escape(moment_of(table.loaded_at_field, name, target.warehouse))
    if config:
        entry["config"] = config
    _test(entry, table.tests, target)
    if table.columns:
        entry["columns"] = [_source_column(column, target) for column in table.columns]
    return entry


def _source_column(column: SourceColumn, target: Target) -> Entry:
    entry: Entry = {"name": jinja_text.escape(column.name)}
    _describe(entry, column.description)
    _type(entry, column.data_type)
    if column.tests and source_needs_quotes(column.name, target.warehouse, target.source_dialect):
        entry["quote"] = True
    _test(entry, column.tests, target)
    return entry


def model_entry(
    action: PlanAction, detail: StagingDetail | ModelDetail, target: Target, habits: Documentation
) -> Entry:
    """A model with its columns, as an item of `models`: as much of them as the project writes down."""
    entry: Entry = {"name": jinja_text.literal(action.name)}
    if habits.descriptions:
        _describe(entry, _with_grain(action.description, detail.grain_says))
    _test(entry, detail.tests, target, detail.grain)
    columns = in_order(detail.columns) if isinstance(detail, StagingDetail) else detail.columns
    listed = [_model_column(column, target, habits) for column in columns if habits.columns == "all" or column.tests]
    if listed:
        entry["columns"] = listed
    return entry


def with_config(entry: Entry, config: Mapping[str, Value]) -> Entry:
    """The entry with configuration before its tests and columns."""
    if not config:
        return entry
    head: Entry = {key: value for key, value in entry.items() if key in {"name", "description"}}
    return {**head, "config": dict(config), **entry}


def _with_grain(description: str, grain: str | None) -> str:
    """The description, with the grain in words where it does not hold them yet."""
    if not grain or grain.lower() in description.lower():
        return description
    sentence = f"{grain[0].upper()}{grain[1:]}".rstrip(".") + "."
    if not description:
        return sentence
    return f"{description.rstrip()}{'' if description.rstrip().endswith(('.', '!', '?')) else '.'} {sentence}"


def _model_column(column: StagedColumn | OutputColumn, target: Target, habits: Documentation) -> Entry:
    entry: Entry = {"name": jinja_text.escape(column.name)}
    if habits.column_descriptions:
        _describe(entry, column.description)
    if habits.data_types:
        _type(entry, (column.cast or column.data_type) if isinstance(column, StagedColumn) else column.data_type)
    if needs_quotes(column.name, target.warehouse):
        entry["quote"] = True
    _test(entry, column.tests, target)
    return entry


def snapshot_entry(action: PlanAction, detail: SnapshotDetail, target: Target) -> Entry:
    """A snapshot in the YAML form of dbt 1.9 and later, as an item of `snapshots`."""
    entry: Entry = {"name": jinja_text.literal(action.name)}
    _describe(entry, action.description)
    entry["relation"] = jinja_text.call("source", detail.source, detail.source_table)
    key = [target.source_name(name) for name in detail.unique_key]
    config: Entry = {"strategy": detail.strategy, "unique_key": key[0] if len(key) == 1 else key}
    if detail.strategy == "timestamp" and detail.updated_at:
        config["updated_at"] = target.source_name(detail.updated_at)
    if detail.strategy == "check":
        config["check_cols"] = [target.source_name(name) for name in detail.check_columns] or "all"
    entry["config"] = config
    return entry


def _describe(entry: Entry, text: str | None) -> None:
    if text and text.strip():
        entry["description"] = jinja_text.literal(text)


def _type(entry: Entry, data_type: str) -> None:
    """Types that are plain words are written in small letters; others (enums, structs) keep their values' case."""
    if data_type:
        plain = _PLAIN_TYPE.fullmatch(data_type)
        entry["data_type"] = data_type.lower() if plain else jinja_text.literal(data_type)


def _test(entry: Entry, tests: tuple[DataTest, ...], target: Target, grain: tuple[str, ...] = ()) -> None:
    if tests:
        entry["data_tests"] = data_tests(tests, target, grain)
