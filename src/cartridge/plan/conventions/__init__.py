"""Conventions of a project, learned from what is there."""
