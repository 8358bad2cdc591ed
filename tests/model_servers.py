"""Local servers that speak the vendors' protocols, to test the real SDKs over real sockets on 127.0.0.1."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-tell-nobody"


@dataclass(frozen=True)
class Reply:
    """One scripted answer. `cut` resets the connection after so many bytes of the body; `delay` in seconds."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delay: float = 0.0
    cut: int | None = None


@dataclass
class Server:
    """A running server: its address and every request it got."""

    port: int
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    busiest: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Script = list[Reply] | Callable[[dict[str, Any]], Reply]


@contextmanager
def serve(script: Script) -> Iterator[Server]:
    """A server that gives the scripted replies in turn, the last one for ever, or a function's reply to a request."""
    lock = threading.Lock()
    state = {"at": 0, "busy": 0}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = json.loads(body)
            with lock:
                server.requests.append(request)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                server.paths.append(self.path)
                state["busy"] += 1
                server.busiest = max(server.busiest, state["busy"])
                at = state["at"]
                state["at"] += 1
            reply = script(request) if callable(script) else script[min(at, len(script) - 1)]
            time.sleep(reply.delay)
            with lock:
                state["busy"] -= 1
            self.answer(reply)

        def answer(self, reply: Reply) -> None:
            try:
                self.send_response(reply.status)
                self.send_header("content-type", reply.content_type)
                self.send_header("content-length", str(len(reply.body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
                if reply.cut is not None:
                    self.wfile.flush()
                    self.reset()
            except OSError:
                self.close_connection = True  # The client gave up first.

        def reset(self) -> None:
            """Ends the connection with a reset instead of an orderly close."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Tests read the recorded requests instead."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            """A connection that was reset on purpose is no news."""

    listener = Quiet(("127.0.0.1", 0), Handler)
    server = Server(listener.server_address[1])
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Protocol:
    """How one vendor's bodies look, and how a provider is pointed at a local server."""

    vendor: str
    said: Callable[[str], dict[str, Any]]
    refused: dict[str, Any]
    filtered: dict[str, Any]
    cut_off: dict[str, Any]
    failed: Callable[[int, str], dict[str, Any]]
    path: str
    key_header: str = "authorization"
    base: str = ""

    def config(self, address: str, **changes: Any) -> dict[str, Any]:
        """The configuration of a provider that talks to the server at that address."""
        return {"api_key": KEY, "model": "the-model", "base_url": address + self.base, **changes}

    def good(self, text: str, **changes: Any) -> Reply:
        """A reply with that text."""
        return Reply(json.dumps(self.said(text)).encode(), **changes)

    def bad(self, status: int, message: str = "it broke", **changes: Any) -> Reply:
        """The vendor's own form of an error."""
        return Reply(json.dumps(self.failed(status, message)).encode(), status=status, **changes)


def _openai(text: str | None, ending: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    return {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "the-model",
        "choices": [{
            "index": 0, "finish_reason": ending, "logprobs": None,
            "message": {"role": "assistant", "content": text, "refusal": refusal},
        }],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }  # fmt: skip


def _anthropic(text: str, ending: str = "end_turn") -> dict[str, Any]:
    return {
        "id": "m1", "type": "message", "role": "assistant", "model": "the-model", "stop_sequence": None,
        "content": [{"type": "text", "text": text}] if text else [], "stop_reason": ending,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }  # fmt: skip


def _gemini(text: str, ending: str = "STOP") -> dict[str, Any]:
    parts = [{"text": text}] if text else []
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": ending, "index": 0}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18},
        "modelVersion": "the-model",
    }


OPENAI = Protocol(
    vendor="openai",
    said=_openai,
    refused=_openai(None, refusal="I will not"),
    filtered=_openai(None, "content_filter"),
    cut_off=_openai('{"actions": [', "length"),
    failed=lambda status, message: {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": f"code_{status}"}
    },
    path="/v1/chat/completions",
    base="/v1",
)
COMPATIBLE = replace(OPENAI, vendor="openai-compatible")
ANTHROPIC = Protocol(
    vendor="anthropic",
    said=_anthropic,
    refused=_anthropic("", "refusal"),
    filtered=_anthropic("I will", "refusal"),
    cut_off=_anthropic('{"actions": [', "max_tokens"),
    failed=lambda _, message: {"type": "error", "error": {"type": "some_error", "message": message}},
    path="/v1/messages",
)
GEMINI = Protocol(
    vendor="gemini",
    said=_gemini,
    refused=_gemini("", "PROHIBITED_CONTENT"),
    filtered={"promptFeedback": {"blockReason": "SAFETY"}},
    cut_off=_gemini('{"actions": [', "MAX_TOKENS"),
    failed=lambda status, message: {"error": {"code": status, "message": message, "status": "FAILED"}},
    path="/v1/models/the-model:generateContent",
    key_header="x-goog-api-key",
)
PROTOCOLS = (OPENAI, COMPATIBLE, ANTHROPIC, GEMINI)
