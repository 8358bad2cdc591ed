"""One staging model per table: renames, order, grain and tests.

The column conventions are those of dbt Labs' style guide: `<entity>_id` keys, `is_` / `has_` booleans, `_at`
timestamps, `_date` dates, snake_case whatever the source's case.
"""

from __future__ import annotations

from collections.abc import Mapping

from cartridge.domain.plan import DataTest, StagedColumn, StagingDetail
from cartridge.domain.schema import ColumnMapping, Origin, Relationship, TableKey, TableMapping
from cartridge.plan.describe import column_sentence, entity
from cartridge.plan.naming import safe_name, unique_names
from cartridge.plan.scope import Scope
from cartridge.plan.types import family
from cartridge.plan.words import participle, snake, tokens

GROUPS = ("id", "string", "numeric", "boolean", "date", "timestamp", "semi_structured", "metadata")
"""The order of columns in a staging model."""

LOADER_COLUMNS = ("_dlt_", "_airbyte_", "_fivetran_", "_sdc_", "_etl_", "_loaded_", "_ingest", "_extracted_", "__hevo")
"""How the columns start that loaders add to every table."""

_TIME_WORDS = frozenset({"at", "on", "time", "timestamp", "datetime", "ts", "dt", "tstamp", "date"})
_FLAGS = ("is_", "has_", "can_", "was_", "should_", "does_", "did_", "will_", "are_", "had_", "allow", "enable")


def stage(table: TableMapping, scope: Scope) -> StagingDetail:
    """What the staging model of `table` selects."""
    key = scope.keys.primary_keys.get(table.key)
    key_columns = key.columns if key else ()
    parents = {
        relationship.columns[0]: relationship
        for relationship in scope.index.of_table(table.key)
        if len(relationship.columns) == 1
    }
    names = staged_names(table, key_columns)
    columns = [
        StagedColumn(
            name=names[column.name],
            source=column.name,
            data_type=column.data_type,
            group=_group(column, key_columns, parents),
            description=column_sentence(table, column, parents.get(column.name), key_columns == (column.name,)),
        )
        for column in table.columns
    ]
    order = {name: place for place, name in enumerate(key_columns)}
    columns.sort(key=lambda c: (GROUPS.index(c.group), order.get(c.source, len(order))))
    ref = scope.sources[table.key]
    return StagingDetail(
        source=ref.source,
        source_table=ref.table,
        table=table.key,
        columns=tuple(columns),
        grain=tuple(names[name] for name in key_columns),
        grain_says=f"one row per {entity(table.name)}" if key_columns else None,
    )


def staged_names(table: TableMapping, key: tuple[str, ...]) -> dict[str, str]:
    """The staged name of every column, by its source name; collisions are resolved, the plainer name wins."""
    plain = {column.name: safe_name(snake(column.name)) for column in table.columns}
    taken = set(plain.values())
    wished = []
    for column in table.columns:
        name = _wish(table, column, plain[column.name], key)
        wished.append(plain[column.name] if name != plain[column.name] and name in taken else name)
    return dict(zip((column.name for column in table.columns), unique_names(wished), strict=True))


def _wish(table: TableMapping, column: ColumnMapping, plain: str, key: tuple[str, ...]) -> str:
    if plain.startswith(LOADER_COLUMNS):
        return plain
    if plain == "id" and (not key or column.name in key):
        return safe_name(f"{snake(entity(table.name))}_id")
    kind = family(column.data_type)
    if kind == "boolean" and not plain.startswith(_FLAGS):
        return f"is_{plain}"
    if kind == "timestamp":
        return _moment_name(plain)
    return plain


def _moment_name(plain: str) -> str:
    """`order_date` -> `ordered_at`, `created` -> `created_at`; a stem that is no event (`birth_date`) stays."""
    parts = plain.split("_")
    stem, last = parts[:-1], parts[-1]
    if last == "at" or plain.startswith("_"):
        return plain
    if last not in _TIME_WORDS:
        return f"{plain}_at"
    if not stem:
        return plain
    happened = participle(stem[-1])
    if happened:
        return "_".join((*stem[:-1], happened, "at"))
    return plain if last == "date" else "_".join((*stem, "at"))


