"""dbt in a child process: a minimal environment, a time limit, and its JSON log read while it runs.

A dbt project is code: its macros and hooks run with whatever the process may see. The child therefore gets PATH, HOME,
the locale, `DBT_*`, the variables that the profile and dbt_project.yml name, what the caller passes in, and no more.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess  # dbt is run as a program of its own, never imported
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cartridge.domain.masking import masked, passwords_in, secrets_of
from cartridge.domain.progress import Progress
from cartridge.errors import MissingExtraError, VerifyError
from cartridge.verify.profile import named_variables, texts_of

DBT = ("dbt",)
"""The command that runs dbt, unless the caller names another such as `("uv", "run", "dbt")`."""

_ALWAYS = frozenset((
    "PATH", "HOME", "USERPROFILE", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "USER", "LOGNAME", "SHELL",
    "VIRTUAL_ENV", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
))  # fmt: skip
_PREFIXES = ("DBT_", "LC_")
_KEPT_LINES = 60


class Stopper:
    """Ends the dbt that runs now, and every later one at its start: for a caller in another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._stopped = False

    def watch(self, child: subprocess.Popen[str]) -> None:
        """Take a child that has just started."""
        with self._lock:
            self._child = child
            if self._stopped:
                _end(child)

    def stop(self) -> None:
        """End the child, with the processes that it started."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                _end(self._child)


@dataclass(frozen=True)
class DbtOptions:
    """How dbt is run: by which command, on which target, and with which variables besides the minimum.

    `target` None is the profile's own default, unless its name says production: that one is only ever run when named.
    `timeout` is in seconds for each call of dbt; None waits for ever.
    """

    command: Sequence[str] = DBT
    target: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    stopper: Stopper = field(default_factory=Stopper, compare=False)


@dataclass(frozen=True)
class DbtCall:
    """Where dbt is run, and how. Artefacts and logs go below `scratch`: the project's own folders stay as they are."""

    project: Path
    scratch: Path
    options: DbtOptions = field(default_factory=DbtOptions)

    @property
    def target_path(self) -> Path:
        """Where dbt writes its artefacts."""
        return self.scratch / "target"


@dataclass
class DbtRun:
    """What one call of dbt said. `lines` are the last lines that were no JSON, such as a usage error or a traceback."""

    exit_code: int
    seconds: float
    version: str = ""
    target: str = ""
    adapter: str = ""
    warnings: int = 0
    deprecations: int = 0
    errors: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    """What Jinja printed."""

    @property
    def said(self) -> str:
        """dbt's own words on what went wrong, in one text."""
        return "\n".join(self.errors or self.lines).strip()


def run_dbt(args: Sequence[str], call: DbtCall, *, progress: Progress | None = None) -> DbtRun:
    """Run `dbt <args>` in the project's folder and read its log while it runs.

    Raises:
        MissingExtraError: dbt is not installed; names the install line.
        VerifyError: the configured command does not exist, or the time is over.
    """
    options = ["--project-dir", ".", "--target-path", str(call.target_path), "--log-path", str(call.scratch / "logs")]
    target = ["--target", call.options.target] if call.options.target else []
    flags = ["--log-format", "json", "--log-level", "info", "--no-use-colors", "--no-quiet", "--show-all-deprecations"]
    line = [*find_command(call.options.command), *args, *options, *target, *flags]
    started = time.monotonic()
    run = DbtRun(exit_code=-1, seconds=0.0)
    with _child(line, call) as (child, expired):
        reader = _Reader(run, progress, secrets(call))
        for text in child.stdout or ():
            reader.read(text)
        run.exit_code = child.wait()
    run.seconds = time.monotonic() - started
    if expired.is_set():
        raise VerifyError(
            f"dbt {args[0]} was stopped after {call.options.timeout:g} seconds in {call.project}. Allow it more time "
            "with --timeout, or look at what it waits for."
        )
    return run


def find_command(command: Sequence[str]) -> list[str]:
    """The command as it can be started: dbt from the PATH, or from beside the running Python.

    Raises:
        MissingExtraError: dbt is not installed.
        VerifyError: another command does not exist.
    """
    program = command[0] if command else ""
    beside = Path(sys.executable).parent / program
    found = shutil.which(program) or (str(beside) if program and os.access(beside, os.X_OK) else None)
    if found is not None:
        return [found, *command[1:]]
    if tuple(command) == DBT:
        raise MissingExtraError("Running dbt", "dbt")
    raise VerifyError(f"The dbt command {' '.join(command)!r} was not found. Install it, or name another command.")


