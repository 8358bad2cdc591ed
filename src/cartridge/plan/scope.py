"""What a planner looks at: the request, read once, with its keys, conventions and names decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cartridge.domain.plan import Finding, ModelGenerationRequest
from cartridge.domain.project import (
    Conventions,
    ModelState,
    ProjectContext,
    ProjectState,
    SourceState,
    SourceTableState,
)
from cartridge.domain.schema import ModelType, Overlap, Relationship, TableKey, TableMapping, table_keys
from cartridge.domain.warehouse import Warehouse, warehouse_of
from cartridge.errors import InputError
from cartridge.plan.access import forbidden
from cartridge.plan.carried import carried
from cartridge.plan.columns import ColumnHabits, column_habits, staged_names
from cartridge.plan.conventions.asked import asked_columns
from cartridge.plan.conventions.columns import PROJECT, named_columns
from cartridge.plan.conventions.sources import learned_affixes, own_sources, without_affixes
from cartridge.plan.declared import table_habits
from cartridge.plan.describe import column_sentence, entity
from cartridge.plan.keys import Keys, find_keys, held_against
from cartridge.plan.loaders import is_loaders
from cartridge.plan.naming import conventions_for, safe_name, source_names, unique_names
from cartridge.plan.neighbours import Neighbour, bare_shape, mart_tables, neighbours, staged_shape, staging_models
from cartridge.plan.places import Place, owners
from cartridge.plan.shape import KeyIndex, ModelShape
from cartridge.plan.star.names import BusinessNames
from cartridge.plan.star.siblings import find_unions
from cartridge.plan.types import family
from cartridge.plan.words import snake

_Edge = tuple[TableKey, tuple[str, ...], TableKey, tuple[str, ...]]

_OWN_CATALOGUES = frozenset({"memory", "system", "temp", "main", "warehouse"})
"""Names that an attached DuckDB file cannot take: the engine's own, and the generated project's."""


@dataclass(frozen=True)
class SourceRef:
    """dbt's names for a source table: `source(source, table)`."""

    source: str
    table: str


