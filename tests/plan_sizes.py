"""Plans of two sizes for the review page: one of some twenty steps that is planned, one of a thousand that is put
together (planning it would take longer than all that is tested with it)."""

from __future__ import annotations

from cartridge.app.plan import PlanOptions
from cartridge.app.saved_plan import SavedPlan
from cartridge.domain.change import ChangeSet, FileChange
from cartridge.domain.plan import (
    Evidence,
    ExecutionPlan,
    Finding,
    ModelDetail,
    OutputColumn,
    PlanAction,
    SourceDetail,
    StagedColumn,
    StagingDetail,
)
from saved_plans import planned, scanned

TWENTY = """
    crm.customers(id pk, name, email)
    crm.tickets(id pk, customer_id -> crm.customers, subject, opened_at ts, minutes int)
    crm.replies(id pk, ticket_id -> crm.tickets, body, sent_at ts)
    sales.products(id pk, name, price num)
    sales.orders(id pk, customer_id -> crm.customers, ordered_at ts, total num)
    sales.order_items(id pk, order_id -> sales.orders, product_id -> sales.products, quantity int, amount num)
    sales.payments(id pk, order_id -> sales.orders, paid_at ts, amount num)
    sales.shipments(id pk, order_id -> sales.orders, shipped_at ts, cost num)
"""
SOURCES = 12
TABLES = 42
"""Of each source."""
FOLDERS = 9


def twenty_steps() -> SavedPlan:
    """Two sources, eight tables, all layers: planned, and so it can be changed."""
    return planned(None, scanned(TWENTY))


def thousand_steps() -> SavedPlan:
    """A thousand steps of twelve sources, to be looked at."""
    sources = [_source(number) for number in range(SOURCES)]
    staging = [_staging(number) for number in range(SOURCES * TABLES)]
    first = len(sources) + len(staging) + 1
    marts = [_mart(number, first + number) for number in range(1_000 - first + 1)]
    actions = [*sources, *staging, *marts]
    said = [
        Finding(code="uncovered-table", severity="warning", message=f"{action.name} has no key", action=action.name,
                step_id=action.step_id, mend="Declare one.")
        for action in staging[::90]
    ]  # fmt: skip
    plan = ExecutionPlan(strategy="greenfield", actions=actions, findings=said)
    files = [
        FileChange(path=action.file_path, operation="create", text=f"select * from {{{{ ref('{action.name}') }}}}\n",
                   step_ids=(action.step_id,))
        for action in actions
    ]  # fmt: skip
    small = scanned("crm.customers(id pk, name)")
    return SavedPlan(plan, ChangeSet(tuple(files)), small, PlanOptions(project_name="warehouse", target="snowflake"))


def _source(number: int) -> PlanAction:
    name = f"system_{number:02}"
    return PlanAction(
        step_id=number + 1,
        type="create_source",
        name=name,
        file_path=f"models/staging/{name}/_{name}__sources.yml",
        detail=SourceDetail(schema_name=name, tables=()),
    )


def _staging(number: int) -> PlanAction:
    source = f"system_{number % SOURCES:02}"
    table = f"{_WORDS[number % len(_WORDS)]}_{number // len(_WORDS):02}"
    columns = tuple(StagedColumn(name=f"{table}_{part}", source=part, data_type="text") for part in _PARTS)
    return PlanAction(
        step_id=SOURCES + number + 1,
        type="create_staging",
        name=f"stg_{source}__{table}",
        file_path=f"models/staging/{source}/stg_{source}__{table}.sql",
        dependencies=[source],
        detail=StagingDetail(source=source, source_table=table, table=(source, table), columns=columns,
                             grain=(f"{table}_id",), grain_says=f"one row per {table}"),
    )  # fmt: skip


def _mart(number: int, step_id: int) -> PlanAction:
    reads = [_staging((number * 5 + place * 7) % (SOURCES * TABLES)).name for place in range(3)]
    subject = f"{_WORDS[number % len(_WORDS)]}_{number // len(_WORDS):02}"
    column = OutputColumn(name=f"{subject}_id", role="key", data_type="text")
    return PlanAction(
        step_id=step_id,
        type="create_mart",
        name=f"fct_{subject}",
        file_path=f"models/marts/area_{number % FOLDERS}/fct_{subject}.sql",
        dependencies=reads,
        detail=ModelDetail(role="fact", grain_says=f"one row per {subject}", columns=(column,)),
        evidence=(Evidence(about="role", says=f"a {subject} is something that happens"),),
    )


_WORDS = (
    "invoices", "claims", "visits", "meters", "policies", "batches", "trips", "doses", "bids", "parcels", "shifts",
    "refunds", "quotes", "audits", "loans", "leases", "tests", "events", "alarms", "wagers", "scans", "votes",
)  # fmt: skip
_PARTS = ("id", "name", "status", "made_at", "amount", "note")
