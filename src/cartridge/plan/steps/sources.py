"""Sources: one per schema, declared or appended to."""

from __future__ import annotations

from cartridge.domain.plan import (
    CREATE_SOURCE,
    Evidence,
    PlanAction,
)
from cartridge.plan.finding import note
from cartridge.plan.naming import sources_file
from cartridge.plan.places import declared_tables
from cartridge.plan.resolve import exists, source_detail
from cartridge.plan.steps.work import Work, counted


def plan_sources(work: Work) -> None:
    """One source per schema. A source known by name only declares its tables already, as far as anybody knows."""
    scope = work.scope
    known_by_name = scope.existing_sources - set(scope.state.sources if scope.state else ())
    renamed = set(scope.renamed_tables.values())
    for source, tables in scope.by_source.items():
        if source in known_by_name:
            work.findings.append(note("source-exists", f"source {source} exists: it is not declared again"))
            continue
        state = scope.state.sources.get(source) if scope.state else None
        declared = {entry.name for entry in declared_tables(source, scope.state)}
        new = [t for t in tables if scope.sources[t.key].table not in declared and t.key not in renamed]
        if not new:
            continue
        append = exists(source, scope)
        owner = state.path if state and append else None
        path = owner or sources_file(scope.conventions, source)
        schema = tables[0].schema or source
        verb = "Adds" if append else "Declares"
        work.add(
            PlanAction(
                step_id=0,
                type=CREATE_SOURCE,
                name=source,
                file_path=path,
                description=f"{verb} {counted(len(new), 'table')} of schema {schema} as dbt source {source}.",
                detail=source_detail(new, scope, append),
                properties_path=path,
                evidence=(Evidence(about="name", says=_source_reason(source, schema), basis="convention"),),
            )
        )


def _source_reason(source: str, schema: str) -> str:
    if source.lower() == schema.lower():
        return f"the source bears the name of its schema, {schema}"
    if source.lower() in schema.lower():
        return f"the project's sources leave the rest of {schema!r} out of their names"
    return f"schema {schema!r} says nothing of what it holds, so the database names the source"
