"""One staging model per table: its columns in house style and order, its grain and its tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cartridge.domain.plan import DataTest, StagedColumn, StagingDetail
from cartridge.domain.schema import ColumnMapping, Origin, Relationship, TableKey, TableMapping
from cartridge.plan.loaders import is_loaders
from cartridge.plan.scope import Scope
from cartridge.plan.shape import ModelShape
from cartridge.plan.types import family
from cartridge.plan.words import tokens

GROUPS = ("id", "string", "numeric", "boolean", "date", "timestamp", "semi_structured", "metadata")
"""The order of columns in a staging model."""


def stage(table: TableMapping, scope: Scope) -> StagingDetail:
    """What the staging model of `table` selects."""
    key = scope.keys.primary_keys.get(table.key)
    key_columns = key.columns if key else ()
    parents = {edge.columns[0] for edge in scope.index.of_table(table.key) if len(edge.columns) == 1}
    names = scope.staged_names(table, key_columns)
    casts = _casts(table, scope)
    says = scope.sentences(table)
    columns = [
        StagedColumn(
            name=names[column.name],
            source=column.name,
            data_type=column.data_type,
            cast=casts.get(column.name),
            group=_group(column, key_columns, parents),
            description=says[column.name],
        )
        for column in table.columns
        if column.name.lower() not in scope.loaders_left_out
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
        grain_says=f"one row per {scope.noun(table.key)}" if key_columns else None,
    )


def _casts(table: TableMapping, scope: Scope) -> dict[str, str]:
    """The generic types of keys that another table holds as numbers and this one as text, or the other way: warehouses
    refuse to compare the two. Only where the database or the data say that the values are the same."""
    found = {}
    for relationship in scope.index.of_table(table.key):
        parent = scope.tables.get(relationship.ref_table)
        if parent is None or relationship.origin == "inferred":
            continue
        for own, other in zip(relationship.columns, relationship.ref_columns, strict=True):
            mine, theirs = table.column(own), parent.column(other)
            kinds = (family(mine.data_type), family(theirs.data_type)) if mine and theirs else ()
            if kinds in _UNEQUAL:
                found[own] = _UNEQUAL[kinds]
    return found


_UNEQUAL = {
    ("string", "integer"): "bigint", ("integer", "string"): "varchar", ("decimal", "string"): "varchar",
}  # fmt: skip
"""(own family, the parent's) -> the type to cast to."""


def _group(column: ColumnMapping, key: tuple[str, ...], parents: Collection[str]) -> str:
    if is_loaders(column.name):
        return "metadata"
    if column.name in key or column.name in parents or tokens(column.name)[-1:] in {("id",), ("uuid",), ("guid",)}:
        return "id"
    kind = family(column.data_type)
    if kind in {"integer", "decimal", "float"}:
        return "numeric"
    if kind in {"boolean", "date", "timestamp", "semi_structured"}:
        return kind
    return "string"


def add_tests(detail: StagingDetail, scope: Scope, models: Mapping[TableKey, ModelShape]) -> StagingDetail:
    """The same model with its tests: keys, references to the staging models in `models` (by table), measured values.

    What the database declares or the data show is an error when it fails; what was inferred from names only warns.
    """
    if not scope.request.include_tests:
        return detail
    tests: dict[str, list[DataTest]] = {column.name: [] for column in detail.columns}
    key = scope.keys.primary_keys.get(detail.table)
    whole: tuple[DataTest, ...] = ()
    if key and detail.grain:
        because = _because(key.origin, "key", key.evidence)
        weight = severity(key.origin)
        if len(detail.grain) == 1:
            tests[detail.grain[0]] += [
                DataTest(name="unique", severity=weight, basis=key.origin, because=because),
                DataTest(name="not_null", severity=weight, basis=key.origin, because=because),
            ]
        else:
            whole = (
                DataTest(
                    name="unique_combination",
                    arguments={"columns": list(detail.grain)},
                    severity=weight,
                    basis=key.origin,
                    because=because,
                ),
            )
    staged = {column.source: column.name for column in detail.columns}
    asked = scope.index.of_table(detail.table) if scope.conventions.documentation.references else ()
    for relationship in asked:
        test = _reference(relationship, models, scope)
        if test is not None:
            tests[staged[relationship.columns[0]]].append(test)
    for column in detail.columns:
        tests[column.name] += _accepted_values(detail.table, column.source, scope)
    columns = tuple(
        column.model_copy(update={"tests": tuple(tests[column.name])}) if tests[column.name] else column
        for column in detail.columns
    )
    return detail.model_copy(update={"columns": columns, "tests": whole})


def _reference(relationship: Relationship, models: Mapping[TableKey, ModelShape], scope: Scope) -> DataTest | None:
    parent = models.get(relationship.ref_table)
    if parent is None or len(relationship.columns) != 1:
        return None
    field = parent.named((relationship.ref_table, relationship.ref_columns[0]))
    if field is None:
        return None
    return reference_test(relationship, parent.name, field, scope)


def reference_test(relationship: Relationship, model: str, field: str, scope: Scope) -> DataTest:
    """The test of a foreign key against the column of a model; orphans that were counted are said, and only warn."""
    origin = relationship.origin
    basis, weight = origin, severity(origin, relationship.confidence)
    because = _because(origin, "foreign key", relationship.evidence)
    overlap = scope.overlap(relationship)
    if overlap and overlap.orphans:
        part = "sampled rows" if overlap.sampled else "rows"
        basis, weight = "measured", "warn"
        because = f"{origin} foreign key; {overlap.orphans:,} of {overlap.rows:,} {part} have no parent"
    elif overlap and overlap.sampled and origin == "measured":
        weight = "warn"
    arguments = {"to": model, "field": field}
    return DataTest(name="relationships", arguments=arguments, severity=weight, basis=basis, because=because)


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


def severity(origin: Origin, confidence: float = 1.0) -> str:
    """Guesses warn, and so do declared keys that the data break."""
    return "warn" if origin == "inferred" or (origin == "declared" and confidence < 1) else "error"


def _because(origin: Origin, what: str, evidence: tuple[str, ...]) -> str:
    says = {"declared": f"declared {what}", "measured": f"{what} measured in the data", "inferred": f"{what} inferred"}
    reason = telling(origin, evidence)
    return f"{says[origin]}: {reason}" if reason and origin != "declared" else says[origin]


def telling(origin: Origin, evidence: tuple[str, ...]) -> str:
    """The sentence that says most of a key: of a measured one the counts, else the first; empty where there is none."""
    return evidence[-1 if origin == "measured" else 0] if evidence else ""
