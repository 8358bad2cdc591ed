"""Reading a project beside `dbt parse` of the same project: processor seconds of whole processes, in one run."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tables import Table

TABLES_PER_SOURCE, COLUMNS = 50, 20
_READ = "import sys; from cartridge.project import read_project; print(len(read_project(sys.argv[1]).models))"
_IMPORT = "import cartridge.project"
_NOTE = (
    f"Staging models of {COLUMNS} columns, all documented, two tests each. dbt has parsed the project before and "
    "parses partially; cartridge keeps nothing from one reading to the next. Reading is the process that reads, "
    "without the start of Python and the imports."
)


def reading_table(sizes: Sequence[int]) -> Table:
    """Projects of staging models, two files of properties for each fifty of them; a row for each size."""
    table = Table(
        "Growth: reading a project, beside `dbt parse` of it with nothing changed (processor seconds)",
        ("models", "dbt parse, unchanged", "reading", "ratio", "process that reads", "ratio"),
        notes=[_NOTE],
    )
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), size)
            dbt = [str(Path(sys.executable).with_name("dbt")), "parse", "--profiles-dir", folder]
            _seconds(dbt, folder)
            unchanged = min(_seconds(dbt, folder) for _ in range(2))
            whole = min(_seconds([sys.executable, "-c", _READ, folder], folder) for _ in range(3))
            start = min(_seconds([sys.executable, "-c", _IMPORT], folder) for _ in range(3))
            read = whole - start
            table.rows.append(
                (f"{size:,}", f"{unchanged:.1f}", f"{read:.2f}", f"{read / unchanged:.3f}", f"{whole:.2f}",
                 f"{whole / unchanged:.3f}")
            )  # fmt: skip
    return table


def _seconds(command: Sequence[str], folder: str) -> float:
    """The processor seconds of a child process.

    Raises:
        CalledProcessError: it fails.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _write(root: Path, models: int) -> None:
    """A project of that many staging models."""
    (root / "dbt_project.yml").write_text(
        "name: shop\nprofile: shop\nmodels:\n  shop:\n    staging:\n      +materialized: view\n"
    )
    (root / "profiles.yml").write_text("shop: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}\n")
    tables = [f"table_{number}" for number in range(TABLES_PER_SOURCE)]
    for number in range(models // TABLES_PER_SOURCE):
        source = f"source_{number}"
        folder = root / "models" / "staging" / source
        folder.mkdir(parents=True)
        sources = ["version: 2", "", "sources:", f"  - name: {source}", "    tables:"]
        properties = ["version: 2", "", "models:"]
        for table in tables:
            model = f"stg_{source}__{table}"
            (folder / f"{model}.sql").write_text(_sql(source, table))
            sources += [f"      - name: {table}", "        columns:"]
            sources += [f"          - name: column_{column}" for column in range(COLUMNS)]
            properties += [f"  - name: {model}", f"    description: One row of {table}.", "    columns:"]
            properties += [line for column in range(COLUMNS) for line in _column(column)]
        (folder / f"_{source}__sources.yml").write_text("\n".join(sources) + "\n")
        (folder / f"_{source}__models.yml").write_text("\n".join(properties) + "\n")


def _column(number: int) -> list[str]:
    lines = [f"      - name: column_{number}", f"        description: The column {number} of the table."]
    lines.append("        data_type: varchar")
    return [*lines, "        data_tests:", "          - unique", "          - not_null"] if number == 0 else lines


def _sql(source: str, table: str) -> str:
    columns = ",\n".join(f"        column_{number}" for number in range(COLUMNS))
    return (
        f"with source as (\n\n    select * from {{{{ source('{source}', '{table}') }}}}\n\n),\n\n"
        f"renamed as (\n\n    select\n{columns}\n\n    from source\n\n)\n\nselect * from renamed\n"
    )
