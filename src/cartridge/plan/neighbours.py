"""Models that the project already has, seen as tables that new tables may refer to.

An existing `dim_customers` or `stg_crm__customers` stands for an entity, customer. Where a new table holds a key of
that entity, the two are joined and tested like any other pair of tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cartridge.domain.project import ModelState, ProjectState
from cartridge.domain.schema import ColumnMapping, TableKey, TableMapping
from cartridge.plan.describe import entity_of_key
from cartridge.plan.shape import ColumnShape, ModelShape, unique_in
from cartridge.plan.words import plural, singular, snake, tokens, word_set

PROJECT_SCHEMA = "(project)"
"""The schema under which existing models stand among the tables; no database has one of this name."""

_PREFIXES = word_set("stg staging base src raw int fct fact facts dim dims dimension mart marts brg bridge rpt")


@dataclass(frozen=True)
class Neighbour:
    """An entity of the project: the table that stands for it, and its models by layer ("staging", "mart")."""

    table: TableMapping
    models: Mapping[str, ModelState]

    def shape(self, layer: str, key: Sequence[str]) -> ModelShape | None:
        """The model of a layer as its readers see it; `key` names the columns of its grain."""
        model = self.models.get(layer)
        if model is None or model.columns is None or not set(key) <= set(model.columns):
            return None
        columns = {name: ColumnShape(name, "", (self.table.key, name), _role(name)) for name in model.columns}
        return ModelShape(model.name, columns, tuple(key), self.table.key)


def entity_of(model: ModelState) -> str:
    """What a model is about, singular snake_case: `stg_crm__customers` -> "customer"."""
    if len(model.sources) == 1:
        return _singular(snake(model.sources[0][1]))
    parts = model.name.rsplit("__", 1)[-1].split("_")
    while len(parts) > 1 and parts[0].lower() in _PREFIXES:
        parts.pop(0)
    return _singular("_".join(parts))


def candidates(state: ProjectState, tables: Iterable[TableMapping]) -> tuple[ModelState, ...]:
    """The project's models that a column of `tables` may refer to, by name; ordered, few, cheap to find."""
    wanted = {_singular(entity_of_key(column.name).replace(" ", "_")) for table in tables for column in table.columns}
    suffixes = {"_".join(name.split("_")[start:]) for name in wanted for start in range(name.count("_") + 1)}
    return tuple(
        model
        for model in state.own_models
        if model.enabled and (model.layer == "staging" or _is_dimension(model)) and entity_of(model) in suffixes
    )


def neighbours(
    state: ProjectState | None, tables: Sequence[TableMapping], standing: Collection[str] = ()
) -> tuple[Neighbour, ...]:
    """The entities of the project that `tables` may refer to and whose columns are known; not the tables themselves,
    for which the models called `standing` stand."""
    if state is None:
        return ()
    own = {_singular(snake(table.name)) for table in tables}
    found: dict[str, dict[str, ModelState]] = {}
    for model in candidates(state, tables):
        name = entity_of(model)
        if model.columns and name not in own and model.name not in standing:
            found.setdefault(name, {}).setdefault("staging" if model.layer == "staging" else "mart", model)
    return tuple(Neighbour(_as_table(name, models), models) for name, models in sorted(found.items()))


def _as_table(entity: str, models: Mapping[str, ModelState]) -> TableMapping:
    model = models.get("staging") or models["mart"]
    grain = model.grain or next((other.grain for other in models.values() if other.grain), None) or ()
    head, _, last = entity.rpartition("_")
    name = f"{head}_{plural(last)}" if head else plural(last)
    columns = [ColumnMapping(name=column, data_type="") for column in model.columns or ()]
    known = [column for column in grain if column in (model.columns or ())]
    return TableMapping(
        name=name,
        schema=PROJECT_SCHEMA,
        columns=columns,
        primary_key_columns=known if known and len(known) == len(grain) else None,
    )


def staging_models(state: ProjectState | None) -> dict[tuple[str, str], ModelState]:
    """The node that stages each source table: the model that reads it and nothing else, first of all an enabled one of
    the staging layer; else a model below marts that reads it among others, or a snapshot of it."""
    if state is None:
        return {}
    found: dict[tuple[str, str], ModelState] = {}
    for model in sorted(state.models.values(), key=_as_stager):
        if model.entry or _stages_among_others(model):
            for table in model.sources:
                found.setdefault(table, model)
    return found


