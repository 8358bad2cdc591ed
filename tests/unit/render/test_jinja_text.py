"""What Jinja must leave alone comes out of Jinja as it went in."""

from __future__ import annotations

import re

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cartridge.render import jinja_text

pieces = st.sampled_from(
    ["{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "{{ env_var('HOME') }}", "{% endraw %}", "{{ '{' }}", "-", "\n",
     "\r\n", "\r", "'", '"', "\\", " ", "a", "\u200f", "{%- raw -%}", "ref('x')", "env_var('HOME')"]
)  # fmt: skip
texts = st.lists(pieces, max_size=8).map("".join) | st.text(max_size=50)


def trap(*_: object) -> str:
    raise AssertionError("text was evaluated")


TRAPS = dict.fromkeys(("env_var", "ref", "var", "source", "doc"), trap)


@given(text=texts)
@example(text="{{{ x }}}")
@example(text="{")
def test_prose_of_a_yaml_file_stays_as_it_is(text: str) -> None:
    rendered = jinja2.Environment(autoescape=False).from_string(jinja_text.literal(text)).render(TRAPS)
    assert rendered == text.rstrip("\n")


@given(text=texts)
def test_a_name_alone_stays_as_it_is_to_its_last_newline(text: str) -> None:
    assert jinja2.Environment(autoescape=False).from_string(jinja_text.escape(text)).render(TRAPS) == text


@given(text=texts, before=st.sampled_from(["select '", "{{ x }}", "-- "]), after=st.sampled_from(["'", "{{ x }}", " "]))
def test_text_within_other_text_stays_as_it_is(text: str, before: str, after: str) -> None:
    template = before + jinja_text.escape(text) + after
    rendered = jinja2.Environment(autoescape=False).from_string(template).render(x="", **TRAPS)
    assert rendered == before.replace("{{ x }}", "") + text + after.replace("{{ x }}", "")


@given(text=texts)
@example(text="ref('x')\nref('x')")
def test_a_test_argument_stays_as_it_is_and_is_no_call(text: str) -> None:
    argument = jinja_text.argument(text)
    assert not re.match(r"^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$", argument)  # dbt evaluates these
    assert jinja2.Environment(autoescape=False).from_string(argument).render(TRAPS) == text


@given(name=texts)
def test_a_name_in_a_call_is_that_name(name: str) -> None:
    template = jinja2.Environment(autoescape=False).from_string(jinja_text.expression("ref", name))
    assert template.render(ref=lambda given: given) == name


@given(names=st.lists(texts, min_size=1, max_size=3))
def test_a_call_is_read_back(names: list[str]) -> None:
    assert jinja_text.called(jinja_text.call("source", *names)) == ("source", tuple(names))


@pytest.mark.parametrize(
    "text", ["orders", "ref('a') ~ ref('b')", "ref(a)", "ref('a', v=1)", "ref()", "'a'", "ref('a''b')"]
)
def test_what_is_no_call_of_names_is_none(text: str) -> None:
    assert jinja_text.called(text) is None
    assert jinja_text.called('ref( "a" )') == ("ref", ("a",))


@pytest.mark.parametrize("text", ["env_var('HOME')", " ref ( 'x' ) ", "doc('x')"])
def test_what_dbt_would_call_is_kept_apart(text: str) -> None:
    assert jinja_text.argument(text) == "{{ '' }}" + text


@given(text=texts)
def test_an_escaped_name_is_read_back(text: str) -> None:
    if "{{ '" not in text:
        assert jinja_text.unescape(jinja_text.escape(text)) == text
