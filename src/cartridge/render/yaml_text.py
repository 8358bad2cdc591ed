"""YAML text: block style, keys in the order given, every string read back as exactly the same string.

Long prose is folded, text of several lines is a literal block, whatever YAML could take for something else is quoted,
and what cannot be seen (control characters, marks of text direction) is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Scalar = str | int | float | bool | None
Value = Scalar | Sequence["Value"] | Mapping[str, "Value"]

_WIDTH = 100
"""Where prose is folded."""

_WORDS = frozenset({"y", "yes", "n", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 or 1.2 reads as a boolean or null."""

_PLAIN = re.compile(r"[^\W\d][\w .,:;#()\[\]/'\"+=@%&*!?<>|$^~\\–—…-]*")
_INNER_MARK = re.compile(r":(?=\s|$)|\s#|\s$")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

SPACED = frozenset({"models", "sources", "snapshots", "tables"})
"""Keys whose items are set apart by an empty line, unless a file does otherwise."""


@dataclass(frozen=True)
class Layout:
    """The style of a file.

    `step`, `dashes` and `item` count columns: from a mapping to a mapping in it, from a key to the dashes of its
    sequence, from a dash to its item. Items of the keys in `spaced` are set apart by an empty line. `quote` stands
    around descriptions even where they need none.
    """

    step: int = 2
    dashes: int = 2
    item: int = 2
    spaced: frozenset[str] = SPACED
    quote: str = ""


def document(sections: Mapping[str, Value], layout: Layout | None = None) -> str:
    """A whole file: its sections set apart by empty lines, ending with a newline."""
    parts = ["\n".join(mapping({key: value}, layout=layout)) for key, value in sections.items()]
    return "\n\n".join(parts) + "\n"


def mapping(values: Mapping[str, Value], indent: int = 0, layout: Layout | None = None) -> list[str]:
    """The lines of a block mapping whose keys stand at column `indent`. Keys are written as they are."""
    lines: list[str] = []
    _mapping(lines, values, indent, layout or Layout())
    return lines


def sequence(items: Iterable[Value], indent: int, layout: Layout | None = None, *, spaced: bool = False) -> list[str]:
    """The lines of a block sequence whose dashes stand at column `indent`; `spaced` by an empty line."""
    lines: list[str] = []
    _sequence(lines, items, indent, layout or Layout(), spaced=spaced)
    return lines


def flow(value: Value) -> str:
    """The value on one line, in flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    if isinstance(value, str):
        return value if _NAME.fullmatch(value) and value.lower() not in _WORDS else double_quoted(value)
    return _not_text(value)


def _mapping(lines: list[str], values: Mapping[str, Value], indent: int, layout: Layout) -> None:
    pad = " " * indent
    for key, value in values.items():
        if isinstance(value, str):
            quote = layout.quote if key == "description" else ""
            _text(lines, f"{pad}{key}: ", value, indent + layout.step, quote)
        elif isinstance(value, Mapping):
            lines.append(f"{pad}{key}:" if value else f"{pad}{key}: {{}}")
            _mapping(lines, value, indent + layout.step, layout)
        elif isinstance(value, Sequence):
            lines.append(f"{pad}{key}:" if value else f"{pad}{key}: []")
            _sequence(lines, value, indent + layout.dashes, layout, spaced=key in layout.spaced)
        else:
            lines.append(f"{pad}{key}: {_not_text(value)}")


def _sequence(lines: list[str], items: Iterable[Value], indent: int, layout: Layout, *, spaced: bool) -> None:
    dash = " " * indent + "-" + " " * (layout.item - 1)
    inner = indent + layout.item
    for number, item in enumerate(items):
        if spaced and number:
            lines.append("")
        if isinstance(item, str):
            _text(lines, dash, item, inner)
        elif isinstance(item, Mapping | Sequence) and item:
            start = len(lines)
            if isinstance(item, Mapping):
                _mapping(lines, item, inner, layout)
            else:
                _sequence(lines, item, inner, layout, spaced=False)
            lines[start] = dash + lines[start][inner:]
        else:
            lines.append(dash + flow(item))


def _text(lines: list[str], before: str, text: str, indent: int, quote: str = "") -> None:
    if "\n" not in text:
        if len(text) > _WIDTH and _foldable(text):
            lines.append(f"{before}>-")
            lines.extend(_folded(text, " " * indent))
        else:
            lines.append(before + (in_quotes(text, quote) if quote else scalar(text)))
    elif _literal_block(rows := text.split("\n")):
        lines.append(f"{before}|-")
        lines.extend(" " * indent + row if row else "" for row in rows)
    else:
        lines.append(before + double_quoted(text))


def _foldable(text: str) -> bool:
    return text.isprintable() and "  " not in text and not text.startswith(" ") and not text.endswith(" ")


def _folded(text: str, pad: str) -> Iterable[str]:
    """Greedy lines of whole words: a single line break in a folded block reads as one space."""
    words: list[str] = []
    size = 0
    for word in text.split(" "):
        if words and size + len(word) >= _WIDTH:
            yield pad + " ".join(words)
            words, size = [], 0
        words.append(word)
        size += len(word) + 1
    yield pad + " ".join(words)


def _literal_block(rows: Sequence[str]) -> bool:
    """Whether a literal block holds the lines as they are: it would need marks for spaces around them."""
    if not rows[0] or not rows[-1] or rows[0].startswith(" "):
        return False
    return all(row.isprintable() and not row.endswith(" ") for row in rows)


def scalar(text: str) -> str:
    """The text as a scalar of one line: plain where YAML reads it back as that text, else quoted."""
    if _PLAIN.fullmatch(text) and text.isprintable() and not _INNER_MARK.search(text):
        return f'"{text}"' if text.lower() in _WORDS else text
    if text.isprintable() and ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return double_quoted(text)


def in_quotes(text: str, quote: str) -> str:
    """The text in the quotes that are wished, where they can hold it as it is; else in double quotes."""
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return double_quoted(text)


def double_quoted(text: str) -> str:
    """The text in double quotes, on one line. Half a surrogate pair, which no file can hold, becomes U+FFFD."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escaped(character) for character in text)
    return f'"{text}"'


def _escaped(character: str) -> str:
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character)
    if known:
        return known
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _not_text(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
