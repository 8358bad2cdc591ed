"""Runs dbt in fresh child processes and reports every result, warning and error as values.

Run as a script it is the child: deprecations are reported once per process, and the warnings that dbt bases on its JSON
schemas are switched on for every adapter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What one dbt command did: `complaints` are its warnings, deprecations and errors, `results` statuses by node."""

    success: bool
    complaints: list[str]
    results: dict[str, str]


def dbt(project: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Outcome:
    """One dbt command in the project's folder, in a process of its own that knows few environment variables."""
    return _outcomes([str(project)], arguments, environment)[0]


def parsed(projects: Sequence[Path]) -> list[Outcome]:
    """What `dbt parse` says of each project; one process parses them all, so that a deprecation is told once."""
    return _outcomes([str(project) for project in projects], ["parse", "--no-partial-parse"], None)


def _outcomes(
    projects: Sequence[str], arguments: Sequence[str], environment: Mapping[str, str] | None
) -> list[Outcome]:
    variables = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    variables |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **(environment or {})}
    command = [sys.executable, __file__, json.dumps(list(projects)), *arguments]
    done = subprocess.run(command, cwd=projects[0], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [Outcome(**entry) for entry in json.loads(done.stdout.splitlines()[-1])]


def _child(projects: list[str], arguments: list[str]) -> None:
    import dbt.jsonschemas.jsonschemas as schemas  # noqa: PLC0415 - the parent has no use for it
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    schemas._JSONSCHEMA_SUPPORTED_ADAPTERS |= {"duckdb", "postgres"}
    found = []
    for project in projects:
        os.chdir(project)
        complaints: list[str] = []

        def listen(event, heard=complaints) -> None:
            if event.info.level in {"warn", "error"}:
                heard.append(f"{event.info.name}: {event.info.msg}")

        done = dbtRunner(callbacks=[listen]).invoke(
            [*arguments, "--profiles-dir", ".", "--project-dir", ".", "--quiet"]
        )
        if done.exception:
            complaints.append(str(done.exception))
        results = {result.node.unique_id: str(result.status) for result in getattr(done.result, "results", [])}
        found.append({"success": bool(done.success), "complaints": complaints, "results": results})
    print()
    print(json.dumps(found))


if __name__ == "__main__":
    _child(json.loads(sys.argv[1]), sys.argv[2:])
