"""Words of notes that more than one part of the scan knows."""

ESTIMATED = "are PostgreSQL's estimates."
"""How the note on row counts ends that nobody counted."""
