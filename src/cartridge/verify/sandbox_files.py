"""The throw-away project of the sandbox on disk, and the DuckDB files with its stub tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cartridge.domain.change import ChangeSet
from cartridge.domain.schema import TableKey
from cartridge.errors import MissingExtraError, VerifyError
from cartridge.render.identifier import quoted
from cartridge.verify.sandbox_plan import DATABASE, EXISTING, SandboxPlan, Stub
from cartridge.verify.shapes import Shape
from cartridge.verify.synthetic import Row


def write_project(folder: Path, changes: ChangeSet, sandbox: SandboxPlan) -> None:
    """Write the rendered project, and a model in place of each one that exists in the real project.

    Raises:
        VerifyError: a path leads out of the folder.
    """
    root = folder.resolve()
    files = {file.path: file.text for file in changes.files}
    files |= {f"models/existing/{name}.sql": _stand_in(name) for name in sandbox.existing}
    for path, text in files.items():
        target = (root / path).resolve()
        if not target.is_relative_to(root):
            raise VerifyError(f"The planned path {path} leads out of the project. Plan again.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def _stand_in(name: str) -> str:
    place = ".".join(quoted(part, "duckdb") for part in (DATABASE, EXISTING, name))
    return f"select * from {place}\n"  # noqa: S608 - the names are quoted


def write_tables(
    path: Path,
    stubs: Sequence[Stub],
    shapes: Mapping[TableKey, Mapping[str, Shape]],
    rows: Mapping[TableKey, Sequence[Row]],
) -> None:
    """Make a DuckDB file with the stub tables, without any constraint, and their rows.

    Raises:
        MissingExtraError: DuckDB is not installed; names the install line.
        VerifyError: DuckDB refuses a table or a row; names the table.
    """
    try:
        import duckdb  # noqa: PLC0415 - heavy, and only the sandbox needs it
    except ImportError:
        raise MissingExtraError("The sandbox", "duckdb") from None
    with duckdb.connect(str(path)) as connection:
        for stub in stubs:
            try:
                _write_table(connection, stub, shapes[stub.table.key], rows.get(stub.table.key, ()))
            except (duckdb.Error, ValueError, OverflowError) as error:
                raise VerifyError(
                    f"The sandbox cannot hold the table {stub.table.name!r}: {str(error).splitlines()[0]}. Leave the "
                    "table out of the plan, or prove the plan on real data."
                ) from None


def _write_table(connection: Any, stub: Stub, shapes: Mapping[str, Shape], rows: Sequence[Row]) -> None:
    place = f"{quoted(stub.schema, 'duckdb')}.{quoted(stub.name, 'duckdb')}"
    columns = ", ".join(f"{quoted(name, 'duckdb')} {shape.duckdb}" for name, shape in shapes.items())
    connection.execute(f"create schema if not exists {quoted(stub.schema, 'duckdb')}")
    connection.execute(f"create table {place} ({columns})")
    if rows:
        marks = ", ".join("?" for _ in shapes)
        values = [[row[name] for name in shapes] for row in rows]
        connection.executemany(f"insert into {place} values ({marks})", values)  # noqa: S608 - the names are quoted
