"""Text inside GitHub-flavoured Markdown: any name, comment or sentence, shown as it is and steering nothing.

Syntax: the GitHub Flavored Markdown specification. Besides what Markdown reads, GitHub makes links of mentions,
references to issues and addresses; a character of no width breaks them.
"""

from __future__ import annotations

import re

from cartridge.domain.wording import printable

_READ = re.compile(r"([\\`*_{}\[\]()<>#|~!$&])")
_LINKED = re.compile(r"@(?=\w)|\\#(?=\d)|(?<=[A-Za-z]):(?=//)|\b[wW]{3}(?=\.)|\b[gG][hH]-(?=\d)")
_NO_WIDTH = "\u200b"
_BREAKS = re.compile(r"\s+")


def plain(text: str) -> str:
    """One line of text that reads as it was: nothing in it is markup, a mention, or a link."""
    escaped = _READ.sub(r"\\\1", _one_line(text))
    return _LINKED.sub(lambda found: found[0] + _NO_WIDTH, escaped)


def code(text: str) -> str:
    """One line of text as a code span, also within a table, whose cells end at any `|`."""
    line = _one_line(text).replace("|", "\u2502") or " "
    fence = "`" * (_longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{fence}{space}{line}{space}{fence}"


def block(text: str, language: str) -> str:
    """Text over several lines as a fenced block, which nothing in it ends."""
    fence = "`" * max(3, _longest_run(text) + 1)
    body = text if text.endswith("\n") else f"{text}\n"
    return f"{fence}{language}\n{printable(body)}{fence}\n"


def details(heading: str, body: str) -> str:
    """A part that is closed until somebody opens it. `heading` is HTML, `body` Markdown."""
    return f"<details><summary>{heading}</summary>\n\n{body.rstrip()}\n\n</details>\n"


def html_text(text: str) -> str:
    """One line of text inside an HTML element."""
    line = _one_line(text)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("`", "&#96;")):
        line = line.replace(char, entity)
    return _LINKED.sub(lambda found: found[0] + _NO_WIDTH, line)


def _one_line(text: str) -> str:
    return printable(_BREAKS.sub(" ", text)).strip()


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
