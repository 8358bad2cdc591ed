"""The files of the page, which are built from `frontend/` and ship inside the wheel; and the page as one file."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cartridge.errors import MissingPageError

BUILT = Path(__file__).parent / "page"
SCRIPT, STYLE = "page.js", "page.css"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect x='1' y='2' width='14' "
    "height='12' rx='2.5' fill='%234f46e5'/%3E%3Cpath d='M4 6h8M4 9h5' stroke='white' stroke-width='1.6' "
    "stroke-linecap='round'/%3E%3C/svg%3E"
)


@dataclass(frozen=True)
class File:
    """One file of the page, with its media type."""

    content: bytes
    kind: str


class Page:
    """The built page.

    Raises:
        MissingPageError: it was not built; names the command.
    """

    def __init__(self, built: Path = BUILT) -> None:
        try:
            script, style = (built / SCRIPT).read_bytes(), (built / STYLE).read_bytes()
        except OSError:
            raise MissingPageError from None
        head = f'<link rel="stylesheet" href="/{STYLE}"><script type="module" src="/{SCRIPT}"></script>'
        self._script, self._style = script, style
        self._files = {
            "/": File(_document(head).encode(), "text/html; charset=utf-8"),
            f"/{SCRIPT}": File(script, "text/javascript; charset=utf-8"),
            f"/{STYLE}": File(style, "text/css; charset=utf-8"),
        }

    def file(self, path: str) -> File | None:
        """The file at a path, None where there is none."""
        return self._files.get(path)

    def whole(self, plan: dict[str, Any], steps: dict[str, Any]) -> str:
        """The page and the plan in one document that asks nothing of any host, and runs no script but its own."""
        script, style = self._script.decode(), self._style.decode()
        policy = (
            f"default-src 'none'; script-src '{_hashed(script)}'; style-src '{_hashed(style)}'; font-src data:; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )
        data = json.dumps({"plan": plan, "steps": steps}, ensure_ascii=False, separators=(",", ":"))
        data = data.replace("<", "\\u003c").encode("utf-8", "replace").decode()
        head = (
            f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style>'
            f'<script type="application/json" id="cartridge-plan">{data}</script>'
        )
        return _document(head, f'<script type="module">{script}</script>')


def _document(head: str, foot: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>cartridge review</title><link rel="icon" href="{ICON}">{head}</head>'
        f'<body><div id="page"></div><noscript>This page needs JavaScript.</noscript>{foot}</body></html>\n'
    )


def _hashed(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
