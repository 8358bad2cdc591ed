"""From the design of a star schema to models: the detail of facts, dimensions, bridges and what lies between."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence, Set
from dataclasses import dataclass

from cartridge.domain.plan import DataTest, DateSpan, JoinKey, ModelDetail, ModelInput, OutputColumn
from cartridge.domain.schema import Relationship, TableKey
from cartridge.plan.compose import MOST_JOINS, Piece, compose, short_name
from cartridge.plan.dates import date_dimension
from cartridge.plan.describe import entity
from cartridge.plan.loaders import is_loaders
from cartridge.plan.scope import Scope
from cartridge.plan.shape import ColumnShape, ModelShape
from cartridge.plan.staging import reference_test, telling
from cartridge.plan.star import Fold, MartDesign, Rollup, UnionDesign
from cartridge.plan.words import singular


@dataclass(frozen=True)
class Staged:
    """The models that stand for source tables, by table: staging models, or the union that several were put into."""

    shapes: Mapping[TableKey, ModelShape]
    documents: frozenset[TableKey] = frozenset()
    """Tables of events and facts: folded into their lines they are headers."""

    called: Callable[[TableKey], str] | None = None
    """What one row of a table is called."""

    def noun(self, table: TableKey) -> str:
        """One row of a table in words."""
        return self.called(table) if self.called else entity(table[1])

    def column(self, table: TableKey, source: str) -> str | None:
        """The name under which a source column is read."""
        shape = self.shapes.get(table)
        return shape.named((table, source)) if shape else None

    def columns(self, table: TableKey, sources: Sequence[str]) -> tuple[str, ...] | None:
        """As `column`, for all or none."""
        names = [self.column(table, source) for source in sources]
        found = tuple(name for name in names if name is not None)
        return found if len(found) == len(names) else None


def mart_detail(design: MartDesign, staged: Staged, rollups: Mapping[str, ModelShape]) -> ModelDetail | None:
    """What a mart selects; None where a table it stands on has no model, or no columns but those of loaders. `rollups`
    are shapes by child name."""
    if design.grain_table is None:
        return _dates(design, staged)
    base = staged.shapes.get(design.grain_table)
    if base is None:
        return None
    folded = _folded(design, base, staged)
    pieces = [*folded, *_rolled_up(design, base, staged, rollups, {piece.alias for piece in folded})][:MOST_JOINS]
    origin_names = {
        role.column: name
        for role in design.columns
        if (name := base.named((design.grain_table, role.column))) is not None
    }
    uses = {origin_names[role.column]: role.use for role in design.columns if role.column in origin_names}
    detail = compose(
        design.kind,
        base,
        pieces,
        roles={name: use for name, use in uses.items() if use != "omit"},
        drop=frozenset(name for name, use in uses.items() if use == "omit" and name not in base.grain),
    )
    computed = _computed(design, base, origin_names, {column.name for column in detail.columns})
    if not (computed or any(not is_loaders(column.name) for column in detail.columns)):
        return None
    return detail.model_copy(
        update={
            "columns": (*detail.columns, *computed),
            "grain_says": f"one row per {entity(singular_name(design.name))}",
            "materialized": "table",
        }
    )


def singular_name(name: str) -> str:
    """The singular of a plural snake_case name: `invoice_lines` -> `invoice_line`, `products_2` -> `product_2`."""
    head, _, last = name.rpartition("_")
    if head and last.isdigit():
        return f"{singular_name(head)}_{last}"
    return f"{head}_{singular(last)}" if head else singular(last)


def _dates(design: MartDesign, staged: Staged) -> ModelDetail | None:
    spans = [
        DateSpan(model=staged.shapes[table].name, column=name)
        for table, column in design.date_columns
        if (name := staged.column(table, column)) is not None
    ]
    return date_dimension(spans) if spans else None


# ---------------------------------------------------------------- joined along many-to-one


def _folded(design: MartDesign, base: ModelShape, staged: Staged) -> list[Piece]:
    """The design's folds as joins, each table on a fold's way joined once, in the order of their distance."""
    by_path: dict[tuple[Relationship, ...], Fold] = {fold.path: fold for fold in design.folds}
    aliases: dict[tuple[Relationship, ...], str] = {(): short_name(base.name)}
    pieces: list[Piece] = []
    for fold in sorted(design.folds, key=lambda fold: len(fold.path)):
        for size in range(1, len(fold.path) + 1):
            path = fold.path[:size]
            if path in aliases or path[:-1] not in aliases:
                continue
            piece = _fold_piece(path, by_path.get(path), fold, aliases[path[:-1]], staged)
            if piece is None or piece.alias in aliases.values():
                break
            aliases[path] = piece.alias
            pieces.append(piece)
    return pieces


def _fold_piece(
    path: tuple[Relationship, ...], own: Fold | None, fold: Fold, left: str, staged: Staged
) -> Piece | None:
    """The last step of `path` as a join; what a document's header says keeps its own names on the lines."""
    step = path[-1]
    shape = staged.shapes.get(step.ref_table)
    here = staged.columns(step.table, step.columns)
    there = staged.columns(step.ref_table, step.ref_columns)
    if shape is None or here is None or there is None:
        return None
    name = own.alias if own else f"{fold.alias}_{entity(step.ref_table[1]).replace(' ', '_')}"
    header = step.ref_table in staged.documents
    taken = [staged.column(step.ref_table, column) for column in (own.columns if own else ())]
    return Piece(
        alias=short_name(shape.name) if name == singular_name(short_name(shape.name)) else name,
        shape=shape,
        keys=tuple(
            JoinKey(left_alias=left, left_column=mine, right_column=theirs)
            for mine, theirs in zip(here, there, strict=True)
        ),
        prefix=name,
        one_to_one=False,
        basis=step.origin,
        because=_joined_because(own.because if own else "", step),
        take=frozenset(name for name in taken if name is not None),
        keep_keys=True,
        plain=header,
    )


