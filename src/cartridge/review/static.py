"""The page as one file, to be looked at where no command runs."""

from __future__ import annotations

from cartridge.app import Revision, SavedPlan
from cartridge.review.page import Page
from cartridge.review.views import Changes, overview, step_views


def static_page(page: Page, saved: SavedPlan, revision: Revision) -> str:
    """The document with the plan in it: every step whole, nothing to be changed."""
    plan = {
        **overview(saved, revision, Changes()),
        "revision": 0, "refused": False, "file": None, "project": None, "applied": False, "can_change": False,
        "proof": None,
    }  # fmt: skip
    return page.whole(plan, step_views(saved, revision))
