"""Size: scan, plan, apply and plan again, each beside the work that it cannot do without or that it replaces.

    python bench/scale.py [--tables N] [--growth N]

Every line is measured in child processes of one run, side by side, so that the ratios hold on a busy machine: processor
seconds (of the child and its children) and peak memory. Scans and writing wait for a server or a disk, so those two
lines compare wall-clock seconds, the best of several.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cartridge.domain.schema import SchemaSnapshot, TableMapping
from cartridge.scan.saved import dump
from keys_growth import schema
from tables import Table

REPOSITORY = Path(__file__).resolve().parent.parent
COLUMNS_PER_TABLE = 20
CODEGEN_SECONDS = {"generate_source, 1,000 tables": 12.9, "generate_base_model, each table": 3.6}
"""dbt-codegen 0.13 on PostgreSQL, measured on 2026-11-23 on 2 cores; each call is a start of dbt."""

_WRITE = """
import os, pickle, sys, time
from pathlib import Path
files, folder = pickle.load(open(sys.argv[1], "rb")), Path(sys.argv[2])
started = time.perf_counter()
for parent in {folder / name for name in (os.path.dirname(path) for path in files)}:
    parent.mkdir(parents=True, exist_ok=True)
for path, content in files.items():
    (folder / path).write_bytes(content)
os.sync()
print(time.perf_counter() - started)
"""

_BARE = """
import sys, time
import psycopg
started = time.perf_counter()
with psycopg.connect(sys.argv[1]) as connection:
    for query in (
        "select n.nspname, c.relname, c.relkind, obj_description(c.oid) from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname = 'app'",
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)"
        " from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " join pg_namespace n on n.oid = c.relnamespace"
        " left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum"
        " where a.attnum > 0 and not a.attisdropped and c.relkind = 'r' and n.nspname = 'app'",
        "select o.conname, o.contype, o.conrelid::regclass::text, o.conkey, o.confrelid::regclass::text, o.confkey"
        " from pg_constraint o join pg_namespace n on n.oid = o.connamespace where n.nspname = 'app'",
    ):
        connection.execute(query).fetchall()
print(time.perf_counter() - started)
"""

_REFLECT = """
import gc, sys, threading, time
import sqlalchemy
from cartridge.cli import GARBAGE_THRESHOLDS
gc.set_threshold(*GARBAGE_THRESHOLDS)  # no worse than ours
def reflect():
    started = time.perf_counter()
    engine = sqlalchemy.create_engine(sys.argv[1].replace("postgresql://", "postgresql+psycopg://"))
    sqlalchemy.MetaData().reflect(engine, schema="app")
    print(time.perf_counter() - started)
