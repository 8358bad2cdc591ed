"""The connection of a dbt project's own profile, asked through dbt's adapter: whatever dbt can build on can be scanned.

`dbt:FOLDER?target=NAME&database=NAME`; the folder is the working folder unless it is named. dbt runs as a program, on
Jinja that asks the catalogue and prints the answers as one line of JSON; nothing is built, and no file of the project
is written. Where the kind of database has a scanner here, its own queries are asked; of any other, dbt's adapter lists
relations and columns, one query for each table, and keys are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.errors import SourceError
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Answer, Catalogue, Source, snapshot
from cartridge.scan.files import duckdb_catalogue
from cartridge.scan.selection import Selection
from cartridge.scan.servers import bigquery, databricks, postgres, redshift, snowflake, spark
from cartridge.scan.source import DBT

ASKED = "DBT_CARTRIDGE_ASKED"
"""The environment variable in which the program below finds what it is asked, as JSON."""
MARK = "cartridge-answer "
"""How the line begins that holds the answer."""

PROGRAM = """
{%- if execute -%}
{%- set asked = fromjson(env_var('DBT_CARTRIDGE_ASKED')) -%}
{%- set answer = {'adapter': adapter.type(), 'database': target.database | default(none),
                  'schema': target.schema | default(none), 'location': target.location | default(none),
                  'answers': [], 'relations': []} -%}
{%- for query in asked['queries'] -%}
  {%- set found = [] -%}
  {%- for row in run_query(query).rows -%}
    {%- set values = [] -%}
    {%- for value in row -%}{%- do values.append(none if value is none else value | string) -%}{%- endfor -%}
    {%- do found.append(values) -%}
  {%- endfor -%}
  {%- do answer['answers'].append(found) -%}
{%- endfor -%}
{%- if asked['relations'] is not none -%}
  {%- set database = asked['database'] or target.database -%}
  {%- set schemas = asked['relations'] or list_schemas(database).columns[0].values() -%}
  {%- for schema in schemas if schema | lower not in ('information_schema', 'pg_catalog') -%}
    {%- set place = api.Relation.create(database=database, schema=schema) -%}
    {%- for row in list_relations_without_caching(place).rows -%}
      {%- set relation = api.Relation.create(database=row[0], schema=row[2], identifier=row[1]) -%}
      {%- set columns = [] -%}
      {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do columns.append([column.name, column.data_type | string]) -%}
      {%- endfor -%}
      {%- do answer['relations'].append([row[2], row[1], row[3] | string, columns]) -%}
    {%- endfor -%}
  {%- endfor -%}
{%- endif -%}
{%- do print('cartridge-answer ' ~ tojson(answer)) -%}
{%- endif -%}
select 1
"""

Run = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Runs the program in dbt on what is asked, and returns the answer."""


@dataclass(frozen=True)
class DbtSource:
    """What a source of this kind names."""

    project: Path
    target: str | None
    database: str | None


def parse(source: str) -> DbtSource:
    """The parts of `dbt:FOLDER?target=NAME&database=NAME`.

    Raises:
        SourceError: the folder holds no dbt project, or an option is not known.
    """
    folder, _, query = source.removeprefix(DBT).removeprefix("//").partition("?")
    options = {name: values[-1] for name, values in parse_qs(query).items()}
    unknown = sorted(options.keys() - {"target", "database"})
    if unknown:
        raise SourceError(f"{source}: {unknown[0]}= is not known there. Known are target= and database=.")
    project = Path(folder or ".")
    if not (project / "dbt_project.yml").is_file():
        raise SourceError(
            f"{source} names {project.resolve()}, which holds no dbt_project.yml. "
            "Write dbt:FOLDER with a dbt project's folder."
        )
    return DbtSource(project, options.get("target"), options.get("database"))


def read(source: str, _selection: Selection, _progress: Progress) -> SchemaSnapshot:
    """Never reads: dbt is run by who scans, since this room knows no dbt.

    Raises:
        SourceError: always.
    """
    raise SourceError(f"{source} needs dbt to be run: scan it with cartridge.app.scan, or on the command line.")


