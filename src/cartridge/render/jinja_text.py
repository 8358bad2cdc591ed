"""Text that dbt's Jinja must leave as it is.

dbt renders Jinja in the bodies of models and in nearly every value of a YAML file. Text that comes from a database is
made literal here, once, before it is quoted for YAML. Test names, a test's `config.meta` and its `column_name` are not
rendered by dbt: these are written without it.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"\{(?=[{%#\r\n]|\Z)")
"""What opens Jinja, or would before what is put in the place of a line break or after the text."""

_PRINTED = re.compile(r"\{\{ '(\{|\\r|\\n)' \}\}")
_PRINTS = {"{": "{", r"\r": "\r", r"\n": "\n"}

_CALL = re.compile(r"\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$")
"""What dbt takes for a call when it stands alone in a test argument, braces or not."""

_NAME = re.compile(r"\w[\w .$@+-]*")


def escape(text: str) -> str:
    """The text on one line, as Jinja prints it back. Every opening is printed by an expression, and so is every line
    break: Jinja drops or changes some of them, and the layout around a name would indent the others."""
    return _prose(text).replace("\n", r"{{ '\n' }}") if "\n" in text else _prose(text)


def literal(text: str) -> str:
    """The text as prose in a YAML file: its lines stay lines, newlines at its end say nothing and are dropped."""
    return _prose(text.rstrip("\n"))


def _prose(text: str) -> str:
    if "{" in text:
        text = _OPENING.sub("{{ '{' }}", text)
    return text.replace("\r", r"{{ '\r' }}") if "\r" in text else text


def unescape(text: str) -> str:
    """What `escape` was given. Jinja of other people stays as it is."""
    return _PRINTED.sub(lambda found: _PRINTS[found[1]], text) if "{{ '" in text else text


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


def expression(function: str, *names: str) -> str:
    """A call that prints its result, as SQL holds it: `{{ ref('orders') }}`."""
    return f"{{{{ {call(function, *names)} }}}}"
