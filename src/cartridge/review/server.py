"""The web server of the page: on the loopback address, for one person, until the command ends."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from cartridge.errors import CartridgeError
from cartridge.review.desk import Desk
from cartridge.review.guard import HEADERS, Guard, RefusedError
from cartridge.review.page import Page

MOST_BYTES = 4_000_000
"""The longest request that is read."""
PATIENCE = 30
"""Seconds that a connection may say nothing."""

Answer = TypeVar("Answer")


class Server(ThreadingHTTPServer):
    """The server, listening; it answers once `run` is called. Use as a context manager."""

    daemon_threads = True

    def __init__(self, desk: Desk, page: Page, loop: asyncio.AbstractEventLoop, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.desk, self.page, self._loop = desk, page, loop
        self.guard = Guard(self.server_address[1])

    def ask(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of a coroutine that runs in the loop of the desk."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no fault; another one has been answered."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


async def serve(desk: Desk, page: Page, ready: Callable[[Server], None], *, port: int = 0) -> None:
    """Serve the page until the task is cancelled. `ready` is called once, with the server that listens.

    Raises:
        OSError: the port is taken.
    """
    with Server(desk, page, asyncio.get_running_loop(), port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            ready(server)
            await asyncio.Event().wait()
        finally:
            await desk.leave()
            await asyncio.to_thread(server.shutdown)


class _Handler(BaseHTTPRequestHandler):
    """One connection. Every request passes the guard before it is looked at."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "cartridge"
    sys_version = ""
    timeout = PATIENCE

    def do_GET(self) -> None:
        """Files of the page; of the plan, what the key opens."""
        self._answer(self._get, writes=False)

    def do_POST(self) -> None:
        """What changes something, or begins it."""
        self._answer(self._post, writes=True)

    def _answer(self, act: Callable[[], dict[str, Any] | None], *, writes: bool) -> None:
        try:
            self.server.guard.require_own_page(self.headers, writes=writes)
            body = act()
            if body is not None:
                self._send_json(HTTPStatus.OK, body)
        except RefusedError as refused:
            self.close_connection = True  # what else was sent is not read
            self._send_json(refused.status, {"error": str(refused)})
        except CartridgeError as fault:
            self._send_json(HTTPStatus.CONFLICT, {"error": self.server.desk.place.mask(str(fault))})
        except ConnectionError:
            self.close_connection = True
        except Exception as fault:  # noqa: BLE001 - the border of this surface: the page gets a message
            said = f"This is a fault in cartridge: {type(fault).__name__}: {fault}"
            self._send_json(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": self.server.desk.place.mask(said)})

    def _get(self) -> dict[str, Any] | None:
        path = self.path.partition("?")[0]
        file = self.server.page.file(path)
        if file is not None:
            self._send(HTTPStatus.OK, file.content, file.kind)
            return None
        self.server.guard.require_key(self.headers)
        desk = self.server.desk
        if path == "/api/plan":
            return self.server.ask(_soon(desk.plan))
        if path == "/api/work":
            return {"work": desk.work_view()}
        if path.startswith("/api/step/") and path.removeprefix("/api/step/").isdecimal():
            step = int(path.removeprefix("/api/step/"))
            return self.server.ask(_soon(lambda: desk.step(step)))
        raise RefusedError(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def _post(self) -> dict[str, Any]:
        body = self._body()
        if self.path == "/api/session":
            return {"key": self.server.guard.exchange(body.get("token"))}
        self.server.guard.require_key(self.headers)
        desk = self.server.desk
        acts: dict[str, Callable[[], Awaitable[dict[str, Any]]]] = {
            "/api/changes": lambda: desk.change(body),
            "/api/save": lambda: desk.save(body),
            "/api/apply": lambda: _soon(lambda: desk.start("apply", body)),
            "/api/verify": lambda: _soon(lambda: desk.start("verify", body)),
            "/api/sandbox": lambda: _soon(lambda: desk.start("sandbox", body)),
            "/api/undo": lambda: _soon(lambda: desk.start("undo", body)),
        }
        act = acts.get(self.path)
        if act is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        return self.server.ask(_awaited(act))

    def _body(self) -> dict[str, Any]:
        """The JSON object that was sent."""
        if self.headers.get_content_type() != "application/json":
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "JSON is wanted.")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "The length of the request is wanted.")
        if int(length) > MOST_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request has {MOST_BYTES} bytes at most.")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "The request is no JSON.") from None
        if not isinstance(body, dict):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "A JSON object is wanted.")
        return body

    def _send_json(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), "application/json")

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        """Answers that the library itself gives (a method that is not known) carry the headers too."""
        sent = b"".join(getattr(self, "_headers_buffer", []))
        if b"Content-Security-Policy" not in sent:
            for name, value in HEADERS.items():
                self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Requests are not logged: the terminal belongs to the command."""


async def _soon(act: Callable[[], Answer]) -> Answer:
    return act()


async def _awaited(act: Callable[[], Awaitable[Answer]]) -> Answer:
    return await act()
