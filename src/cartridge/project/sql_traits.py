"""What the text of a model shows of its author's habits in SQL. Counted on the text alone: nothing is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator

_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_RELATION = re.compile(r"\{\{-?(\s*)(?:ref|source)\s*\(\s*(['\"])[^{}]*?\)\s*-?\}\}")
_CONFIG = re.compile(r"\{\{-?(?P<open>\s*)config\s*\((?P<inside>.*?)\)\s*-?\}\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^'\\\n]|\\.|'')*'")
_WORD = re.compile(r"(?<![\w.\"`])[A-Za-z_]+(?:\b\(|(?![\w\"`(]))")
_KEYWORDS = frozenset(
    """
    select from where with as join left inner on group order by case when then else end and or union
    """.split()  # noqa: SIM905 - a list of words reads better than thirty lines of strings
)
_FUNCTIONS = frozenset(
    f"{name}("
    for name in """
    coalesce cast try_cast safe_cast sum min max count avg lower upper trim concat round nullif date_trunc row_number
    to_date to_timestamp parse_json replace iff date timestamp split_part substring
    """.split()  # noqa: SIM905 - as above
)
_TYPE = re.compile(
    r"(?:::\s*|\bas\s+)(varchar|text|string|int|integer|bigint|int64|float64|numeric|decimal|date|timestamp|boolean|"
    r"timestamp_ntz|timestamp_tz|double|float|number)\b(?=\s*[,)(]|\s+as\b|\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_CTE = re.compile(r"(?:\bwith\s+(?:recursive\s+)?|\)\s*,\s*)\"?(\w+)\"?\s+as\s*\(", re.IGNORECASE)
_WITH = re.compile(r"\bwith\b([ \t]*(?:\n[ \t]*)*)\w+[\"`]?\s+as\s*\(", re.IGNORECASE)
_BETWEEN = re.compile(r"\)([ \t]*(?:\n[ \t]*)*),([ \t]*(?:\n[ \t]*)*)[\"`]?\w+[\"`]?\s+as\s*\(", re.IGNORECASE)
_OPENED = re.compile(r"\bas\s*\([ \t]*\n([ \t]*\n)?", re.IGNORECASE)
_INDENTED = re.compile(
    r"^([ \t]*)select(?:[ \t]+distinct)?[ \t]*\n(?:[ \t]*\n)*([ \t]+)(?=[\w\"`(])", re.IGNORECASE | re.MULTILINE
)
_AFTER_SELECT = re.compile(r"\bselect(?:[ \t]+distinct)?[ \t]*\n([ \t]*\n)?[ \t]*[-\w\"`(]", re.IGNORECASE)
_COMMA_ROW = re.compile(r"^([ \t]*),([ \t]*)[\w\"`(]", re.MULTILINE)
_ONE_LINE = re.compile(r"^select\b[^\n]*[^\s*][ \t]+from\b", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(r"[^\s*]([ \t]*\n[ \t]*(?:\n[ \t]*)*)from\b", re.IGNORECASE)
_STAR_END = re.compile(r"\bselect\s+\*(\s+)from\s+[\"`]?(\w+)[\"`]?\s*;?\s*$", re.IGNORECASE)
_STAR = re.compile(r"\bselect\s+\*(\s+)from\s+RELATION\b\s*;?\s*", re.IGNORECASE)
_STAR_CTE = re.compile(r"\bas\s*\(\s*select\s+\*(\s+)from\s+RELATION\b", re.IGNORECASE)
_INLINE = re.compile(r"\b(?:join|from)\s+RELATION\s+(?:as\s+)?[\"`]?\w", re.IGNORECASE)
_ALIAS = re.compile(r"\bas\s+([\"`]?)[A-Za-z_]\w*\1?[ \t]*(?=,|\n|$)", re.IGNORECASE)
_HEADING = re.compile(
    r"^\s*(--+)\s*(?:ids?|keys?|strings?|text|numerics?|numbers?|booleans?|dates?|timestamps?|dimensions|measures|facts|"
    r"metadata|attributes|foreign keys?|primary key)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_UNITS = {"    ": "4 spaces", "  ": "2 spaces", "   ": "3 spaces", "        ": "8 spaces", "\t": "tab"}
_LONGEST = 100_000


def sql_traits(text: str, table: str | None = None) -> tuple[tuple[str, str], ...]:
    """(trait, value) pairs in the words of `domain.style`, sorted: what the text of one model shows.

    `table` is the source table that it reads: a CTE of that name is called `{table}`.
    """
    if len(text) > _LONGEST:
        return ()
    text = _JINJA_COMMENT.sub("", text.replace("\r\n", "\n"))
    found = dict(_jinja(text))
    headings = _HEADING.findall(text)
    if len(headings) > 1:
        found["headings"] = "yes"
        found["heading_dashes"] = headings[0]
    sql = _EXPRESSION.sub("JINJA", _RELATION.sub(" RELATION ", _CONFIG.sub("", text)))
    sql = _STATEMENT.sub("", sql)
    opened = _AFTER_SELECT.search(sql)
    if opened:
        found["after_select"] = "blank line" if opened[1] else "none"
    sql = _STRING.sub("''", _COMMENT.sub("", sql)).strip()
    found.update(_words(sql))
    found.update(_lines(sql))
    found.update(_shape(sql, table))
    if "select" in sql.lower():
        found.setdefault("headings", "no")
        found["semicolon"] = "yes" if sql.endswith(";") else "no"
    return tuple(sorted(found.items()))


def _jinja(text: str) -> Iterator[tuple[str, str]]:
    relation = _RELATION.search(text)
    if relation:
        yield "jinja_spaces", "yes" if relation[1] else "no"
        yield "jinja_quotes", "double" if relation[2] == '"' else "single"
    config = _CONFIG.search(text)
    if config and config["inside"].strip():
        layout = "lines" if "\n" in config["inside"] else "one line"
        yield "config", "guide" if "\n" in config["open"] else layout
        yield "config_spaces", "yes" if config["open"] else "no"


def _words(sql: str) -> Iterator[tuple[str, str]]:
    """Upper or lower case, where most words are of one."""
    words = _WORD.findall(sql)
    kinds = {
        "keywords": [word for word in words if word.lower() in _KEYWORDS],
        "functions": [word for word in words if word.lower() in _FUNCTIONS],
        "types": _TYPE.findall(sql),
    }
    for trait, found in kinds.items():
        upper, lower = sum(map(str.isupper, found)), sum(map(str.islower, found))
        if upper != lower:
            yield trait, "upper" if upper > lower else "lower"
    marks = _ALIAS.findall(sql)
    if marks:
        yield "quoting", "always" if all(marks) and len(marks) > 1 else "where needed"


def _lines(sql: str) -> Iterator[tuple[str, str]]:
    rows = [row.strip() for row in sql.split("\n")]
    leading = [row for row in rows if row.startswith(",")]
    trailing = [row for row in rows if row.endswith(",")]
    if len(leading) != len(trailing):
        yield "commas", "leading" if len(leading) > len(trailing) else "trailing"
    if len(leading) > len(trailing):
        spaced = sum(row[1:2] in {" ", "\t"} for row in leading)
        yield "comma_space", "yes" if 2 * spaced >= len(leading) else "no"
    indented = _INDENTED.search(sql)
    if indented and indented[2].startswith(indented[1]):
        unit = _UNITS.get(indented[2][len(indented[1]) :])
        if unit:
            yield "indent", unit
    row = _COMMA_ROW.search(sql, indented.end()) if indented else None
    if indented and row:
        yield "comma_place", "at the columns" if row[1] == indented[2] else "before the columns"
    gaps = [gap.count("\n") for gap in _FROM.findall(sql)]
    if gaps:
        yield "before_from", "blank line" if sum(gap > 1 for gap in gaps) * 2 > len(gaps) else "none"
    elif _ONE_LINE.search(sql):
        yield "before_from", "none"


def _shape(sql: str, table: str | None) -> Iterator[tuple[str, str]]:
    """The CTEs: how many, what they do, how they are called and set apart."""
    names = [name if name.isupper() else name.lower() for name in _CTE.findall(sql)]
    end = _STAR_END.search(sql)
    last = next((name for name in names if end and name.lower() == end[2].lower()), None)
    if names:
        yield from _ctes(sql)
        yield "last_select", "star" if last == names[-1] else "direct"
    if end and names and last == names[-1]:
        yield "star_line", "two lines" if "\n" in end[1] else "one line"
    if len(re.findall(r"\bRELATION\b", sql)) > 1 or table is None:
        if "RELATION" in sql:
            yield "imports", "ctes" if _STAR_CTE.search(sql) and not _INLINE.search(sql) else "inline"
        if len(names) > 1 and last == names[-1]:
            yield "final_cte", names[-1]
        return
    yield from _staging_shape(sql, [_called(name, table) for name in names], bool(names) and last == names[-1])


def _ctes(sql: str) -> Iterator[tuple[str, str]]:
    start = _WITH.search(sql)
    if start:
        yield "with", "own line" if "\n" in start[1] else "same line"
    imported = _STAR_CTE.search(sql)
    if imported:
        yield "import_line", "two lines" if "\n" in imported[1] else "one line"
    opened = _OPENED.search(sql)
    if opened:
        yield "cte_padding", "blank line" if opened[1] else "none"
    between = _BETWEEN.search(sql)
    if between:
        before, after = between[1].count("\n"), between[2].count("\n")
        kinds = {0: "same line", 1: "next line"}
        yield "between_ctes", "leading comma" if before else kinds.get(after, "blank line")


def _staging_shape(sql: str, names: list[str], ends_with_star: bool) -> Iterator[tuple[str, str]]:
    """The shape of a model that reads one source table."""
    imported = bool(_STAR_CTE.search(sql))
    if not names:
        star = _STAR.fullmatch(sql)
        yield "shape", "star" if star else "no cte"
        if star:
            yield "star_line", "two lines" if "\n" in star[1] else "one line"
            yield "before_from", "blank line" if star[1].count("\n") > 1 else "none"
    elif len(names) == 1 and imported:
        yield "shape", "star cte" if ends_with_star else "source cte"
        yield "source_cte", names[0]
    elif len(names) == 1:
        yield "shape", "one cte"
        yield "renamed_cte", names[0]
    else:
        yield "shape", "source and renamed" if ends_with_star else "source cte"
        yield "source_cte", names[0]
        if ends_with_star:
            yield "renamed_cte", names[-1]


def _called(name: str, table: str) -> str:
    """The name of a CTE with `{table}` for the table's name."""
    plain = re.sub(r"\W+", "_", table).lower()
    if len(plain) < 2:
        return name
    return re.sub(rf"(?<![^\W_]){re.escape(plain)}(?![^\W_])", "{table}", name, flags=re.IGNORECASE)
