"""The SQL of every warehouse parses in that warehouse's own grammar, and its names mean what they say."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import jinja2
import pytest
import sqlglot
from sqlglot import exp

from cartridge.domain.plan import ModelDetail, ModelGenerationRequest, StagingDetail
from cartridge.domain.schema import ModelType
from cartridge.domain.warehouse import Warehouse
from cartridge.plan import gated
from cartridge.render import render
from render_cases import read_case
from schemas import read_schema
from shared_data import REPOSITORY

WAREHOUSES = get_args(Warehouse)
SCHEMAS = sorted((REPOSITORY / "tests" / "unit" / "plan" / "star_cases").glob("*.txt"))
LAYERS = [ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS]


def compiled(text: str, *, incremental: bool) -> str:
    """The SQL as dbt would compile it, relations as plain names."""
    environment = jinja2.Environment(autoescape=False)
    return environment.from_string(text).render(
        ref=lambda name: name,
        source=lambda _, table: table,
        config=lambda **_: "",
        is_incremental=lambda: incremental,
        this="this_table",
    )


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize("warehouse", WAREHOUSES)
def test_every_model_parses_and_selects_the_planned_columns(warehouse: Warehouse, incremental: bool) -> None:
    case = read_case("shop", warehouse=warehouse)
    files = {file.path: file.text for file in case.render({}).files}
    for action in case.plan.actions:
        if not isinstance(action.detail, StagingDetail | ModelDetail):
            continue
        sql = compiled(files[action.file_path], incremental=incremental)
        statements = sqlglot.parse(sql, dialect=warehouse, error_level=sqlglot.ErrorLevel.RAISE)
        assert len(statements) == 1
        assert not list(statements[0].find_all(exp.Command))
        last = list(statements[0].find_all(exp.CTE))[-1].this
        planned = [column.name for column in action.detail.columns]
        selected = last.named_selects
        assert sorted(selected) == sorted(planned), f"{action.name} on {warehouse}"


@pytest.mark.parametrize("paths", [SCHEMAS[::6], pytest.param(SCHEMAS, marks=pytest.mark.deep)], ids=["some", "all"])
@pytest.mark.parametrize("warehouse", WAREHOUSES)
def test_every_model_of_every_schema_parses(warehouse: Warehouse, paths: list[Path]) -> None:
    parsed = 0
    for path in paths:
        tables = read_schema(path.read_text(encoding="utf-8").partition("=====")[0]).declared()
        request = ModelGenerationRequest(tables=tables, model_types=LAYERS, target_warehouse=warehouse)
        for file in render(gated(request), request).files:
            if file.path.startswith("models/") and file.path.endswith(".sql"):
                sql = compiled(file.text, incremental=True)
                statements = sqlglot.parse(sql, dialect=warehouse, error_level=sqlglot.ErrorLevel.RAISE)
                assert len(statements) == 1, file.path
                assert not list(statements[0].find_all(exp.Command)), file.path
                parsed += 1
    assert parsed > 8 * len(paths)
