"""The SQL of the real target, parsed and not run: what is left to know of it without its warehouse."""

from __future__ import annotations

from collections.abc import Mapping

from cartridge.domain.change import ChangeSet
from cartridge.domain.warehouse import Warehouse


def parse_faults(changes: ChangeSet, warehouse: Warehouse) -> Mapping[int, str]:
    """What is wrong with the rendered models in the target's dialect, by step id; every other model parses."""
    import sqlglot  # noqa: PLC0415 - heavy, and only targets other than DuckDB need it
    from jinja2 import Environment, StrictUndefined, TemplateError  # noqa: PLC0415

    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - SQL, not HTML
    environment.globals.update(
        config=lambda **_: "",
        ref=lambda *names: f"ref_{len(names)}",
        source=lambda *names: f"source_{len(names)}",
        is_incremental=lambda: True,
        this="this_model",
    )
    faults: dict[int, str] = {}
    for file in changes.files:
        if not file.path.endswith(".sql") or not file.step_ids:
            continue
        try:
            sql = environment.from_string(file.text).render()
            parsed = sqlglot.parse_one(sql, dialect=warehouse)
        except (TemplateError, sqlglot.errors.SqlglotError) as error:
            faults[file.step_ids[0]] = f"its {warehouse} SQL does not parse: {str(error).splitlines()[0]}"
            continue
        if not isinstance(parsed, sqlglot.exp.Query):  # what sqlglot does not know it passes through as a command
            faults[file.step_ids[0]] = f"its {warehouse} SQL is no query"
    return faults
