"""What each column of a table is: key, date, measure, attribute, or nothing for a mart."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.languages import meanings
from cartridge.plan.short_words import apart
from cartridge.plan.star import vocabulary as v
from cartridge.plan.star.design import Additivity, ColumnRole
from cartridge.plan.types import family, is_number
from cartridge.plan.words import singular, tokens

_LONGEST = 40
"""No known word has more letters."""
ID_ENDINGS = frozenset({"id", "key", "uuid", "guid", "sk", "fk", "pk", "ref"})
NUMBER_ENDINGS = frozenset({"number", "no", "nbr", "num", "code", "reference", "barcode", "isbn", "sku", "vin", "iban"})
_RUN_TOGETHER_AUDIT = re.compile(
    r"(time|date|last)(modified|modify|updated?|edited|changed)|(modified|updated?|edited|changed)(at|on|by|date|time|ts)"
)
_UNREADABLE = ("vector", "tsvector", "rowversion", "hierarchyid", "sql_variant", "image")


@dataclass(frozen=True)
class KeyColumns:
    """The key columns of a table: its primary key, its foreign keys, and foreign keys that only audit."""

    primary: tuple[str, ...] = ()
    foreign: frozenset[str] = frozenset()
    audit: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Beside:
    """What stands beside a column: a quantity (so that prices are for one), sizes (so that a volume is one too)."""

    counted: bool
    measured: bool


@lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """The singular words of a name, at least one: a name without letter or digit is its own word.

    Words of other languages are said in English: `Rechnungsdatum` -> invoice, date.
    """
    said = tuple(part for word in tokens(name) for part in apart(word) or (word,))
    return tuple(singular(word) for word in meanings(said) or said) or (name,)


def mentions(words: Sequence[str], known: Collection[str]) -> bool:
    """Whether a word is known, or a long one begins or ends with a known word of three letters (`totalprice`)."""
    return any(word in known or (len(word) >= 7 and _part_known(word, known)) for word in words)


def _part_known(word: str, known: Collection[str]) -> bool:
    return any(word[:cut] in known or word[-cut:] in known for cut in range(3, min(len(word) - 1, _LONGEST)))


def shared_prefix(columns: Sequence[ColumnMapping]) -> str:
    """The short first word that all columns share (`c_` in TPC-H), or an empty text."""
    firsts = {tokens(column.name)[:1] for column in columns}
    if len(columns) < 3 or len(firsts) != 1:
        return ""
    first = next(iter(firsts))
    return first[0] if first and len(first[0]) <= 4 and all(len(tokens(c.name)) > 1 for c in columns) else ""


def column_roles(table: TableMapping, keys: KeyColumns) -> tuple[ColumnRole, ...]:
    """The role of every column, in the table's order."""
    prefix = shared_prefix(table.columns)
    stems = [_stem(column.name, prefix) for column in table.columns]
    beside = Beside(
        counted=any(is_quantity(column.name) for column in table.columns),
        measured=any(stem and stem[-1] in {"height", "width", "length", "depth", "weight"} for stem in stems),
    )
    names = set(words_of(table.name))
    return tuple(
        _column_role(column, stem, keys, beside) or _attribute(column, stem, names)
        for column, stem in zip(table.columns, stems, strict=True)
    )


def _stem(name: str, prefix: str) -> tuple[str, ...]:
    words = words_of(name)
    return words[1:] if prefix and len(words) > 1 else words


def _column_role(column: ColumnMapping, stem: tuple[str, ...], keys: KeyColumns, beside: Beside) -> ColumnRole | None:
    if column.name in keys.primary:
        return ColumnRole(column.name, "key")
    reason = _left_out(column, stem, keys)
    if reason:
        return ColumnRole(column.name, "omit", because=reason)
    if column.name in keys.foreign:
        return ColumnRole(column.name, "foreign_key")
    if is_date(column, stem):
        return ColumnRole(
            column.name,
            "date",
            because="" if is_event_date(stem, column.data_type) else "describes the row, not an event",
        )
    if family(column.data_type) not in {"decimal", "float"} and _names_a_document(stem):
        return ColumnRole(column.name, "degenerate")
    additivity = _additivity(column, stem, beside)
    return ColumnRole(column.name, "measure", additivity) if additivity else None


