"""The SQL of every warehouse parses in that warehouse's own grammar, and its names mean what they say."""

from __future__ import annotations

from typing import get_args

import jinja2
import pytest
import sqlglot
from sqlglot import exp

from cartridge.domain.plan import ModelDetail, StagingDetail
from cartridge.domain.warehouse import Warehouse
from render_cases import read_case

WAREHOUSES = get_args(Warehouse)


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
