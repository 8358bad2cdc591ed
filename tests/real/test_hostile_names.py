"""Requests whose names and comments are any text at all: what is rendered parses, and says what was said."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import Any

import jinja2
import pytest
import sqlglot
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlfluff.core import FluffConfig, Linter
from sqlfluff.core.dialects import dialect_selector
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import CREATE_SOURCE, ExecutionPlan, ModelGenerationRequest, SourceDetail, StagingDetail
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ColumnMapping, ModelType, Relationship, TableMapping
from cartridge.domain.warehouse import WAREHOUSES, Warehouse, warehouse_of
from cartridge.plan import draft_offline, resolve, review
from cartridge.render import render
from cartridge.render.identifier import identifier, source_identifier
from hostile import corpus

TEXTS = corpus()
TYPES = (
    "bigint",
    "varchar",
    "boolean",
    "timestamp",
    "date",
    "decimal(10, 2)",
    "json",
    "blob",
    "",
    "enum('a', '{{ b }}')",
)
DBT_NAME = re.compile(r"[a-z_][a-z0-9_]*")

names = st.one_of(
    st.sampled_from([text for text in TEXTS if len(text) <= 300]),
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=80),
    st.text(st.sampled_from("aA_ é1-{}%#'\"`\n\r\x00"), min_size=1, max_size=12),
)
comments = st.none() | st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=()), max_size=200)


@st.composite
def tables(draw: st.DrawFn) -> list[TableMapping]:
    """Up to five tables in up to two schemas, whose keys some of the others refer to."""
    schemas = draw(st.lists(names, min_size=1, max_size=2, unique=True))
    keys = draw(st.lists(st.tuples(st.sampled_from(schemas), names), min_size=1, max_size=5, unique=True))
    found: list[TableMapping] = []
    for schema, name in keys:
        columns = [
            ColumnMapping(column, draw(st.sampled_from(TYPES)), description=draw(comments))
            for column in draw(st.lists(names, max_size=6, unique=True))
        ]
        table = TableMapping(name, schema, columns=columns, description=draw(comments), database=draw(names))
        if columns and draw(st.booleans()):
            table.primary_key_columns = [columns[0].name]
        parents = [other for other in found if other.primary_key_columns]
        if parents and len(columns) > 1 and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            own, other = (columns[-1].name,), tuple(parent.primary_key)
            table.foreign_key_relationships = [Relationship(table.key, own, parent.key, other)]
        found.append(table)
    return found


@st.composite
def requests(draw: st.DrawFn) -> ModelGenerationRequest:
    """A request for tables of any names, for a new project."""
    return ModelGenerationRequest(
        tables=draw(tables()),
        model_types=[ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS, ModelType.SNAPSHOT],
        target_warehouse=draw(
            st.sampled_from(["duckdb", "postgres", "snowflake", "bigquery", "databricks", "redshift"])
        ),
        context=ProjectContext(project_name=draw(names)),
        file_source=draw(st.none() | names),
    )


def planned(request: ModelGenerationRequest) -> tuple[ExecutionPlan, ChangeSet]:
    plan = resolve(review(draft_offline(request), request), request)
    return plan, render(plan, request)


SLOW = settings(
    max_examples=2_000 if os.environ.get("CARTRIDGE_DEEP") else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TWICE = [ColumnMapping(name, "bigint") for name in ("Id", "ID", "id")]


@SLOW
@given(request=requests())
@example(ModelGenerationRequest([TableMapping(name, "x", columns=TWICE) for name in ("Orders", "orders", "ORDERS")]))
@example(ModelGenerationRequest([TableMapping("\ud800", "x", columns=TWICE), TableMapping("a", "x", columns=TWICE)]))
@example(ModelGenerationRequest([TableMapping("a", "x", columns=[ColumnMapping("_airbyte_x", "bigint")])]))
def test_any_names_give_a_project_that_parses_and_says_what_they_say(request: ModelGenerationRequest) -> None:
    plan, changes = planned(request)
    every_table_is_covered(plan, request)
    names_are_good(plan)
    contents = {file.path: yaml.safe_load(file.text) for file in changes.files if file.path.endswith((".yml", ".yaml"))}
    properties = [content for path, content in contents.items() if path.startswith("models/")]
    sources_say_what_the_tables_say(plan, request, properties)
    for file in changes.files:
        file.text.encode("utf-8")
        if file.path.endswith(".sql"):
            selects_what_is_planned(file.text, plan, request)


def every_table_is_covered(plan: ExecutionPlan, request: ModelGenerationRequest) -> None:
    staged = [action.detail.table for action in plan.actions if isinstance(action.detail, StagingDetail)]
    left_out = [finding for finding in plan.findings if finding.code == "left-out"]
    assert len(staged) == len(set(staged))
    assert len(staged) + len(left_out) == len(request.tables)
    for table in request.tables:
        assert (table.key in staged) == (bool(table.columns) and is_text(table)), table.key


def is_text(table: TableMapping) -> bool:
    """Whether a file can hold the names: half of a surrogate pair is no character."""
    named = [table.schema, table.name, table.database or "", *(column.name for column in table.columns)]
    return not any("\ud800" <= character <= "\udfff" for name in named for character in name)


def names_are_good(plan: ExecutionPlan) -> None:
    models = [action.name for action in plan.actions if action.type != CREATE_SOURCE]
    for group in (models, [action.name for action in plan.actions if action.type == CREATE_SOURCE]):
        assert len({name.casefold() for name in group}) == len(group)
        assert all(DBT_NAME.fullmatch(name) and len(name) <= 63 for name in group), group
    paths = [action.file_path for action in plan.actions if action.type != CREATE_SOURCE]
    assert len({path.casefold() for path in paths}) == len(paths)
    for action in plan.actions:
        for path in (action.file_path, action.properties_path or action.file_path):
            assert re.fullmatch(r"(models|snapshots)(/[a-z_][a-z0-9_]*)*/\w+\.(sql|yml)", path, re.ASCII), path
            assert all(len(part) <= 255 for part in PurePosixPath(path).parts)
        columns = [column.name for column in getattr(action.detail, "columns", ())]
        assert len({name.casefold() for name in columns}) == len(columns)
        assert all(DBT_NAME.fullmatch(name) and len(name) <= 63 for name in columns), columns


def sources_say_what_the_tables_say(
    plan: ExecutionPlan, request: ModelGenerationRequest, properties: list[dict[str, Any]]
) -> None:
    written = {source["name"]: source for content in properties for source in content.get("sources", [])}
    given = {table.key: table for table in request.tables}
    for action in plan.actions:
        if not isinstance(action.detail, SourceDetail):
            continue
        source = written[action.name]
        schema = relation(source.get("schema", source["name"]), request)
        assert len(source["tables"]) == len({entry["name"].casefold() for entry in source["tables"]})
        for entry in source["tables"]:
            table = given[schema, relation(entry.get("identifier", entry["name"]), request)]
            assert same(entry.get("description"), table.description)
            told = {rendered(column["name"]): column for column in entry["columns"]}
            assert list(told) == [column.name for column in table.columns]
            for column in table.columns:
                assert same(told[column.name].get("description"), column.description)


def same(written: str | None, comment: str | None) -> bool:
    """Blank comments say nothing; half of a surrogate pair becomes the mark of a lost character."""
    kept = re.sub("[\ud800-\udfff]", "\ufffd", comment or "").rstrip("\n")
    return not kept.strip() or rendered(written or "") == kept


def refuse(*_: object) -> str:
    raise AssertionError("text was evaluated")


TRAPS = dict.fromkeys(("env_var", "ref", "var", "source", "doc", "run_query", "config"), refuse)


def rendered(text: str) -> str:
    """The text as dbt reads it: its Jinja printed."""
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).render(TRAPS)


def relation(text: str, request: ModelGenerationRequest) -> str:
    """A relation's name, without the doubling of quotes that dbt leaves to its user."""
    name = rendered(text)
    match warehouse_of(request):
        case "bigquery":
            return re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL)
        case "databricks" | "spark":
            return name.replace("``", "`")
    return name.replace('""', '"')


