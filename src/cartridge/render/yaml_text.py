"""YAML text: block style, keys in the order given, every string read back as exactly the same string.

Long prose is folded, text of several lines is a literal block, whatever YAML could take for something else is quoted,
and what cannot be seen (control characters, marks of text direction) is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import yaml

Scalar = str | int | float | bool | None
Value = Scalar | Sequence["Value"] | Mapping[str, "Value"]

_WIDTH = 100
"""Where prose is folded."""

_WORDS = frozenset({"y", "yes", "n", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 or 1.2 reads as a boolean or null."""

_PLAIN = re.compile(r"[^\W\d][\w .,:;#()\[\]/'\"+=@%&*!?<>|$^~\\–—…-]*")
_INNER_MARK = re.compile(r":(?=\s|$)|\s#|\s$")
_SINGLE_SPACE = re.compile(r"(?<! ) (?! )")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

SPACED = frozenset({"models", "sources", "snapshots", "tables"})
"""Keys whose items are set apart by an empty line, unless a file does otherwise."""


@dataclass(frozen=True)
class Layout:
    """The style of a file.

    `step`, `dashes` and `item` count columns: from a mapping to a mapping in it, from a key to the dashes of its
    sequence, from a dash to its item. Items of the keys in `spaced` are set apart by an empty line. `quote` stands
    around descriptions even where they need none.

    What a linter asks for: no line longer than `width` characters (0: prose is folded at about 100), no other quotes
    than `mark`, quotes `always` or only where they are `needed` (else: wherever a reader could be in doubt), keys
    `ordered` by the alphabet. For whole files: `start` by `---`, sections `apart` by an empty line, `newline`, and
    whether the last line `ends` with one.
    """

    step: int = 2
    dashes: int = 2
    item: int = 2
    spaced: frozenset[str] = SPACED
    quote: str = ""
    width: int = 0
    mark: str = ""
    quoting: Literal["", "always", "needed"] = ""
    ordered: bool = False
    start: bool = False
    apart: bool = True
    newline: str = "\n"
    ends: bool = True


def document(sections: Mapping[str, Value], layout: Layout | None = None) -> str:
    """A whole file: its sections set apart by empty lines, ending with a newline, unless the layout says otherwise."""
    style = layout or Layout()
    parts = ["\n".join(mapping({key: value}, layout=style)) for key, value in _in_order(sections, style)]
    text = ("---\n" if style.start else "") + ("\n\n" if style.apart else "\n").join(parts)
    return (text + ("\n" if style.ends else "")).replace("\n", style.newline)


def _in_order(values: Mapping[str, Value], layout: Layout) -> Iterable[tuple[str, Value]]:
    return sorted(values.items(), key=lambda pair: pair[0]) if layout.ordered else values.items()


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


def flow(value: Value, layout: Layout | None = None) -> str:
    """The value on one line, in flow style."""
    style = layout or Layout()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(inner, style)}" for key, inner in _in_order(value, style)) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(inner, style) for inner in value) + "]"
    if isinstance(value, str):
        plain = style.quoting != "always" and _NAME.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else scalar(value, replace(style, quoting="always"))
    return _not_text(value)


def _mapping(lines: list[str], values: Mapping[str, Value], indent: int, layout: Layout) -> None:
    pad = " " * indent
    for key, value in _in_order(values, layout):
        if isinstance(value, str):
            style = layout if key == "description" else _unquoted(layout)
            _text(lines, f"{pad}{key}: ", value, indent + layout.step, style)
        elif isinstance(value, Mapping):
            lines.append(f"{pad}{key}:" if value else f"{pad}{key}: {{}}")
            _mapping(lines, value, indent + layout.step, layout)
        elif isinstance(value, Sequence):
            lines.append(f"{pad}{key}:" if value else f"{pad}{key}: []")
            _sequence(lines, value, indent + layout.dashes, layout, spaced=key in layout.spaced)
        else:
            lines.append(f"{pad}{key}: {_not_text(value)}")


def _unquoted(layout: Layout) -> Layout:
    """The style of text that is no description; asked for every line of a file."""
    return replace(layout, quote="") if layout.quote else layout


