"""BigQuery, read from the INFORMATION_SCHEMA of each dataset: eight queries for a dataset, however many tables it has.

`bigquery://PROJECT/DATASET` reads one dataset, `bigquery://PROJECT` all of a location. Keys are what people declared:
BigQuery does not hold anybody to them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import (
    Answer,
    Ask,
    Catalogue,
    EdgePart,
    KeyPart,
    Source,
    rows_of,
    rows_or_note,
    snapshot,
)
from cartridge.scan.selection import Selection
from cartridge.scan.servers.bigquery_connection import connected, place_of

_DATASETS = "select schema_name from {region}.INFORMATION_SCHEMA.SCHEMATA order by 1"
_TABLES = "select table_name, table_type from {dataset}.INFORMATION_SCHEMA.TABLES order by 1"
_COLUMNS = """
select table_name, column_name, data_type, is_nullable, column_default
from {dataset}.INFORMATION_SCHEMA.COLUMNS where is_hidden = 'NO' order by table_name, ordinal_position"""
_COMMENTS = """
select table_name, column_name, description from {dataset}.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS
where field_path = column_name and description is not null"""
_OPTIONS = """
select table_name, option_value from {dataset}.INFORMATION_SCHEMA.TABLE_OPTIONS where option_name = 'description'"""
_ROWS = "select table_id, row_count from {dataset}.__TABLES__"
_CONSTRAINTS = """
select constraint_name, table_name, constraint_type from {dataset}.INFORMATION_SCHEMA.TABLE_CONSTRAINTS
where constraint_type in ('PRIMARY KEY', 'FOREIGN KEY')"""
_PARTS = """
select constraint_name, table_name, column_name, ordinal_position, position_in_unique_constraint
from {dataset}.INFORMATION_SCHEMA.KEY_COLUMN_USAGE"""
_REFERRED = """
select distinct constraint_name, table_schema, table_name from {dataset}.INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE"""
_QUERIES = (_TABLES, _COLUMNS, _COMMENTS, _OPTIONS, _ROWS, _CONSTRAINTS, _PARTS, _REFERRED)

_KINDS = {
    "BASE TABLE": "table", "CLONE": "table", "SNAPSHOT": "table", "VIEW": "view",
    "MATERIALIZED VIEW": "materialized_view", "EXTERNAL": "external_table",
}  # fmt: skip
_SHARD = re.compile(r"(?P<stem>.+_)(?P<day>(?:19|20)\d{6})")


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema of BigQuery datasets. Of tables that are cut by day (`events_20240131`) the newest is taken.

    Raises:
        SourceError: the project cannot be reached, the user is refused, or nothing was selected.
        MissingExtraError: Google's client is not installed.
    """
    place = place_of(source)
    with connected(source) as (ask, project):
        wanted = list(selection.schemas) or ([place.dataset] if place.dataset else [])
        found = catalogue(ask, f"`{project}`.`region-{place.location.lower()}`", (project, wanted), progress)
    return snapshot(found, Source("bigquery", "bigquery", project), selection)


def catalogue(ask: Ask, region: str, asked: tuple[str, Sequence[str]], progress: Progress) -> Catalogue:
    """The catalogue of the datasets asked for, or of all in the region: (project, datasets)."""
    project, schemas = asked
    progress("Reading the catalogue", 0, None)
    datasets = list(schemas) or [row[0] for row in rows_of(ask((_DATASETS.format(region=region),))[0])]
    found = Catalogue(schemas=datasets)
    queries = [query.format(dataset=f"`{project}`.`{name}`") for name in datasets for query in _QUERIES]
    answers = ask(queries)
    for number, dataset in enumerate(datasets):
        progress("Reading datasets", number, len(datasets))
        _Dataset(dataset, found).take(answers[number * len(_QUERIES) : (number + 1) * len(_QUERIES)])
    progress("Reading datasets", len(datasets), len(datasets))
    _leave_shards(found)
    return found


class _Dataset:
    """Takes the answers about one dataset apart."""

    def __init__(self, name: str, found: Catalogue) -> None:
        self._name = name
        self._found = found

    def take(self, answers: Sequence[Answer]) -> None:
        """The eight answers, in the order of `_QUERIES`."""
        tables, columns = rows_of(answers[0]), rows_of(answers[1])
        comments, options, counts = (
            self._or_note(answer, what)
            for answer, what in zip(answers[2:5], ("Column descriptions", "Descriptions", "Row counts"), strict=True)
        )
        said = {row[0]: _literal(row[1]) for row in options}
        rows = {row[0]: int(row[1]) for row in counts if row[1] is not None}
        for name, kind in tables:
            key = (self._name, name)
            shape = _KINDS.get(kind, "table")
            count = rows.get(name) if shape == "table" else None
            self._found.tables.append(FoundTable(key, shape, row_count=count, description=said.get(name)))
        noted = {(row[0], row[1]): row[2] for row in comments}
        for table, name, kind, nullable, default in columns:
            shown = None if default in (None, "NULL") else default
            column = ColumnMapping(name, kind, nullable != "NO", description=noted.get((table, name)), default=shown)
            self._found.columns.append(((self._name, table), column))
        self._keys(*(self._or_note(answer, "Keys") for answer in answers[5:8]))

    def _or_note(self, answer: Answer, what: str) -> Sequence[Sequence[Any]]:
        return rows_or_note(answer, f"{what} of {self._name}", self._found.notes)

    def _keys(
        self,
        constraints: Sequence[Sequence[Any]],
        parts: Sequence[Sequence[Any]],
        referred: Sequence[Sequence[Any]],
    ) -> None:
        """A foreign key names the place of each column in the other table's primary key."""
        kinds = {(row[0], row[1]): row[2] for row in constraints}
        parents = {row[0]: (row[1], row[2]) for row in referred}
        primary = {(row[1], int(row[3])): row[2] for row in parts if kinds.get((row[0], row[1])) == "PRIMARY KEY"}
        for name, table, column, place, other_place in parts:
            key = (self._name, table)
            kind, parent = kinds.get((name, table)), parents.get(name)
            if kind == "PRIMARY KEY":
                self._found.keys.append(KeyPart(key, name, int(place), column, "primary"))
            elif kind == "FOREIGN KEY" and parent is not None:
                other = primary.get((parent[1], int(other_place or place)))
                if other is not None and parent[0] == self._name:
                    self._found.edges.append(EdgePart(key, name, int(place), column, parent, other))


def _leave_shards(found: Catalogue) -> None:
    """Tables that are cut by day hold one thing: the newest stands for all."""
    shards: dict[tuple[str, str], list[str]] = {}
    for table in found.tables:
        match = _SHARD.fullmatch(table.key[1])
        if match:
            shards.setdefault((table.key[0], match["stem"]), []).append(table.key[1])
    for (dataset, stem), names in shards.items():
        for name in sorted(names)[:-1]:
            found.aside[dataset, name] = f"one day of {stem}*, of which the newest is taken"


def _literal(text: str) -> str:
    """A string literal of GoogleSQL as its text."""
    try:
        return str(json.loads(text))
    except ValueError:
        return text.strip("\"'")
