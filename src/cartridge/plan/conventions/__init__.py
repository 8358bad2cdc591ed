"""Conventions of a project, learned from the models, sources and property files that are there."""

from cartridge.plan.conventions.evidence import TablePlace
from cartridge.plan.conventions.learned import Habits, LearnedConventions, known_tables, learn

__all__ = ["Habits", "LearnedConventions", "TablePlace", "known_tables", "learn"]