@dataclass(frozen=True)
class Scope:
    """The request as the planner sees it. Made by `scope_of`."""

    request: ModelGenerationRequest
    context: ProjectContext
    conventions: Conventions
    target: Warehouse
    tables: Mapping[TableKey, TableMapping]
    """The tables to plan, ordered by schema and name."""
    left_out: tuple[tuple[TableKey, str], ...]
    keys: Keys
    sources: Mapping[TableKey, SourceRef]
    neighbours: tuple[Neighbour, ...]
    """Entities of the project that the tables may refer to."""
    findings: tuple[Finding, ...]
    marts: Mapping[TableKey, str]
    """The project's marts that stand for the tables."""

    @property
    def state(self) -> ProjectState | None:
        """The project as read from its files, where it was."""
        return self.context.state

    @cached_property
    def index(self) -> KeyIndex:
        """The relationships, by their columns."""
        return KeyIndex(self.keys.relationships)

    def noun(self, table: TableKey) -> str:
        """One row of a table in the words of the business: "customer" of `tbl_cust`."""
        return self._names.singular(table).replace("_", " ") if table in self.tables else entity(table[1])

    @cached_property
    def _names(self) -> BusinessNames:
        return BusinessNames(list(self.tables), {})

    def overlap(self, edge: Relationship) -> Overlap | None:
        """What was counted along a foreign key, if anything was."""
        return self._overlaps.get((edge.table, edge.columns, edge.ref_table, edge.ref_columns))

    @cached_property
    def _overlaps(self) -> Mapping[_Edge, Overlap]:
        counted = ((item.relationship, item) for item in self.request.overlaps or ())
        return {(e.table, e.columns, e.ref_table, e.ref_columns): item for e, item in counted}

    @cached_property
    def existing_sources(self) -> frozenset[str]:
        """Names of the sources that the project declares."""
        known = self.state.sources if self.state else {}
        return frozenset(self.context.existing_sources) | frozenset(known)

    @cached_property
    def existing_models(self) -> frozenset[str]:
        """Names of the models, seeds and snapshots that the project and its packages hold."""
        known = self.state.models if self.state else {}
        return frozenset(self.context.existing_models) | frozenset(known)

    @property
    def is_brownfield(self) -> bool:
        """Whether a project is there: decided by what is found, or said by the context."""
        return self.context.is_incremental or bool(self.existing_models) or bool(self.existing_sources)

    @cached_property
    def stagers(self) -> Mapping[tuple[str, str], ModelState]:
        """The node of the project that stages each (source, table)."""
        return staging_models(self.state)

    @cached_property
    def staged_before(self) -> Mapping[TableKey, ModelShape | None]:
        """The tables that the project stages already, with the model that does, or None where its columns are not
        known or its rows are not the table's: it stacks several, keeps their history, or is turned off."""
        found: dict[TableKey, ModelShape | None] = {}
        for key, ref in self.sources.items():
            model = self.stagers.get((ref.source, ref.table))
            if model is not None and not (model.entry and model.enabled):
                found[key] = None
            elif model is not None:
                primary = self.keys.primary_keys.get(key)
                columns = primary.columns if primary else ()
                table = self.tables[key]
                shape = staged_shape(model, table, self.staged_names(table, columns), columns)
                found[key] = self._described(shape, table) if shape and self.wants(ModelType.MARTS) else shape
        return found

    def _described(self, shape: ModelShape, table: TableMapping) -> ModelShape:
        """An existing staging model with the sentences that its columns would have in a new one: marts pass them on."""
        says = self.sentences(table)
        columns = {
            name: replace(column, description=says[column.origin[1]] if column.origin else None)
            for name, column in shape.columns.items()
        }
        return replace(shape, columns=columns)

    def sentences(self, table: TableMapping) -> dict[str, str]:
        """What every column of a table says, by its source name."""
        key = self.keys.primary_keys.get(table.key)
        parents = {edge.columns[0]: edge for edge in self.index.of_table(table.key) if len(edge.columns) == 1}
        nouns = {name: self.noun(parent.ref_table) for name, parent in parents.items()}
        one, single = self.noun(table.key), key.columns if key else ()
        return {
            column.name: column_sentence(column, one, nouns.get(column.name), is_key=single == (column.name,))
            for column in table.columns
        }

    @cached_property
    def column_habits(self) -> Mapping[str, ColumnHabits]:
        """What the project's staging models call columns: by source, and of all."""
        named = named_columns(self.state) if self.state else ()
        keys = {(ref.source, ref.table): key for key, ref in self.sources.items()}
        known = [
            (replace(item, table=self._stacked.get(key, item.table)), key)
            for item in named
            if (key := keys.get((item.source, item.table))) is not None
        ]
        kinds = {
            (item.source, item.table): {c.name.lower(): family(c.data_type) for c in self.tables[key].columns}
            for item, key in known
        }
        asked = asked_columns(self.state) if self.state else None
        return column_habits([item for item, _ in known], kinds, asked)

    def staged_names(self, table: TableMapping, key: tuple[str, ...]) -> dict[str, str]:
        """The staged name of every column of a table, as the project's staging models call theirs."""
        known = self.column_habits
        habits = known.get(self.sources[table.key].source) or known[PROJECT]
        names = staged_names(replace(table, name=self._called(table, key)), key, habits)
        for edge in self.index.of_table(table.key):
            told = f"{snake(self.noun(edge.ref_table))}_id"
            if len(edge.columns) == 1 == len(edge.columns[0]) and told not in names.values():
                names[edge.columns[0]] = told  # `A` of Prisma's pairs says nothing
        return names

    def _called(self, table: TableMapping, key: tuple[str, ...]) -> str:
        """What the rows of a table are called together: of its siblings, or of that whose versions it keeps, so that
        the `id` of `campaign_history` is a `campaign_id`."""
        thing = table.name[: -len("_history")] if table.name.lower().endswith("_history") else ""
        if len(key) == 2 and key[0].lower() == "id" and thing and table.column(f"{thing}_id") is None:
            return thing
        return self._stacked.get(table.key, table.name)

    @cached_property
    def _stacked(self) -> Mapping[TableKey, str]:
        """What sibling tables are called together: their columns bear one name, `reading_id` in `readings_2024_01`."""
        unions = find_unions([table for table in self.tables.values() if not table.is_view])
        return {
            key: union.name for union in unions if len({key[1] for key in union.tables}) > 1 for key in union.tables
        }

    @cached_property
    def loaders_left_out(self) -> frozenset[str]:
        """Columns of loaders, in lower case, that no staging model of the project reads though its table has them."""
        had: set[str] = set()
        read: set[str] = set()
        for key, shape in self.staged_before.items():
            if shape is None or self.state is None:
                continue
            had |= {column.name.lower() for column in self.tables[key].columns if is_loaders(column.name)}
            read |= {column.origin[1].lower() for column in shape.columns.values() if column.origin}
            read |= {name.lower() for name in self.state.models[shape.name].reads or ()}
        return frozenset(had - read)

    def existing_shapes(self, layer: str) -> dict[TableKey, ModelShape]:
        """The models of the project that stand for tables or entities: of one layer, else of the other."""
        found = {key: shape for key, shape in self.staged_before.items() if shape is not None}
        for neighbour in self.neighbours:
            key = self.keys.primary_keys.get(neighbour.table.key)
            shape = neighbour.shape(layer, key.columns) if key else None
            if shape is not None:
                found[neighbour.table.key] = shape
        return found

    def readable(self, shapes: Mapping[TableKey, ModelShape], path: str) -> Mapping[TableKey, ModelShape]:
        """Those of the models that a new one at `path` may refer to."""
        barred = forbidden(path, self.state)
        if not barred:
            return shapes
        return {key: shape for key, shape in shapes.items() if shape.name not in barred}

    @cached_property
    def mart_shapes(self) -> Mapping[TableKey, ModelShape]:
        """The project's marts that stand for tables and whose columns are known, by table."""
        found = {}
        for key, name in self.marts.items():
            model = self.state.models[name] if self.state else None
            primary = self.keys.primary_keys.get(key)
            if model and primary:
                names = self.staged_names(self.tables[key], primary.columns)
                shape = staged_shape(model, self.tables[key], names, primary.columns)
                if shape is not None and shape.grain:
                    found[key] = shape
        return found

    def known_shapes(self) -> dict[str, ModelShape]:
        """Every model of the project whose columns are known, by name."""
        return dict(self._known_shapes)

    @cached_property
    def _known_shapes(self) -> Mapping[str, ModelShape]:
        known = {model.name: bare_shape(model) for model in (self.state.models.values() if self.state else ())}
        found = {name: shape for name, shape in known.items() if shape is not None}
        for layer in (self.existing_shapes("mart"), self.existing_shapes("staging")):
            found |= {shape.name: shape for shape in layer.values()}
        return found

    @cached_property
    def renamed_tables(self) -> Mapping[tuple[str, str], TableKey]:
        """The new names of declared tables, by (source, table): a table is gone, and there is just one undeclared table
        of its source with the columns that it was declared with, in their order and of their types."""
        found = {}
        for name, tables in self.by_source.items() if self.state and self.request.all_tables else ():
            source = self.state.sources.get(name) if self.state else None
            known = {entry.name for entry in source.tables} if source else set()
            there = {self.sources[table.key].table for table in tables}
            new = [table for table in tables if self.sources[table.key].table not in known]
            for declared in (entry for entry in source.tables if entry.name not in there) if source else ():
                like = [table.key for table in new if _same_columns(declared, table)]
                if len(like) == 1:
                    found[name, declared.name] = like[0]
        twice = Counter(found.values())
        return {declared: key for declared, key in found.items() if twice[key] == 1}

    def wants(self, layer: ModelType) -> bool:
        """Whether the request asks for a layer."""
        return layer in self.request.model_types

    @cached_property
    def by_source(self) -> Mapping[str, list[TableMapping]]:
        """The tables of every source, in order."""
        found: dict[str, list[TableMapping]] = {}
        for key, table in self.tables.items():
            found.setdefault(self.sources[key].source, []).append(table)
        return found

    def catalogue(self, table: TableMapping) -> str | None:
        """The database that a source must name: an attached file's alias, or another database of the warehouse."""
        if self.target == "duckdb":
            if not self.request.file_source:
                return None
            alias = safe_name(table.database or self.request.file_source.rsplit(".", 1)[0])
            return f"{alias}_source" if alias in _OWN_CATALOGUES else alias
        if self.target in {"snowflake", "bigquery", "databricks"}:
            return table.database
        return None


