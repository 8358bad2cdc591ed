"""What loading tools leave in tables: their own columns, and the keys by which they unnest documents."""

from __future__ import annotations

from cartridge.plan.keys.reading import Column, Table
from cartridge.plan.keys.targets import Targets
from cartridge.plan.keys.weigh import Candidate

_PREFIXES = ("_dlt_", "_airbyte_", "_fivetran_", "_sdc_", "_hevo_", "_estuary_", "_ab_")
_ROW_KEYS = frozenset(("_dlt_id", "_airbyte_raw_id", "_fivetran_id", "_airbyte_ab_id"))


def is_loader_column(column: Column) -> bool:
    """Whether a loading tool added the column: dlt, Airbyte, Fivetran, Stitch, Hevo, Estuary."""
    return column.name.lower().startswith(_PREFIXES)


def is_row_key(column: Column) -> bool:
    """Whether a loading tool numbered the rows by it."""
    return column.name.lower() in _ROW_KEYS


def child_reference(column: Column, table: Table, targets: Targets) -> list[Candidate]:
    """The parent of an unnested document: dlt's `_dlt_parent_id` refers to `_dlt_id` of the table before the last `__`,
    Stitch's `_sdc_source_key_id` to its `id`. Nothing else that a loader adds refers to anything.

    Source: the tools' documentation of nested tables.
    """
    name = column.name.lower()
    parent = targets.schema.tables.get((table.key[0], table.key[1].rpartition("__")[0]))
    wanted = "_dlt_id" if name == "_dlt_parent_id" else name.partition("_sdc_source_key_")[2]
    if parent is None or not wanted:
        return []
    says = f"{table.key[1]} was unnested from {parent.key[1]}"
    return [Candidate(column, target, 4.0, (says,)) for target in parent.columns if target.name.lower() == wanted]
