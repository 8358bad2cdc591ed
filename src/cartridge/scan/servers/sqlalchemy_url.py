"""Databases that have no scanner of their own, read through SQLAlchemy's inspector and the driver in the URL.

Only the schema that the URL leads to is read, unless schemas are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cartridge.domain.masking import masked
from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, Relationship, SchemaSnapshot, TableKey
from cartridge.errors import SourceError
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.selection import Selection

DIALECTS = {"mariadb": "mysql", "mssql": "tsql", "mysql": "mysql", "oracle": "oracle", "postgresql": "postgres"}
"""SQLAlchemy's name of a dialect to sqlglot's, where they differ or must be known."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A SQLAlchemy connection; its errors and those of a missing driver become ours.

    Raises:
        SourceError: the driver is not installed, or the database cannot be reached or read.
    """
    import sqlalchemy  # noqa: PLC0415 - heavy
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    shown = masked(url)
    try:
        engine = sqlalchemy.create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
    except (ImportError, sqlalchemy.exc.NoSuchModuleError) as error:
        missing = getattr(error, "name", None) or str(error).rpartition(":")[2]
        raise SourceError(f"{shown} needs a driver that is not installed: {missing}. Install it with pip.") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        message = masked(" ".join(str(cause).split())).removesuffix(".")
        raise SourceError(f"{shown} cannot be read: {message}. Check URL, user and rights.") from error


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema behind a SQLAlchemy URL.

    Raises:
        SourceError: the database cannot be reached or read, or nothing in it was selected.
    """
    import sqlalchemy  # noqa: PLC0415 - heavy

    with connected(source) as connection:
        inspector = sqlalchemy.inspect(connection)
        default = inspector.default_schema_name or ""
        known = inspector.get_schema_names() if selection.schemas else [default]
        wanted = [name for name in known if name.casefold() in {asked.casefold() for asked in selection.schemas}]
        found = {
            key: kind for schema in (wanted or [default]) for key, kind in _names(inspector, schema, default).items()
        }
        chosen, left_out = selection.choose(list(found), known)
        tables: dict[TableKey, FoundTable] = {}
        relationships: list[Relationship] = []
        for schema in sorted({key[0] for key in chosen}):
            names = [name for owner, name in chosen if owner == schema]
            reader = _SchemaReader(inspector, schema, None if schema == default else schema, names)
            tables |= reader.tables({key: found[key] for key in chosen if key[0] == schema})
            relationships += reader.relationships()
        _count(connection, [item for item in tables.values() if item.table_type == "table"], default, progress)
        database = connection.engine.url.database or default
        dialect = connection.engine.dialect.name
    return SchemaSnapshot(
        kind=dialect,
        database=database,
        dialect=DIALECTS.get(dialect, dialect),
        tables=assemble(tables.values(), sorted(relationships), database),
        relationships=tuple(sorted(relationships)),
        left_out=left_out,
    )


def _names(inspector: Any, schema: str, default: str) -> dict[TableKey, str]:
    asked = None if schema == default else schema
    found = {(schema, name): "view" for name in inspector.get_view_names(schema=asked)}
    return {**found, **{(schema, name): "table" for name in inspector.get_table_names(schema=asked)}}


class _SchemaReader:
    """What the inspector says of all tables of one schema, in one call for each kind of thing."""

    def __init__(self, inspector: Any, schema: str, asked: str | None, names: list[str]) -> None:
        import sqlalchemy  # noqa: PLC0415 - already loaded

        self._schema = schema
        self._dialect = inspector.bind.dialect
        options = {"schema": asked, "filter_names": names, "kind": sqlalchemy.engine.ObjectKind.ANY}

        def ask(method: Callable[..., Any]) -> dict[str, Any]:
            try:
                return {name: value for (_, name), value in method(**options).items()}
            except NotImplementedError:
                return {}

        self._columns = ask(inspector.get_multi_columns)
        self._primary = ask(inspector.get_multi_pk_constraint)
        self._foreign = ask(inspector.get_multi_foreign_keys)
        self._unique = ask(inspector.get_multi_unique_constraints)
        self._comments = ask(inspector.get_multi_table_comment)

    def tables(self, kinds: dict[TableKey, str]) -> dict[TableKey, FoundTable]:
        """The tables with their columns and keys."""
        return {key: self._table(key, kind) for key, kind in kinds.items()}

    def relationships(self) -> list[Relationship]:
        """The declared foreign keys, each once."""
        found = {
            Relationship(
                (self._schema, name),
                tuple(key["constrained_columns"]),
                (key["referred_schema"] or self._schema, key["referred_table"]),
                tuple(key["referred_columns"]),
            )
            for name, keys in self._foreign.items()
            for key in keys
            if len(key["constrained_columns"]) == len(key["referred_columns"]) > 0
        }
        return sorted(found)

    def _table(self, key: TableKey, kind: str) -> FoundTable:
        name = key[1]
        columns = [
            ColumnMapping(
                column["name"],
                self._type(column["type"]),
                bool(column.get("nullable", True)),
                description=column.get("comment") or None,
                default=column.get("default"),
            )
            for column in self._columns.get(name, ())
        ]
        return FoundTable(
            key,
            kind,
            columns,
            description=(self._comments.get(name) or {}).get("text") or None,
            primary_key=tuple((self._primary.get(name) or {}).get("constrained_columns") or ()),
            unique_keys=[tuple(one["column_names"]) for one in self._unique.get(name) or ()],
        )

    def _type(self, kind: Any) -> str:
        """The type as its database prints it; "" where SQLAlchemy does not know it."""
        import sqlalchemy  # noqa: PLC0415 - already loaded

        if isinstance(kind, sqlalchemy.types.NullType):
            return ""
        return str(kind.compile(dialect=self._dialect))


def _count(connection: Any, tables: list[FoundTable], default: str, progress: Progress) -> None:
    import sqlalchemy  # noqa: PLC0415 - already loaded

    for done, item in enumerate(tables):
        progress("Counting rows", done, len(tables))
        source = selectable(item.key, [], default)
        item.row_count = connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(source)).scalar_one()
    progress("Counting rows", len(tables), len(tables))


def selectable(key: TableKey, columns: list[str], default: str) -> Any:
    """The table as SQLAlchemy writes it into a query, quoted by its own rules."""
    import sqlalchemy  # noqa: PLC0415 - already loaded

    quoted = sqlalchemy.sql.quoted_name
    schema = None if key[0] == default else quoted(key[0], quote=True)
    return sqlalchemy.table(
        quoted(key[1], quote=True), *(sqlalchemy.column(quoted(name, quote=True)) for name in columns), schema=schema
    )
