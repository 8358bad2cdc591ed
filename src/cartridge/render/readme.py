"""The README of a generated project: how to run it, and what it holds."""

from __future__ import annotations

from collections.abc import Sequence

from cartridge.domain.plan import (
    CREATE_INTERMEDIATE,
    CREATE_MART,
    CREATE_SNAPSHOT,
    CREATE_SOURCE,
    CREATE_STAGING,
    ExecutionPlan,
    ModelDetail,
    ModelGenerationRequest,
    PlanAction,
    SnapshotDetail,
    SourceDetail,
    StagingDetail,
)
from cartridge.domain.warehouse import warehouse_of
from cartridge.render.profiles import EnvironmentVariable, profile_environment, project_identifier

_ROLES = {"warehouse": "the DuckDB file that dbt builds", "connection": "connection"}
_LAYERS = (
    (CREATE_SOURCE, "Sources"),
    (CREATE_STAGING, "Staging"),
    (CREATE_INTERMEDIATE, "Intermediate"),
    (CREATE_MART, "Marts"),
    (CREATE_SNAPSHOT, "Snapshots"),
)
_SHOWN = 50
"""Rows of a table; a longer layer is counted."""


def readme(plan: ExecutionPlan, request: ModelGenerationRequest) -> str:
    """The text of `README.md`."""
    warehouse = warehouse_of(request)
    parts = [
        f"# {project_identifier(request)}",
        f"A [dbt](https://docs.getdbt.com) project for {warehouse}.",
        "## Run it",
        f"```bash\npip install dbt-core dbt-{warehouse}\ndbt build --profiles-dir .\n```",
        "The profile reads these environment variables:",
        _table(("variable", "what it is", "default"), [_variable(v) for v in profile_environment(plan, request)]),
        "## What it holds",
    ]
    for kind, title in _LAYERS:
        actions = [action for action in plan.actions if action.type == kind]
        if actions:
            parts += [f"### {title}", _layer(actions)]
    return "\n\n".join(parts) + "\n"


def _variable(variable: EnvironmentVariable) -> Sequence[str]:
    role = _ROLES.get(variable.role) or f"the source file, attached read-only as {_code(variable.attached or '')}"
    return (_code(variable.name), role, _code(variable.default) if variable.default is not None else "must be set")


def _layer(actions: Sequence[PlanAction]) -> str:
    rows = [(_code(action.name), _says(action)) for action in actions[:_SHOWN]]
    text = _table(("name", "holds"), rows)
    rest = len(actions) - len(rows)
    return f"{text}\n\nand {rest} more." if rest else text


def _says(action: PlanAction) -> str:
    match action.detail:
        case SourceDetail(tables=tables, schema_name=schema):
            return f"{len(tables)} {'table' if len(tables) == 1 else 'tables'} of schema {_code(schema)}"
        case StagingDetail(source=source, source_table=table, grain_says=grain):
            return f"{_code(f'{source}.{table}')}{f', {grain}' if grain else ''}"
        case SnapshotDetail(source=source, source_table=table):
            return f"the history of {_code(f'{source}.{table}')}"
        case ModelDetail(grain_says=grain):
            return grain
        case _:
            return ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`" if text else ""
