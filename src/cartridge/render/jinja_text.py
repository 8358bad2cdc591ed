"""Text that dbt's Jinja must leave as it is.

dbt renders Jinja in the bodies of models and in nearly every value of a YAML file. Text that comes from a database is
made literal here, once, before it is quoted for YAML. Test names, a test's `config.meta` and its `column_name` are not
rendered by dbt: these are written without it.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"\{(?=[{%#\r\n]|\Z)")
"""What opens Jinja, or would before what is put in the place of a line break or after the text."""

_PRINTED = re.compile(r"\{\{ '(\{|\\[rnt]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})' \}\}")
"""An expression of `escape`: one character."""

_CALL = re.compile(r"\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$")
"""What dbt takes for a call when it stands alone in a test argument, braces or not."""

_NAME = re.compile(r"\w[\w .$@+-]*")

_STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_WRITTEN = re.compile(rf"\s*(\w+)\s*\(\s*((?:{_STRING})(?:\s*,\s*(?:{_STRING}))*)\s*\)\s*", re.DOTALL)
"""A call with nothing but strings."""


def escape(text: str) -> str:
    """The text on one line, as Jinja prints it back. Every opening is printed by an expression, and so is whatever
    cannot be seen: Jinja drops or changes some line breaks, the layout around a name would indent the others, and a
    file with a control character is no text to many tools."""
    if text.isprintable():
        return _prose(text)
    return "".join(_visible(character, after) for character, after in zip(text, f"{text[1:]}{{", strict=True))


def _visible(character: str, after: str) -> str:
    """The character, printed by an expression where it, or it with what comes after, would not stay as it is."""
    if character == "{" and (after in "{%#" or not after.isprintable()):
        return "{{ '{' }}"
    if character.isprintable():
        return character
    return "{{ '" + character.encode("unicode-escape", "surrogatepass").decode("ascii") + "' }}"


def literal(text: str) -> str:
    """The text as prose in a YAML file: its lines stay lines, newlines at its end say nothing and are dropped."""
    return _prose(text.rstrip("\n"))


def _prose(text: str) -> str:
    if "{" in text:
        text = _OPENING.sub("{{ '{' }}", text)
    return text.replace("\r", r"{{ '\r' }}") if "\r" in text else text


def unescape(text: str) -> str:
    """What `escape` was given. Jinja of other people stays as it is."""
    return _PRINTED.sub(_printed, text) if "{{ '" in text else text


def _printed(found: re.Match[str]) -> str:
    return found[1].encode("ascii").decode("unicode-escape")


def argument(text: str) -> str:
    """The text as an argument of a data test, where dbt evaluates `var('x')` even outside of braces."""
    safe = escape(text)  # on one line: a call may only show after that
    return "{{ '' }}" + safe if _CALL.match(safe) else safe


def string(text: str) -> str:
    """The text as a Jinja string, in single quotes."""
    if not _NAME.fullmatch(text):
        text = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{text}'"


def call(function: str, *names: str) -> str:
    """A call such as `ref('orders')`, as YAML properties hold it."""
    return f"{function}({', '.join(string(name) for name in names)})"


def called(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The function and the names of a call as `call` writes it, in either kind of quotes; None if it is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    return found[1], tuple(_read(written) for written in re.findall(_STRING, found[2], re.DOTALL))


def _read(written: str) -> str:
    return re.sub(r"\\(.)", lambda found: _LINE_ENDS.get(found[1], found[1]), written[1:-1], flags=re.DOTALL)


_LINE_ENDS = {"n": "\n", "r": "\r"}


def expression(function: str, *names: str) -> str:
    """A call that prints its result, as SQL holds it: `{{ ref('orders') }}`."""
    return f"{{{{ {call(function, *names)} }}}}"