def _joined_because(why: str, step: Relationship) -> str:
    """Why a table is joined, and what makes sure that its key is met: the counts, or how much a guess is believed."""
    reason = telling(step.origin, step.evidence)
    if step.origin == "declared":
        sure = f"declared key {step}"
    elif step.origin == "measured":
        sure = reason or f"measured key {step}"
    else:
        sure = f"guessed, {step.confidence:.2f}" + (f": {reason}" if reason else "")
    return f"{why}; {sure}" if why else sure


# ---------------------------------------------------------------- children, summed first


def rollup_detail(rollup: Rollup, staged: Staged, optional: Container[str] = ()) -> ModelDetail | None:
    """Children aggregated to one row per parent; None where the child has no model. `optional` are the child's source
    columns that may be NULL: a child without a parent is left out."""
    relationship = rollup.relationship
    child = staged.shapes.get(relationship.table)
    keys = staged.columns(relationship.table, relationship.columns)
    if child is None or keys is None:
        return None
    alias = short_name(child.name)
    one, many = staged.noun(relationship.ref_table), rollup.name.replace("_", " ")
    columns = [
        OutputColumn(
            name=key,
            alias=alias,
            column=key,
            data_type=child.columns[key].data_type,
            role="key",
            description=f"The {one} that the {many} belong to.",
        )
        for key in keys
    ]
    for measure in rollup.measures:
        read = staged.column(relationship.table, measure.column) if measure.column else None
        factor = staged.column(relationship.table, measure.factor) if measure.factor else None
        if (measure.column and read is None) or (measure.factor and factor is None):
            continue
        columns.append(
            OutputColumn(
                name=measure.name,
                alias=alias,
                column=read,
                factor=factor,
                function=measure.function,
                role="measure",
                data_type=child.columns[read].data_type if read and measure.function != "count_rows" else "integer",
                description=_measure_sentence(measure.function, many, one, read, factor),
            )
        )
    return ModelDetail(
        role="rollup",
        inputs=(ModelInput(alias=alias, model=child.name),),
        columns=tuple(columns),
        group_by=keys,
        filled=tuple(key for key, source in zip(keys, relationship.columns, strict=True) if source in optional),
        grain=keys,
        grain_says=f"one row per {one} that has {many}",
        materialized="view",
    )


def _measure_sentence(function: str, many: str, one: str, read: str | None, factor: str | None) -> str:
    said = (read or "").replace("_", " ")
    sentences = {
        "count_rows": f"Number of {many} of the {one}.",
        "sum": f"Sum of {said} over the {many} of the {one}.",
        "sum_product": f"Sum of {said} times {(factor or '').replace('_', ' ')} over the {many} of the {one}.",
        "average": f"Average {said} over the {many} of the {one}.",
    }
    return sentences[function]


