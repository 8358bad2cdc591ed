"""SQL identifiers, quoted only where they must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from sqlglot.dialects.dialect import Dialect

from cartridge.domain.warehouse import Warehouse

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOWER = re.compile(r"[a-z_][a-z0-9_]*")
_UPPER = re.compile(r"[A-Z_][A-Z0-9_]*")
_BACKTICKS = frozenset({"bigquery", "databricks", "spark"})

_MISREAD = frozenset(
    """
    alter between commutator connect connect_by_root current_schema drop hashes insert merges minus negator
    partitioned_by prior recursive regexp revoke rightarg rlike rollback uncache xor
    """.split()  # noqa: SIM905 - a list of words reads better than thirty lines of strings
)
"""Words that a grammar or a linter takes for a clause in one place or another."""

_OWN: Mapping[Warehouse, str] = {
    "bigquery": "aggregate clone corresponding current_datetime extend include",
    "databricks": "curdate div keys match_recognize serdeproperties values",
    "duckdb": "force install",
    "redshift": """
        append comprows compupdate datetime delimiters encrypt exclude explicit_ids fillrecord ignoreblanklines
        ignoreheader runlength within
    """,
    "snowflake": """
        account bearer bearer_token connection current database declare define delete elseif exists following gscluster
        hybrid increment insert_only issue match_condition match_recognize null_if of organization raise row rows sample
        schema set start strict tablesample top trigger try_cast undrop update values view whenever
    """,
    "spark": "div escape filter keys serdeproperties unknown values",
}
"""Words that are reserved in one warehouse, or that its grammars misread."""


@lru_cache(maxsize=16)
def reserved_words(warehouse: Warehouse) -> frozenset[str]:
    """The words that need quotes, in lower case: sqlglot's list, or that of PostgreSQL's family where it has none."""
    own = Dialect.get_or_raise(warehouse).generator_class.RESERVED_KEYWORDS
    family = Dialect.get_or_raise("duckdb").generator_class.RESERVED_KEYWORDS
    return frozenset(own) | frozenset(family) | _MISREAD | frozenset(_OWN.get(warehouse, "").split())


def quoted(name: str, warehouse: Warehouse) -> str:
    """The name in the warehouse's quotes, whatever it holds."""
    if warehouse == "bigquery":
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
    mark = "`" if warehouse in _BACKTICKS else '"'
    return mark + name.replace(mark, mark * 2) + mark


@lru_cache(maxsize=65536)
def needs_quotes(name: str, warehouse: Warehouse) -> bool:
    """Whether a name that dbt creates (a model's column, an alias) is no plain word. Its case may fold."""
    return not _BARE.fullmatch(name) or name.lower() in reserved_words(warehouse)


@lru_cache(maxsize=65536)
def identifier(name: str, warehouse: Warehouse) -> str:
    """A name that dbt creates: as it is where it is a plain word, else quoted."""
    return quoted(name, warehouse) if needs_quotes(name, warehouse) else name


@lru_cache(maxsize=65536)
def source_needs_quotes(name: str, warehouse: Warehouse, source_dialect: str | None = None) -> bool:
    """Whether a name that exists in the source must be quoted to be found.

    A name in capitals needs none on Snowflake, which folds to them; one in small letters needs them there only if it
    was read from Snowflake itself: a copy of another database has its names folded.
    """
    if name.lower() in reserved_words(warehouse):
        return True
    if warehouse == "snowflake":
        return not (_UPPER.fullmatch(name) or (_LOWER.fullmatch(name) and source_dialect != "snowflake"))
    return not _LOWER.fullmatch(name)


@lru_cache(maxsize=65536)
def source_identifier(name: str, warehouse: Warehouse, source_dialect: str | None = None) -> str:
    """A name that exists in the source: quoted exactly as it is there, or the plain word in small letters."""
    if not source_needs_quotes(name, warehouse, source_dialect):
        return name.lower()
    folded = warehouse == "snowflake" and _LOWER.fullmatch(name) and source_dialect != "snowflake"
    return quoted(name.upper() if folded else name, warehouse)
