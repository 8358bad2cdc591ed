"""The pictures of the pages, out of the screenshots that the browser tests took: smaller, as WebP.

    python docs/pictures.py SCREENSHOTS

The browser that took them makes them smaller, too: no other program is needed.
"""

from __future__ import annotations

import argparse
import base64
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))

PICTURES = {
    "review": "step-light-1280-20",
    "review-thousand": "step-dark-1280-1000",
    "review-finding": "way-finding-light-1280-20",
    "review-built": "way-built-light-1280-20",
    "review-narrow-light": "step-light-390-20",
    "review-narrow-dark": "open-dark-390-20",
    "pull-request": "pull-request-10",
}
"""The name of each picture, and of the screenshot that it is made of."""

SHRINK = """async (data) => {
  const image = await createImageBitmap(await (await fetch(data)).blob());
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.8);
}"""


def main() -> None:
    """Write every picture; stops at a screenshot that is not there."""
    from review_browser import chromium  # noqa: PLC0415 - found beside the tests

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("screenshots", type=Path, help="the folder that CARTRIDGE_SCREENSHOTS named")
    screenshots = parser.parse_args().screenshots
    with chromium() as browser:
        page = browser.new_page()
        for name, shot in PICTURES.items():
            data = base64.b64encode((screenshots / f"{shot}.png").read_bytes()).decode()
            small = page.evaluate(SHRINK, f"data:image/png;base64,{data}")
            (DOCS / "images" / f"{name}.webp").write_bytes(base64.b64decode(small.partition(",")[2]))


if __name__ == "__main__":
    main()