def _same_columns(declared: SourceTableState, table: TableMapping) -> bool:
    """Whether a table has the documented columns of another one, and no more. One column alone tells nothing."""
    names = [name.lower() for name in declared.columns]
    types = [family(kind) for kind in declared.types if kind]
    return (
        len(names) > 1
        and len(types) == len(names)
        and names == [column.name.lower() for column in table.columns]
        and types == [family(column.data_type) for column in table.columns]
    )


def scope_of(request: ModelGenerationRequest) -> Scope:
    """Reads a request once.

    Raises:
        InputError: the target warehouse is not known, or two tables are the same.
    """
    context = request.context or ProjectContext()
    target = warehouse_of(request)
    ordered = table_keys(sorted(request.tables, key=lambda table: table.key))
    if len(ordered) != len(request.tables):
        raise InputError("ModelGenerationRequest.tables: a table is given twice (same schema and name)")
    tables, left_out = carried(ordered)
    sources = _source_names(list(tables.values()), context.state)
    staged = _staged(context.state, tables, sources)
    marts = mart_tables(context.state, staged)
    near = neighbours(context.state, list(tables.values()), standing={*staged, *marts.values()})
    beside = [neighbour.table for neighbour in near]
    overlaps = request.overlaps or ()
    found = find_keys([*tables.values(), *beside], request.relationships or (), request.profile, overlaps)
    keys = held_against(found, overlaps)
    own = tuple(edge for edge in keys.relationships if edge.table in tables)
    return Scope(
        request=request,
        context=context,
        conventions=conventions_for(context, request.naming_convention),
        target=target,
        tables=tables,
        left_out=left_out,
        keys=replace(keys, relationships=own),
        neighbours=near,
        sources=sources,
        marts=marts,
        findings=tuple(dict.fromkeys(keys.findings)),
    )


