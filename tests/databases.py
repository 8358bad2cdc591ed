"""Real databases as DuckDB files, with their keys declared: a loader for tests, apart from the product's own."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb

from cartridge.app.demo import create_shop
from shared_data import shared


def shop_duckdb(path: Path) -> Path:
    """The shop of the demo."""
    create_shop(path)
    return path


def chinook_duckdb(path: Path, *, keys: bool = True) -> Path:
    """Chinook (11 tables) as a DuckDB file at `path`; without declared keys if `keys` is False."""
    with sqlite3.connect(f"file:{shared('databases/chinook.sqlite')}?mode=ro", uri=True) as source:
        _copy(source, path, keys=keys)
    source.close()
    return path


def northwind_sqlite(path: Path) -> Path:
    """Northwind (13 tables, 16 views) as a SQLite file at `path`."""
    script = shared("databases/northwind.sqlite.sql").read_bytes().decode()
    with sqlite3.connect(path) as connection:
        connection.executescript("pragma synchronous = off; pragma journal_mode = memory;" + script)
    connection.close()
    return path


def northwind_duckdb(path: Path, *, keys: bool = True) -> Path:
    """Northwind's tables as a DuckDB file at `path`; without declared keys if `keys` is False."""
    sqlite_path = northwind_sqlite(path.with_suffix(".sqlite"))
    with sqlite3.connect(sqlite_path) as source:
        _copy(source, path, keys=keys)
    source.close()
    return path


def _copy(source: sqlite3.Connection, path: Path, *, keys: bool) -> None:
    names = [
        row[0]
        for row in source.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    ]
    target = duckdb.connect(str(path))
    for name in _parents_first(source, names):
        target.execute(_create(source, name, keys=keys))
        rows = [tuple(row) for row in source.execute(f"select * from {_quoted(name)}")]
        foreign = source.execute(f"pragma foreign_key_list({_quoted(name)})").fetchall()
        if not rows:
            continue
        insert = f"insert into {_quoted(name)} values ({', '.join('?' * len(rows[0]))})"
        if keys and any(key[2] == name for key in foreign):
            for row in _managers_first(source, name, rows):
                target.execute(insert, row)
        else:
            _insert(target, name, rows)
    target.close()


def _insert(target: Any, name: str, rows: list[tuple[Any, ...]]) -> None:
    """Column by column: row by row DuckDB takes a second for a thousand rows."""
    types = [column[1] for column in target.execute(f"describe {_quoted(name)}").fetchall()]
    listed = ", ".join(f"unnest(?::{_carrier(kind)}[])::{kind}" for kind in types)
    target.execute(f"insert into {_quoted(name)} select {listed}", [list(column) for column in zip(*rows, strict=True)])


def _carrier(kind: str) -> str:
    """What SQLite has for that type: moments are text, decimals are floats."""
    if kind.startswith("DECIMAL"):
        return "double"
    return "varchar" if kind in ("DATE", "TIMESTAMP") else kind


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parents_first(source: sqlite3.Connection, names: list[str]) -> list[str]:
    parents = {
        name: {row[2] for row in source.execute(f"pragma foreign_key_list({_quoted(name)})")} - {name} for name in names
    }
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += [name for name in names if name not in ordered and parents[name] <= set(ordered)]
    return ordered


def _managers_first(source: sqlite3.Connection, name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows whose parent stands before them; one self-reference of one column is enough for both databases."""
    columns = [row[1] for row in source.execute(f"pragma table_info({_quoted(name)})")]
    key = next(row for row in source.execute(f"pragma foreign_key_list({_quoted(name)})").fetchall() if row[2] == name)
    own, other = columns.index(key[3]), columns.index(key[4])
    ordered: list[tuple[Any, ...]] = []
    seen: set[Any] = {None}
    while len(ordered) < len(rows):
        ready = [row for row in rows if row not in ordered and row[own] in seen]
        ordered += ready
        seen |= {row[other] for row in ready}
    return ordered


def _create(source: sqlite3.Connection, name: str, *, keys: bool) -> str:
    parts: list[str] = []
    primary: list[tuple[int, str]] = []
    for _, column, kind, not_null, _, position in source.execute(f"pragma table_info({_quoted(name)})"):
        parts.append(f"{_quoted(column)} {_type(kind)}{' not null' if not_null else ''}")
        if position:
            primary.append((position, column))
    if keys:
        if primary:
            parts.append(f"primary key ({', '.join(_quoted(column) for _, column in sorted(primary))})")
        foreign: dict[int, list[Any]] = {}
        for row in source.execute(f"pragma foreign_key_list({_quoted(name)})").fetchall():
            foreign.setdefault(row[0], []).append(row)
        for columns in foreign.values():
            own = ", ".join(_quoted(row[3]) for row in columns)
            other = ", ".join(_quoted(row[4]) for row in columns)
            parts.append(f"foreign key ({own}) references {_quoted(columns[0][2])} ({other})")
    return f"create table {_quoted(name)} ({', '.join(parts)})"


def _type(kind: str) -> str:
    kind = kind.upper()
    if "INT" in kind:
        return "integer"
    if "CHAR" in kind or "TEXT" in kind or "CLOB" in kind:
        return "varchar"
    if "BLOB" in kind or not kind:
        return "blob"
    if kind.startswith(("DATE", "TIME")):
        return "date" if kind == "DATE" else "timestamp"
    if kind.startswith(("NUMERIC(", "DECIMAL(")):
        return kind.lower()
    return "double"
