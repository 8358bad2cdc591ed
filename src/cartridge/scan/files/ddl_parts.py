"""A `create table` that the parser does not take whole, rewritten into one that it takes: part by part.

One column of a type that nobody knows, or one storage option of a vendor, should not cost the table. What stands in the
rewritten statement was written so, or is left out; types that are not known come back as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

_OPEN = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSE = (TokenType.R_PAREN, TokenType.R_BRACKET)
_NO_COLUMN = re.compile(
    r"(?i)(?:constraint|primary|foreign|unique|key|index|fulltext|spatial|check|exclude|like|period|partition)\b(?!\s*,)"
)
_KEPT = re.compile(
    r"(?ix) \b(?: not\s+null | primary\s+key | unique | references\s+[\w.\"`\[\]]+(?:\s*\([^()]*\))?"
    r" | comment\s+'(?:[^']|'')*' )"
)
"""What is kept of a column whose other words no parser knows."""
_TABLE_COMMENT = re.compile(r"(?i)\bcomment\s*=?\s*'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Rewritten:
    """The tree of the statement that the parser takes, the written types of its columns by name, and the table's
    comment."""

    tree: exp.Expr
    types: dict[str, str]
    comment: str | None


def rewritten(statement: str, dialect: str) -> Rewritten | None:
    """The statement without what cannot be read; None where it shows no list of columns."""
    tokens = Dialect.get_or_raise(dialect).tokenize(statement)
    span = _columns(tokens)
    if span is None:
        return None
    first, last = span
    name = _name(tokens[:first], statement)
    tail = _TABLE_COMMENT.search(statement, tokens[last].end)
    types: dict[str, str] = {}
    parts = [_part(statement, part, dialect, types) for part in _split(tokens[first + 1 : last])]
    kept = [part for part in parts if part]
    tree = parsed(f"create table {name} ({', '.join(kept)})", dialect) if kept and name else None
    return Rewritten(tree, types, tail[1].replace("''", "'") if tail else None) if tree else None


def parsed(statement: str, dialect: str) -> exp.Expr | None:
    """The tree of one statement; None where the parser does not take it."""
    try:
        tree: exp.Expr | None = Dialect.get_or_raise(dialect).parse(statement)[0]
    except SqlglotError:
        return None
    return None if isinstance(tree, exp.Command) else tree


def _columns(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Where the list of columns opens and closes: the longest one in parentheses, since options stand in some too."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for place, token in enumerate(tokens):
        if token.token_type in _OPEN:
            opened.append(place)
        elif token.token_type in _CLOSE and opened:
            start = opened.pop()
            if not opened:
                found.append((start, place))
    return max(found, key=lambda span: span[1] - span[0], default=None)


def _name(tokens: Sequence[Token], statement: str) -> str:
    """The name between `table` and the columns."""
    words = [place for place, token in enumerate(tokens) if token.token_type == TokenType.TABLE]
    after = list(tokens[words[0] + 1 :]) if words else []
    while after and after[0].text.lower() in ("if", "not", "exists"):
        after.pop(0)
    end = 0
    while end + 2 < len(after) and after[end + 1].token_type == TokenType.DOT:
        end += 2
    return statement[after[0].start : after[end].end + 1] if after else ""


def _split(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The parts between commas; those in parentheses, brackets and angle brackets part nothing."""
    depth, start = 0, 0
    for place, token in enumerate(tokens):
        if token.token_type in (*_OPEN, TokenType.LT):
            depth += 1
        elif token.token_type in (*_CLOSE, TokenType.GT):
            depth -= 1
        elif token.token_type == TokenType.COMMA and depth <= 0:
            yield tokens[start:place]
            start = place + 1
    yield tokens[start:]


def _part(statement: str, tokens: Sequence[Token], dialect: str, types: dict[str, str]) -> str | None:
    """A column or constraint as the parser takes it; None where nothing of it can be kept. A type that the parser does
    not know goes to `types`."""
    if not tokens:
        return None
    text = statement[tokens[0].start : tokens[-1].end + 1]
    if parsed(f"create table t ({text})", dialect):
        return text
    if _NO_COLUMN.match(text) or len(tokens) < 2:
        return None
    end = 1
    if len(tokens) > 2 and tokens[2].token_type == TokenType.L_PAREN:
        end = next((place for place, token in enumerate(tokens) if token.token_type == TokenType.R_PAREN), end)
    name = statement[tokens[0].start : tokens[0].end + 1]
    written = statement[tokens[1].start : tokens[end].end + 1]
    rest = statement[tokens[end].end + 1 : tokens[-1].end + 1]
    known = parsed(f"create table t ({name} {written})", dialect) is not None
    if not known:
        types[tokens[0].text] = " ".join(written.lower().split())
    for words in (rest, " ".join(match[0] for match in _KEPT.finditer(rest))):
        column = f"{name} {written if known else 'int'} {words}"
        if parsed(f"create table t ({column})", dialect):
            return column
    return f"{name} {written if known else 'int'}"
