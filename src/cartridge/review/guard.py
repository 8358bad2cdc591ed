"""Who may ask: a link that opens the page once, a key that the page then sends, and headers that shut all others out.

Any page in the user's browser can send requests to a port of this machine. What keeps it out: the key is no cookie, so
that nothing is sent on another page's behalf; a foreign `Origin` is refused, and so is a foreign `Host`, which is what
a name sends that was rebound to this machine. The one-time token stands in the link's fragment, which no browser sends
to any server; the page exchanges it for the key.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from email.message import Message
from http import HTTPStatus

KEY_HEADER = "X-Cartridge-Key"

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src data:; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
"""Nothing but the page's own script and style is loaded or run, and nothing is asked of any other host."""

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Sent with every answer."""


class RefusedError(Exception):
    """A request that is not answered."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Guard:
    """The keys of one server on `port` of the loopback address."""

    def __init__(self, port: int) -> None:
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(32)
        self._keys: list[str] = []

    @property
    def link(self) -> str:
        """The address that opens the page, once."""
        return f"http://{self._hosts[0]}/#{self._token}"

    def exchange(self, token: object) -> str:
        """A new key for the token of the link, which is worth nothing from then on.

        Raises:
            RefusedError: it is not the token, or was used before.
        """
        with self._lock:
            if not isinstance(token, str) or not self._token or not _same(token, self._token):
                raise RefusedError(
                    HTTPStatus.UNAUTHORIZED,
                    "This link was used before, or is not whole. A link opens the page once: press Enter in the "
                    "terminal where `cartridge review` runs for a new one.",
                )
            self._token = ""
            self._keys.append(secrets.token_urlsafe(32))
            return self._keys[-1]

    def renew(self) -> str:
        """A new link; pages that are open stay so, and an older link is worth nothing."""
        with self._lock:
            self._token = secrets.token_urlsafe(32)
        return self.link

    def require_own_page(self, headers: Message, *, writes: bool) -> None:
        """Refuses what no page of this server, and nobody who types its address, would send.

        Raises:
            RefusedError: a foreign Host or Origin, or none where something is changed.
        """
        host = headers.get("Host", "")
        if host not in self._hosts:
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "Another host was asked for. This page is on the loopback address."
            )
        origin = headers.get("Origin")
        if origin is None and writes:
            raise RefusedError(HTTPStatus.FORBIDDEN, "The request does not say which page it comes from.")
        if origin is not None and origin != f"http://{host}":
            raise RefusedError(HTTPStatus.FORBIDDEN, "The request comes from another page.")
        if headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            raise RefusedError(HTTPStatus.FORBIDDEN, "The request comes from another site.")

    def require_key(self, headers: Message) -> None:
        """Refuses who has not opened the link.

        Raises:
            RefusedError: no key, or a wrong one.
        """
        given = headers.get(KEY_HEADER, "")
        if not any([_same(given, key) for key in self._keys]):  # noqa: C419 - all are compared, at one pace
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "Open the page by the link that `cartridge review` printed.")


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())