def _as_stager(model: ModelState) -> tuple[bool, bool, bool, str]:
    return not model.entry, not model.enabled, model.layer != "staging", model.name


def _stages_among_others(model: ModelState) -> bool:
    return model.enabled and model.kind != "seed" and (model.kind == "snapshot" or model.layer in {"staging", "other"})


def staged_shape(
    model: ModelState, table: TableMapping, names: Mapping[str, str], key: Sequence[str]
) -> ModelShape | None:
    """An existing staging model as its readers see it. Its SQL tells which column is which; where it does not, `names`
    are the names that they would get by house style, and those that bear the source's own name are recognised too."""
    if model.columns is None:
        return None
    origin: dict[str, str] = {}
    own = {name.lower(): name for name in reversed(model.columns)}
    passed = {column.lower(): name for column, name in reversed(model.passed or ())}
    for column in table.columns:
        called = names[column.name]
        told = passed.get(column.name.lower(), called)
        for name in (told, called, snake(column.name), column.name):
            match = own.get(name.lower())
            if match is not None:
                origin.setdefault(match, column.name)
                break
    types = {column.name: column.data_type for column in table.columns}
    columns = {
        name: ColumnShape(
            name,
            types.get(origin.get(name, ""), ""),
            (table.key, origin[name]) if name in origin else None,
            _role(name),
        )
        for name in model.columns
    }
    back = {source: name for name, source in origin.items()}
    grain = tuple(back[column] for column in key if column in back)
    grain = grain if len(grain) == len(key) else ()
    return ModelShape(model.name, columns, grain, table.key, unique_in(table, columns))


def bare_shape(model: ModelState) -> ModelShape | None:
    """Any model whose columns are known, as its readers see it: nothing is known of where they come from."""
    if model.columns is None:
        return None
    columns = {name: ColumnShape(name, "", None, _role(name)) for name in model.columns}
    grain = model.grain if model.grain and set(model.grain) <= set(model.columns) else ()
    return ModelShape(model.name, columns, tuple(grain or ()))


def mart_entities(state: ProjectState | None) -> dict[str, str]:
    """Entities that a mart of the project stands for, with the mart's name."""
    if state is None:
        return {}
    return {entity_of(model): model.name for model in reversed(state.own_models) if model.layer == "mart"}


def mart_tables(state: ProjectState | None, staged: Mapping[str, TableMapping]) -> dict[TableKey, str]:
    """The marts that stand for source tables, by table: each for the one, among those whose staging models it reads,
    that its name speaks of. `staged` are the tables by the names of their staging models."""
    found: dict[TableKey, str] = {}
    for model in state.own_models if state else ():
        if model.layer != "mart" or not model.enabled:
            continue
        said = _singulars(entity_of(model))
        read = [staged[name] for name in dict.fromkeys(model.refs) if name in staged]
        names = {table.key: _singulars(snake(table.name)) for table in read}
        like = [key for key, name in names.items() if _within(said, name) or _within(name, said)]
        if like:
            nearest = min(like, key=lambda key: (names[key] != said, abs(len(names[key]) - len(said))))
            found.setdefault(nearest, model.name)
    return found


def _singulars(name: str) -> list[str]:
    return [singular(word) for word in name.split("_")]


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether words stand together in others: (order, item) in (shop, order, item, line)."""
    return any(whole[start : start + len(part)] == part for start in range(len(whole) - len(part) + 1))


def is_neighbour(key: TableKey) -> bool:
    """Whether a table stands for models of the project."""
    return key[0] == PROJECT_SCHEMA


def _is_dimension(model: ModelState) -> bool:
    return model.layer == "mart" and not set(tokens(model.name)[:1]) & {"fct", "fact", "facts", "rpt", "agg"}


@lru_cache(maxsize=1 << 16)
def _role(name: str) -> str:
    return "id" if tokens(name)[-1:] in {("id",), ("key",), ("sk",), ("uuid",)} else "string"


def _singular(name: str) -> str:
    head, _, last = name.rpartition("_")
    return f"{head}_{singular(last)}" if head else singular(last)
