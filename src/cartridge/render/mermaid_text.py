"""Text inside Mermaid diagrams.

Whatever could end the quotes or steer Mermaid is written as its character code (`#34;`), as Mermaid's documentation has
it.
"""

from __future__ import annotations

import re

LONGEST = 50_000
"""Mermaid draws no text longer than that (its `maxTextSize`)."""
MOST_EDGES = 500
"""Mermaid draws no flowchart with more edges than that (its `maxEdges`)."""
_PLAIN = frozenset(" _-.,/()+&'@!?$*=")
_STEERING = re.compile(r"direction\s+(TB|BT|LR|RL)", re.IGNORECASE)
"""What Mermaid takes for a statement wherever it stands, in quotes too."""


def quoted(text: str) -> str:
    """Any text as a quoted Mermaid name or label; two texts never look alike."""
    safe = "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in text)
    safe = _STEERING.sub(lambda match: re.sub(r"\s", lambda space: f"#{ord(space[0])};", match[0]), safe)
    return f'"{safe}"' if safe else '" "'
