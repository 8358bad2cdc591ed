"""Models put together from models: which one's rows are kept, what is joined to it, and what the result is called.

No join that `compose` makes multiplies rows: every joined model is met at its own grain. Where that cannot be had,
there is no result but a `Dead` end that says why.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cartridge.domain.plan import Join, JoinKey, MartRole, ModelDetail, ModelInput, OutputColumn
from cartridge.plan.describe import entity_of_key
from cartridge.plan.loaders import is_loaders
from cartridge.plan.shape import ColumnShape, Edge, KeyIndex, ModelShape, edges
from cartridge.plan.spelling import spelled
from cartridge.plan.types import family
from cartridge.plan.words import plural, prefixed, singular, tokens

MOST_JOINS = 6
"""Joins of one model, after the rule of dbt-project-evaluator."""

_ORDER = ("key", "foreign_key", "degenerate", "date", "attribute", "measure", "metadata")
_GENERATED = ("stg", "base", "int", "fct", "fact", "dim", "mart", "bridge", "brg", "src", "raw")


@dataclass(frozen=True)
class Piece:
    """A model joined in: `alias` names it in the SQL, `prefix` its columns. `keys` say where it meets those before it.

    `take` limits its columns (None: all that are not keys); `keep_keys` keeps its foreign keys, as a header's are by
    the lines below it.
    """

    alias: str
    shape: ModelShape
    keys: tuple[JoinKey, ...]
    prefix: str
    one_to_one: bool = False
    basis: str = "declared"
    because: str = ""
    take: frozenset[str] | None = None
    keep_keys: bool = False
    plain: bool = False
    """Whether its columns keep their own names where those are free."""
    fill_zero: bool = False
    """Whether its numbers count what may be absent: nothing found is zero."""


@dataclass(frozen=True)
class Dead:
    """Why inputs cannot be put together. `candidates` are what was tried."""

    says: str
    unknown: tuple[str, ...] = field(default=())
    """Inputs whose columns are not known, so that nothing can be said."""


def base_and_pieces(inputs: Sequence[ModelShape], keys: KeyIndex) -> tuple[ModelShape, tuple[Piece, ...]] | Dead:
    """The input from which all others are reached many-to-one, and how they are reached.

    Among several, the first that keeps a table's own rows; then the order given.
    """
    tried = []
    ordered = sorted(inputs, key=lambda shape: shape.table is None)
    for base in ordered:
        pieces, missed = _reach(base, [other for other in inputs if other.name != base.name], keys)
        if not missed:
            return base, pieces
        tried.append(f"from {base.name}, {_listed(missed)} cannot be reached")
    return Dead(
        "no input has all others on its many-to-one side, so a join would multiply rows or has no key: "
        + "; ".join(tried[:4])
    )


def _reach(base: ModelShape, others: Sequence[ModelShape], keys: KeyIndex) -> tuple[tuple[Piece, ...], list[str]]:
    """Breadth first, so that the shortest way to a model is the one that is joined."""
    pieces: list[Piece] = []
    waiting = {shape.name: shape for shape in others}
    taken = {short_name(base.name)}
    queue: deque[tuple[str, ModelShape]] = deque([(short_name(base.name), base)])
    while queue:
        alias, shape = queue.popleft()
        for name in list(waiting):
            ways = list(edges(shape, waiting[name], keys))
            if not ways:
                continue
            found = waiting.pop(name)
            for edge in ways:
                piece = _piece(edge, alias, found, several=len(ways) > 1, taken=taken)
                taken.add(piece.alias)
                pieces.append(piece)
            queue.append((pieces[-len(ways)].alias, found))
    return tuple(pieces), sorted(waiting)


def _piece(edge: Edge, left: str, found: ModelShape, *, several: bool, taken: Iterable[str]) -> Piece:
    own = short_name(found.name)
    role = entity_of_key(edge.child_columns[0]).replace(" ", "_")
    alias = role if several and len(edge.child_columns) == 1 else own
    while alias in taken:
        alias += "_again" if not alias.startswith(own) else "_of_" + left
    return Piece(
        alias=alias,
        shape=found,
        keys=tuple(
            JoinKey(left_alias=left, left_column=child, right_column=parent)
            for child, parent in zip(edge.child_columns, edge.parent_columns, strict=True)
        ),
        prefix=role if several else _one(own),
        one_to_one=edge.one_to_one,
        basis=edge.basis,
        because=edge.because,
    )


def compose(
    role: MartRole,
    base: ModelShape,
    pieces: Sequence[Piece],
    *,
    roles: Mapping[str, str] | None = None,
    drop: frozenset[str] = frozenset(),
) -> ModelDetail:
    """The model that keeps the rows of `base` and adds the columns of `pieces`.

    `roles` says what columns of the base are (by name); `drop` names columns of the base that are not taken.
    """
    alias = short_name(base.name)
    used: dict[str, OutputColumn] = {}
    for column in base.columns.values():
        if column.name in drop or (is_loaders(column.name) and column.name not in base.grain):
            continue
        part = (roles or {}).get(column.name) or _role(column, base)
        used[column.name] = _output(column.name, alias, column, part)
    reads = Counter(piece.shape.name for piece in pieces)
    for piece in pieces:
        for column, name in _taken(piece, used, role_playing=reads[piece.shape.name] > 1):
            if column.name in piece.shape.grain:
                says = f"The {entity_of_key(name)} of the row."
                used[name] = _output(name, piece.alias, replace(column, description=says), "foreign_key", piece)
            else:
                used[name] = _output(name, piece.alias, column, _role(column, piece.shape), piece)
    detail = ModelDetail(
        role=role,
        inputs=(
            ModelInput(alias=alias, model=base.name),
            *(ModelInput(alias=piece.alias, model=piece.shape.name) for piece in pieces),
        ),
        joins=tuple(
            Join(
                alias=piece.alias,
                keys=piece.keys,
                cardinality="one_to_one" if piece.one_to_one else "many_to_one",
                basis=piece.basis,
                because=piece.because,
            )
            for piece in pieces
        ),
        columns=tuple(sorted(used.values(), key=lambda column: _ORDER.index(column.role))),
        grain=tuple(name for name in base.grain if name in used),
        grain_says="",
    )
    return spelled(detail)


def _taken(piece: Piece, used: Mapping[str, OutputColumn], *, role_playing: bool) -> Iterable[tuple[ColumnShape, str]]:
    """The columns that a piece gives, with their names. A key keeps its own name, unless several roles give it.

    A header's key is given too where it was met by another key: its lines do not hold it.
    """
    met = {key.right_column for key in piece.keys}
    wanted = set(piece.shape.grain) - met if piece.plain and piece.keep_keys else set()
    own_key = (set(piece.shape.grain) | met) - wanted
    names = set(used)
    for column in piece.shape.columns.values():
        if column.name in own_key or is_loaders(column.name):
            continue
        if piece.take is not None and column.name not in piece.take | wanted:
            continue
        if column.role in {"id", "foreign_key", "key"} and not piece.keep_keys:
            continue
        plain = (piece.plain or (column.role == "id" and not role_playing)) and column.name not in names
        name = column.name if plain else prefixed(piece.prefix, column.name)
        if name in names:
            continue
        names.add(name)
        yield column, name


def _output(name: str, alias: str, column: ColumnShape, role: str, piece: Piece | None = None) -> OutputColumn:
    return OutputColumn(
        name=name,
        alias=alias,
        column=column.name,
        data_type=column.data_type,
        role=role,
        description=column.description,
        fill_zero=bool(piece and piece.fill_zero and role == "measure"),
    )


def _role(column: ColumnShape, shape: ModelShape) -> str:
    if column.name in shape.grain:
        return "key"
    if column.role in _ORDER and column.role != "attribute":
        return column.role
    if column.role == "id":
        return "foreign_key"
    if column.role in {"date", "timestamp"}:
        return "date"
    if family(column.data_type) in {"decimal", "float"}:
        return "measure"
    return "attribute"


def short_name(model: str) -> str:
    """The last part of a model's name, as dbt Labs names import CTEs: `stg_shop__orders` -> `orders`."""
    rest = model.rsplit("__", 1)[-1]
    parts = rest.split("_")
    while len(parts) > 1 and parts[0] in _GENERATED:
        parts.pop(0)
    return "_".join(parts)


def _one(name: str) -> str:
    parts = tokens(name)
    return "_".join((*parts[:-1], singular(parts[-1]))) if parts else name


def many(name: str) -> str:
    """The plural of a snake_case name's last word."""
    parts = name.split("_")
    return "_".join((*parts[:-1], plural(singular(parts[-1]))))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