sys.setrecursionlimit(1_000_000)  # it follows chains of foreign keys by recursion
threading.stack_size(1 << 29)
thread = threading.Thread(target=reflect)
thread.start()
thread.join()
"""

_SCAN = """
import gc, sys, time
from cartridge.cli import GARBAGE_THRESHOLDS
from cartridge.scan import scan
gc.set_threshold(*GARBAGE_THRESHOLDS)  # as the command line does
started = time.perf_counter()
scan(sys.argv[1], schemas=["app"])
print(time.perf_counter() - started)
"""


_APPLY = """
import asyncio, sys, time
from pathlib import Path
from cartridge import app
from cartridge.app.saved_plan import load_plan
changes = load_plan(Path(sys.argv[1])).changes
started = time.perf_counter()
asyncio.run(app.apply(changes, Path(sys.argv[2])))
print(time.perf_counter() - started)
"""


@dataclass(frozen=True)
class Run:
    """One child process. `wall` and `processor` in seconds, `peak` in MiB, `said` what it printed."""

    wall: float
    processor: float
    peak: float
    said: str


@dataclass(frozen=True)
class Line:
    """One line of the table: what cartridge needed, and what it is compared with; both in `unit`."""

    work: str
    beside: str
    own: float
    other: float
    unit: str
    aim: str

    def row(self) -> tuple[str, ...]:
        """As cells of the table."""
        return (
            self.work,
            self.beside,
            f"{self.own:,.2f} {self.unit}",
            f"{self.other:,.2f} {self.unit}",
            f"{self.own / self.other:.2f}x",
            self.aim,
        )


def size_table(tables: int = 10_000) -> Table:
    """Every line at one size."""
    columns = ("work", "beside", "cartridge", "the other", "ratio", "aim")
    with tempfile.TemporaryDirectory(prefix="cartridge-scale-") as name:
        folder = Path(name)
        table = Table(f"Size: {tables:,} tables of {COLUMNS_PER_TABLE} columns", columns)
        for lines in (_scanned(tables), _planned(tables, folder), _staged(folder), _started(folder)):
            for line in lines:
                table.rows.append(line.row() if isinstance(line, Line) else (line, *["-"] * 5))
                print(" | ".join(table.rows[-1]), file=sys.stderr, flush=True)  # the whole takes most of an hour
        table.notes.append(
            "s: wall-clock seconds where a server or a disk is waited for (scan, apply), else processor seconds. "
            "dbt parse: dbt 1.12 with dbt-duckdb, the project that the plan makes (all layers)."
        )
        return table


def _run(command: list[str], folder: Path, *, code: int = 0) -> Run:
    """A child process with a plain environment; the bench ends where it fails."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environment = {**inherited, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1"}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said.seek(0)
        text = out.read()
        if child.returncode != code:
            sys.exit(f"{' '.join(command)[:200]} ended with {child.returncode}:\n{text[-2000:]}\n{said.read()[-2000:]}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _python(script: str, *arguments: str) -> Callable[[Path], float]:
    """A script that prints seconds, run in a folder."""
    return lambda folder: float(_run([sys.executable, "-c", script, *arguments], folder).said.splitlines()[-1])


# Scans


def _scanned(tables: int) -> Iterator[Line | str]:
    sys.path.insert(0, str(REPOSITORY / "tests"))
    from servers import postgres_server  # noqa: PLC0415 - where the tests keep their servers

    try:
        server = postgres_server()
        url = server.__enter__()
    except BaseException as absent:
        yield f"scan, skipped: {absent}"
        return
    try:
        _fill(url, tables)
        here = Path.cwd()
        found = {
            name: min(_python(script, url)(here) for _ in range(runs))
            for name, script, runs in (("bare", _BARE, 3), ("own", _SCAN, 3), ("reflect", _REFLECT, 1))
        }
    finally:
        server.__exit__(None, None, None)
    work = f"scan {tables:,} PostgreSQL tables"
    yield Line(work, "the bare catalogue queries", found["own"], found["bare"], "s", "<= 2.5x")
    yield Line(work, "SQLAlchemy's `MetaData.reflect`", found["own"], found["reflect"], "s", "<= 0.067x")


def _fill(url: str, tables: int) -> None:
    """The tables of the growth benches with their first references declared, a few hundred in each transaction."""
    import psycopg  # noqa: PLC0415 - only this line of the bench needs it

    made = _schema(tables)
    names = {table.name for table in made}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema app")
        for start in range(0, len(made), 500):
            with connection.transaction():
                for table in made[start : start + 500]:
                    columns = ", ".join(f'"{c.name}" {c.data_type}' for c in table.columns)
                    connection.execute(f'create table app."{table.name}" ({columns}, primary key (id))')
                    connection.execute(f'insert into app."{table.name}" (id) values (1)')
        for start in range(0, len(made), 500):
            with connection.transaction():
                for table in made[start : start + 500]:
                    for column in table.columns[1:3]:
                        target = column.name.removesuffix("_id")
                        if target in names:
                            connection.execute(
                                f'alter table app."{table.name}" add foreign key ("{column.name}")'
                                f' references app."{target}" (id)'
                            )
        connection.execute("analyze")


def _schema(tables: int) -> list[TableMapping]:
    return schema(tables * COLUMNS_PER_TABLE)


# Plans


def _planned(tables: int, folder: Path) -> Iterator[Line | str]:
    scan, plan, project = _saved_scan(tables, folder), folder / "plan.json", folder / "project"
    cartridge, dbt = _program("cartridge"), [_program("dbt"), "parse", "--profiles-dir", "."]
    target = ["--target", "duckdb", "-q"]
    first = _run([cartridge, "plan", str(scan), "-o", str(plan), "--project", str(project), *target], folder)
    written = _run([cartridge, "apply", str(plan), "--project", str(project), "-y", "-q", *_no_parse(folder)], folder)
    alone = _python(_APPLY, str(plan), str(folder / "alone"))(folder)
    bytes_only = _bytes_and_sync(project, folder)
    whole = _run([*dbt, "--no-partial-parse"], project)
    again = _run(
        [cartridge, "plan", str(scan), "-o", str(plan), "--project", str(project), "--layers", "all", *target], folder
    )
    unchanged = _run(dbt, project)
    models = len(list(project.rglob("*.sql")))
    work = f"plan {tables:,} tables"
    yield Line(
        work, f"`dbt parse` of the {models:,} models it makes", first.processor, whole.processor, "s", "<= 0.10x"
    )
    yield Line(f"{work}, memory", "the same", first.peak, whole.peak, "MiB", "<= 0.5x")
    work = f"apply {models:,} models"
    yield Line(f"{work}: compared, written, journalled", "the same bytes and one sync", alone, bytes_only, "s", "<= 3x")
    yield Line(f"{work}: with the gate again", "a full `dbt parse`", written.processor, whole.processor, "s", "-")
    yield Line(
        "plan again, nothing to do", "an unchanged `dbt parse`", again.processor, unchanged.processor, "s", "<= 0.35x"
    )
    assert json.loads(plan.read_text())["plan"]["actions"] == [], "the second plan has something to do"
    shutil.rmtree(project)


def _no_parse(folder: Path) -> list[str]:
    said = _run([_program("cartridge"), "apply", "--help"], folder).said
    return ["--no-parse"] if "--no-parse" in said else []


def _bytes_and_sync(project: Path, folder: Path) -> float:
    """Seconds to write the project's files again elsewhere; the best of three."""
    import pickle  # noqa: PLC0415

    paths = [path for path in project.rglob("*") if path.is_file() and ".cartridge" not in path.parts]
    files = {path.relative_to(project).as_posix(): path.read_bytes() for path in paths}
    (folder / "files").write_bytes(pickle.dumps(files))
    found = []
    for number in range(3):
        found.append(_python(_WRITE, str(folder / "files"), str(folder / f"copy{number}"))(folder))
        shutil.rmtree(folder / f"copy{number}")
    return min(found)


def _saved_scan(tables: int, folder: Path) -> Path:
    found = SchemaSnapshot("postgres", "app", "postgres", tuple(_schema(tables)))
    path = folder / f"scan{tables}.json"
    path.write_text(dump(found), encoding="utf-8")
    return path


def _staged(folder: Path) -> Iterator[Line]:
    tables = 1_000
    scan, plan, project = _saved_scan(tables, folder), folder / "staged.json", folder / "staged"
    cartridge = _program("cartridge")
    words = ["--project", str(project), "-q"]
    one = _run(
        [cartridge, "plan", str(scan), "-o", str(plan), "--layers", "staging", "--target", "postgres", *words], folder
    )
    two = _run([cartridge, "apply", str(plan), "-y", *_no_parse(folder), *words], folder)
    source, model = CODEGEN_SECONDS.values()
    yield Line(
        "staging for 1,000 tables: plan and apply",
        "dbt-codegen, a call for the source and one for each table (its seconds of 2026-11-23)",
        one.processor + two.processor,
        source + tables * model,
        "s",
        "seconds",
    )
    shutil.rmtree(project)


def _started(folder: Path) -> Iterator[Line]:
    own = min(_run([_program("cartridge"), "--help"], folder).processor for _ in range(5))
    other = min(_run([_program("dbt"), "--version"], folder).processor for _ in range(3))
    yield Line("`cartridge --help`", "`dbt --version`", own, other, "s", "<= 0.10x")


# Growth


_PLAN = """
import sys, time, gc
sys.path.insert(0, sys.argv[1])
from growth import _plan
from scale import _schema
work = _plan(_schema(int(sys.argv[2])))
gc.set_threshold(200_000, 50, 50)
started = time.process_time()
print(work())
print(time.process_time() - started)
"""


def planning_table(most: int = 100_000) -> Table:
    """Planning 1,000 tables, 10,000, up to the most."""
    table = Table("Size: growth of planning, all layers", ("tables", "processor seconds", "peak MiB", "exponent"))
    points: list[tuple[int, float]] = []
    size = min(1_000, most)
    while size <= most:
        run = _run([sys.executable, "-c", _PLAN, str(REPOSITORY / "bench"), str(size)], REPOSITORY)
        seconds = float(run.said.splitlines()[-1])
        exponent = f"{_exponent(points[-1], (size, seconds)):.2f}" if points else "-"
        table.rows.append((f"{size:,}", f"{seconds:.1f}", f"{run.peak:,.0f}", exponent))
        points.append((size, seconds))
        size *= 10
    if len(points) > 1:
        whole = _exponent(points[0], points[-1])
        table.notes.append(
            f"Growth exponent from {points[0][0]:,} to {points[-1][0]:,} tables: **{whole:.2f}** (aim 1.1)."
        )
    return table


def _exponent(one: tuple[int, float], other: tuple[int, float]) -> float:
    return math.log(other[1] / one[1]) / math.log(other[0] / one[0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--growth", type=int, default=100_000, help="the largest schema of the growth, in tables")
    asked = parser.parse_args()
    print(size_table(asked.tables).markdown(), flush=True)
    print(planning_table(asked.growth).markdown(), flush=True)


if __name__ == "__main__":
    main()
