"""A file of SQL statements that make tables, such as `pg_dump --schema-only` writes, read without any database.

What is read: `create table`, keys added by `alter table`, `comment on`, `create type ... as enum`, `create domain`.
What else dumps and scripts hold (rows, grants, indexes, functions) is passed over. The scan's notes name a statement of
the kinds above that cannot be read, one about a table that the file does not make, and one of no kind that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from cartridge.domain.progress import Progress
from cartridge.domain.schema import ColumnMapping, LeftOut, Relationship, SchemaSnapshot, TableKey
from cartridge.errors import SourceError
from cartridge.scan.assemble import FoundTable, assemble
from cartridge.scan.files.ddl_parts import Rewritten, parsed, rewritten
from cartridge.scan.selection import Selection

DIALECTS = {
    "bigquery": "bigquery",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "mariadb": "mysql",
    "mysql": "mysql",
    "postgres": "postgres",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlite": "sqlite",
}
"""What may follow `ddl+` in the scheme of the URL, to sqlglot's name of the dialect."""

_URL = re.compile(r"ddl(?:\+(?P<dialect>\w+))?:///?(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_DUMP = re.compile(r"^-- PostgreSQL database dump\b", re.MULTILINE)
_ROWS = re.compile(r"^COPY [^;\n]*FROM stdin;\n.*?^\\\.$", re.MULTILINE | re.DOTALL)
_PSQL = re.compile(r"^\\.*$", re.MULTILINE)
_ENUM = re.compile(r"create\s+type\s+(?P<name>[\w.\"]+)\s+as\s+(?P<type>enum\s*\(.*\))\s*$", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(
    r"create\s+domain\s+(?P<name>[\w.\"]+)\s+(?:as\s+)?(?P<type>.+?)(?=\s+(?:constraint|check|not|null|default|collate)\b"
    r"|\s*$)",
    re.IGNORECASE | re.DOTALL,
)
_WANTED = re.compile(
    r"\s*(?:create\s+(?:or\s+replace\s+)?(?:(?:global|local|temp|temporary|unlogged|external|foreign|transient|volatile"
    r"|hybrid|dynamic|iceberg|managed|streaming|live|multiset)\s+)*"
    r"table\b|alter\s+table\b.*\badd\b|comment\s+on\s+(?:table|column)\b|use\b)",
    re.IGNORECASE | re.DOTALL,
)
_TABLE = re.compile(r"\s*create\b", re.IGNORECASE)
_PARTITION = re.compile(
    r"create\s+table\s+(?:if\s+not\s+exists\s+)?(?P<name>[^()]+?)\s+partition\s+of\s+", re.IGNORECASE
)
_VIEW = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:materialized\s+)?view\s+(?:if\s+not\s+exists\s+)?(?P<name>[\w.\"`]+)", re.I
)
_ATTACH = re.compile(r"alter\s+table\s+(?:only\s+)?(?P<parent>\S+)\s+attach\s+partition\s+(?P<name>\S+)", re.IGNORECASE)
_UNIQUE = re.compile(
    r"create\s+unique\s+index\s+\S+\s+on\s+(?:only\s+)?(?P<table>[\w.\"]+)\s+(?:using\s+\w+\s+)?"
    r"\((?P<columns>[\w\s,\"]+)\)\s*$",
    re.IGNORECASE,
)
"""A unique index over plain columns; one over expressions, or over some of the rows, is no key of the table."""
_VIRTUAL = re.compile(r"\)\s+virtual\b", re.IGNORECASE)
"""How PostgreSQL 18 says that a generated column is not stored; sqlglot does not know it there."""
_PASSED = re.compile(
    r"\W*(?:$|\w+\s*:=|(?:abort|alter|analyze|assert|attach|begin|cache|call|case|checkpoint|close|cluster|comment|commit"
    r"|copy|create|deallocate|declare|delete|delimiter|desc|describe|detach|discard|do|drop|else|elseif|elsif|end|exception"
    r"|exec|execute|explain|export|fetch|flush|for|foreach|from|get|go|grant|if|import|insert|install|iterate|leave|let"
    r"|listen|load|lock|loop|merge|msck|notify|null|open|optimize|perform|pragma|prepare|print|purge|put|raise|reassign"
    r"|refresh|reindex|release|remove|repair|repeat|replace|reset|return|revoke|rollback|savepoint|security|select|set|show"
    r"|signal|start|table|then|truncate|uncache|unload|unlock|until|update|use|vacuum|values|when|while|with)\b)",
    re.IGNORECASE,
)
"""How statements begin that make no table: SQL's own, and those of the bodies of procedures and triggers."""
_SHOWN = 60
_MOST_NOTES = 20


def read(source: str, selection: Selection, progress: Progress) -> SchemaSnapshot:
    """The schema that the statements of a file would make. Views are left out, and listed: no types are written there.

    `source` is a path, or `ddl+DIALECT:///PATH`.

    Raises:
        SourceError: the dialect is unknown or not said, the file is no text, or it makes no table.
    """
    dialect, path = _split(source)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is no UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    dialect = dialect or _dialect_of(text, path)
    reader = _Reader(dialect, path.stem)
    for statement in _statements(text, dialect, path.name):
        reader.take(statement)
    progress("Reading statements", 1, 1)
    if not reader.tables:
        raise SourceError(
            f"{path.name} makes no table that can be read as {dialect}. Check the dialect in ddl+DIALECT."
        )
    chosen, left_out = selection.choose(list(reader.tables))
    found = [reader.tables[key] for key in chosen]
    relationships = tuple(sorted({edge for edge in reader.edges() if edge.table in set(chosen)}))
    return SchemaSnapshot(
        kind="ddl",
        database=path.stem,
        dialect=dialect,
        tables=assemble(found, relationships, path.stem),
        relationships=relationships,
        left_out=tuple(sorted([*left_out, *reader.left_out], key=lambda item: (item.schema, item.name))),
        notes=reader.notes,
    )


def _split(source: str) -> tuple[str | None, Path]:
    match = _URL.fullmatch(source)
    if match is None:
        return None, Path(source)
    asked = match["dialect"]
    if asked is not None and asked.lower() not in DIALECTS:
        raise SourceError(f"{asked} is no dialect that is known here. Known: {', '.join(sorted(DIALECTS))}.")
    return (DIALECTS[asked.lower()] if asked else None), Path(match["path"])


def _dialect_of(text: str, path: Path) -> str:
    if _DUMP.search(text):
        return "postgres"
    raise SourceError(
        f"{path.name} does not say which dialect it is written in. Write it as ddl+DIALECT:///{path}, "
        f"with one of: {', '.join(sorted(DIALECTS))}."
    )


def _statements(text: str, dialect: str, name: str) -> Iterator[str]:
    """The statements of the file, without psql's commands and rows that are copied in."""
    text = _PSQL.sub("", _ROWS.sub("", text.replace("\r\n", "\n"))) if dialect == "postgres" else text
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except SqlglotError as error:
        raise SourceError(f"{name} cannot be read as {dialect}: {str(error).splitlines()[0]}") from error
    start = None
    for token in tokens:
        if start is None:
            start = token.start
        if token.token_type.name == "SEMICOLON":
            yield text[start : token.start]
            start = None
    if start is not None:
        yield text[start:]


class _Reader:
    """The tables as the statements so far have made them."""

    def __init__(self, dialect: str, stem: str) -> None:
        self._dialect = dialect
        self._schema = "public" if dialect in {"postgres", "redshift"} else stem
        self._types: dict[str, str] = {}
        self._foreign: list[tuple[TableKey, tuple[str, ...], TableKey, tuple[str, ...]]] = []
        self.tables: dict[TableKey, FoundTable] = {}
        self.left_out: list[LeftOut] = []
        self._partitions: set[TableKey] = set()
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not understood, a statement each; of many the first, and how many more there are."""
        more = len(self._notes) - _MOST_NOTES
        rest = [f"{more} more statement{'s were' if more > 1 else ' was'} left out"] if more > 0 else []
        return (*self._notes[:_MOST_NOTES], *rest)

    def take(self, statement: str) -> None:
        """Adds what one statement makes."""
        named = _ENUM.match(statement) or _DOMAIN.match(statement)
        if named:
            written = " ".join(named["type"].split())
            self._types[_bare(named["name"])] = re.sub(r"(?i)^enum ?\( ?(.*?) ?\)$", r"enum(\1)", written)
            return
        view = _VIEW.match(statement)
        partition = _PARTITION.match(statement)
        attached, unique = _ATTACH.match(statement), _UNIQUE.match(statement)
        if attached:
            self.tables.pop(self._split(attached["name"]), None)
            self._leave_out(attached["name"], f"partition of {_bare(attached['parent'])}")
            self._partitions.add(self._split(attached["name"]))
        elif unique and (table := self.tables.get(self._split(unique["table"]))):
            table.unique_keys.append(tuple(name.strip().replace('"', "") for name in unique["columns"].split(",")))
        elif view:
            self._leave_out(view["name"], "a view: its columns have no types in the file")
        elif partition:
            self._partitions.add(self._split(partition["name"]))
        elif _WANTED.match(statement):
            self._parse(statement)
        elif not _PASSED.match(statement):
            self._note("A statement was not understood and left out", statement)

    def edges(self) -> Iterator[Relationship]:
        """The foreign keys. One that names no columns means the primary key of the other table."""
        for table, columns, other, ref_columns in self._foreign:
            if table not in self.tables:
                continue
            parent = self.tables.get(other)
            refers = ref_columns or (parent.primary_key if parent else ())
            if len(columns) == len(refers) > 0:
                yield Relationship(table, columns, other, tuple(refers))

    def _parse(self, statement: str) -> None:
        if self._dialect == "postgres":
            statement = _VIRTUAL.sub(") stored", statement)
        tree = parsed(statement, self._dialect)
        partly = rewritten(statement, self._dialect) if tree is None and _TABLE.match(statement) else None
        if partly:
            tree = partly.tree
        match tree:
            case exp.Create() if isinstance(tree.this, exp.Schema):
                self._create(tree, partly)
            case exp.Alter() if isinstance(tree.this, exp.Table):
                if self._key(tree.this) not in self.tables.keys() | self._partitions:
                    self._note("A statement about a table that is not made here was left out", statement)
                for action in tree.args.get("actions") or ():
                    for part in action.expressions if isinstance(action, exp.AddConstraint) else (action,):
                        self._constraint(self._key(tree.this), part)
            case exp.Comment():
                self._comment(tree)
            case exp.Use():
                self._schema = self._name(tree.this.this) if tree.this else self._schema
            case _:
                self._note("A statement was not understood and left out", statement)

    def _note(self, says: str, statement: str) -> None:
        self._notes.append(f"{says}: {' '.join(statement.split())[:_SHOWN]}")

    def _create(self, tree: exp.Create, partly: Rewritten | None) -> None:
        schema, properties = tree.this, tree.args.get("properties")
        key = self._key(schema.this)
        table = self.tables.setdefault(key, FoundTable(key))
        table.description = (partly.comment if partly else _description(properties)) or table.description
        for part in schema.expressions:
            if isinstance(part, exp.ColumnDef):
                column = self._column(table, part)
                if partly and part.name in partly.types:
                    column.data_type = partly.types[part.name]
                table.columns.append(column)
            else:
                self._constraint(key, part)
        for column in table.columns:
            column.nullable = column.nullable and column.name not in table.primary_key

    def _column(self, table: FoundTable, part: exp.ColumnDef) -> ColumnMapping:
        column = ColumnMapping(self._name(part.this), self._type(part.args.get("kind")))
        for item in part.args.get("constraints") or ():
            match kind := item.args.get("kind"):
                case exp.NotNullColumnConstraint():
                    column.nullable = bool(kind.args.get("allow_null"))
                case exp.PrimaryKeyColumnConstraint():
                    table.primary_key = (column.name,)
                case exp.UniqueColumnConstraint():
                    table.unique_keys.append((column.name,))
                case exp.DefaultColumnConstraint():
                    column.default = kind.this.sql(dialect=self._dialect)
                case exp.CommentColumnConstraint():
                    column.description = kind.this.name
                case exp.Properties():
                    column.description = _description(kind)
                case exp.Reference():
                    self._refer(table.key, (column.name,), kind)
        return column

    def _constraint(self, key: TableKey, part: exp.Expr) -> None:
        if isinstance(part, exp.Constraint):
            for inner in part.expressions:
                self._constraint(key, inner)
            return
        table = self.tables.get(key)
        if table is None:
            return
        match part:
            case exp.PrimaryKey():
                table.primary_key = self._names(part.expressions)
                for column in table.columns:
                    column.nullable = column.nullable and column.name not in table.primary_key
            case exp.UniqueColumnConstraint() if isinstance(part.this, exp.Schema):
                table.unique_keys.append(self._names(part.this.expressions))
            case exp.ForeignKey() if part.args.get("reference"):
                self._refer(key, self._names(part.expressions), part.args["reference"])

    def _refer(self, key: TableKey, columns: tuple[str, ...], reference: exp.Expr) -> None:
        target = reference.this
        other = target.this if isinstance(target, exp.Schema) else target
        named = self._names(target.expressions) if isinstance(target, exp.Schema) else ()
        self._foreign.append((key, columns, self._key(other), named))

    def _comment(self, tree: exp.Comment) -> None:
        text = tree.expression.name or None
        if isinstance(tree.this, exp.Column):
            parts = [self._name(part) for part in tree.this.parts]
            schema = parts[-3] if len(parts) > 2 else self._schema
            table = self.tables.get((schema, parts[-2] if len(parts) > 1 else ""))
            for column in table.columns if table else ():
                if column.name == parts[-1]:
                    column.description = text
        elif isinstance(tree.this, exp.Table) and (found := self.tables.get(self._key(tree.this))):
            found.description = text

    def _key(self, table: exp.Expr) -> TableKey:
        schema = table.args.get("db")
        return (self._name(schema) if schema else self._schema, self._name(table.this))

    def _names(self, parts: list[exp.Expr]) -> tuple[str, ...]:
        found = (part if isinstance(part, exp.Identifier) else part.find(exp.Identifier) for part in parts)
        return tuple(self._name(identifier) for identifier in found if identifier is not None)

    def _name(self, identifier: exp.Expr) -> str:
        """The name as the database would keep it: unquoted ones fold."""
        if identifier.args.get("quoted"):
            return identifier.name
        if self._dialect in {"postgres", "redshift"}:
            return identifier.name.lower()
        return identifier.name.upper() if self._dialect == "snowflake" else identifier.name

    def _type(self, kind: exp.Expr | None) -> str:
        if kind is None:
            return ""
        written = kind.sql(dialect=self._dialect)
        return self._types.get(_bare(written), written.lower())

    def _leave_out(self, name: str, reason: str) -> None:
        self.left_out.append(LeftOut(*self._split(name), reason))

    def _split(self, name: str) -> TableKey:
        schema, _, bare = name.replace('"', "").replace("`", "").rpartition(".")
        return (schema or self._schema, bare)


def _description(properties: exp.Expr | None) -> str | None:
    """The comment among a table's or a column's options."""
    for item in properties.expressions if properties else ():
        if isinstance(item, exp.SchemaCommentProperty):
            return item.this.name or None
        if isinstance(item, exp.Property) and item.name.lower() == "description":
            return item.args["value"].name or None
    return None


def _bare(name: str) -> str:
    return name.replace('"', "").rpartition(".")[2].lower()
