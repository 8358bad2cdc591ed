"""Rendered SQL in the style of the project it goes into.

What the other modules of this room write is in one style, dbt Labs'; here it is laid out anew, word by word and line by
line: nothing but case, commas, indentation, empty lines and the layout of Jinja calls changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cartridge.domain.style import SqlStyle
from cartridge.domain.warehouse import Warehouse

_KEYWORDS = frozenset(
    """
    select from with as where left right inner full outer cross join lateral on and or not in is null group order by
    partition over union all distinct case when then else end interval between true false
    """.split()  # noqa: SIM905 - a list of words reads better than thirty lines of strings
)
_STEP = "    "
_UNITS = {"4 spaces": _STEP, "2 spaces": "  ", "3 spaces": "   ", "8 spaces": _STEP * 2, "tab": "\t"}
_BACKSLASH = frozenset({"bigquery", "databricks", "spark", "snowflake", "redshift"})
_UNIT_OF_TIME = re.compile(r"\bextract\(\w+(?= from\b)|\binterval \d+ \w+", re.IGNORECASE)
_CALL = re.compile(r"\{\{ (ref|source)\(('[^'\\{}]*'(?:, '[^'\\{}]*')*)\) \}\}")
_CONFIG = re.compile(r"\A\{\{\s*config\(\s*(?P<settings>.*?)\s*\)\s*\}\}\n", re.DOTALL)
_SETTING = re.compile(r",\n\s*")


def styled(text: str, style: SqlStyle, warehouse: Warehouse) -> str:
    """The rendered text of a model in another style. Its meaning is the same, and so is the text where the style is
    dbt Labs'."""
    if not style.traits:
        return text
    config = _CONFIG.match(text)
    head = _config(config["settings"], style) if config else ""
    body = text[config.end() :] if config else text
    body = _cased(body, style, warehouse)
    body = _gaps(body, style)
    unit = _UNITS[style["indent"]]
    if unit != _STEP:
        head, body = (
            re.sub(r"(?m)^(?:    )+", lambda found: unit * (len(found[0]) // len(_STEP)), text) for text in (head, body)
        )
    if style["commas"] == "leading":
        body = _leading(body, style)
    text = _jinja(head + body, style)
    return f"{text.rstrip()};\n" if style["semicolon"] == "yes" else text


@lru_cache(maxsize=8)
def _tokens(backslash: bool) -> re.Pattern[str]:
    string = r"'(?:[^'\\]|\\.|'')*'" if backslash else r"'(?:[^']|'')*'"
    return re.compile(
        rf"(?P<jinja>\{{\{{.*?\}}\}}|\{{%.*?%\}})|(?P<string>{string})|(?P<name>\"(?:[^\"]|\"\")*\"|`(?:[^`\\]|\\.)*`)"
        r"|(?P<comment>--[^\n]*)|(?P<word>\.?[A-Za-z_]\w*)|(?P<mark>[(),])|(?P<other>.)",
        re.DOTALL,
    )


def _parts(text: str, warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    for found in _tokens(warehouse in _BACKSLASH).finditer(text):
        yield str(found.lastgroup), found[0]


def _cased(text: str, style: SqlStyle, warehouse: Warehouse) -> str:
    """Keywords, functions and the types of casts in the case that is wished."""
    upper = {trait: style[trait] == "upper" for trait in ("keywords", "functions", "types")}
    if not any(upper.values()):
        return text
    parts = list(_parts(text, warehouse))
    written: list[str] = []
    casts: list[int] = []
    depth = 0
    in_type = False
    for number, (kind, part) in enumerate(parts):
        trait = None
        following = parts[number + 1][1] if number + 1 < len(parts) else ""
        if part == "(" and kind == "mark":
            depth += 1
            if number and parts[number - 1][1].lower() == "cast":
                casts.append(depth)
        elif part == ")" and kind == "mark":
            if casts and casts[-1] == depth:
                casts.pop()
                in_type = False
            depth -= 1
        elif kind == "word" and not part.startswith("."):
            trait = _kind_of(part, following, in_type)
            in_type = in_type or bool(part == "as" and casts and casts[-1] == depth)
        written.append(part.upper() if trait and upper[trait] else part)
    text = "".join(written)
    return _UNIT_OF_TIME.sub(lambda found: found[0].upper(), text) if upper["keywords"] else text


def _kind_of(word: str, following: str, in_type: bool) -> str | None:
    """The trait that a word's case follows; None: it is a name."""
    if in_type:
        return "types"
    if following == "(":
        return "functions"
    return "keywords" if word in _KEYWORDS else None


def _gaps(text: str, style: SqlStyle) -> str:
    """Empty lines around and inside of CTEs, before `from`, and the last select."""
    if style["with"] == "same line":
        text = re.sub(r"(?mi)^(with)\n\n", r"\1 ", text)
    if style["before_from"] == "none":
        text = re.sub(r"(?i)\n\n([ \t]*(?:from|where|group by)\b)", r"\n\1", text)
    if style["after_select"] == "blank line":
        text = re.sub(r"(?mi)^([ \t]*select)\n", r"\1\n\n", text)
    if style["cte_padding"] == "none":
        text = re.sub(r"(?mi)^((?:with )?\S+ as \(\n)\n", r"\1", text)
        text = re.sub(r"\n\n\)(?=,?\n)", "\n)", text)
    between = {"next line": "),\n", "same line": "), ", "leading comma": ")\n\n, "}.get(style["between_ctes"])
    if between:
        joined = between.replace(", ", ",") if style["comma_space"] == "no" and between.startswith(")\n") else between
        text = re.sub(r"(?m)^\),\n\n(?=\S+ as \($)", joined, text, flags=re.IGNORECASE)
    if style["star_line"] == "two lines":
        text = re.sub(r"(?i)\n(select \*) (from \S+)\n\Z", r"\n\1\n\2\n", text)
    if style["import_line"] == "two lines":
        text = re.sub(r"(?mi)^(    )(select \*) (from \{\{ .*)$", r"\1\2\n\1\3", text)
    return text


def _leading(text: str, style: SqlStyle) -> str:
    """The commas at the ends of lines, moved to the next line that is neither empty nor a comment."""
    comma = "," if style["comma_space"] == "no" else ", "
    lines: list[str] = []
    pending = False
    for line in text.split("\n"):
        bare = line.lstrip(" \t")
        code = bool(bare) and not bare.startswith("--")
        room = line[: len(line) - len(bare)]
        before = next((step for step in (" " * len(comma), "\t") if room.endswith(step)), "")
        if style["comma_place"] == "before the columns":
            room = room.removesuffix(before)
        moved = f"{room}{comma}{bare}" if pending and code else line
        pending = pending and not code
        if code and moved.endswith(",") and moved != "),":
            moved, pending = moved[:-1], True
        lines.append(moved)
    return "\n".join(lines)


def _jinja(text: str, style: SqlStyle) -> str:
    """The layout of the calls of ref and source."""
    pad = " " if style["jinja_spaces"] == "yes" else ""
    double = style["jinja_quotes"] == "double"

    def call(found: re.Match[str]) -> str:
        names = found[2].replace("'", '"') if double and '"' not in found[2] else found[2]
        return f"{{{{{pad}{found[1]}({names}){pad}}}}}"

    return text if pad and not double else _CALL.sub(call, text)


def _config(settings: str, style: SqlStyle) -> str:
    """The config call of a model in the layout that the project's have."""
    if style["jinja_quotes"] == "double" and '"' not in settings and "\\" not in settings:
        settings = settings.replace("'", '"')
    each = _SETTING.split(settings)
    pad = " " if style["config_spaces"] == "yes" else ""
    if style["config"] == "guide" or (len(each) > 1 and "config" not in dict(style.traits)):
        lines = ",\n".join(f"{_STEP * 2}{setting}" for setting in each)
        return f"{{{{\n{_STEP}config(\n{lines}\n{_STEP})\n}}}}\n"
    if style["config"] == "lines":
        lines = ",\n".join(f"{_STEP}{setting}" for setting in each)
        return f"{{{{{pad}config(\n{lines}\n){pad}}}}}\n"
    return f"{{{{{pad}config({', '.join(each)}){pad}}}}}\n"
