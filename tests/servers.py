"""Database servers for tests: started on loopback in a folder of their own, ended with the test session."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str, server: str = "PostgreSQL") -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
        found = str(newest[0]) if newest else None
    if found is None:
        pytest.skip(f"{server} is not installed: {name} was not found")
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
def postgres_server(rules: Sequence[str] = ()) -> Iterator[str]:
    """A new PostgreSQL server in a folder of its own; yields the URL of its database `postgres`. `rules` replace those
    of pg_hba.conf, which let everybody in."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="cartridge-postgres-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        port, data = _free_port(), str(folder / "data")
        _run([initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], folder)
        if rules:
            (folder / "data" / "pg_hba.conf").write_text("\n".join(rules) + "\n")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options += " -c fsync=off -c autovacuum=off"
        _run([pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield f"postgresql://postgres:secret-word@127.0.0.1:{port}/postgres"
        finally:
            _run([pg_ctl, "-D", data, "-m", "immediate", "stop"], folder)


@contextmanager
def cut_connection(port: int, *, after: int, times: int) -> Iterator[int]:
    """A port that leads to another one on loopback, and breaks off the first `times` connections once the server has
    sent more than `after` bytes."""
    listener = socket.create_server(("127.0.0.1", 0))
    left = [times]

    def pump(source: socket.socket, target: socket.socket, limit: int | None) -> None:
        sent = 0
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                sent += len(block)
                if limit is not None and sent > limit:
                    break
                target.sendall(block)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", port))
                left[0] -= 1
                limit = after if left[0] >= 0 else None
                for ends in ((client, server, None), (server, client, limit)):
                    threading.Thread(target=pump, args=ends, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@contextmanager
def silent_port() -> Iterator[int]:
    """A port on loopback that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def mysql_server() -> Iterator[str]:
    """The URL, without a database, of a MariaDB server on which databases and users may be made: the one that
    CARTRIDGE_TEST_MYSQL names, else a new one in a folder of its own."""
    named = os.environ.get("CARTRIDGE_TEST_MYSQL")
    if named:
        yield named
        return
    install, server = _program("mariadb-install-db", "MariaDB"), _program("mariadbd", "MariaDB")
    with tempfile.TemporaryDirectory(prefix="cartridge-mariadb-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        data = str(folder / "data")
        login = "--auth-root-authentication-method=normal"
        _run([install, "--no-defaults", login, f"--datadir={data}", "--skip-test-db"], folder)
        port = _free_port()
        options = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/s", f"--pid-file={folder}/pid"]
        command = [server, "--no-defaults", f"--datadir={data}", *options, "--innodb-flush-log-at-trx-commit=0"]
        as_user: dict[str, str] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **as_user)  # type: ignore[call-overload]
        try:
            _wait_for(port)
            yield f"mysql://root@127.0.0.1:{port}"
        finally:
            child.terminate()
            child.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"no server came up on port {port}")
