"""Deciding: tables and a project's context in, an execution plan out. Pure: no file, clock, environment or network."""

from __future__ import annotations

from cartridge.plan.gate import judge, review
from cartridge.plan.offline import draft_offline
from cartridge.plan.resolve import require_detail, resolve
from cartridge.plan.scope import Scope, scope_of

__all__ = ["Scope", "draft_offline", "judge", "require_detail", "resolve", "review", "scope_of"]