def read_through(
    run: Run, adapter: str | None, where: DbtSource, selection: Selection, progress: Progress
) -> tuple[SchemaSnapshot, str]:
    """The schema that a profile's connection leads to, and the name of the schema that dbt builds into. `adapter` is
    the type that the profile names, where it is known.

    Raises:
        SourceError: dbt cannot connect or read, or nothing was selected.
    """
    asking = _Asking(run, where.database)
    kind = adapter or asking.facts()["adapter"]
    read_catalogue = _CATALOGUES.get(kind, _any_adapter)
    found, database = read_catalogue(asking, selection, progress)
    made = snapshot(found, Source("dbt", kind, where.database or database), selection)
    return made, str(asking.facts()["schema"] or "")


class _Asking:
    """Asks through dbt, a process for each batch, and keeps what dbt said of the connection."""

    def __init__(self, run: Run, database: str | None) -> None:
        self._run = run
        self.database = database
        self._facts: Mapping[str, Any] | None = None

    def __call__(self, queries: Sequence[str]) -> list[Answer]:
        """The answers to one batch. Every value is text, or None."""
        said = self._run({"queries": list(queries), "relations": None, "database": self.database})
        self._facts = said
        return list(said["answers"])

    def facts(self) -> Mapping[str, Any]:
        """The adapter, database and schema of the connection."""
        if self._facts is None:
            self(())
        assert self._facts is not None
        return self._facts

    def relations(self, schemas: Sequence[str]) -> list[list[Any]]:
        """What the adapter itself lists: schema, name, type and [column, type] pairs. No schemas: all of them."""
        said = self._run({"queries": [], "relations": list(schemas), "database": self.database})
        self._facts = said
        return list(said["relations"])


def _any_adapter(asking: _Asking, selection: Selection, progress: Progress) -> tuple[Catalogue, str]:
    progress("Listing relations", 0, None)
    found = Catalogue(notes=["Keys, comments and row counts are not known: dbt's adapter lists columns alone."])
    for schema, name, kind, columns in asking.relations(selection.schemas):
        key = (schema, name)
        found.tables.append(FoundTable(key, "view" if "view" in kind.lower() else "table"))
        found.columns += [(key, ColumnMapping(column, data_type)) for column, data_type in columns]
    return found, str(asking.facts()["database"])


def _postgres(asking: _Asking, _selection: Selection, progress: Progress) -> tuple[Catalogue, str]:
    found, estimates = postgres.catalogue(asking, progress)
    for table in found.tables:
        table.row_count = estimates.of(table.key)
    return found, str(asking.facts()["database"])


def _bigquery(asking: _Asking, selection: Selection, progress: Progress) -> tuple[Catalogue, str]:
    facts = asking.facts()
    project = asking.database or str(facts["database"])
    region = f"`{project}`.`region-{str(facts['location'] or 'US').lower()}`"
    return bigquery.catalogue(asking, region, (project, selection.schemas), progress), project


def _spark(asking: _Asking, selection: Selection, progress: Progress) -> tuple[Catalogue, str]:
    return spark.catalogue(asking, selection.schemas, progress), str(asking.facts()["schema"])


_CATALOGUES: Mapping[str, Callable[[_Asking, Selection, Progress], tuple[Catalogue, str]]] = {
    "bigquery": _bigquery,
    "databricks": lambda ask, _, progress: databricks.catalogue(ask, ask.database, progress),
    "duckdb": lambda ask, _, progress: duckdb_catalogue.catalogue(ask, ask.database, progress),
    "postgres": _postgres,
    "redshift": lambda ask, _, progress: redshift.catalogue(ask, progress),
    "snowflake": lambda ask, selection, progress: snowflake.catalogue(ask, ask.database, selection.schemas, progress),
    "spark": _spark,
}
"""dbt's name of an adapter to who reads its catalogue; the others are listed by the adapter itself."""
