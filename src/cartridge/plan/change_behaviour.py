"""How tables change: when they were loaded, which facts grow, which rows are overwritten.

From this follow source freshness, incremental marts and snapshots. Nothing is made incremental on a name alone: it
takes many rows, a key and a cursor that is always filled.
"""

from __future__ import annotations

from dataclasses import dataclass

from cartridge.domain.plan import Evidence, ModelDetail, OutputColumn, SnapshotDetail
from cartridge.domain.schema import ColumnMapping, TableKey, TableMapping
from cartridge.plan.scope import Scope
from cartridge.plan.shape import ModelShape
from cartridge.plan.types import is_moment
from cartridge.plan.words import tokens

LOADED_AT = (
    "_fivetran_synced", "_airbyte_extracted_at", "_airbyte_emitted_at", "_sdc_batched_at", "_sdc_received_at",
    "_loaded_at", "_etl_loaded_at", "_ingested_at", "_inserted_at", "__hevo__loaded_at",
)  # fmt: skip
"""Moments that loaders (Fivetran, Airbyte, Stitch and Singer, Hevo, common hand-written ones) add to every row."""

LOAD_NUMBER = "_dlt_load_id"
"""What dlt writes into every row of a document's own table: when its load began, in seconds since 1970, as text.

Source: dlt's documentation of load packages.
"""

FRESHNESS_HOURS = (24, 48)
"""Warn after a day without new rows, fail after two: a preset, to be tuned by who knows the loader's schedule."""

LARGE_ROWS = 5_000_000
"""From here on rebuilding a table each run costs more than the bookkeeping of an incremental model."""

LOOKBACK_DAYS = 3
"""Days that are read again, for rows that arrive late."""

_CHANGED = frozenset({"updated", "modified", "changed", "lastmodified", "systemmodstamp"})
_CREATED = frozenset({"created", "inserted", "occurred", "logged", "recorded", "received", "sent", "event"})


def loaded_at(table: TableMapping) -> str | None:
    """The column that says when a loader wrote the row, or None."""
    by_name = {column.name.lower(): column for column in table.columns}
    found = (by_name[name] for name in LOADED_AT if name in by_name)
    moment = next((column.name for column in found if is_moment(column.data_type)), None)
    dlt = by_name.get(LOAD_NUMBER)
    return moment or (dlt.name if dlt is not None else None)


@dataclass(frozen=True)
class Cursor:
    """A column that orders rows by when they came or last changed. `changes`: it moves when a row is updated."""

    column: str
    changes: bool
    because: str


def cursor(table: TableMapping, scope: Scope) -> Cursor | None:
    """The cursor of a table: a moment that is never empty and says that it is about the row itself."""
    candidates = [
        (rank, column)
        for column in table.columns
        if is_moment(column.data_type) and (rank := _rank(column)) is not None
    ]
    for rank, column in sorted(candidates, key=lambda pair: pair[0]):
        filled = _always_filled(table.key, column, scope)
        if filled:
            return Cursor(column.name, rank == 0, filled)
    return None


def _rank(column: ColumnMapping) -> int | None:
    words = set(tokens(column.name))
    if words & _CHANGED or {"last", "update"} <= words:
        return 0
    return 1 if words & _CREATED else None


def _always_filled(key: TableKey, column: ColumnMapping, scope: Scope) -> str | None:
    profile = (scope.request.profile or {}).get(key)
    measured = profile.columns.get(column.name) if profile else None
    if measured is not None:
        return f"{column.name} is filled in all {profile.rows:,} rows" if profile and measured.nulls == 0 else None
    return f"{column.name} is declared not null" if not column.nullable else None


def incremental(
    detail: ModelDetail, table: TableMapping, base: ModelShape, scope: Scope
) -> tuple[ModelDetail, Evidence | None]:
    """The fact as an incremental model where its table is large, has a key and a proven cursor; else as it is.

    Only facts that read one table qualify: where others are folded in, a change there would go unseen.
    """
    rows = table.row_count or 0
    if rows < LARGE_ROWS or not detail.grain or detail.role != "fact":
        return detail, None
    found = cursor(table, scope)
    staged = base.named((table.key, found.column)) if found else None
    if found is None or staged is None or detail.joins:
        says = f"{rows:,} rows would pay for an incremental model, but "
        says += "a change in what is joined would go unseen" if detail.joins else "no column is proven as a cursor"
        return detail, Evidence(about="materialized", says=says, against=True)
    columns = detail.columns
    if staged not in {column.name for column in columns}:
        shape = base.columns[staged]
        columns += (
            OutputColumn(
                name=staged,
                alias=detail.inputs[0].alias,
                column=staged,
                data_type=shape.data_type,
                role="metadata",
                description=shape.description,
            ),
        )
    changed = detail.model_copy(
        update={
            "columns": columns,
            "materialized": "incremental",
            "incremental_key": detail.grain,
            "incremental_cursor": staged,
            "incremental_lookback_days": LOOKBACK_DAYS,
        }
    )
    says = f"{rows:,} rows; {found.because}; {LOOKBACK_DAYS} days are read again for rows that come late"
    return changed, Evidence(about="materialized", says=says, basis="measured")


def snapshot(table: TableMapping, scope: Scope) -> tuple[SnapshotDetail, Evidence] | None:
    """How the history of a table whose rows are overwritten is kept; None without a key."""
    key = scope.keys.primary_keys.get(table.key)
    if key is None:
        return None
    found = cursor(table, scope)
    changes = found if found is not None and found.changes else None
    ref = scope.sources[table.key]
    detail = SnapshotDetail(
        source=ref.source,
        source_table=ref.table,
        table=table.key,
        unique_key=key.columns,
        strategy="timestamp" if changes else "check",
        updated_at=changes.column if changes else None,
    )
    says = (
        f"{changes.because} and moves when a row changes"
        if changes
        else "no moment says when a row changed, so all columns are compared"
    )
    return detail, Evidence(about="materialized", says=says, basis="declared" if changes else "default")
