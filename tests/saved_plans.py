"""A small dbt project, a scan of new tables for it, and the plan that brings them in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cartridge import app
from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import SavedPlan, saved_plan
from cartridge.domain.schema import SchemaSnapshot
from schemas import read_schema

TABLES = """
    crm.customers(id pk, name, email)
    crm.tickets(id pk, customer_id -> crm.customers, subject, opened_at ts, minutes int)
    crm.replies(id pk, ticket_id -> crm.tickets, body, sent_at ts)
"""

PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nmodel-paths: [models]\n",
    "models/staging/crm/_crm__sources.yml": (
        "version: 2\n\nsources:\n  - name: crm\n    tables:\n      - name: customers\n        columns:\n"
        "          - name: id\n          - name: name\n"
    ),
    "models/staging/crm/_crm__models.yml": (
        "version: 2\n\nmodels:\n  - name: stg_crm__customers\n    description: Customers. # by hand\n"
    ),
    "models/staging/crm/stg_crm__customers.sql": (
        "select id as customer_id, name as customer_name, email from {{ source('crm', 'customers') }}\n"
    ),
    "models/marts/dim_customers.sql": "select * from {{ ref('stg_crm__customers') }}\n",
    "models/other/notes.sql": "select 1 as note_id\n",
}
"""The files of the project: a source with one of the tables, staged, and a mart."""


def write_project(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The project, written below a folder."""
    for path, text in (PROJECT if files is None else files).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


def scanned(text: str = TABLES) -> SchemaSnapshot:
    """The scan of a PostgreSQL database with the tables of a text in the notation of `schemas`."""
    schema = read_schema(text)
    return SchemaSnapshot(
        kind="postgres",
        database="crm",
        dialect="postgres",
        tables=tuple(schema.declared()),
        relationships=tuple(schema.keys.relationships),
    )


def planned(
    project: Path | None, snapshot: SchemaSnapshot | None = None, options: PlanOptions | None = None
) -> SavedPlan:
    """The plan for the project in a folder; all layers unless the options say otherwise."""
    return asyncio.run(_planned(project, snapshot or scanned(), options or PlanOptions(layers=("all",))))


async def _planned(project: Path | None, snapshot: SchemaSnapshot, options: PlanOptions) -> SavedPlan:
    context = await app.project_context(project, snapshot.tables) if project else None
    request = app.request_for(snapshot, options, context)
    plan, changes = await app.decide(request, project)
    return saved_plan(plan, changes, snapshot, request, options)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but cartridge's own, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {path: content for path, content in found.items() if not path.startswith(".cartridge/")}