def _sequence(lines: list[str], items: Iterable[Value], indent: int, layout: Layout, *, spaced: bool) -> None:
    dash = " " * indent + "-" + " " * (layout.item - 1)
    inner = indent + layout.item
    for number, item in enumerate(items):
        if spaced and number:
            lines.append("")
        if isinstance(item, str):
            _text(lines, dash, item, inner, _unquoted(layout))
        elif isinstance(item, Mapping | Sequence) and item:
            start = len(lines)
            if isinstance(item, Mapping):
                _mapping(lines, item, inner, layout)
            else:
                _sequence(lines, item, inner, layout, spaced=False)
            lines[start] = dash + lines[start][inner:]
        else:
            lines.append(dash + flow(item))


def _text(lines: list[str], before: str, text: str, indent: int, layout: Layout) -> None:
    """The lines of a string after `before`; those that follow stand at column `indent`."""
    room = max(layout.width - indent, 20) if layout.width else _WIDTH - 1
    if "\n" not in text:
        line = before + scalar(text, layout)
        too_long = len(line) > layout.width if layout.width else len(text) > _WIDTH
        if too_long and _foldable(text):
            lines.append(f"{before}>-")
            lines.extend(_folded(text, " " * indent, room))
        elif too_long and layout.width:
            lines.extend(_broken(line, len(before), " " * indent, room))
        else:
            lines.append(line)
        return
    rows = text.split("\n")
    if _literal_block(rows) and not (layout.width and max(map(len, rows)) > room):
        lines.append(f"{before}|-")
        lines.extend(" " * indent + row if row else "" for row in rows)
    elif layout.width:
        lines.extend(_broken(before + double_quoted(text), len(before), " " * indent, room))
    else:
        lines.append(before + double_quoted(text))


def _foldable(text: str) -> bool:
    return text.isprintable() and not text.startswith(" ") and not text.endswith(" ")


def _folded(text: str, pad: str, room: int) -> Iterable[str]:
    """Greedy lines of whole words: a single line break in a folded block reads as one space, so only such are cut."""
    words: list[str] = []
    size = 0
    for word in _SINGLE_SPACE.split(text):
        if words and size + len(word) > room:
            yield pad + " ".join(words)
            words, size = [], 0
        words.append(word)
        size += len(word) + 1
    yield pad + " ".join(words)


def _broken(whole: str, start: int, pad: str, room: int) -> Iterable[str]:
    """A line whose quoted text begins at `start`, over several. In double quotes a backslash at the end of a line joins
    it to the next, and no escape holds a space, so that it can be cut behind any; in single quotes a line break reads
    as one space, as in a folded block."""
    double = whole[start] == '"'
    parts = re.findall(r"[^ ]+ *", whole[start:]) if double else _SINGLE_SPACE.split(whole[start:])
    line, glue, end = whole[:start] + parts[0], "" if double else " ", "\\" if double else ""
    for part in parts[1:]:
        if line.strip() and len(line + glue + part + end) > len(pad) + room:
            yield line + end
            line = pad + part
        else:
            line += glue + part
    yield line


def _literal_block(rows: Sequence[str]) -> bool:
    """Whether a literal block holds the lines as they are: it would need marks for spaces around them."""
    if not rows[0] or not rows[-1] or rows[0].startswith(" "):
        return False
    return all(row.isprintable() and not row.endswith(" ") for row in rows)


def scalar(text: str, layout: Layout | None = None) -> str:
    """The text as a scalar of one line: plain where YAML reads it back as that text, else quoted."""
    style = layout or Layout()
    wanted = style.quoting == "always" or (style.quote and style.quoting != "needed")
    if not wanted and (_is_plain(text) if style.quoting != "needed" else _reads_back(text)):
        return text
    mark = style.mark or style.quote
    if not mark and text.isprintable() and ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    if mark == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return double_quoted(text)


def _is_plain(text: str) -> bool:
    """Whether no reader, of whatever version of YAML, takes the text for anything else."""
    plain = _PLAIN.fullmatch(text) and text.isprintable() and not _INNER_MARK.search(text)
    return bool(plain) and text.lower() not in _WORDS


def _reads_back(text: str) -> bool:
    """Whether the text without quotes is read as that text."""
    if not text.isprintable() or text != text.strip():
        return False
    try:
        return bool(yaml.safe_load(f"key: {text}") == {"key": text})
    except (yaml.YAMLError, ValueError):
        return False


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
