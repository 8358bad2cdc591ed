"""The columns of a step with where each comes from, down to the source table, and the tests that it plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cartridge.domain.plan import (
    DataTest,
    ModelDetail,
    OutputColumn,
    PlanAction,
    SnapshotDetail,
    SourceDetail,
    StagedColumn,
    StagingDetail,
)

_DEEPEST = 20
"""How far an origin is followed. Plans have no circles; a draft that was not gated may."""


def columns_of(action: PlanAction, models: Mapping[str, PlanAction]) -> list[dict[str, Any]]:
    """Name, type, description, role, tests and origin of every column; of a source, those of all its tables."""
    match action.detail:
        case StagingDetail() as staging:
            return [_staged(column, staging) for column in staging.columns]
        case ModelDetail() as model:
            return [_output(column, model, models) for column in model.columns]
        case SourceDetail() as source:
            return [
                _column(column.name, column.data_type, column.description, column.tests, table=table.name)
                for table in source.tables
                for column in table.columns
            ]
        case _:
            return []


def tests_of(action: PlanAction) -> list[dict[str, Any]]:
    """The tests of the whole step, and of its columns."""
    detail: Any = action.detail
    found = [{**_test(test), "column": None} for test in getattr(detail, "tests", ())]
    if isinstance(detail, SourceDetail):
        return found
    if not isinstance(detail, SnapshotDetail) and detail is not None:
        found += [{**_test(test), "column": column.name} for column in detail.columns for test in column.tests]
    return found


def _column(
    name: str, data_type: str, description: str | None, tests: Sequence[DataTest], **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "type": data_type,
        "description": description or "",
        "tests": [test.name for test in tests],
        **more,
    }


def _staged(column: StagedColumn, staging: StagingDetail) -> dict[str, Any]:
    origin = f"{staging.source}.{staging.source_table}.{column.source}"
    role = "key" if column.name in staging.grain else column.group.replace("_", " ")
    cast = f"cast to {column.cast}" if column.cast else None
    return _column(
        column.name, column.data_type, column.description, column.tests, role=role, origin=origin, root=None, how=cast
    )


def _output(column: OutputColumn, model: ModelDetail, models: Mapping[str, PlanAction]) -> dict[str, Any]:
    inputs = {entry.alias: entry.model for entry in model.inputs}
    read = inputs.get(column.alias or "")
    origin = f"{read}.{column.column}" if read and column.column else None
    how = None if column.function == "column" else column.function.replace("_", " ")
    if column.factor:
        how = f"{how} with {column.factor}"
    return _column(
        column.name,
        column.data_type,
        column.description,
        column.tests,
        role=column.role.replace("_", " "),
        origin=origin,
        root=_root(read, column.column, models) if read and column.column else None,
        how=how,
    )


def _root(model: str, column: str, models: Mapping[str, PlanAction]) -> str | None:
    """The source column that a column of a model goes back to, followed through columns that are passed on."""
    for _ in range(_DEEPEST):
        action = models.get(model)
        match action.detail if action else None:
            case StagingDetail() as staging:
                found = next((entry for entry in staging.columns if entry.name == column), None)
                return f"{staging.source}.{staging.source_table}.{found.source}" if found else None
            case ModelDetail() as detail:
                passed = next((entry for entry in detail.columns if entry.name == column), None)
                if passed is None or passed.alias is None or passed.column is None:
                    return None
                inputs = {entry.alias: entry.model for entry in detail.inputs}
                model, column = inputs.get(passed.alias, ""), passed.column
            case _:
                return None
    return None


def _test(test: DataTest) -> dict[str, Any]:
    arguments = {name: value for name, value in test.arguments.items() if value}
    return {
        "name": test.name,
        "arguments": arguments,
        "severity": test.severity,
        "basis": test.basis,
        "because": test.because,
    }
