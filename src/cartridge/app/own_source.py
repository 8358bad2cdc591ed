"""The database that a project is built in, as its source: found through the project's own profile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from cartridge.domain.progress import Progress, silent
from cartridge.domain.schema import SchemaSnapshot
from cartridge.errors import ProjectError
from cartridge.plan.built import without_built
from cartridge.project import read_project
from cartridge.project.profiles import Connection, connection_of

DBT = "dbt:"
"""How a source begins that is asked through dbt; see `cartridge.scan.dbt_profile`."""
_SSL = ("sslmode", "sslcert", "sslkey", "sslrootcert")


def own_source(project: Path) -> str:
    """The source that the project's profile connects to: a path, a URL that may hold a password, or `dbt:FOLDER`.

    Raises:
        ProjectError: the folder holds no dbt project, or its profile cannot be read.
    """
    connection = connection_of(project, read_project(project).profile)
    return _address(connection, project)


async def scan_own(
    project: Path,
    *,
    tables: Sequence[str] = (),
    exclude: Sequence[str] = (),
    schemas: Sequence[str] = (),
    progress: Progress | None = None,
) -> SchemaSnapshot:
    """The raw tables of the database that the project is built in; what dbt makes there is left out, with the reason.

    Raises:
        ProjectError: as `own_source`.
        SourceError: the database cannot be read.
    """
    from cartridge.app.dbt_source import scan_through_dbt  # noqa: PLC0415 - dbt is seldom needed
    from cartridge.scan import scan  # noqa: PLC0415
    from cartridge.scan.selection import Selection  # noqa: PLC0415

    state = await asyncio.to_thread(read_project, project)
    connection = connection_of(project, state.profile)
    source = _address(connection, project)
    if source.startswith(DBT):
        selection = Selection(tuple(tables), tuple(exclude), tuple(schemas))
        return await asyncio.to_thread(scan_through_dbt, source, selection, progress or silent)
    snapshot = await asyncio.to_thread(scan, source, tables=tables, exclude=exclude, schemas=schemas, progress=progress)
    return without_built(snapshot, state, connection.said("schema") or "main")


def _address(connection: Connection, project: Path) -> str:
    made = _ADDRESSES.get(connection.kind)
    return f"{DBT}{project}" if made is None else made(connection, project)


def _duckdb(connection: Connection, project: Path) -> str:
    path = connection.said("path") or ":memory:"
    if path.startswith((":memory:", "md:", "motherduck:")):
        raise ProjectError(f"Target {connection.target} of the profile is {path}, which is no file. Name the source")
    file = Path(path).expanduser()
    beside = project / file  # dbt takes relative paths from where it is run: usually the project
    return str(beside if beside.exists() or not file.exists() else file)


def _postgres(connection: Connection, project: Path) -> str:
    host, database = connection.said("host"), connection.said("dbname", "database")
    if not host or not database:
        raise ProjectError(f"Target {connection.target} of the profile names no host or no dbname. Name the source")
    user, password = connection.said("user"), connection.said("password", "pass")
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "")
    where = f"[{host}]" if ":" in host else quote(host, safe="")
    options = {name: connection.said(name) for name in _SSL if connection.said(name)}
    port = connection.said("port") or "5432"
    query = f"?{urlencode(options)}" if options else ""
    return f"postgresql://{login}@{where}:{port}/{quote(database, safe='')}{query}"


_ADDRESSES: dict[str, Callable[[Connection, Path], str]] = {"duckdb": _duckdb, "postgres": _postgres}
"""Adapter type to what makes a source of its profile; the others are asked through dbt's adapter itself."""
