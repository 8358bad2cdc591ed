"""Bad schemas go through the whole planner: keys that contradict each other, that lead nowhere or in circles, or are
not there at all; rows twice, columns without a value, tables of two thousand columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import sqlglot

from cartridge.domain.change import ChangeSet
from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest, StagingDetail
from cartridge.domain.schema import (
    ColumnProfile,
    ModelType,
    Relationship,
    TableKey,
    TableMapping,
    TableProfile,
)
from cartridge.plan import draft_offline, resolve, review
from cartridge.render import render
from schemas import read_schema

LAYERS = [ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS]


@dataclass(frozen=True)
class Planned:
    plan: ExecutionPlan
    changes: ChangeSet

    @property
    def names(self) -> set[str]:
        return {action.name for action in self.plan.actions}

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.plan.findings}

    def tests_of(self, model: str) -> set[tuple[str, str, str]]:
        """(column, test, severity) of a model; the model's own tests stand under an empty column."""
        action = self.plan.action(model)
        assert action is not None
        assert isinstance(action.detail, StagingDetail)
        found = {("", test.name, test.severity) for test in action.detail.tests}
        return found | {(c.name, test.name, test.severity) for c in action.detail.columns for test in c.tests}


def planned(tables: list[TableMapping], profile: Mapping[TableKey, TableProfile] | None = None) -> Planned:
    """The plan, resolved and rendered; whatever it is, it is sound: every model reads what is planned before it, all
    columns of a model have names of their own, and the SQL can be parsed."""
    request = ModelGenerationRequest(
        tables=tables, model_types=LAYERS, target_warehouse="duckdb", profile=dict(profile) if profile else None
    )
    plan = resolve(review(draft_offline(request), request), request)
    assert resolve(plan, request) == plan
    assert [finding for finding in plan.findings if finding.severity == "error"] == []
    seen: set[str] = set()
    for action in plan.actions:
        assert set(action.dependencies) <= seen, action.name
        seen.add(action.name)
        columns = [column.name for column in getattr(action.detail, "columns", ())]
        assert len(columns) == len(set(columns)), action.name
    changes = render(plan, request)
    for file in changes.files:
        if file.path.endswith(".sql"):
            plain = re.sub(r"\{\{.*?\}\}", "t", re.sub(r"\{%.*?%\}|\{#.*?#\}|\{\{ config\(.*?\) \}\}", "", file.text))
            sqlglot.parse_one(plain, dialect="duckdb")
    return Planned(plan, changes)


def declared(text: str) -> list[TableMapping]:
    return read_schema(text).declared()


def test_keys_that_contradict_each_other() -> None:
    tables = declared(
        "customers(id pk, name)\nclients(id pk, name)\norders(id pk, customer_id -> customers, total num)"
    )
    orders = tables[2]
    orders.foreign_key_relationships = [
        *(orders.foreign_key_relationships or []),
        Relationship(orders.key, ("customer_id",), ("public", "clients"), ("id",)),
    ]
    orders.columns[2].is_primary_key = True
    found = planned(tables)
    assert {"contradictory-reference", "contradictory-key"} <= found.codes
    references = [test for test in found.tests_of("stg_public__orders") if test[1] == "relationships"]
    assert references == [("customer_id", "relationships", "error")]


def test_keys_to_what_is_not_there() -> None:
    tables = declared("orders(id pk, customer_id int, total num)\nlines(id pk, order_id int)")
    tables[0].foreign_key_relationships = [
        {"columns": ["customer_id"], "ref_table": "customers", "ref_columns": ["id"]},
        {"columns": ["no_such_column"], "ref_table": "lines", "ref_columns": ["id"]},
        {"columns": []},
    ]
    tables[1].foreign_key_relationships = [
        Relationship(tables[1].key, ("order_id",), ("public", "orders"), ("no_such_column",))
    ]
    found = planned(tables)
    assert {"unknown-reference", "unreadable-reference"} <= found.codes
    assert sum(finding.code == "unknown-reference" for finding in found.plan.findings) == 3
    assert {"stg_public__orders", "stg_public__lines"} <= found.names


def test_a_key_that_is_said_twice_is_reported_once() -> None:
    tables = declared("nodes(id pk, other_id int)")
    column = tables[0].columns[1]
    column.is_foreign_key, column.foreign_key_table, column.foreign_key_column = True, "missing", "id"
    tables[0].foreign_key_relationships = [
        Relationship(tables[0].key, ("other_id",), ("public", "missing"), ("id",)),
    ]
    assert [finding.code for finding in planned(tables).plan.findings].count("unknown-reference") == 1


