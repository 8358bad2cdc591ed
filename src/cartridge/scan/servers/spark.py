"""Apache Spark, read with SHOW TABLE EXTENDED: one query for each schema, however many tables it has.

Spark knows no keys, and says the comments of columns for one table at a time only: neither is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, SchemaSnapshot
from cartridge.errors import MissingExtraError
from cartridge.scan.assemble import FoundTable
from cartridge.scan.catalogue import Ask, Catalogue, Rows, Source, each, rows_of, rows_or_note, snapshot
from cartridge.scan.selection import Selection
from cartridge.scan.servers.connection import address, complaint

_SCHEMAS = "show schemas"
_TABLES = "show table extended in `{schema}` like '*'"
_SYSTEM = frozenset({"information_schema", "global_temp"})
_PORT = 10_000

_FACT = re.compile(r"^(?P<name>Type|Provider|Comment|Statistics|View Text): (?P<value>.*)$", re.MULTILINE)
_ROWS = re.compile(r"(?P<rows>\d+) rows")
_COLUMN = re.compile(r"^(?P<depth>(?: \|   )*) \|-- (?P<name>.*): (?P<kind>\S+) \((?P<more>[^()]*)\)$", re.MULTILINE)
"""A line of Spark's schema tree; fields of structs, elements and map entries lie deeper."""
_NAMES = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint"}
"""Spark prints its own names of types there; these differ from those of its SQL."""
_KINDS = {"VIEW": "view", "EXTERNAL": "external_table"}
_HINTS = {
    "tsocket": "Check host and port, and that Spark's Thrift server runs there.",
    "refused": "Check host and port, and that Spark's Thrift server runs there.",
    "could not connect": "Check host and port, and that Spark's Thrift server runs there.",
    "not known": "Check the name of the host.",
    "timed out": "Check host, port and firewall.",
    "sasl": "Check ?auth= in the URL: NONE, NOSASL, LDAP or KERBEROS, as the server is set up.",
    "authenticat": "Check the user and the password.",
    "not found": "Check the name of the schema.",
}


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema behind a Thrift server of Spark: `spark://HOST:PORT/SCHEMA`, or all schemas where it names none.

    Raises:
        SourceError: the server cannot be reached or read, or nothing in it was selected.
        MissingExtraError: the client is not installed.
    """
    named = address(source).database
    with connected(source) as ask:
        found = catalogue(ask, list(selection.schemas) or ([named] if named else []), progress)
    return snapshot(found, Source("spark", "spark", named or "spark"), selection)


def catalogue(ask: Ask, schemas: Sequence[str], progress: Progress) -> Catalogue:
    """The catalogue of the named schemas, or of all."""
    progress("Reading the catalogue", 0, None)
    found = Catalogue(schemas=[row[0] for row in rows_of(ask((_SCHEMAS,))[0])])
    folded = {name.casefold() for name in schemas}
    wanted = [name for name in found.schemas if (name.casefold() in folded if folded else name not in _SYSTEM)]
    answers = ask([_TABLES.format(schema=name.replace("`", "``")) for name in wanted])
    for done, (schema, answer) in enumerate(zip(wanted, answers, strict=True)):
        progress("Reading schemas", done, len(wanted))
        for _, name, is_temporary, information in rows_or_note(answer, f"Schema {schema}", found.notes):
            if str(is_temporary).lower() != "true":
                _take(found, schema, name, information)
    return found


def _take(found: Catalogue, schema: str, name: str, information: str) -> None:
    head, _, tree = information.partition("Schema: root\n")
    facts = {match["name"]: match["value"] for match in _FACT.finditer(head)}
    rows = _ROWS.search(facts.get("Statistics", ""))
    key = (schema, name)
    found.tables.append(
        FoundTable(
            key,
            _KINDS.get(facts.get("Type", ""), "table"),
            row_count=int(rows["rows"]) if rows else None,
            description=facts.get("Comment") or None,
        )
    )
    for column in _COLUMN.finditer(tree):
        if not column["depth"]:
            kind = _NAMES.get(column["kind"], column["kind"])
            found.columns.append((key, ColumnMapping(column["name"], kind, "nullable = false" not in column["more"])))


@contextmanager
def connected(url: str) -> Iterator[Ask]:
    """A function that asks a Thrift server. A query that is refused spoils only itself.

    Raises:
        SourceError: the server cannot be reached, or refuses the user.
        MissingExtraError: the client is not installed.
    """
    try:
        from pyhive import hive  # noqa: PLC0415 - an extra
        from pyhive.exc import Error  # noqa: PLC0415
        from thrift.Thrift import TException  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("A Spark source", "spark") from None
    where = address(url)
    auth = where.options.get("auth", "LDAP" if where.password else "NONE")
    try:
        with hive.connect(
            where.host, where.port or _PORT, username=where.user, password=where.password, auth=auth
        ) as connection:

            def ask(query: str) -> Rows:
                with connection.cursor() as cursor:
                    cursor.execute(query)
                    return list(cursor.fetchall())

            yield each(ask, (hive.OperationalError,))
    except (Error, TException, OSError, ValueError) as error:
        raise complaint(url, error, _HINTS, "Try the same address with the program beeline.") from error