def _group(column: ColumnMapping, key: tuple[str, ...], parents: Mapping[str, Relationship]) -> str:
    name = column.name.lower()
    if name.startswith(LOADER_COLUMNS):
        return "metadata"
    if column.name in key or column.name in parents or tokens(column.name)[-1:] in {("id",), ("uuid",), ("guid",)}:
        return "id"
    kind = family(column.data_type)
    if kind in {"integer", "decimal", "float"}:
        return "numeric"
    if kind in {"boolean", "date", "timestamp", "semi_structured"}:
        return kind
    return "string"


def add_tests(
    detail: StagingDetail, scope: Scope, models: Mapping[TableKey, tuple[str, StagingDetail]]
) -> StagingDetail:
    """The same model with its tests: keys, references to the staging models in `models`, measured values.

    What the database declares or the data show is an error when it fails; what was inferred from names only warns.
    """
    if not scope.request.include_tests:
        return detail
    tests: dict[str, list[DataTest]] = {column.name: [] for column in detail.columns}
    key = scope.keys.primary_keys.get(detail.table)
    whole: tuple[DataTest, ...] = ()
    if key and detail.grain:
        because = _because(key.origin, "key", key.evidence)
        severity = _severity(key.origin)
        if len(detail.grain) == 1:
            tests[detail.grain[0]] += [
                DataTest(name="unique", severity=severity, basis=key.origin, because=because),
                DataTest(name="not_null", severity=severity, basis=key.origin, because=because),
            ]
        else:
            whole = (
                DataTest(
                    name="unique_combination",
                    arguments={"columns": list(detail.grain)},
                    severity=severity,
                    basis=key.origin,
                    because=because,
                ),
            )
    staged = {column.source: column.name for column in detail.columns}
    for relationship in scope.index.of_table(detail.table):
        test = _reference(relationship, models)
        if test is not None:
            tests[staged[relationship.columns[0]]].append(test)
    for column in detail.columns:
        tests[column.name] += _accepted_values(detail.table, column.source, scope)
    columns = tuple(
        column.model_copy(update={"tests": tuple(tests[column.name])}) if tests[column.name] else column
        for column in detail.columns
    )
    return detail.model_copy(update={"columns": columns, "tests": whole})


def _reference(relationship: Relationship, models: Mapping[TableKey, tuple[str, StagingDetail]]) -> DataTest | None:
    parent = models.get(relationship.ref_table)
    if parent is None or len(relationship.columns) != 1:
        return None
    name, detail = parent
    field = next((c.name for c in detail.columns if c.source == relationship.ref_columns[0]), None)
    if field is None:
        return None
    return DataTest(
        name="relationships",
        arguments={"to": name, "field": field},
        severity=_severity(relationship.origin),
        basis=relationship.origin,
        because=_because(relationship.origin, "foreign key", relationship.evidence),
    )


def _accepted_values(table: TableKey, column: str, scope: Scope) -> list[DataTest]:
    """The values of a low-cardinality column, where the user had them measured; a new value is worth a warning."""
    profile = (scope.request.profile or {}).get(table)
    measured = profile.columns.get(column) if profile and not profile.sampled else None
    if profile is None or measured is None or not measured.values:
        return []
    because = f"the {len(measured.values)} values found in {profile.rows:,} rows"
    return [
        DataTest(
            name="accepted_values",
            arguments={"values": sorted(measured.values)},
            severity="warn",
            basis="measured",
            because=because,
        )
    ]


def _severity(origin: Origin) -> str:
    return "warn" if origin == "inferred" else "error"


def _because(origin: Origin, what: str, evidence: tuple[str, ...]) -> str:
    says = {"declared": f"declared {what}", "measured": f"{what} measured in the data", "inferred": f"{what} inferred"}
    return says[origin] + (f": {evidence[0]}" if evidence and origin != "declared" else "")


__all__ = ["GROUPS", "LOADER_COLUMNS", "add_tests", "stage", "staged_names"]
