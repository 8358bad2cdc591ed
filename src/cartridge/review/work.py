"""One piece of work at a time, under way while the page looks on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["apply", "verify", "sandbox", "undo"]


@dataclass
class Work:
    """What is being done, how far it is, and how it ended; calling it is a `domain.progress.Progress`.

    `ended` is None while it runs. `result` is what the page is shown of it, `fault` one message where it failed.
    """

    kind: Kind
    number: int
    title: str
    what: str = ""
    done: int = 0
    total: int | None = None
    ended: Literal["done", "failed"] | None = None
    result: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    _started: float = field(default_factory=time.monotonic)
    _seconds: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Say what is being done now."""
        with self._lock:
            self.what, self.done, self.total = what, done, total

    def begin(self, title: str) -> None:
        """Say which part begins."""
        with self._lock:
            self.title, self.what, self.done, self.total = title, "", 0, None

    def end(self, result: dict[str, Any]) -> None:
        """It is done."""
        self._end(lambda: setattr(self, "result", result), "done")

    def fail(self, fault: str) -> None:
        """It failed; nothing of it counts."""
        self._end(lambda: setattr(self, "fault", fault), "failed")

    def _end(self, note: Callable[[], None], how: Literal["done", "failed"]) -> None:
        with self._lock:
            note()
            self._seconds = time.monotonic() - self._started
            self.ended = how

    def view(self) -> dict[str, Any]:
        """All of it as JSON values; `seconds` since it began."""
        with self._lock:
            seconds = self._seconds if self._seconds is not None else time.monotonic() - self._started
            return {
                "kind": self.kind,
                "number": self.number,
                "title": self.title,
                "what": self.what,
                "done": self.done,
                "total": self.total,
                "ended": self.ended,
                "result": self.result,
                "fault": self.fault,
                "seconds": round(seconds, 1),
            }
