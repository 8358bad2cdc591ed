"""A review server in the test's own process, and a client that can send what no browser would."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cartridge.app.saved_plan import SavedPlan
from cartridge.review.desk import Desk, Place
from cartridge.review.guard import KEY_HEADER
from cartridge.review.page import SCRIPT, STYLE, Page
from cartridge.review.server import Server, serve


@dataclass
class Client:
    """Sends requests to a server; `key` is sent where there is one."""

    server: Server
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def send(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any], Any]:
        """Status, headers and body (JSON read) of the answer. A header given as "" is not sent."""
        sent = {"Host": self.host, "Origin": f"http://{self.host}", "Content-Type": "application/json"}
        sent |= {KEY_HEADER: self.key} if self.key else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            if "Content-Length" not in sent and method != "GET":
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data or None)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        kind = answer.headers.get_content_type()
        return answer.status, dict(answer.headers), json.loads(content) if kind == "application/json" else content

    def ok(self, method: str, path: str, body: object = None) -> Any:
        """The body of an answer that must be good."""
        status, _, content = self.send(method, path, body)
        assert status == 200, (status, content)
        return content

    def enter(self) -> Client:
        """Exchange the token of the link for a key."""
        token = self.server.guard.link.partition("#")[2]
        self.key = self.ok("POST", "/api/session", {"token": token})["key"]
        return self

    def finish(self, kind: str, revision: int) -> dict[str, Any]:
        """Begin a piece of work, and wait for its end."""
        self.ok("POST", f"/api/{kind}", {"revision": revision})
        while True:
            work: dict[str, Any] = self.ok("GET", "/api/work")["work"]
            if work["ended"]:
                return work
            threading.Event().wait(0.05)


@contextmanager
def review_server(
    saved: SavedPlan, folder: Path, project: Path | None = None, built: Path | None = None
) -> Iterator[Server]:
    """A server of that plan; with a page that says nothing, unless one is given."""
    if built is None:
        built = folder / "page"
        built.mkdir(exist_ok=True)
        (built / SCRIPT).write_text("// nothing")
        (built / STYLE).write_text("/* nothing */")
    found: list[Server] = []
    listening, loop = threading.Event(), asyncio.new_event_loop()

    def ready(server: Server) -> None:
        found.append(server)
        listening.set()

    async def main() -> None:
        desk = Desk(saved, Place(folder / "plan.json", project))
        tasks.append(asyncio.current_task())
        await serve(desk, Page(built), ready)

    def run() -> None:
        try:
            loop.run_until_complete(main())
        except asyncio.CancelledError:
            pass
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    tasks: list[Any] = []
    thread = threading.Thread(target=run)
    thread.start()
    assert listening.wait(20)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(tasks[0].cancel)
        thread.join(20)
        assert not thread.is_alive()
