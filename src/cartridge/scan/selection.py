"""Which of the tables found are scanned: the user's patterns, and the tables that only tools read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate

from cartridge.domain.schema import LeftOut, TableKey
from cartridge.errors import SourceError

TOOL_TABLES: tuple[tuple[str, str], ...] = (
    ("alembic_version*", "migration history of Alembic"),
    ("django_migrations", "migration history of Django"),
    ("schema_migrations", "migration history of Rails, golang-migrate or dbmate"),
    ("ar_internal_metadata", "bookkeeping of Rails"),
    ("flyway_schema_history", "migration history of Flyway"),
    ("databasechangelog", "migration history of Liquibase"),
    ("databasechangeloglock", "lock of Liquibase"),
    ("__efmigrationshistory", "migration history of Entity Framework"),
    ("knex_*", "migration history of Knex"),
    ("sequelizemeta", "migration history of Sequelize"),
    ("typeorm_metadata", "bookkeeping of TypeORM"),
    ("_prisma_migrations", "migration history of Prisma"),
    ("__drizzle_migrations", "migration history of Drizzle"),
    ("__diesel_schema_migrations", "migration history of Diesel"),
    ("_sqlx_migrations", "migration history of SQLx"),
    ("phinxlog", "migration history of Phinx"),
    ("doctrine_migration_versions", "migration history of Doctrine"),
    ("goose_db_version", "migration history of Goose"),
    ("pgmigrations", "migration history of node-pg-migrate"),
    ("yoyo_*", "migration history of Yoyo"),
    ("_yoyo_*", "migration history of Yoyo"),
    ("_dlt_*", "bookkeeping of dlt"),
    ("_airbyte_*", "bookkeeping of Airbyte"),
    ("_fivetran_*", "bookkeeping of Fivetran"),
    ("fivetran_audit", "bookkeeping of Fivetran"),
    ("_sdc_*", "bookkeeping of Stitch"),
    ("sqlite_*", "SQLite's own table"),
    ("spatial_ref_sys", "reference table of PostGIS"),
    ("geometry_columns", "catalogue of PostGIS"),
    ("geography_columns", "catalogue of PostGIS"),
    ("raster_columns", "catalogue of PostGIS"),
    ("raster_overviews", "catalogue of PostGIS"),
    ("pg_stat_statements*", "statistics of PostgreSQL"),
    ("sysdiagrams", "diagrams of SQL Server's tools"),
)
"""Patterns over the lower-case table name, and whose table it is. No business data stands in any of them."""
_ANY_TOOL = re.compile("|".join(translate(pattern) for pattern, _ in TOOL_TABLES))


@dataclass(frozen=True)
class Selection:
    """What the user asked for. Patterns are globs over `table` or, with a dot, `schema.table`; case does not count."""

    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()

    def choose(
        self, found: Sequence[TableKey], known_schemas: Iterable[str] = ()
    ) -> tuple[tuple[TableKey, ...], tuple[LeftOut, ...]]:
        """The tables to scan, in the order found, and those left out with the reason.

        A tool's table is taken only where `tables` names it without wildcards. Tables that `tables` or `schemas` do not
        ask for are not listed as left out.

        Raises:
            SourceError: there is no table, a schema is unknown, a pattern matches nothing, or nothing remains.
        """
        if not found:
            raise SourceError("The source holds no tables and no views. Load data into it, or name another source.")
        wanted_schemas = self._schemas({schema for schema, _ in found} | set(known_schemas))
        candidates = [key for key in found if key[0] in wanted_schemas]
        for pattern in (*self.tables, *self.exclude):
            _must_match(pattern, candidates)
        taken: list[TableKey] = []
        left_out: list[LeftOut] = []
        for key in candidates:
            if self.tables and not any(matches(pattern, key) for pattern in self.tables):
                continue
            reason = self._reason_against(key)
            if reason is None:
                taken.append(key)
            else:
                left_out.append(LeftOut(*key, reason))
        if not taken:
            listed = "; ".join(f"{item.name} ({item.reason})" for item in left_out[:10])
            raise SourceError(
                "No table remains to be scanned. "
                + (f"Left out: {listed}. " if listed else "")
                + "Change --tables, --exclude or --schema."
            )
        return tuple(taken), tuple(left_out)

    def _schemas(self, known: set[str]) -> set[str]:
        if not self.schemas:
            return known
        wanted: set[str] = set()
        for name in self.schemas:
            same = {schema for schema in known if schema == name} or {
                schema for schema in known if schema.casefold() == name.casefold()
            }
            if not same:
                raise SourceError(f"Schema {name!r} is not in the source. It has: {', '.join(sorted(known))}.")
            wanted |= same
        return wanted

    def _reason_against(self, key: TableKey) -> str | None:
        excluding = next((pattern for pattern in self.exclude if matches(pattern, key)), None)
        if excluding is not None:
            return f"excluded by {excluding!r}"
        if any(_full_name(key, pattern) == pattern.casefold() for pattern in self.tables):
            return None
        name = key[1].casefold()
        if not _ANY_TOOL.match(name):
            return None
        return next(whose for pattern, whose in TOOL_TABLES if fnmatchcase(name, pattern))


def matches(pattern: str, key: TableKey) -> bool:
    """Whether a glob pattern, or the plain name, means this table. Case does not count."""
    folded = pattern.casefold()
    names = {key[1].casefold(), _full_name(key, pattern)}
    return folded in names or any(fnmatchcase(name, folded) for name in names)


def _full_name(key: TableKey, pattern: str) -> str:
    """`schema.table` for a pattern with a dot, else `table`."""
    return (f"{key[0]}.{key[1]}" if "." in pattern else key[1]).casefold()


def _must_match(pattern: str, keys: Sequence[TableKey]) -> None:
    if any(matches(pattern, key) for key in keys):
        return
    names = {(f"{schema}.{name}" if "." in pattern else name): None for schema, name in keys}
    near = difflib.get_close_matches(pattern.casefold(), {name.casefold(): name for name in names}, n=3, cutoff=0.5)
    by_folded = {name.casefold(): name for name in names}
    said = "Near" if near else "There are"
    listed = [by_folded[name] for name in near] or sorted(names)[:5]
    raise SourceError(f"Pattern {pattern!r} matches no table. {said}: {', '.join(listed)}.")
