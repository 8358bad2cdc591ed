"""Keys tested, everything described, sources fresh, read and declared once: dbt-project-evaluator's rules on that.

What cannot be otherwise (a table without any key, a source without a column that says when it was loaded) is counted in
a note; what can is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from cartridge.domain.plan import (
    CREATE_SOURCE,
    ExecutionPlan,
    Finding,
    ModelDetail,
    PlanAction,
    SnapshotDetail,
    SourceDetail,
    SourceTable,
    StagingDetail,
)
from cartridge.plan.finding import note, warning
from cartridge.plan.scope import Scope

CODES = frozenset({"no-key-test", "undocumented", "no-freshness", "unused-source", "duplicate-source"})
_Relation = tuple[str, str, str]
"""(database, schema, table) in small letters."""


def models_cared_for(plan: ExecutionPlan, scope: Scope) -> list[Finding]:
    """What a resolved plan's models and sources lack."""
    findings: list[Finding] = []
    if scope.request.include_tests:
        findings += _untested(plan)
    if scope.request.include_documentation:
        findings += _undescribed(plan)
    findings += _stale(plan)
    findings += _unread(plan, scope)
    findings += _declared_twice(plan, scope)
    return findings


def _untested(plan: ExecutionPlan) -> Iterator[Finding]:
    """Models without a test that their key is unique and filled."""
    keyless = []
    for action in plan.actions:
        detail = action.detail
        if not isinstance(detail, StagingDetail | ModelDetail) or _key_is_tested(detail):
            continue
        if not detail.grain:
            keyless.append(action.name)
            continue
        yield warning(
            "no-key-test",
            f"{action.name}: no test says that {', '.join(detail.grain)} is unique and filled",
            "Test the key: unique and not_null, or unique_combination",
            action,
        )
    if keyless:
        models = "1 model has" if len(keyless) == 1 else f"{len(keyless)} models have"
        yield note("no-key-test", f"{models} no key that is known, so none is tested: {_listed(keyless)}")


def _key_is_tested(detail: StagingDetail | ModelDetail) -> bool:
    tested = [{test.name for test in column.tests} for column in detail.columns]
    tested.append({test.name for test in detail.tests})
    return any("unique_combination" in names or names >= {"unique", "not_null"} for names in tested)


def _undescribed(plan: ExecutionPlan) -> Iterator[Finding]:
    """Models, sources and tables of sources that nothing is said of."""
    for action in plan.actions:
        detail = action.detail
        said = [action.description, getattr(detail, "description", None), getattr(detail, "grain_says", None)]
        if not any(text and text.strip() for text in said):
            yield _nothing_said(action, f"{action.name} has no description")
        tables = detail.tables if isinstance(detail, SourceDetail) else ()
        silent = [table.name for table in tables if not (table.description and table.description.strip())]
        if silent:
            yield _nothing_said(action, f"{action.name}: no description of table {_listed(silent)}")


def _nothing_said(action: PlanAction, message: str) -> Finding:
    return warning("undocumented", message, "Say in a sentence what it holds", action)


def _stale(plan: ExecutionPlan) -> Iterator[Finding]:
    """Tables of sources whose freshness dbt cannot judge. None is made up."""
    for action in plan.actions:
        if isinstance(action.detail, SourceDetail):
            count = sum(table.freshness_hours is None for table in action.detail.tables)
            if count:
                yield note(
                    "no-freshness",
                    f"{_tables(count)} of source {action.name} without freshness: no column says when rows were loaded",
                    action=action,
                )


def _tables(count: int) -> str:
    return "1 table" if count == 1 else f"{count} tables"


def _unread(plan: ExecutionPlan, scope: Scope) -> Iterator[Finding]:
    """Declared tables that no model reads. Those of the request have a finding of their own."""
    models = scope.state.models.values() if scope.state else ()
    read = {pair for model in models for pair in model.sources}
    for action in plan.actions:
        if isinstance(action.detail, StagingDetail | SnapshotDetail):
            read.add((action.detail.source, action.detail.source_table))
    read |= {(ref.source, ref.table) for ref in scope.sources.values()}
    for action in plan.actions:
        if isinstance(action.detail, SourceDetail):
            names = [table.name for table in action.detail.tables]
            unread = [name for name in names if (action.name, name) not in read]
            if unread:
                yield warning(
                    "unused-source",
                    f"source {action.name} declares {_listed(unread)}, which no model reads",
                    "Stage it, or leave it out of the source",
                    action,
                )


def _declared_twice(plan: ExecutionPlan, scope: Scope) -> Iterator[Finding]:
    """Tables of the database that two sources declare, each under its own name."""
    owners: dict[_Relation, str] = {}
    for source in scope.state.sources.values() if scope.state else ():
        for known in source.tables:
            relation = _relation(source.database, source.schema, known.identifier or known.name)
            owners.setdefault(relation, f"{source.name}.{known.name}")
    for action in plan.actions:
        detail = action.detail
        if action.type != CREATE_SOURCE or not isinstance(detail, SourceDetail):
            continue
        for table in detail.tables:
            called = f"{action.name}.{table.name}"
            owner = owners.setdefault(_of(detail, table), called)
            if owner != called:
                yield warning(
                    "duplicate-source",
                    f"{called} is the same table as {owner}",
                    f"Declare it once, and read {owner}",
                    action,
                )


def _of(detail: SourceDetail, table: SourceTable) -> _Relation:
    return _relation(detail.database, detail.schema_name, table.identifier or table.name)


def _relation(database: str | None, schema: str, table: str) -> _Relation:
    return ((database or "").lower(), schema.lower(), table.lower())


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
