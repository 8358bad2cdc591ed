"""Conventions of a project, learned from the models, sources and property files that are there."""

from cartridge.plan.conventions.evidence import TablePlace
from cartridge.plan.conventions.learned import Habits, LearnedConventions, known_tables, learn
from cartridge.plan.conventions.rules import LearnedRule, learned_rules

__all__ = ["Habits", "LearnedConventions", "LearnedRule", "TablePlace", "known_tables", "learn", "learned_rules"]