def _attribute(column: ColumnMapping, stem: tuple[str, ...], table_words: set[str]) -> ColumnRole:
    return ColumnRole(column.name, "attribute", label=_is_label(stem, table_words))


def _left_out(column: ColumnMapping, stem: tuple[str, ...], keys: KeyColumns) -> str:
    """Why no mart should take the column; empty where one may."""
    kind = family(column.data_type)
    words = set(stem)
    if column.name.lower().startswith(v.LOADER_COLUMN_PREFIXES):
        return "written by the loader"
    if kind == "binary" or any(word in column.data_type.lower() for word in _UNREADABLE):
        return "binary or search data"
    if kind in {"string", "other"} and words & v.SECRETS and not words & {"count", "number"}:
        return "a secret"
    if column.name in keys.audit or is_audit(stem):
        return "says who or what last touched the row"
    return ""


def is_audit(stem: Sequence[str]) -> bool:
    """Whether a name is of the row's own life: `last_edited_by`, `updated_at`, `rowguid`; not `created_at`."""
    words = set(stem)
    if words & {"rowguid", "rowversion", "xmin"}:
        return True
    person = words & {"by", "user", "userid", "usr"} or stem[-1:] == ("editor",)
    moment = words & {"at", "on", "date", "time", "datetime", "timestamp", "ts", "utc", "last", "stamp", "when"}
    if any(_RUN_TOGETHER_AUDIT.fullmatch(word) for word in stem):
        return True
    if person and words & (v.UPDATES | v.INSERTS | {"deleted", "delete", "entered", "changer", "deletion"}):
        return True
    if moment and words & v.UPDATES:
        return True
    return tuple(stem[:2]) == ("system", "modstamp") or bool(moment and words & {"loaded", "ingested", "etl"})


def is_date(column: ColumnMapping, stem: Sequence[str]) -> bool:
    """Whether a column holds a day or a moment: by its type, or as text or number by its name."""
    kind = family(column.data_type)
    if kind in {"date", "timestamp"}:
        return True
    if kind not in {"string", "integer", "other"} or not stem:
        return False
    last = stem[-1]
    named = last in {"date", "datetime", "timestamp"} or (len(last) > 6 and last.endswith(("date", "datetime")))
    return named or (len(stem) > 1 and (last == "at" or stem[0] == "date"))


def is_insertion(stem: Sequence[str]) -> bool:
    """Whether a date is the row's own creation (`created_at`)."""
    return bool(set(stem) & v.INSERTS) or any(word.startswith(("created", "createdate")) for word in stem)


def is_event_date(stem: Sequence[str], data_type: str) -> bool:
    """Whether a date says when something happened, rather than describing a thing (birth, hire, validity). The day on
    which a shop opened describes it; the moment at which a case was opened is when it happened."""
    words = set(stem)
    describing = v.LIFE - {"issued", "opened"} if family(data_type) == "timestamp" else v.LIFE
    return not (is_insertion(stem) or words & (v.UPDATES | describing) or mentions(stem, {"birth", "hire"}))


def _names_a_document(stem: Sequence[str]) -> bool:
    if len(stem) < 2:
        return bool(stem) and (stem[0] in {"number", "uuid", "guid", "reference", "barcode"} or _id_like(stem[0]))
    counted = stem[0] in {"number", "num", "no", "nbr"}
    return not counted and (stem[-1] in ID_ENDINGS or stem[-1] in NUMBER_ENDINGS)


def _id_like(word: str) -> bool:
    return (
        len(word) > 4 and word.endswith(("id", "uuid")) and not word.endswith(("paid", "void", "bid", "grid", "valid"))
    )


def _additivity(column: ColumnMapping, stem: tuple[str, ...], beside: Beside) -> Additivity | None:
    """How a number may be added up; None where it is no measure."""
    if not is_number(column.data_type) or not stem:
        return None
    if _lasting(column.name):
        return "additive"
    return None if _numbering(stem) else _summing(column, stem, beside)


def _summing(column: ColumnMapping, stem: tuple[str, ...], beside: Beside) -> Additivity | None:
    if _stocked(stem):
        return "semi_additive"
    sized = beside.measured and stem[-1] == "volume"
    rated = [word for word in stem if word != "unit" or "units" not in tokens(column.name)]
    if sized or _for_one(column.name) or (not mentions(stem, v.TOTALS) and _is_rate(rated, beside.counted)):
        return "non_additive"
    said = (*stem, *tokens(column.name))
    if mentions(said, v.TOTALS | v.FLOWS | {"price", "fare"}) or _counting(stem) or _happenings(column):
        return "additive"
    return "non_additive" if family(column.data_type) != "integer" else None