def selects_what_is_planned(text: str, plan: ExecutionPlan, request: ModelGenerationRequest) -> None:
    """The SQL is one statement of the warehouse's grammar; a staging model reads the very columns of its table."""
    read: list[tuple[str, ...]] = []

    def relation_of(*names: str) -> str:
        read.append(names)
        return "relation"

    calls = {"ref": relation_of, "source": relation_of, "config": lambda **_: "", "is_incremental": lambda: False}
    sql = (
        jinja2.Environment(undefined=jinja2.StrictUndefined)
        .from_string(text)
        .render({**TRAPS, **calls, "this": "this"})
    )
    (statement,) = sqlglot.parse(sql, dialect=warehouse_of(request))
    assert isinstance(statement, exp.Query)
    for action in plan.actions:
        detail = action.detail
        if isinstance(detail, StagingDetail) and read == [(detail.source, detail.source_table)]:
            ctes = {cte.alias: cte.this for cte in statement.find_all(exp.CTE)}
            found = sorted(column.name.casefold() for column in ctes["renamed"].find_all(exp.Column))
            wanted = sorted(column.source.casefold() for column in detail.columns)
            assert found == wanted or warehouse_of(request) == "bigquery", text  # whose columns bear no dots


def known_words(warehouse: str) -> list[str]:
    """Every word that a grammar or a linter of any warehouse knows."""
    found: set[str] = set()
    for dialect in (Dialect.get_or_raise(name) for name in WAREHOUSES.values()):
        parser = dialect.parser_class
        for table in (dialect.tokenizer_class.KEYWORDS, parser.FUNCTIONS, parser.NO_PAREN_FUNCTION_PARSERS):
            found |= {word.lower() for word in table}
    linted = dialect_selector({"spark": "sparksql"}.get(warehouse, warehouse))
    found |= {word.lower() for word in linted.sets("reserved_keywords") | linted.sets("unreserved_keywords")}
    return sorted(word for word in found if DBT_NAME.fullmatch(word))