def child_environment(call: DbtCall, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables that the child may see, out of those `inherited`."""
    named = named_variables(texts_of(call.project, {**inherited, **call.options.environment}))
    kept = {
        name: value
        for name, value in inherited.items()
        if name in _ALWAYS or name in named or name.startswith(_PREFIXES)
    }
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    return {**quiet, **kept, **call.options.environment}


def secrets(call: DbtCall) -> list[str]:
    """What dbt's words must not show: the secrets of the environment, and those in plain text in the profile."""
    variables = {**os.environ, **call.options.environment}
    return [*secrets_of(variables), *passwords_in(texts_of(call.project, variables))]


@contextlib.contextmanager
def _child(line: Sequence[str], call: DbtCall) -> Iterator[tuple[subprocess.Popen[str], threading.Event]]:
    """Start the child in a group of its own; whatever ends the block ends the group."""
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is the one that the user configured; no shell reads it
            line,
            cwd=call.project,
            env=child_environment(call, os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise VerifyError(f"{line[0]} cannot be started in {call.project}: {error.strerror}.") from None
    call.options.stopper.watch(child)
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _end(child)

    timer = threading.Timer(call.options.timeout, expire) if call.options.timeout is not None else None
    if timer is not None:
        timer.start()
    try:
        yield child, expired
    finally:
        if timer is not None:
            timer.cancel()
            timer.join()
        _end(child)
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


class _Reader:
    """Takes dbt's log apart, line by line, into a `DbtRun`."""

    def __init__(self, run: DbtRun, progress: Progress | None, hidden: Sequence[str]) -> None:
        self._run = run
        self._progress = progress
        self._hidden = hidden
        self._done = 0

    def read(self, line: str) -> None:
        event = _event(line)
        if event is None:
            if line.strip():
                self._run.lines = [*self._run.lines[1 - _KEPT_LINES :], masked(line.rstrip(), self._hidden)]
            return
        info, data = event
        name, message = str(info.get("name", "")), masked(str(info.get("msg", "")).strip(), self._hidden)
        self._facts(name, data)
        if info.get("level") == "warn" and name not in _TOLD_ELSEWHERE:
            self._run.warned.append(message)
            deprecated = name.endswith("Deprecation")
            self._run.deprecations += deprecated
            self._run.warnings += not deprecated
        elif info.get("level") == "error" and message and name not in _TOLD_ELSEWHERE:
            self._run.errors.append(_without_traceback(masked(str(data.get("exc") or message), self._hidden)))
        self._report(name, data, message)

    def _facts(self, name: str, data: Mapping[str, Any]) -> None:
        match name:
            case "MainReportVersion":
                self._run.version = str(data.get("version", "")).lstrip("=")
            case "AdapterRegistered":
                self._run.adapter = str(data.get("adapter_name", ""))
            case "ConcurrencyLine":
                self._run.target = str(data.get("target_name", ""))
            case "PrintEvent":
                self._run.printed.append(str(data.get("msg", "")))
            case "ShowNode":
                self._run.rows = json.loads(data.get("preview") or "[]")
            case _:
                pass

    def _report(self, name: str, data: Mapping[str, Any], message: str) -> None:
        if self._progress is None:
            return
        total = data.get("total") or data.get("num_models")
        node = (data.get("node_info") or {}).get("node_name") or ""
        if name == "MainReportVersion":
            self._progress(message, 0, None)
        elif isinstance(total, int) and node:
            self._done += name != "LogStartLine"
            self._progress(node, min(self._done, total), total)


_TOLD_ELSEWHERE = frozenset((
    "LogTestResult", "LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogFreshnessResult", "SkippingDetails",
    "RunResultError", "RunResultFailure", "RunResultWarning", "RunResultWarningMessage", "EndOfRunSummary",
    "DeprecationsSummary", "LogSkipBecauseError", "CheckNodeTestFailure", "Formatting",
))  # fmt: skip
"""Events about single nodes, whose results the artefacts hold, and summaries of what was said before."""


def _without_traceback(text: str) -> str:
    """dbt's own words for an error, without the Python that it prints below them."""
    return text.partition("\nTraceback (most recent call last)")[0].rstrip()


def _event(line: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    info, data = (event.get("info"), event.get("data")) if isinstance(event, dict) else (None, None)
    return (info, data) if isinstance(info, dict) and isinstance(data, dict) else None
