"""Apache Spark in a child process of its own environment, on one machine: copies SQLite tables in, and answers queries.

Run as a script it is the child, in the environment `.venv-dbtspark`: `load FILE SCHEMA` or `ask`, queries as a JSON
list on stdin. The metastore and the tables stand in the working folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).resolve().parent.parent / ".venv-dbtspark" / "bin"
_SETTINGS = """\
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.sql.shuffle.partitions 1
spark.default.parallelism 1
"""


def spark_environment(folder: Path) -> dict[str, str]:
    """What a process needs to run Spark in that folder; skips the test with the reason where Spark is not set up."""
    import pytest  # noqa: PLC0415 - the child's environment has none

    if not (PROGRAMS / "dbt").exists():
        pytest.skip("Apache Spark is not set up in .venv-dbtspark (`make deep` does that)")
    if shutil.which("java") is None:
        pytest.skip("Apache Spark needs Java, which is not installed")
    settings = folder / "conf"
    settings.mkdir(exist_ok=True)
    (settings / "spark-defaults.conf").write_text(_SETTINGS)
    inherited = {name: os.environ[name] for name in ("HOME", "JAVA_HOME", "TMPDIR") if name in os.environ}
    return {
        **inherited,
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def load(sqlite_file: Path, schema: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Copies every table of a SQLite file into a schema of the Spark in that folder."""
    _child(["load", str(sqlite_file), schema], folder, environment)


def ask(queries: Sequence[str], folder: Path, environment: Mapping[str, str]) -> list[list[list[Any]]]:
    """The rows that each query answers; numbers with decimals as text."""
    answered: list[list[list[Any]]] = json.loads(_child(["ask"], folder, environment, json.dumps(queries)))
    return answered


def _child(words: list[str], folder: Path, environment: Mapping[str, str], sent: str = "") -> str:
    done = subprocess.run(
        [str(PROGRAMS / "python"), __file__, *words],
        cwd=folder,
        env=dict(environment),
        input=sent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1] if done.stdout else ""


def _load(spark: Any, file: str, schema: str) -> None:
    spark.sql(f"create schema if not exists {schema}")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as source:
        listed = source.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        for (name,) in listed.fetchall():
            columns = source.execute(f'pragma table_info("{name}")').fetchall()
            readers = [_reader(kind) for _, _, kind, *_ in columns]
            rows = [
                tuple(None if value is None else read(value) for read, value in zip(readers, row, strict=True))
                for row in source.execute(f'select * from "{name}"')
            ]
            shape = ", ".join(f"`{column}` {_type(kind)}" for _, column, kind, *_ in columns)
            spark.createDataFrame(rows, shape).coalesce(1).write.saveAsTable(f"{schema}.`{name}`")


def _type(kind: str) -> str:
    """Spark's type for a declared one of SQLite."""
    plain = kind.lower()
    if "int" in plain:
        return "int"
    if plain.startswith(("numeric", "decimal")):
        return plain.replace("numeric", "decimal")
    return "timestamp" if plain.startswith("datetime") else "string"


def _reader(kind: str) -> Any:
    """How a value of SQLite becomes one of that type."""
    spark_type = re.split(r"\W", _type(kind))[0]
    readers = {"int": int, "decimal": lambda value: Decimal(str(value)), "timestamp": datetime.fromisoformat}
    return readers.get(spark_type, str)


def _main(words: list[str]) -> None:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - only the child's environment has it

    spark = SparkSession.builder.enableHiveSupport().getOrCreate()
    if words[0] == "load":
        _load(spark, *words[1:])
    else:
        answers = [[list(row) for row in spark.sql(query).collect()] for query in json.load(sys.stdin)]
        print()
        print(json.dumps(answers, default=str))
    spark.stop()


if __name__ == "__main__":
    _main(sys.argv[1:])