def _rolled_up(
    design: MartDesign, base: ModelShape, staged: Staged, rollups: Mapping[str, ModelShape], folded: Set[str]
) -> list[Piece]:
    """The sums of the children. Where one of the children is joined itself (an order's last line), its sums are called
    otherwise."""
    taken = {short_name(base.name), *folded}
    pieces = []
    for rollup in design.rollups:
        shape = rollups.get(rollup_key(rollup))
        relationship = rollup.relationship
        here = staged.columns(relationship.ref_table, relationship.ref_columns)
        there = staged.columns(relationship.table, relationship.columns)
        if shape is None or here is None or there is None:
            continue
        alias = f"{rollup.name}_summed" if rollup.name in taken else rollup.name
        taken.add(alias)
        pieces.append(
            Piece(
                alias=alias,
                shape=shape,
                keys=tuple(
                    JoinKey(left_alias=short_name(base.name), left_column=mine, right_column=theirs)
                    for mine, theirs in zip(here, there, strict=True)
                ),
                prefix=singular_name(rollup.name),
                one_to_one=True,
                basis=relationship.origin,
                because=f"{rollup.name} summed to one row per {staged.noun(relationship.ref_table)} first",
                plain=True,
                fill_zero=True,
            )
        )
    return pieces


def rollup_key(rollup: Rollup) -> str:
    """Names a rollup within a design: its children and their parent."""
    return f"{rollup.name}>{rollup.relationship.ref_table}>{rollup.relationship.columns}"


# ---------------------------------------------------------------- computed, stacked, tested


def _computed(design: MartDesign, base: ModelShape, names: Mapping[str, str], taken: set[str]) -> list[OutputColumn]:
    found = []
    for amount in design.computed:
        quantity, price = names.get(amount.quantity), names.get(amount.unit_price)
        if quantity is None or price is None or amount.name in taken:
            continue
        found.append(
            OutputColumn(
                name=amount.name,
                alias=short_name(base.name),
                column=quantity,
                factor=price,
                function="product",
                data_type=base.columns[price].data_type,
                role="measure",
                description=f"{quantity.replace('_', ' ').capitalize()} times {price.replace('_', ' ')}.",
            )
        )
    return found


def union_detail(union: UnionDesign, staged: Staged, label: str) -> tuple[ModelDetail, ModelShape] | None:
    """The rows of sibling tables under each other, with `label` saying where each came from.

    The shape's origins are those of the first table, which stands for all of them.
    """
    shapes = [staged.shapes[table] for table in union.tables if table in staged.shapes]
    if len(shapes) != len(union.tables):
        return None
    first = shapes[0]
    while any(label in shape.columns for shape in shapes):
        label += "_name"
    shared = [name for name in first.columns if all(name in shape.columns for shape in shapes)]
    aliases = [f"{short_name(shape.name)}_{place}" for place, shape in enumerate(shapes, 1)]
    columns = [
        OutputColumn(
            name=name,
            column=name,
            data_type=first.columns[name].data_type,
            description=first.columns[name].description,
        )
        for name in shared
    ]
    detail = ModelDetail(
        role="union",
        inputs=tuple(
            ModelInput(alias=alias, model=shape.name, label=said)
            for alias, shape, said in zip(aliases, shapes, union.labels, strict=True)
        ),
        columns=(
            OutputColumn(name=label, role="key", data_type="varchar", description="Which of the tables it came from."),
            *columns,
        ),
        union_label=label,
        grain=(label, *first.grain) if first.grain and set(first.grain) <= set(shared) else (),
        grain_says=f"one row per {entity(singular_name(union.name))} of each {label.removeprefix('source_')}",
        materialized="view",
    )
    kept = {name: first.columns[name] for name in shared}
    shape = ModelShape("", {label: ColumnShape(label, "varchar", None, "id"), **kept}, detail.grain, first.table)
    return detail, shape


def with_references(
    detail: ModelDetail, shape: ModelShape, dimensions: Mapping[TableKey, ModelShape], scope: Scope
) -> ModelDetail:
    """The same model with a relationships test for each foreign key that meets a dimension's grain."""
    tests: dict[str, DataTest] = {}
    tables = dict.fromkeys(column.origin[0] for column in shape.columns.values() if column.origin)
    for relationship in (edge for table in tables for edge in scope.index.of_table(table)):
        dimension = dimensions.get(relationship.ref_table)
        if dimension is None or len(relationship.columns) != 1 or dimension.name == shape.name:
            continue
        column = shape.named((relationship.table, relationship.columns[0]))
        field = dimension.named((relationship.ref_table, relationship.ref_columns[0]))
        if column is not None and field is not None and dimension.grain == (field,):
            tests[column] = reference_test(relationship, dimension.name, field, scope)
    columns = tuple(
        column.model_copy(update={"tests": (*column.tests, tests[column.name])}) if column.name in tests else column
        for column in detail.columns
    )
    return detail.model_copy(update={"columns": columns})
