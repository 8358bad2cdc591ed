"""How values are put into words wherever they are read: counts with their nouns, and text that steers nothing."""

from __future__ import annotations


def plural(count: int, word: str) -> str:
    """The count with its noun: "1 table", "2 tables"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def printable(text: str) -> str:
    """The text with control characters made visible: names and comments of a database never steer a terminal."""
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)