def _staged(
    state: ProjectState | None, tables: Mapping[TableKey, TableMapping], sources: Mapping[TableKey, SourceRef]
) -> dict[str, TableMapping]:
    """The tables that the project stages, by their staging model's name."""
    models = staging_models(state)
    found = {key: models.get((ref.source, ref.table)) for key, ref in sources.items()}
    return {model.name: tables[key] for key, model in found.items() if model is not None and model.entry}


def _source_names(tables: Sequence[TableMapping], state: ProjectState | None) -> dict[TableKey, SourceRef]:
    by_place: dict[Place, list[TableMapping]] = {}
    for table in tables:
        by_place.setdefault((table.schema, table.database), []).append(table)
    known = owners(by_place, state)
    new = [place for place in by_place if place not in known]
    affixes = learned_affixes(own_sources(state)) if state else ("", "")
    telling = [(without_affixes(schema, affixes), database) for schema, database in new]
    named = dict(zip(new, source_names(telling, list(state.sources) if state else ()), strict=True))
    found: dict[TableKey, SourceRef] = {}
    for place, members in by_place.items():
        source = known.get(place)
        name = source.name if source else named[place]
        called = _table_names(members, source, verbatim=table_habits(name, state).verbatim)
        found |= {key: SourceRef(name, table) for key, table in called.items()}
    return found


def _table_names(members: Sequence[TableMapping], source: SourceState | None, *, verbatim: bool) -> dict[TableKey, str]:
    """What a source calls its tables: as it declares them, in any case where that is clear; new ones get free names."""
    declared = {entry.identifier or entry.name: entry.name for entry in source.tables} if source else {}
    folded = {identifier.lower(): name for identifier, name in declared.items()}
    claims = Counter(table.name.lower() for table in members)
    names: dict[TableKey, str] = {}
    for table in members:
        alone = folded.get(table.name.lower()) if claims[table.name.lower()] == 1 else None
        known = declared.get(table.name) or alone
        if known is not None:
            names[table.key] = known
    new = [table for table in members if table.key not in names]
    as_they_are = [table.name for table in new] if verbatim else None
    free = as_they_are or unique_names([table.name for table in new], taken=list(declared.values()))
    return names | dict(zip((table.key for table in new), free, strict=True))
