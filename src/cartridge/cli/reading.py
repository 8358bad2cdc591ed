"""Scanning a source, with progress: the first step of most commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cartridge.cli.output import Output, plural
from cartridge.cli.progress import step
from cartridge.cli.sources import Profiling, Selection
from cartridge.errors import InputError

if TYPE_CHECKING:
    from cartridge.domain.schema import SchemaSnapshot


async def read_source(
    output: Output, source: str, selection: Selection, profiling: Profiling | None = None
) -> SchemaSnapshot:
    """The selected part of the source, profiled where that is asked for.

    Raises:
        SourceError: the source cannot be read, or nothing in it was selected.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.domain.masking import masked  # noqa: PLC0415

    _only_our_words(output)
    with step(output, f"Reading {masked(source)}") as reading:
        snapshot = await app.scan(
            source,
            tables=selection.tables,
            exclude=selection.exclude,
            schemas=selection.schemas,
            progress=reading,
        )
        reading.done(described(snapshot))
    if profiling is None or not profiling.profile:
        return snapshot
    return await _profiled(output, source, snapshot, profiling)


async def read_project_source(
    output: Output, project: Path, selection: Selection, profiling: Profiling | None = None
) -> SchemaSnapshot:
    """The raw tables of the database that the project in a folder is built in, found through the project's own profile.

    Raises:
        ProjectError: there is no project, or its profile tells no database that can be read.
        SourceError: the database cannot be read.
    """
    from cartridge import app  # noqa: PLC0415
    from cartridge.domain.masking import masked  # noqa: PLC0415

    if not (project / "dbt_project.yml").is_file():
        raise InputError(f"Name a SOURCE, or a dbt project: there is no dbt_project.yml in {project.resolve()}")
    source = app.own_source(project)
    with step(output, f"Reading {masked(source)}, where {project} is built") as reading:
        snapshot = await app.scan_own(
            project,
            tables=selection.tables,
            exclude=selection.exclude,
            schemas=selection.schemas,
            progress=reading,
        )
        reading.done(described(snapshot))
    if profiling is None or not profiling.profile:
        return snapshot
    return await _profiled(output, source, snapshot, profiling)


def _only_our_words(output: Output) -> None:
    """What drivers warn of and log is not printed: a failure becomes one message of ours. `-v` lets them speak."""
    if output.settings.verbose:
        return
    import logging  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())


async def _profiled(output: Output, source: str, snapshot: SchemaSnapshot, profiling: Profiling) -> SchemaSnapshot:
    from cartridge import app  # noqa: PLC0415
    from cartridge.scan import ProfileOptions  # noqa: PLC0415

    with step(output, "Asking the data") as asking:
        options = ProfileOptions(sample_values=profiling.sample_values, progress=asking)
        if profiling.budget_rows is not None:
            options = replace(options, budget_rows=profiling.budget_rows)
        if profiling.query_timeout is not None:
            options = replace(options, timeout=profiling.query_timeout)
        found = await app.profile(source, snapshot, options)
        measured = sum(edge.origin == "measured" for edge in found.relationships)
        asking.done(f"{plural(len(found.overlaps), 'key')} looked at, {measured} measured")
    return found


def described(snapshot: SchemaSnapshot) -> str:
    """The snapshot in a few words: "16 tables, 1 view, 20 foreign keys; 1 left out"."""
    views = sum(table.is_view for table in snapshot.tables)
    parts = [plural(len(snapshot.tables) - views, "table")]
    if views:
        parts.append(plural(views, "view"))
    parts.append(plural(len(snapshot.relationships), "foreign key"))
    left_out = f"; {len(snapshot.left_out)} left out" if snapshot.left_out else ""
    return ", ".join(parts) + left_out
