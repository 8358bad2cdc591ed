"""Aliases and column names of a composed model, spelled so that every warehouse takes them.

They are made of words of the tables' own names, which may be of any script and length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cartridge.domain.plan import Join, ModelDetail
from cartridge.plan.naming import MAX_BYTES, unique_names

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def spelled(detail: ModelDetail) -> ModelDetail:
    """The same model; names that are no plain words of at most 63 bytes become such, and no two become one."""
    aliases = _spellings([entry.alias for entry in detail.inputs], "model")
    columns = _spellings([column.name for column in detail.columns], "column")
    if all(old == new for old, new in (*aliases.items(), *columns.items())):
        return detail
    return detail.model_copy(
        update={
            "inputs": tuple(entry.model_copy(update={"alias": aliases[entry.alias]}) for entry in detail.inputs),
            "joins": tuple(_join(join, aliases) for join in detail.joins),
            "columns": tuple(
                column.model_copy(
                    update={"name": columns[column.name], "alias": aliases[column.alias] if column.alias else None}
                )
                for column in detail.columns
            ),
            "grain": tuple(columns[name] for name in detail.grain),
        }
    )


def _spellings(names: Sequence[str], kind: str) -> dict[str, str]:
    plain = [name for name in names if is_plain(name)]
    odd = [name for name in dict.fromkeys(names) if not is_plain(name)]
    return {name: name for name in plain} | dict(zip(odd, unique_names(odd, plain, kind), strict=True))


def is_plain(name: str) -> bool:
    """Whether the name is a word of small ASCII letters, digits and underscores that no warehouse cuts off."""
    return _PLAIN.fullmatch(name) is not None and len(name) <= MAX_BYTES


def _join(join: Join, aliases: dict[str, str]) -> Join:
    keys = tuple(key.model_copy(update={"left_alias": aliases[key.left_alias]}) for key in join.keys)
    return join.model_copy(update={"alias": aliases[join.alias], "keys": keys})