def _for_one(name: str) -> bool:
    """Whether an amount is that of one piece: `unit_amount_cents`, `amount_per_night`; not `unit_price_total`."""
    said = set(tokens(name))
    return bool(said & {"unit", "per"}) and not said & (v.WHOLE | {"units"})


def _lasting(name: str) -> bool:
    """Whether a number is how long or how far something was: `hours`, `minutes_spent`; not `hour`, `hours_per_day`."""
    said = set(tokens(name))
    return bool(said & v.DURATIONS) and not said & {"per", "max", "min", "lead", "limit", "avg", "average", "rate"}


def is_quantity(name: str) -> bool:
    """Whether a name says how many: `quantity`, `qty_sold`, `units`."""
    return mentions(words_of(name), v.QUANTITIES) or bool(set(tokens(name)) & v.QUANTITIES)


def _stocked(stem: Sequence[str]) -> bool:
    """Whether a number is a level at a moment: `balance`, `on_hand`, `units_in_stock`."""
    words = set(stem)
    placed = bool(words & {"in", "on"}) and bool(words & {"unit", "stock", "hand"})
    return placed or mentions(stem, v.STOCKS)


def _is_rate(stem: Sequence[str], counted: bool) -> bool:
    """Whether a number holds for one unit. A bare price without a quantity beside it is the price of the row."""
    words = set(stem)
    if words & {"cost"} and (counted or words & {"standard", "unit", "replacement"}):
        return True
    return mentions(stem, v.RATES) and (counted or not words <= {"price", "fare", "cost", "cent"})


def _numbering(stem: Sequence[str]) -> bool:
    """Whether a number names, orders or places something, so that no arithmetic makes sense."""
    if _counting(stem):
        return False
    if set(stem) & {"is", "has", "active", "flag", "latitude", "longitude", "lat", "lng"}:
        return True
    return stem[-1] in v.NOT_MEASURES or (stem[-1] in v.CLASSES and stem[-1] not in {"unit", "size", "grade"})


def _counting(stem: Sequence[str]) -> bool:
    """Whether a name says that something was counted: `num_tickets`, `number_of_guests`, `numtickets`."""
    if len(stem) == 1:
        counted = stem[0].removeprefix("num")
        return counted != stem[0] and counted not in {"", "ber"} and counted not in v.NOT_MEASURES
    return stem[0].startswith("num") or stem[0] in {"nb", "n", "no", "count", "total"}


def _happenings(column: ColumnMapping) -> bool:
    """Whether a whole number is said in the plural of something that happens: `api_calls`, `refunds`."""
    last = tokens(column.name)[-1:]
    word = singular(last[0]) if last else ""
    return family(column.data_type) == "integer" and last != (word,) and word in v.TRANSACTIONS | v.EVENTS


def _is_label(stem: tuple[str, ...], table_words: set[str]) -> bool:
    """Whether a text names its row: `name`, `title`, `CompanyName`, `catname` in `category`; not `ship_name`."""
    if not stem:
        return False
    last, before = stem[-1], stem[:-1]
    if last in v.NAMES:
        named = [word for word in before if word not in v.NAME_PREFIXES]
        return all(_of_table(word, table_words) for word in named) and (before[:1] != ("user",) or len(before) == 1)
    if len(stem) > 1 and last in {"description", "desc"}:
        return all(_of_table(word, table_words) for word in before)
    if len(stem) == 1 and last in {"surname", "forename", "username", "nickname"}:
        return True
    run_together = last.removesuffix("name")
    known = run_together in v.NAME_PREFIXES or _of_table(run_together, table_words)
    if run_together != last and not before and known:
        return True
    return table_words == {last} and not before


def _of_table(word: str, table_words: set[str]) -> bool:
    return len(word) >= 1 and any(known == word or (len(word) >= 3 and known.startswith(word)) for known in table_words)


def personal(columns: Sequence[ColumnMapping]) -> tuple[str, ...]:
    """The columns that describe a person or a firm one can reach."""
    return tuple(c.name for c in columns if mentions(words_of(c.name), v.PERSONAL))
