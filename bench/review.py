"""The review page at a thousand steps beside a bare page: until it can be used, and until a selected step is shown.

    python bench/review.py

Both are files, opened by turns in one headless Chromium; medians over the rounds. The ratio is what counts: both run on
the same busy machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tables import Table

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))

ROUNDS = 9
BARE = """<!doctype html><html><head><meta charset="utf-8"><title>bare</title></head><body>
<button id="one">one</button><p id="said"></p>
<script>
document.getElementById("one").onclick = () => { document.getElementById("said").textContent = "one"; };
</script>
</body></html>"""

# until the browser has painted what came of it: the frame after the next
UNTIL_SHOWN = """async ([click, shown]) => {
  const begun = click ? performance.now() : 0;
  if (click) document.querySelector(click).click();
  for (;;) {
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    if (document.querySelector(shown)) return performance.now() - begun;
  }
}"""


def review_table() -> Table:
    """One line each for opening and selecting; the notes say what could not be measured, and why."""
    table = Table("Review page at 1,000 steps, beside a bare page", ("", "page, ms", "bare page, ms", "ratio"))
    try:
        times = _measured()
    except (ImportError, FileNotFoundError) as fault:
        table.notes.append(f"Not measured: {fault}.")
        return table
    for what, (page, bare) in times.items():
        table.rows.append((what, f"{page:.0f}", f"{bare:.0f}", f"{page / bare:.1f}"))
    table.notes.append(f"Medians of {ROUNDS} rounds, by turns, in one headless Chromium.")
    return table


def _measured() -> dict[str, tuple[float, float]]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a bench of its own is asked for seldom

    from cartridge.app.revise import unrevised  # noqa: PLC0415
    from cartridge.review.page import Page  # noqa: PLC0415
    from cartridge.review.static import static_page  # noqa: PLC0415
    from plan_sizes import thousand_steps  # noqa: PLC0415
    from review_browser import program  # noqa: PLC0415

    saved = thousand_steps()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as started:
        whole, bare = Path(name) / "plan.html", Path(name) / "bare.html"
        whole.write_text(static_page(Page(), saved, unrevised(saved)), encoding="utf-8")
        bare.write_text(BARE, encoding="utf-8")
        browser = started.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        rounds = [
            (
                _times(browser, whole, ".node", ".row[data-step='700']", ".detail .reasons"),
                _times(browser, bare, "#one", "#one", "#said:not(:empty)"),
            )
            for _ in range(ROUNDS)
        ]
        browser.close()
    return {
        what: (_median(lambda pair, n=number: pair[0][n], rounds), _median(lambda pair, n=number: pair[1][n], rounds))
        for number, what in enumerate(("until it can be used", "until a selected step is shown"))
    }


def _median(pick: Callable[[Any], float], rounds: list[Any]) -> float:
    return statistics.median(pick(pair) for pair in rounds)


def _times(browser: Any, file: Path, ready: str, click: str, shown: str) -> tuple[float, float]:
    """Milliseconds since the navigation began until `ready` is there; and since a click until `shown` is."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(file.as_uri(), wait_until="commit")
    opened = page.evaluate(UNTIL_SHOWN, ["", ready])
    selected = page.evaluate(UNTIL_SHOWN, [click, shown])
    page.close()
    return opened, selected


if __name__ == "__main__":
    print(review_table().markdown())