@pytest.mark.parametrize(
    "text",
    [
        "departments(id pk, name, head_id -> employees)\nemployees(id pk, name, department_id -> departments, pay num)",
        "a(id pk, b_id -> b, at ts, amount num)\nb(id pk, c_id -> c, amount num)\nc(id pk, a_id -> a, amount num)",
        "a(id pk -> b, name)\nb(id pk -> a, title)",
        "node(id pk, parent_id -> node, next_id -> node, root_id -> node, weight num, seen_at ts)",
        "orders(id pk, last_line_id -> lines, placed_at ts)\nlines(id pk, order_id -> orders, quantity int, price num)",
    ],
    ids=["two tables", "three tables", "each the other's extension", "itself", "header and line"],
)
def test_keys_in_circles(text: str) -> None:
    tables = declared(text)
    found = planned(tables)
    assert sum(action.type == "create_staging" for action in found.plan.actions) == len(tables)
    assert any(action.type == "create_mart" for action in found.plan.actions) or len(tables[0].columns) == 2


def test_no_key_at_all() -> None:
    found = planned(
        read_schema("readings(taken ts, amount num, note)\nnotes(written ts, body)\nflags(on_air bool)").tables
    )
    assert {"stg_public__readings", "stg_public__notes", "stg_public__flags"} <= found.names
    for action in found.plan.actions:
        if isinstance(action.detail, StagingDetail):
            assert action.detail.grain == ()
            assert found.tests_of(action.name) == set()


def test_a_key_whose_values_repeat_is_no_key() -> None:
    tables = read_schema("customers(id, name)\norders(id, customer_id, placed_at ts, total num)").tables
    twice = {
        ("public", "customers"): TableProfile(
            100, {"id": ColumnProfile(0, 60, None, None)}, key_duplicates={("id",): 40}
        ),
        ("public", "orders"): TableProfile(900, {"id": ColumnProfile(0, 900), "customer_id": ColumnProfile(0, 60)}),
    }
    sound, broken = planned(tables), planned(tables, twice)
    assert ("customer_id", "unique", "warn") in sound.tests_of("stg_public__customers")
    assert broken.tests_of("stg_public__customers") == set()
    staged = broken.plan.action("stg_public__customers")
    assert staged is not None
    assert "id is no key: of 100 rows 40 repeat another's values" in [r.says for r in staged.evidence or ()]
    action = broken.plan.action("fct_orders")
    assert action is not None
    assert "stg_public__customers" not in action.dependencies, "a join would multiply rows"


def test_columns_without_any_value() -> None:
    text = (
        "customers(id, name, parent_id, closed_at ts)\norders(id, customer_id, approved_by_id, placed_at ts, total num)"
    )
    empty = ColumnProfile(500, 0)
    profile = {
        ("public", "customers"): TableProfile(
            500, {"id": ColumnProfile(0, 500), "name": empty, "parent_id": empty, "closed_at": empty}
        ),
        ("public", "orders"): TableProfile(
            500, {"id": empty, "customer_id": empty, "approved_by_id": empty, "placed_at": empty, "total": empty}
        ),
    }
    found = planned(read_schema(text).tables, profile)
    assert ("customer_id", "unique", "warn") in found.tests_of("stg_public__customers")
    assert not {test for test in found.tests_of("stg_public__orders") if test[1] in {"unique", "not_null"}}


def test_tables_without_rows() -> None:
    none = {("public", "orders"): TableProfile(0, {"id": ColumnProfile(0, 0), "total": ColumnProfile(0, 0)})}
    found = planned(read_schema("orders(id, placed_at ts, total num)").tables, none)
    assert {"stg_public__orders", "fct_orders"} <= found.names


def test_two_thousand_columns_in_one_table() -> None:
    references = ", ".join(f"thing{number}_id -> things" for number in range(300))
    values = ", ".join(f"value_{number} num" for number in range(1_700))
    found = planned(declared(f"things(id pk, name)\nwide(id pk, {references}, {values}, seen_at ts)"))
    action = found.plan.action("stg_public__wides")
    assert action is not None
    assert isinstance(action.detail, StagingDetail)
    assert len(action.detail.columns) == 2_002
    for action in found.plan.actions:
        assert len(getattr(action.detail, "joins", ())) <= 6


def test_a_key_held_as_text_is_cast_where_the_data_vouch_for_it() -> None:
    tables = read_schema("orders(id pk, total num, placed_at ts)\npayments(id pk, order_id text, amount num)").tables
    edge = Relationship(("public", "payments"), ("order_id",), ("public", "orders"), ("id",), "measured", 0.9)
    request = ModelGenerationRequest(tables=tables, model_types=LAYERS, relationships=[edge])
    plan = resolve(review(draft_offline(request), request), request)
    staged = next(action.detail for action in plan.actions if action.name == "stg_public__payments")
    assert isinstance(staged, StagingDetail)
    assert {column.name: column.cast for column in staged.columns if column.cast} == {"order_id": "bigint"}
    text = next(file.text for file in render(plan, request).files if file.path.endswith("stg_public__payments.sql"))
    assert "cast(order_id as bigint) as order_id" in text
