"""The lineage of a plan as text: sources -> staging -> intermediate -> marts."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from cartridge.cli.output import plural, printable
from cartridge.domain.plan import ExecutionPlan, PlanAction, SourceDetail, StagingDetail
from cartridge.render.summary import by_layer


def lineage(plan: ExecutionPlan) -> Table:
    """A row for each source, model and mart, with what it reads."""
    table = Table.grid(padding=(0, 2))
    for column in ("layer", "name", ""):
        table.add_column(style=column, overflow="fold", no_wrap=column == "layer")
    for layer, actions in by_layer(plan):
        heading = layer
        for action in actions:
            table.add_row(heading, printable(action.name), Text(printable(_reads(action))))
            heading = ""
    return table


def _reads(action: PlanAction) -> str:
    match action.detail:
        case SourceDetail() as source:
            return f"{plural(len(source.tables), 'table')} of {source.database or source.schema_name}"
        case StagingDetail() as staging:
            return f"← {staging.source}.{staging.source_table}"
        case _:
            return f"← {', '.join(action.dependencies)}" if action.dependencies else ""