def _source(word: str, warehouse: Warehouse) -> str:
    return source_identifier(word, warehouse)


def _column(word: str, warehouse: Warehouse) -> str:
    return f"a.{identifier(word, warehouse)} as {identifier(word, warehouse)}"


@pytest.mark.parametrize("warehouse", sorted(set(WAREHOUSES.values())))
def test_every_word_of_the_grammars_may_be_a_column(warehouse: Warehouse) -> None:
    words = known_words(warehouse)
    assert len(words) > 500
    for start in range(0, len(words), 50):
        part = words[start : start + 50]
        columns = ", ".join(f"{_source(word, warehouse)}, {_column(word, warehouse)}" for word in part)
        (statement,) = sqlglot.parse(f"select {columns} from a", dialect=warehouse)
        assert statement is not None
        found = [column.name.lower() for column in statement.find_all(exp.Column)]
        assert sorted(found) == sorted([*part, *part])


@pytest.mark.deep
@pytest.mark.parametrize("warehouse", sorted(set(WAREHOUSES.values())))
def test_the_linter_reads_every_word_as_a_column(warehouse: Warehouse) -> None:
    dialect = {"spark": "sparksql"}.get(warehouse, warehouse)
    linter = Linter(config=FluffConfig(overrides={"dialect": dialect, "large_file_skip_byte_limit": 0}))
    words = known_words(warehouse)
    columns = ",\n".join(f"    {_source(word, warehouse)},\n    {_column(word, warehouse)}" for word in words)
    parsed = linter.parse_string(f"select\n{columns}\nfrom a\n")
    assert parsed.violations == []
    assert parsed.tree is not None
    assert "unparsable" not in parsed.tree.type_set()
