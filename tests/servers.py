"""Database servers for tests: started on loopback in a folder of their own, ended with the test session."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
        found = str(newest[0]) if newest else None
    if found is None:
        pytest.skip(f"PostgreSQL is not installed: {name} was not found")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(command: list[str], folder: Path) -> None:
    """Runs a command; PostgreSQL refuses to run as root, so root steps down to `nobody`."""
    if os.geteuid() == 0:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, user="nobody", group="nogroup")
    else:
        subprocess.run(command, check=True, capture_output=True, cwd=folder)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A new PostgreSQL server in a folder of its own; yields the URL of its database `postgres`."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="cartridge-postgres-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        port, data = _free_port(), str(folder / "data")
        _run([initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], folder)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        _run([pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield f"postgresql://postgres:secret-word@127.0.0.1:{port}/postgres"
        finally:
            _run([pg_ctl, "-D", data, "-m", "immediate", "stop"], folder)
