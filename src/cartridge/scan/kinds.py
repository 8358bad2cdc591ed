"""The kinds of sources, each its own file: what they are called, how they are written, and what they need."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass

from cartridge.errors import install_line


@dataclass(frozen=True)
class SourceKind:
    """One kind of source. `module` scans it; `schemes` begin its URL, before a driver after `+`; `packages` must be
    importable, and come with `extra` where there is one. `is_file`: it lives in one file, and its URL holds a path.
    `note`: what a user must know besides."""

    module: str
    title: str
    written: str
    schemes: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    extra: str | None = None
    is_file: bool = False
    note: str | None = None


@dataclass(frozen=True)
class SourceInfo:
    """One line of the list of sources. `install` is the line that installs what is missing."""

    kind: str
    title: str
    written: str
    installed: bool
    install: str | None
    note: str | None


KINDS: Mapping[str, SourceKind] = {
    "duckdb": SourceKind(
        "cartridge.scan.files.duckdb_file",
        "DuckDB file",
        "FILE.duckdb",
        ("duckdb",),
        ("duckdb",),
        "duckdb",
        is_file=True,
    ),
    "sqlite": SourceKind("cartridge.scan.files.sqlite_file", "SQLite file", "FILE.sqlite", ("sqlite",), is_file=True),
    "postgres": SourceKind(
        "cartridge.scan.servers.postgres",
        "PostgreSQL",
        "postgresql://USER@HOST/DATABASE",
        ("postgresql", "postgres"),
        ("psycopg",),
        "postgres",
    ),
    "mysql": SourceKind(
        "cartridge.scan.servers.mysql",
        "MySQL, MariaDB",
        "mysql://USER@HOST/DATABASE",
        ("mysql", "mariadb"),
        ("pymysql",),
        "mysql",
    ),
    "snowflake": SourceKind(
        "cartridge.scan.servers.snowflake",
        "Snowflake",
        "snowflake://USER@ACCOUNT/DATABASE",
        ("snowflake",),
        ("snowflake.connector",),
        "snowflake",
    ),
    "bigquery": SourceKind(
        "cartridge.scan.servers.bigquery",
        "BigQuery",
        "bigquery://PROJECT/DATASET",
        ("bigquery",),
        ("google.cloud.bigquery",),
        "bigquery",
    ),
    "databricks": SourceKind(
        "cartridge.scan.servers.databricks",
        "Databricks",
        "databricks://HOST/CATALOG?http_path=PATH",
        ("databricks",),
        ("databricks.sql",),
        "databricks",
    ),
    "redshift": SourceKind(
        "cartridge.scan.servers.redshift",
        "Redshift",
        "redshift://USER@HOST/DATABASE",
        ("redshift",),
        ("redshift_connector",),
        "redshift",
    ),
    "spark": SourceKind(
        "cartridge.scan.servers.spark", "Spark", "spark://HOST:PORT/SCHEMA", ("spark",), ("pyhive", "thrift"), "spark"
    ),
    "dbt": SourceKind(
        "cartridge.scan.dbt_profile",
        "a dbt profile's connection",
        "dbt:FOLDER",
        packages=("dbt",),
        extra="dbt",
        note="with the adapter of the profile, which you install",
    ),
    "sqlalchemy": SourceKind(
        "cartridge.scan.servers.sqlalchemy_url",
        "SQL Server, Oracle",
        "mssql+DRIVER://USER@HOST/DATABASE",
        ("mssql", "oracle"),
        note="with the driver that the URL names, which you install",
    ),
    "ddl": SourceKind("cartridge.scan.files.ddl_file", "SQL statements", "ddl+DIALECT:///FILE.sql", ("ddl",)),
    "dlt": SourceKind("cartridge.scan.files.dlt_schema", "dlt schema", "NAME.schema.yaml", is_file=True),
    "dbt_catalog": SourceKind(
        "cartridge.scan.files.dbt_catalog", "dbt's catalogue", "target/catalog.json", is_file=True
    ),
    "saved": SourceKind("cartridge.scan.saved", "saved scan", "FILE.json", is_file=True),
}
"""Every kind, by the name that a snapshot of it bears, in the order of the list."""

SCHEMES: Mapping[str, str] = {scheme: name for name, kind in KINDS.items() for scheme in kind.schemes}
"""URL scheme, without a driver after `+`, to kind."""

KNOWN = "`cartridge sources` lists what can be scanned, and how each is written."
"""The end of every message about a source that is of no known kind."""


def known_sources() -> list[SourceInfo]:
    """Every kind, and whether what it needs is installed. Nothing is imported or asked."""
    return [_info(name, kind) for name, kind in KINDS.items()]


def _info(name: str, kind: SourceKind) -> SourceInfo:
    installed = all(_is_there(package) for package in kind.packages)
    line = install_line(kind.extra) if kind.extra and not installed else None
    return SourceInfo(name, kind.title, kind.written, installed, line, kind.note)


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ModuleNotFoundError, ValueError):
        return False
