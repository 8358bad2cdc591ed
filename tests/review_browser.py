"""A headless Chromium and the review page in it, as a person opens it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cartridge.review.page import BUILT, SCRIPT
from shared_data import REPOSITORY

PATIENCE = 180_000
"""Milliseconds that anything may take: a busy machine is no fault."""
NODE_MODULES = REPOSITORY / "frontend" / "node_modules"
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
STRANGER = "evil.example"
REBOUND = f"--host-resolver-rules=MAP {STRANGER} 127.0.0.1"
"""A name of the world outside that leads to this machine, as one does whose DNS answer was exchanged."""
SCREENSHOTS = os.environ.get("CARTRIDGE_SCREENSHOTS")
"""The folder that screenshots are written to; nowhere without it."""


def require_page() -> None:
    """Skips where the page was not built, which needs Node."""
    if not (BUILT / SCRIPT).is_file():
        pytest.skip("the review page is not built: make page")


def program() -> str:
    """Where Chromium is.

    Raises:
        FileNotFoundError: it is not installed.
    """
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("Chromium is not installed: apt-get install chromium")
    return found


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a window; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    try:
        place = program()
    except FileNotFoundError as fault:
        pytest.skip(str(fault))
    require_page()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=place, args=["--no-sandbox", "--disable-dev-shm-usage", REBOUND]
        )
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in the browser, with all that went wrong in it: errors, messages on the console, and every request that
    left for another host."""

    page: Any
    host: str
    faults: list[str] = field(default_factory=list)
    size: str = ""

    def watch(self) -> Opened:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda fault: self.faults.append(f"error: {fault}"))
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text))
        self.page.on("request", self._requested)
        return self

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.host, "data:", "file:")):
            self.faults.append(f"request to {request.url}")

    def shoot(self, name: str) -> None:
        """A screenshot, where they are wanted."""
        if SCREENSHOTS:
            self.page.wait_for_timeout(350)
            self.page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}.png"))

    def axe(self) -> list[str]:
        """What axe finds that is serious or critical."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:400]}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]


_COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell runs in the background
from cartridge.cli import main
main()
"""


@contextmanager
def review_command(desk: Path, *arguments: str) -> Iterator[str]:
    """`cartridge review` in a process of its own; yields the link, and ends the command as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "review", *arguments, "--json"],
        cwd=desk,
        env={**os.environ, "XDG_STATE_HOME": str(desk / "state"), "PYTHONPATH": str(REPOSITORY / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("}"):
                break
        yield json.loads(said or "{}").get("url") or pytest.fail(process.stderr.read())
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.stdout.close()
            process.stderr.close()
